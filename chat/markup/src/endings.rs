//! Where a name ends in a text: at the end of a word, or where Korean appends something to it.

use unicode_normalization::char::is_combining_mark;

/// What is appended to a name: how one speaks to somebody, particles, and the copula. Several may follow one another.
const ENDINGS: &str = "님 씨 쌤 군 양 이 선생님 선배 선배님 \
    야 아 여 이여 은 는 가 을 를 과 와 랑 이랑 하고 의 도 만 에 에게 에게서 한테 한테서 께 께서 께서는 \
    로 으로 까지 부터 보다 처럼 같이 조차 마저 마다 밖에 뿐 대로 나 이나 든지 이든지 라도 이라도 \
    라고 이라고 라는 이라는 랑은 네 들 요 이요 예요 이에요 에요 이네요 네요 이죠 죠 입니다 인데 인데요 이다 이고 고";

/// How many of them follow one another at most: `하나님께서는요`.
const ENDINGS_MAX: usize = 4;

/// Whether a name ends here, before `rest`, rather than going on in it.
#[must_use]
pub fn ends(name: &str, rest: &str) -> bool {
    let (Some(last), Some(next)) = (name.chars().next_back(), rest.chars().next()) else {
        return true;
    };
    if is_syllable(last) && is_syllable(next) {
        let appended = rest.find(|c| !is_syllable(c)).map_or(rest, |end| &rest[..end]);
        let after = &rest[appended.len()..];
        return is_appended(last, appended, ENDINGS_MAX) && ends(appended, after);
    }
    if belongs_to_letter(next) {
        return false;
    }
    match next {
        // An end of a sentence may be written so; a name of several parts is.
        '-' | '_' => !rest[1..].starts_with(is_letter),
        _ => !is_letter(next) || (last.is_ascii() != next.is_ascii() && is_appended_to_latin(last, rest)),
    }
}

/// `@ada님`, `@ada야`: what is Latin ends where Hangul begins, if that is appended to it.
fn is_appended_to_latin(last: char, rest: &str) -> bool {
    let appended = rest.find(|c| !is_syllable(c)).map_or(rest, |end| &rest[..end]);
    last.is_ascii_alphanumeric()
        && !appended.is_empty()
        && is_appended(last, appended, ENDINGS_MAX)
        && ends(appended, &rest[appended.len()..])
}

/// Whether it is nothing but endings, `left` at most, after a word that ends with `last`.
fn is_appended(last: char, text: &str, left: usize) -> bool {
    let mut endings = ENDINGS.split_whitespace();
    text.is_empty()
        || (left > 0
            && endings.any(|ending| {
                text.strip_prefix(ending).is_some_and(|rest| {
                    let next = ending.chars().next_back().unwrap_or(last);
                    fits(last, ending) && is_appended(next, rest, left - 1)
                })
            }))
}

/// Whether this may be said after a syllable: many endings have one form after a vowel and one after a consonant. What
/// is not a syllable is read in several ways.
fn fits(last: char, ending: &str) -> bool {
    if !is_syllable(last) {
        return true;
    }
    // The Unicode Standard, section 3.12: 28 final consonants, the first of which is none.
    let coda = (u32::from(last) - 0xac00) % 28;
    match ending.chars().next() {
        Some('이' | '은' | '을' | '과' | '아' | '으') => coda > 0,
        Some('는' | '를' | '와' | '야' | '여' | '가' | '랑' | '나' | '라' | '예') => coda == 0,
        // After ㄹ, too.
        Some('로') => coda == 0 || coda == 8,
        _ => true,
    }
}

const fn is_syllable(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric()
}

/// Marks, joiners and the like are no character of their own.
fn belongs_to_letter(c: char) -> bool {
    let joins = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    joins || is_combining_mark(c)
}

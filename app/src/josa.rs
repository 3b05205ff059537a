//! Korean particles, whose form depends on how the word before them ends.
//!
//! A name may end in anything, so its end is read as Koreans read it aloud: a syllable by its final consonant, a digit by
//! its Sino-Korean reading, a Latin letter by its name or, at the end of a word, by the sound it usually has there. What
//! is not read (brackets, quotes, emoji) is passed over. It is arithmetic and a few letters: a table would be bytes of the
//! page.

/// A particle, after what it does and the forms it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Particle {
    /// 이, 가: the subject.
    SubjectIGa,
    /// 을, 를: the object.
    ObjectEulReul,
    /// 은, 는: the topic.
    TopicEunNeun,
    /// 으로, 로: where to, by what means. After ㄹ it is 로, as after a vowel.
    DirectionEuroRo,
    /// 과, 와: together with.
    WithGwaWa,
    /// 이라고, 라고: what somebody or something is called.
    CalledIragoRago,
}

impl Particle {
    const ALL: [Self; 6] = [
        Self::SubjectIGa,
        Self::ObjectEulReul,
        Self::TopicEunNeun,
        Self::DirectionEuroRo,
        Self::WithGwaWa,
        Self::CalledIragoRago,
    ];

    const fn after(self, ending: Option<Ending>) -> &'static str {
        let [consonant, vowel, either] = match self {
            Self::SubjectIGa => ["이", "가", "이(가)"],
            Self::ObjectEulReul => ["을", "를", "을(를)"],
            Self::TopicEunNeun => ["은", "는", "은(는)"],
            Self::DirectionEuroRo => ["으로", "로", "(으)로"],
            Self::WithGwaWa => ["과", "와", "과(와)"],
            Self::CalledIragoRago => ["이라고", "라고", "(이)라고"],
        };
        match (ending, self) {
            (None, _) => either,
            (Some(Ending::Vowel), _) | (Some(Ending::Rieul), Self::DirectionEuroRo) => vowel,
            (Some(_), _) => consonant,
        }
    }
}

/// How a word ends when it is read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Vowel,
    /// ㄹ.
    Rieul,
    /// Any other consonant.
    Consonant,
}

/// A text with `word` before it. A particle that it begins with, written in both its forms as in `이(가) 왔습니다`, gets
/// the one that fits.
pub(crate) fn before(text: &str, word: &str) -> String {
    let split = |particle: &Particle| Some((*particle, text.strip_prefix(particle.after(None))?));
    match Particle::ALL.iter().find_map(split) {
        Some((particle, rest)) => with(particle, word) + rest,
        None => [word, text].concat(),
    }
}

/// The word with the form of the particle that fits it, and with both forms where nobody could tell (`山이(가)`).
pub(crate) fn with(particle: Particle, word: &str) -> String {
    let mut text = String::from(word);
    text.push_str(particle.after(ending(word)));
    text
}

fn ending(word: &str) -> Option<Ending> {
    let read = word.trim_end_matches(is_passed_over);
    let last = read.chars().next_back()?;
    match last {
        '가'..='힣' => Some(of_final((u32::from(last) - u32::from('가')) % 28)),
        // Their names: 기역, 니은 and so on all end as they sound; vowels are their own.
        'ㄹ' => Some(Ending::Rieul),
        'ㄱ'..='ㅎ' => Some(Ending::Consonant),
        'ㅏ'..='ㅣ' => Some(Ending::Vowel),
        '1' | '7' | '8' => Some(Ending::Rieul),
        '0' | '3' | '6' => Some(Ending::Consonant),
        '2' | '4' | '5' | '9' => Some(Ending::Vowel),
        // 퍼센트, 플러스; 샵.
        '%' | '+' => Some(Ending::Vowel),
        '#' => Some(Ending::Consonant),
        'A'..='Z' | 'a'..='z' => Some(of_latin(read.as_bytes())),
        _ => None,
    }
}

/// Of a syllable by the number of its final consonant (The Unicode Standard, section 3.12).
const fn of_final(number: u32) -> Ending {
    match number {
        0 => Ending::Vowel,
        8 => Ending::Rieul,
        _ => Ending::Consonant,
    }
}

/// Of what ends in a Latin letter: a word where small letters end it, else letters that are spelt out.
fn of_latin(read: &[u8]) -> Ending {
    let [.., before, last] = *read else {
        return of_letter(read);
    };
    if before.is_ascii_alphabetic() && last.is_ascii_lowercase() {
        of_latin_word(read)
    } else {
        of_letter(read)
    }
}

/// 엘, 알; 엠, 엔; the names of all others end in a vowel.
const fn of_letter(read: &[u8]) -> Ending {
    match read {
        [.., b'L' | b'R' | b'l' | b'r'] => Ending::Rieul,
        [.., b'M' | b'N' | b'm' | b'n'] => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

/// Kakao는, Google은, phone은, Slack은, server는. Words that are read otherwise than they are spelt come out wrong.
const fn of_latin_word(read: &[u8]) -> Ending {
    match read {
        [.., b'l'] | [.., b'l', b'e'] => Ending::Rieul,
        [.., b'm' | b'n']
        | [.., b'n', b'g']
        | [.., b'c', b'k']
        | [.., b'p', b'p']
        | [.., b'a' | b'e' | b'i' | b'o' | b'u' | b'y', b'm' | b'n', b'e']
        | [.., b'a' | b'e' | b'i' | b'o' | b'u', b'c' | b'k' | b'p' | b't'] => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

/// Signs, brackets, quotes, white space and emoji: a reader goes back to what stands before them.
const fn is_passed_over(c: char) -> bool {
    match c {
        '%' | '+' | '#' => false,
        '\0'..='\u{7f}' => !c.is_ascii_alphanumeric(),
        '\u{80}'..='\u{bf}'
        | '\u{2000}'..='\u{2bff}'
        | '\u{3000}'..='\u{303f}'
        | '\u{fe00}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff0f}'
        | '\u{1f000}'..='\u{1faff}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_gets_the_form_that_fits_the_name_in_it() {
        assert_eq!(
            before("이(가) 입력하고 있습니다", "미나"),
            "미나가 입력하고 있습니다"
        );
        assert_eq!(before("이(가) 입력하고 있습니다", "준"), "준이 입력하고 있습니다");
        assert_eq!(before("(으)로 가기", "team-7"), "team-7로 가기");
        assert_eq!(before("(이)라고 부릅니다", "山"), "山(이)라고 부릅니다");
        assert_eq!(before(" 님", "미나"), "미나 님");
    }

    #[test]
    fn every_word_gets_the_form_that_is_said_after_it() {
        for (word, subject, direction) in [
            // Hangul.
            ("마당", "이", "으로"),
            ("로비", "가", "로"),
            ("서울", "이", "로"),
            ("한글", "이", "로"),
            ("부엌", "이", "으로"),
            ("값", "이", "으로"),
            ("닭", "이", "으로"),
            ("여덟", "이", "으로"),
            ("가", "가", "로"),
            ("힣", "이", "으로"),
            ("김철수", "가", "로"),
            ("이영희님", "이", "으로"),
            // Letters that stand alone.
            ("ㅋㅋㅋ", "이", "으로"),
            ("ㄹ", "이", "로"),
            ("ㅠㅠ", "가", "로"),
            // Digits.
            ("0", "이", "으로"),
            ("방 1", "이", "로"),
            ("2", "가", "로"),
            ("3", "이", "으로"),
            ("4", "가", "로"),
            ("5", "가", "로"),
            ("team-6", "이", "으로"),
            ("7", "이", "로"),
            ("8", "이", "로"),
            ("9", "가", "로"),
            ("10", "이", "으로"),
            ("2025", "가", "로"),
            ("50%", "가", "로"),
            // Letters that are spelt out.
            ("L", "이", "로"),
            ("M", "이", "으로"),
            ("n", "이", "으로"),
            ("r", "이", "로"),
            ("A", "가", "로"),
            ("URL", "이", "로"),
            ("USB", "가", "로"),
            ("CNN", "이", "으로"),
            ("KR", "이", "로"),
            ("v2m", "이", "으로"),
            ("C++", "가", "로"),
            ("C#", "이", "으로"),
            // Words.
            ("Madang", "이", "으로"),
            ("Google", "이", "로"),
            ("email", "이", "로"),
            ("Python", "이", "으로"),
            ("team", "이", "으로"),
            ("phone", "이", "으로"),
            ("Chrome", "이", "으로"),
            ("Slack", "이", "으로"),
            ("chat", "이", "으로"),
            ("app", "이", "으로"),
            ("Mac", "이", "으로"),
            ("server", "가", "로"),
            ("Rust", "가", "로"),
            ("Linux", "가", "로"),
            ("Kakao", "가", "로"),
            ("Skype", "가", "로"),
            ("the", "가", "로"),
            ("김 Peter", "가", "로"),
            // What is passed over.
            ("'마당'", "이", "으로"),
            ("「로비」", "가", "로"),
            ("(서울)", "이", "로"),
            ("마당(Madang)", "이", "으로"),
            ("철수😀", "가", "로"),
            ("영숙👩‍👩‍👧❤️", "이", "으로"),
            ("로비!?…", "가", "로"),
            ("“서울” ", "이", "로"),
            ("1️⃣", "이", "로"),
        ] {
            assert_eq!(with(Particle::SubjectIGa, word), format!("{word}{subject}"));
            assert_eq!(
                with(Particle::DirectionEuroRo, word),
                format!("{word}{direction}")
            );
        }
    }

    #[test]
    fn every_particle_has_its_forms() {
        for (particle, room, lobby, unknown) in [
            (Particle::SubjectIGa, "방이", "로비가", "山이(가)"),
            (Particle::ObjectEulReul, "방을", "로비를", "山을(를)"),
            (Particle::TopicEunNeun, "방은", "로비는", "山은(는)"),
            (Particle::DirectionEuroRo, "방으로", "로비로", "山(으)로"),
            (Particle::WithGwaWa, "방과", "로비와", "山과(와)"),
            (Particle::CalledIragoRago, "방이라고", "로비라고", "山(이)라고"),
        ] {
            assert_eq!(with(particle, "방"), room);
            assert_eq!(with(particle, "로비"), lobby);
            assert_eq!(with(particle, "山"), unknown);
        }
    }

    #[test]
    fn both_forms_are_shown_where_nobody_could_tell() {
        for word in ["", "山", "ひろば", "שלום", "José", "😀", "...", "()"] {
            assert_eq!(with(Particle::SubjectIGa, word), format!("{word}이(가)"));
        }
    }
}

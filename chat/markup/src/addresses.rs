//! Web and mail addresses in a text, and where they end.
//!
//! An address goes on through letters of every script (RFC 3987) to where a Korean reader would end it: before a particle that
//! follows ASCII (`https://example.com/로`, `…/a에서는`), before Hangul, kana and Chinese characters that follow ASCII in
//! the host, and before signs that belong to the sentence.

/// Longest run of Hangul that is looked at for particles, in syllables.
const PARTICLES_CHARS_MAX: usize = 10;

/// Whether a link may lead there: to the web, or to somebody's mail.
pub(super) fn is_address(text: &str) -> bool {
    scheme(text).is_some() || after_ignoring_case(text, "mailto:").is_some_and(|rest| !rest.is_empty())
}

/// The length of the scheme of the web address that the text begins with, in bytes.
pub(super) fn scheme(text: &str) -> Option<usize> {
    let rest = after_ignoring_case(text, "http://").or_else(|| after_ignoring_case(text, "https://"))?;
    rest.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        .then_some(text.len() - rest.len())
}

/// The length of the web address the text begins with, in bytes: `https://…`, `http://…` or `www.…`. `before` is the
/// character before it, `ends` says whether a sign at a place in it ends what was begun before it.
pub(super) fn web(text: &str, before: Option<char>, ends: &dyn Fn(usize) -> bool) -> Option<usize> {
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let start = match scheme(text) {
        Some(length) => length,
        None => www(text, before)?,
    };
    let mut end = start;
    let mut previous = '/';
    let mut is_host = true;
    for (at, c) in text[start..].char_indices() {
        let rest = &text[start + at..];
        is_host &= !matches!(c, '/' | '?' | '#');
        let is_sign = matches!(c, '*' | '_' | '~') && c != previous && ends(start + at);
        if is_sign || !goes_on(rest, c, previous, is_host) {
            break;
        }
        end = start + at + c.len_utf8();
        previous = c;
    }
    let address = without_closing_signs(&text[start..end]);
    let is_whole = scheme(text).is_some() || host(address).contains('.');
    (is_whole && !address.is_empty()).then_some(start + address.len())
}

/// The mail address around the `@` at `at`: where it begins, not before `from`, and where it ends.
pub(super) fn mail(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    let before = text.get(from..at)?;
    let start = before.trim_end_matches(is_local).len();
    let (outside, local) = before.split_at(start);
    let begins = local.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && !local.ends_with('.');
    if !begins || local.len() > 64 || outside.ends_with(['/', ':', '@', '&', '=']) {
        return None;
    }
    let after = &text[at + 1..];
    let is_domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let end = after.find(|c: char| !is_domain(c)).unwrap_or(after.len());
    let domain = after[..end].trim_end_matches(['.', '-']);
    let (labels, top) = domain.rsplit_once('.')?;
    let is_domain = labels
        .split('.')
        .all(|label| !label.is_empty() && !label.starts_with('-'));
    let is_top = top.len() >= 2 && top.chars().all(|c| c.is_ascii_alphabetic());
    let stops =
        !after[domain.len()..].starts_with(['@', '/', ':']) || after[domain.len()..].starts_with(": ");
    (is_domain && is_top && stops).then_some((from + start, at + 1 + domain.len()))
}

/// The text without the Korean particle at its end, if that is one that hardly any name ends with.
pub(super) fn without_particle(text: &str) -> &str {
    const PARTICLES: [&str; 16] = [
        "에서는",
        "에서도",
        "에서",
        "으로는",
        "으로",
        "까지",
        "부터",
        "에는",
        "에도",
        "이랑",
        "하고",
        "입니다",
        "이에요",
        "예요",
        "이라는",
        "이고",
    ];
    let shorter = PARTICLES.iter().find_map(|particle| text.strip_suffix(particle));
    shorter.filter(|text| !text.is_empty()).unwrap_or(text)
}

/// `www.` before something that may be a host, where no word or address goes on.
fn www(text: &str, before: Option<char>) -> Option<usize> {
    let is_within =
        before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '@' | '-' | '_' | ':'));
    let rest = after_ignoring_case(text, "www.")?;
    let is_www = !is_within && rest.starts_with(|c: char| c.is_alphanumeric());
    is_www.then_some(text.len() - rest.len())
}

fn host(address: &str) -> &str {
    address.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether the address goes on with `c`, with which `rest` begins: RFC 3986, section 2, and letters and their marks of
/// every script as RFC 3987 has them.
fn goes_on(rest: &str, c: char, previous: char, is_host: bool) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    }
    let is_after_ascii = previous.is_ascii();
    if c >= '\u{1f000}' && !is_ideograph(c) {
        // A picture in a path; one after a word is the writer's.
        return !is_host && !previous.is_alphanumeric();
    }
    if matches!(c, '\u{2010}'..='\u{2015}' | '·' | '’' | '・') {
        let next = rest[c.len_utf8()..].chars().next();
        return previous.is_alphanumeric()
            && next.is_some_and(|c| c.is_alphanumeric() && (!is_after_ascii || !is_cjk(c)));
    }
    if !c.is_alphanumeric() {
        return is_mark(c) && previous.is_alphanumeric();
    }
    if !is_after_ascii {
        return true;
    }
    match c {
        _ if is_host => !(previous.is_ascii_alphanumeric() && is_cjk(c)),
        '\u{3041}'..='\u{309f}' => !previous.is_ascii_alphanumeric(),
        _ if is_hangul(c) => !ends_with_particles(rest),
        _ => true,
    }
}

/// Whether the Hangul that the text begins with is particles, and the address ends with it.
fn ends_with_particles(rest: &str) -> bool {
    let end = rest.find(|c: char| !is_hangul(c)).unwrap_or(rest.len());
    let (hangul, after) = rest.split_at(end);
    let after = after.trim_start_matches(['.', ',', ':', ';', '!', '?', ')', ']', '\'', '~', '*', '_']);
    let is_end = after
        .chars()
        .next()
        .is_none_or(|c| !c.is_alphanumeric() && !"/%#&=-+@".contains(c));
    is_end && hangul.chars().count() <= PARTICLES_CHARS_MAX && are_particles(hangul)
}

/// Whether the text is particles and endings one after the other: `에서`, `에서는`, `으로만`.
fn are_particles(text: &str) -> bool {
    const PARTICLES: &str = "에서 에게 에 으로 로 은 는 이 가 을 를 의 와 과 이랑 랑 하고 도 만 까지 부터 한테 께서 께 보다 처럼 \
        같은 같이 마다 밖에 조차 이나 나 이며 며 이고 고 이라 라 이라고 라고 이라는 라는 이란 란 이면 면 인 인데 인데요 이다 다 \
        입니다 이에요 예요 에요 이야 야 이요 요 죠 이죠 네요 이네요 임 들 서 님 쪽 등";
    text.is_empty()
        || PARTICLES
            .split_whitespace()
            .any(|particle| text.strip_prefix(particle).is_some_and(are_particles))
}

/// The address without the signs at its end that belong to the sentence: a bracket does unless it was opened within, and
/// a star or tilde unless it follows a sign of the address.
fn without_closing_signs(address: &str) -> &str {
    let count = |bracket| address.matches(bracket).count();
    let mut round = count(')').saturating_sub(count('('));
    let mut square = count(']').saturating_sub(count('['));
    let mut rest = address;
    while let Some(last) = rest.chars().next_back() {
        let shorter = &rest[..rest.len() - last.len_utf8()];
        match last {
            ')' if round > 0 => round -= 1,
            ']' if square > 0 => square -= 1,
            '*' | '~' => {
                let before = shorter.trim_end_matches(last);
                if before.ends_with(['/', '=', '-', '?', '&', '.']) {
                    break;
                }
                // All of the run at once: an address may end in thousands of them.
                rest = before;
                continue;
            }
            '.' | ',' | ':' | ';' | '!' | '?' | '\'' => {}
            _ => break,
        }
        rest = shorter;
    }
    rest
}

fn after_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{3131}'..='\u{318e}')
}

const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

const fn is_cjk(c: char) -> bool {
    is_hangul(c) || is_ideograph(c) || matches!(c, '\u{3041}'..='\u{30ff}')
}

/// Marks that belong to the letter before them, and what makes a sign a picture.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

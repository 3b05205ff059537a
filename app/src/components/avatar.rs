//! What stands for a person where there is no picture: a sign or two on one of twelve colours, which is their id's.

use maud::{Markup, html};
use protocol::UserId;

/// The classes of the colours; `style/components/avatar.css` has them.
const CLASSES: [&str; 12] = [
    "avatar avatar-0",
    "avatar avatar-1",
    "avatar avatar-2",
    "avatar avatar-3",
    "avatar avatar-4",
    "avatar avatar-5",
    "avatar avatar-6",
    "avatar avatar-7",
    "avatar avatar-8",
    "avatar avatar-9",
    "avatar avatar-10",
    "avatar avatar-11",
];

/// The classes of a person's avatar. An id's end is random (RFC 9562, section 5.7), its beginning is a time.
fn class(user_id: UserId) -> &'static str {
    CLASSES[usize::from(user_id.as_bytes()[15] % 12)]
}

/// Draws somebody's avatar.
pub(crate) fn draw(user_id: UserId, name: Option<&str>) -> Markup {
    html! {
        span class=(class(user_id)) aria-hidden="true" { (signs(user_id, name)) }
    }
}

/// The signs on somebody's avatar. Of a Korean name those are the last two syllables, which are the given name, as a rule;
/// of other names the first letter. Without one, the end of what a guest is called.
fn signs(user_id: UserId, name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    let is_syllable = |c: char| ('가'..='힣').contains(&c);
    let is_sign = |c: &char| !c.is_ascii_punctuation() && *c > ' ';
    let letters: Vec<char> = name.chars().take_while(is_sign).collect();
    match letters.first() {
        Some(first) if is_syllable(*first) => {
            let syllables = letters.iter().take_while(|c| is_syllable(**c)).count();
            letters[syllables.saturating_sub(2)..syllables].iter().collect()
        }
        // The style sheet writes it in capitals.
        Some(first) => String::from(*first),
        None => {
            let mut signs = user_id.to_string();
            signs.drain(..signs.len() - 2);
            signs
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_person_always_looks_the_same_and_others_differ() {
        let person = |last| UserId::from_bytes([0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last]);
        assert_eq!(class(person(0xff)), "avatar avatar-3");
        assert_eq!(signs(person(0xab), None), "ab");
        for (name, expected) in [
            ("김민수", "민수"),
            ("준", "준"),
            ("민수b", "민수"),
            ("ada", "a"),
            ("😀!", "😀"),
            ("!", "ab"),
        ] {
            assert_eq!(signs(person(0xab), Some(name)), expected);
        }
        let mut classes: Vec<_> = (0..=255).map(|last| class(person(last))).collect();
        classes.sort_unstable();
        classes.dedup();
        assert_eq!(classes.len(), CLASSES.len());
    }
}

//! Those who are in a room now.

use maud::html;
use protocol::UserId;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::lines::{Around, Lines};
use super::title::titled_with_count;
use crate::fold::fold;
use crate::page_words as words;
use crate::words::Lang;

/// People elsewhere in the room who are looked at to tell those in the list from others of their name: what that takes grows with
/// the square of them.
const NAMESAKES_MAX: usize = 800;

/// Those who are in a room now.
#[derive(Clone, Debug)]
pub struct Present {
    /// Those who are named, each with what they are called: where there are more, those who came first.
    pub people: Vec<(UserId, Option<String>)>,
    /// How many there are in all.
    pub count: usize,
    /// Whoever asks.
    pub me: Option<UserId>,
}

/// Those who are in a room now: whoever asks, then the others by name, then guests.
#[must_use]
pub fn here(lang: Lang, mut around: Around, present: &Present) -> String {
    around.namesakes.truncate(NAMESAKES_MAX);
    let words = words::of(lang);
    let mut people: Vec<_> = present.people.iter().collect();
    people.sort_by_cached_key(|(user_id, name)| {
        let is_other = present.me != Some(*user_id);
        (is_other, name.is_none(), place(lang, *user_id, name.as_deref()))
    });
    let named = people.iter().map(|(user_id, name)| (*user_id, name.as_deref()));
    let lines = Lines::new(lang, &around, named).marking(present.me);
    let more = present.count.saturating_sub(people.len());
    let fragment = html! {
        (titled_with_count(lang.words().here_now(), present.count))
        @if people.is_empty() {
            p .fragment-empty { (words.nobody_here()) }
        }
        @if more > 0 {
            p .fragment-hint { (words.came_first(people.len() as u64)) }
        }
        ul .people-list {
            @for (user_id, name) in people {
                (lines.item(*user_id, name.as_deref()))
            }
        }
        @if more > 0 {
            p .fragment-hint { (words.and_others(more as u64)) }
        }
    };
    fragment.into_string()
}

/// Where somebody stands in a list that is sorted by name: letters of the reader's own script first, then other letters, then
/// what is none; within these as in a dictionary, whatever the case and the accents. Syllables of Hangul are in the order of
/// the Korean alphabet as Unicode has them (section 3.12).
fn place(lang: Lang, user_id: UserId, name: Option<&str>) -> (u8, String, UserId) {
    let name = fold(&lang.words().name(name, user_id));
    let script = match name.chars().next() {
        Some('가'..='힣') => u8::from(lang != Lang::Ko),
        Some(first) if first.is_alphabetic() => u8::from(lang == Lang::Ko),
        _ => 2,
    };
    let letters = name.nfd().filter(|letter| !is_combining_mark(*letter));
    (script, letters.collect(), user_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::RoomName;
    use protocol::limits::{NAME_CHARS_MAX, ROOM_CHARS_MAX};

    fn user(number: u64) -> UserId {
        UserId::from_parts(number, [7; 10])
    }

    fn around(room: &str) -> Around {
        Around {
            room: RoomName::parse(room).unwrap(),
            namesakes: Vec::new(),
        }
    }

    /// What these people are called, in the order in which they are listed.
    fn listed(lang: Lang, names: &[&str], me: Option<u64>) -> Vec<String> {
        let people = names.iter().enumerate();
        let present = Present {
            people: people
                .map(|(at, name)| (user(at as u64), (!name.is_empty()).then(|| (*name).to_owned())))
                .collect(),
            count: names.len(),
            me: me.map(user),
        };
        let html = here(lang, around("lobby"), &present);
        let names = html.split("class=\"person-name\">").skip(1);
        names
            .map(|rest| rest.split('<').next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn people_are_listed_by_name_as_a_reader_of_the_language_looks_for_them() {
        let names = ["Zoe", "다은", "", "émile", "가람", "7번", "Emma", "각별", "🎈"];
        let in_korean = ["가람", "각별", "다은", "émile", "Emma", "Zoe", "7번", "🎈"];
        let listed_in_korean = listed(Lang::Ko, &names, None);
        assert_eq!(listed_in_korean[..8], in_korean);
        assert!(listed_in_korean[8].starts_with("손님"), "{listed_in_korean:?}");
        let in_english = ["émile", "Emma", "Zoe", "가람", "각별", "다은", "7번", "🎈"];
        assert_eq!(listed(Lang::En, &names, None)[..8], in_english);
    }

    #[test]
    fn whoever_asks_is_first_and_marked_also_as_a_guest() {
        let names = ["가람", "나래", ""];
        assert_eq!(listed(Lang::Ko, &names, Some(1))[..2], ["나래", "가람"]);
        assert!(listed(Lang::Ko, &names, Some(2))[0].starts_with("손님"));
    }

    #[test]
    fn of_namesakes_so_many_are_looked_at_and_no_more() {
        let present = Present {
            people: vec![(user(1), Some("민아".to_owned()))],
            count: 1,
            me: None,
        };
        let is_told_apart = |others: u64| {
            let mut around = around("lobby");
            let other = |number: u64| (user(2 + number), number.to_string().into_boxed_str());
            around.namesakes = (0..others).map(other).collect();
            around.namesakes.push((user(0), "민아".into()));
            here(Lang::Ko, around, &present).contains("called-end")
        };
        assert!(is_told_apart(NAMESAKES_MAX as u64 - 1));
        assert!(!is_told_apart(NAMESAKES_MAX as u64));
    }

    #[test]
    fn the_longest_list_weighs_no_more_than_a_page_of_history_may() {
        let name = "\"".repeat(NAME_CHARS_MAX);
        let present = Present {
            people: (0..200)
                .map(|number| (user(number), Some(name.clone())))
                .collect(),
            count: usize::MAX,
            me: None,
        };
        let html = here(Lang::Ko, around(&"힣".repeat(ROOM_CHARS_MAX)), &present);
        assert!(html.len() < 256 * 1024, "{}", html.len());
    }
}

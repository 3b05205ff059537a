//! Rooms: those one follows, and those one looks for.

use maud::{Markup, html};
use protocol::RoomName;
use protocol::limits::ROOM_CHARS_MAX;

use super::title::titled;
use crate::page::room_names::{address, name_of};
use crate::page_words as words;
use crate::time;
use crate::words::Lang;
use crate::words::fill;

/// A room in a list.
#[derive(Clone, Debug)]
pub struct RoomLine {
    pub room: RoomName,
    /// What it is about; empty for nothing.
    pub topic: String,
    /// Messages of others that are unread.
    pub unread: u64,
    /// When something last happened in it, in Unix milliseconds; 0 where nothing has.
    pub at: u64,
}

/// What came of looking for a room.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What was looked for; empty when nothing was, and the rooms are those that are followed.
    pub wanted: String,
    pub rooms: Vec<RoomLine>,
    /// Where nothing was looked for, the rooms that are not followed, the most recently active first.
    pub others: Vec<RoomLine>,
    /// The room that nobody uses yet, if what was looked for is the name of one.
    pub new: Option<RoomName>,
}

/// Whether whoever looks for this text means the lobby, which is called otherwise in the page than in its address.
#[must_use]
pub fn is_lobby_meant(lang: Lang, wanted: &str) -> bool {
    let called = lang.words().lobby().to_lowercase();
    !wanted.is_empty() && (RoomName::LOBBY.contains(wanted) || called.contains(wanted))
}

/// A form to look for a room with, and the rooms that are followed.
#[must_use]
pub fn rooms(lang: Lang, rooms: &Found) -> String {
    let fragment = html! {
        (titled(words::of(lang).find_rooms()))
        (finder(lang, ""))
        p .fragment-hint { (words::of(lang).find_hint()) }
        div #found { (listed(lang, rooms, false)) }
    };
    fragment.into_string()
}

/// The rooms alone.
#[must_use]
pub fn found(lang: Lang, rooms: &Found) -> String {
    listed(lang, rooms, false).into_string()
}

/// The form.
pub(in super::super) fn finder(lang: Lang, wanted: &str) -> Markup {
    let words = words::of(lang);
    html! {
        form .finder data-act="find" role="search" action="/rooms" {
            input
                name="find"
                type="search"
                autofocus
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                maxlength=(2 * ROOM_CHARS_MAX)
                placeholder=(words.room_to_find())
                aria-label=(words.room_to_find())
                value=(wanted);
            button .dialog-button type="submit" { (words.find()) }
        }
    }
}

/// The rooms, or why there are none, and the one that could be made. On a page of its own the title stands below the page's,
/// else below the dialog's.
pub(in super::super) fn listed(lang: Lang, found: &Found, is_page: bool) -> Markup {
    let words = words::of(lang);
    let is_asked = !found.wanted.is_empty();
    let title = if is_asked {
        words.found_rooms()
    } else {
        words.followed_rooms()
    };
    html! {
        @if found.rooms.is_empty() {
            p .fragment-empty {
                @if is_asked { (words.nothing_found()) } @else { (words.nothing_followed()) }
                @if is_asked && found.new.is_none() { " " (words.room_name_rule()) }
            }
        } @else {
            (list(lang, title, &found.rooms, is_page))
        }
        @if !found.others.is_empty() {
            (list(lang, words.other_rooms(), &found.others, is_page))
        }
        @if let Some(room) = &found.new {
            p .found-new {
                a .found-link href=(address(room)) data-make=(room) { (fill(words.make_room(), room.as_str())) }
            }
        }
    }
}

fn list(lang: Lang, title: &str, lines: &[RoomLine], is_page: bool) -> Markup {
    html! {
        @if is_page {
            h2 .fragment-subtitle { (title) }
        } @else {
            h3 .fragment-subtitle { (title) }
        }
        ul .found-list {
            @for line in lines { (linked(lang, line)) }
        }
    }
}

fn linked(lang: Lang, line: &RoomLine) -> Markup {
    let said = lang.words();
    html! {
        li {
            a .found-link href=(address(&line.room)) {
                span .found-name { "# " (name_of(&line.room, lang)) }
                @if !line.topic.is_empty() {
                    small .found-topic { (line.topic) }
                }
                @if line.at > 0 && line.unread == 0 {
                    span .found-at {
                        span .unseen { (words::of(lang).last_active()) " " }
                        time datetime=(time::machine(line.at)) data-last=(line.at) { (time::day_name(line.at, lang.tag())) }
                    }
                }
                @if line.unread > 0 {
                    span .rooms-unread {
                        span aria-hidden="true" { (said.count_of(line.unread)) }
                        span .unseen { (said.unread(line.unread)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> RoomName {
        RoomName::parse(name).unwrap()
    }

    #[test]
    fn what_is_unread_is_said_in_a_badge_and_in_words() {
        let line = RoomLine {
            room: room("개발"),
            topic: String::from("<무엇이든>"),
            unread: 1_000,
            at: 0,
        };
        let found = Found {
            rooms: vec![line],
            ..Found::default()
        };
        let html = super::found(Lang::En, &found);
        for part in [
            "href=\"/rooms/%EA%B0%9C%EB%B0%9C\"",
            "&lt;무엇이든&gt;",
            ">99+<",
            "1000 unread messages",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn a_room_nobody_uses_is_offered_and_what_is_no_name_is_explained() {
        let mut looked_for = Found {
            wanted: String::from("새-방"),
            new: Some(room("새-방")),
            ..Found::default()
        };
        let html = super::found(Lang::Ko, &looked_for);
        assert!(
            html.contains("‘새-방’ 방 만들기") && html.contains("그런 방이 없습니다."),
            "{html}"
        );
        looked_for.new = None;
        assert!(super::found(Lang::Ko, &looked_for).contains("1~32자"));
    }

    #[test]
    fn the_lobby_is_found_by_the_name_it_has_in_the_page() {
        assert!(is_lobby_meant(Lang::Ko, "로비"));
        assert!(is_lobby_meant(Lang::Ko, "lob"));
        assert!(is_lobby_meant(Lang::En, "lobby"));
        assert!(!is_lobby_meant(Lang::En, "로비"));
        assert!(!is_lobby_meant(Lang::Ko, "개발"));
        assert!(!is_lobby_meant(Lang::Ko, ""));
    }
}

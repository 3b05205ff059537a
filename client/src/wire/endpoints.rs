//! The addresses of pages and of the API.

use protocol::UserId;
use protocol::limits::HISTORY_PAGE_MESSAGES;

use crate::model::page::Part;

/// The address of a room's page, which is also where its form posts to.
#[must_use]
pub fn page(room: &str) -> String {
    let mut address = String::from("/rooms/");
    push_encoded(&mut address, room);
    address
}

/// The address of the page with a message of a room, and what stands around it.
#[must_use]
pub fn place(room: &str, seq: u64) -> String {
    let mut address = page(room);
    address.push('/');
    address += &seq.to_string();
    address
}

/// The address of the card of somebody, as the room knows them.
#[must_use]
pub fn person(room: &str, user_id: UserId) -> String {
    let mut address = String::from("/people/");
    push_encoded(&mut address, room);
    address.push('/');
    address += &user_id.to_string();
    address
}

/// The address of the list of those who are in the room now.
#[must_use]
pub fn here(room: &str) -> String {
    let mut address = String::from("/here/");
    push_encoded(&mut address, room);
    address
}

/// The address of a page of a room's history that is no older than the event `at` (0 for any): the server that is asked may not
/// have it yet.
#[must_use]
pub fn history(room: &str, part: Part, at: u64) -> String {
    let mut address = String::from(ROOMS);
    address.push('/');
    push_encoded(&mut address, room);
    address += "/messages?limit=";
    address += &HISTORY_PAGE_MESSAGES.to_string();
    let part = match part {
        Part::Latest => ("", 0),
        Part::Before(seq) => ("&before=", seq),
        Part::After(seq) => ("&after=", seq),
        Part::Around(seq) => ("&around=", seq),
    };
    for (name, seq) in [part, ("&at=", at)] {
        if seq > 0 {
            address += name;
            address += &seq.to_string();
        }
    }
    address
}

/// The address of the rooms that we follow.
pub const ROOMS: &str = "/api/v1/rooms";

/// The address of the rooms whose names contain this text, as HTML.
#[must_use]
pub fn found(text: &str) -> String {
    let mut address = String::from("/parts/found?find=");
    push_encoded(&mut address, text);
    address
}

/// The address of who we are. Asking for it makes an identity where there is none.
pub const ME: &str = "/api/v1/me";

/// The address of the events after this cursor, and of how the rooms are, as a stream or as an answer at once; without a
/// cursor, of a greeting.
#[must_use]
pub fn events(cursor: Option<&str>) -> String {
    with_cursor("/api/v1/events?rooms=true", '&', cursor)
}

/// The address that takes commands. The answer's cursor is this one with the rooms it joined or left.
#[must_use]
pub fn commands(cursor: Option<&str>) -> String {
    with_cursor("/api/v1/commands", '?', cursor)
}

/// A cursor is base64url and needs no encoding.
fn with_cursor(path: &str, sign: char, cursor: Option<&str>) -> String {
    let mut address = path.to_owned();
    if let Some(cursor) = cursor {
        address.push(sign);
        address += "cursor=";
        address += cursor;
    }
    address
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3). Browsers would do it by themselves;
/// not everything that reads our pages is one.
fn push_encoded(address: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            address.push(char::from(byte));
        } else {
            address.push('%');
            address.push(char::from(HEX[usize::from(byte >> 4)]));
            address.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_of_any_script_has_an_address_in_ascii() {
        assert_eq!(page("lobby"), "/rooms/lobby");
        assert_eq!(page("개발-7"), "/rooms/%EA%B0%9C%EB%B0%9C-7");
        assert_eq!(place("개", 7), "/rooms/%EA%B0%9C/7");
        assert_eq!(here("개"), "/here/%EA%B0%9C");
        assert_eq!(found("a b"), "/parts/found?find=a%20b");
    }

    #[test]
    fn a_part_of_a_room_has_an_address() {
        for (part, query) in [
            (Part::Latest, ""),
            (Part::Before(7), "&before=7"),
            (Part::After(7), "&after=7"),
            (Part::Around(7), "&around=7"),
        ] {
            let expected = String::from("/api/v1/rooms/a/messages?limit=50") + query;
            assert_eq!(history("a", part, 0), expected);
            assert_eq!(history("a", part, 9), expected + "&at=9");
        }
    }
}

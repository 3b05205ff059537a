//! Ids: 128 bits, made as UUIDv7 (RFC 9562, section 5.7) so that they sort by the time they were made.

use std::fmt::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID in its hyphenated form of 36 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a UUID in its hyphenated form")
    }
}

impl std::error::Error for NotAnId {}

/// Characters of an id's text.
const CHARS: usize = 36;

/// Whether there is a hyphen at this place of an id's text.
const fn is_hyphen(at: usize) -> bool {
    matches!(at, 8 | 13 | 18 | 23)
}

/// Writes the text of an id. In the page this weighs a fraction of what the `uuid` crate does for all its forms.
fn write(bytes: &[u8; 16], text: &mut impl Write) -> fmt::Result {
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.write_char('-')?;
        }
        for digit in [byte >> 4, byte & 15] {
            let digit = digit + if digit < 10 { b'0' } else { b'a' - 10 };
            text.write_char(char::from(digit))?;
        }
    }
    Ok(())
}

/// The id of this text, in either case.
fn read(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let mut digits = 0;
    if text.len() != CHARS {
        return None;
    }
    for (at, char) in text.bytes().enumerate() {
        if is_hyphen(at) {
            if char != b'-' {
                return None;
            }
            continue;
        }
        let digit = match char {
            b'0'..=b'9' => char - b'0',
            b'a'..=b'f' | b'A'..=b'F' => (char | 0x20) - b'a' + 10,
            _ => return None,
        };
        bytes[digits / 2] = bytes[digits / 2] << 4 | digit;
        digits += 1;
    }
    Some(bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an id of the time, in Unix milliseconds (48 bits are kept), and ten random bytes.
            #[must_use]
            pub fn from_parts(unix_ms: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
            }

            /// The 16 bytes, most significant first: how an id is stored.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id of these 16 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(self.as_bytes(), f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Takes the hyphenated form only, in either case, of any UUID version: the shape is what we rely on.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                read(text).map(Self::from_bytes).ok_or(NotAnId)
            }
        }
    };
}

id! {
    /// A person, as one browser profile: the server makes it and signs it into a cookie.
    UserId
}
id! {
    /// An event of a room; the node that took the command makes it.
    EventId
}
id! {
    /// The client's own name for something it asks for. With the author it makes a repeat harmless, for ever.
    ClientId
}
id! {
    /// One database. `seq` numbers of different epochs have nothing to do with each other.
    Epoch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_from_its_text_and_its_bytes() {
        let id = EventId::from_parts(1_764_000_000_000, [7; 10]);
        assert_eq!(id.to_string().parse::<EventId>(), Ok(id));
        assert_eq!(EventId::from_bytes(*id.as_bytes()), id);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        assert!(EventId::from_parts(1, [255; 10]) < EventId::from_parts(2, [0; 10]));
    }

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        for text in [
            "",
            "0",
            "019ab2c4d5e67f8090a1b2c3d4e5f607",
            "{019ab2c4-d5e6-7f80-90a1-b2c3d4e5f607}",
        ] {
            assert_eq!(text.parse::<UserId>(), Err(NotAnId), "{text}");
        }
    }
}

//! Hashes as text.

use std::fmt::Write as _;

use chat::LogHash;
use serde::{Deserialize as _, Deserializer, Serializer};

/// Two digits a byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hash of this text.
pub(crate) fn decode(text: &str) -> Option<LogHash> {
    let mut hash = LogHash::default();
    if text.len() != 2 * hash.len() || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(hash)
}

/// For `#[serde(with = …)]`.
pub(crate) fn serialize<S: Serializer>(hash: &LogHash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&encode(hash))
}

/// For `#[serde(with = …)]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LogHash, D::Error> {
    let text = String::deserialize(deserializer)?;
    decode(&text).ok_or_else(|| serde::de::Error::custom("a hash is 64 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_comes_back_from_its_text_and_nothing_else_does() {
        let hash: LogHash = std::array::from_fn(|at| u8::try_from(at * 8).unwrap());
        assert_eq!(decode(&encode(&hash)), Some(hash));
        let text = encode(&hash);
        for other in [
            "",
            &text[1..],
            &format!("{text}00"),
            &text.replace('0', "+"),
            &text.replace("08", "é"),
        ] {
            assert_eq!(decode(other), None, "{other}");
        }
    }
}

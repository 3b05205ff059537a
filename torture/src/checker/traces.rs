//! What is left of deleted texts in the bytes of the database's files.

use std::collections::HashMap;

/// Bytes that a search begins with.
const KEY: usize = 12;
/// Bytes of a text that are looked for: its beginning, for a long one does not stand in one piece.
const NEEDLE_MAX: usize = 64;

/// Those of the texts that stand in the bytes, each once. Texts shorter than a key are not looked for.
pub(super) fn find<'a>(bytes: &[u8], texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut by_key: HashMap<&[u8], Vec<&'a str>> = HashMap::new();
    for text in texts {
        if let Some(key) = text.as_bytes().get(..KEY) {
            by_key.entry(key).or_default().push(text);
        }
    }
    let mut found = Vec::new();
    if by_key.is_empty() {
        return found;
    }
    for (at, key) in bytes.windows(KEY).enumerate() {
        if let Some(texts) = by_key.get_mut(key) {
            texts.retain(|text| {
                let needle = &text.as_bytes()[..text.len().min(NEEDLE_MAX)];
                let is_there = bytes[at..].starts_with(needle);
                if is_there {
                    found.push(*text);
                }
                !is_there
            });
        }
    }
    found
}

//! Links whose text says something else than where they lead.

use protocol::is_invisible;

use super::letters;

/// Whether the text of a link to `address` cannot stand for it: nothing of it can be seen, it is turned around, or it looks
/// like an address and is not this one.
pub(super) fn mislead(text: &str, address: &str) -> bool {
    if text.chars().all(is_invisible) || text.chars().any(turns_direction) {
        return true;
    }
    let seen: String = letters::compatible(text)
        .chars()
        .filter(|c| !is_invisible(*c) || c.is_whitespace())
        .collect();
    let words = || seen.split_whitespace();
    // Worked out once: a text may have as many words as the address has letters.
    let address = comparable(address);
    // One that is spread over the text is not told from words; one that is broken by white space is none.
    words().any(|word| looks_like_address(word) && !is_same(word, &address))
        && !is_same(&words().collect::<String>(), &address)
}

/// Whether a text is the address, which is in its comparable form, its host alone, or either without its scheme.
fn is_same(text: &str, address: &str) -> bool {
    let text = comparable(text);
    let host = address.split(['/', '?', '#']).next();
    text == address || host == Some(&*text)
}

/// The address without its scheme, its letters as they are shown, and a slash at its end.
fn comparable(address: &str) -> String {
    let address = decoded(&letters::compatible(address));
    let after = ["https://", "http://", "mailto:"]
        .iter()
        .find_map(|scheme| {
            let (start, rest) = address.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        })
        .unwrap_or(&address);
    let host = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (host, path) = after.split_at(host);
    let host = host.to_lowercase();
    host + path.trim_end_matches('/')
}

/// The text with what is percent-encoded as it is shown.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = hex
            .and_then(|hex| str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Whether a word has a scheme, is somebody's mail, or is of labels between full stops of which the last is no number and
/// no ending of a file.
fn looks_like_address(word: &str) -> bool {
    const FILES: &str = "c cc cpp css csv doc docx exe gif go gz h hpp htm html hwp hwpx ini ipynb java jpeg jpg js json jsonl jsx kt \
        lock log lua m4a markdown md mjs mov mp3 mp4 odt pdf php pl png ppt pptx psd py rb rs rtf scss sh sql svg swift tar toml ts \
        tsx txt wasm wav webm webp xls xlsx xml yaml yml zip";
    if word.contains("://") || word.contains(":/") {
        return true;
    }
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let end = word.find(['/', '?', '#', ':']).unwrap_or(word.len());
    let host = &word[..end];
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.replace(['\u{3002}', '\u{ff0e}', '\u{ff61}', '\u{2024}'], ".");
    let Some((labels, last)) = host.rsplit_once('.') else {
        return false;
    };
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    let is_number = |label: &str| label.chars().all(|c| c.is_ascii_digit());
    let is_host = labels.split('.').all(is_label) && is_label(last);
    let is_ip = host.split('.').count() == 4 && host.split('.').all(is_number);
    let is_file = end == word.len()
        && FILES
            .split_whitespace()
            .any(|file| last.eq_ignore_ascii_case(file));
    let is_top = last.chars().count() >= 2 && !last.starts_with(|c: char| c.is_numeric());
    is_host && (is_ip || is_top && !is_file)
}

/// Marks that turn the direction of what follows (Unicode Standard Annex #9, section 2).
const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

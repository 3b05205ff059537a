//! Messages of nothing but a few pictures, which are shown larger.

use protocol::Emoji;
use protocol::emoji::canonical;
use unicode_segmentation::UnicodeSegmentation;

/// Pictures in a message that are shown larger; more of them are a text.
const PICTURES_MAX: usize = 5;

/// The HTML of the text, if it is nothing but a few emoji and white space within a line.
pub(super) fn html(text: &str) -> Option<String> {
    let is_short = text.len() <= PICTURES_MAX * (protocol::limits::EMOJI_BYTES_MAX + 4);
    let text = text.trim();
    if !is_short || text.is_empty() || text.is_ascii() {
        return None;
    }
    let mut pictures = 0;
    for part in text.graphemes(true).filter(|part| *part != " ") {
        pictures += 1;
        if pictures > PICTURES_MAX || !is_picture(part) {
            return None;
        }
    }
    Some(["<span class=\"pictures\">", text, "</span>"].concat())
}

fn is_picture(text: &str) -> bool {
    let is_drawn = |c: char| {
        c >= '\u{1f000}'
            || matches!(
                c,
                '\u{231a}' | '\u{231b}' | '\u{23e9}'..='\u{23ec}' | '\u{23f0}' | '\u{23f3}' | '\u{25fd}' | '\u{25fe}'
                    | '\u{2614}' | '\u{2615}' | '\u{2648}'..='\u{2653}' | '\u{267f}' | '\u{2693}' | '\u{26a1}' | '\u{26aa}'
                    | '\u{26ab}' | '\u{26bd}' | '\u{26be}' | '\u{26c4}' | '\u{26c5}' | '\u{26ce}' | '\u{26d4}' | '\u{26ea}'
                    | '\u{26f2}' | '\u{26f3}' | '\u{26f5}' | '\u{26fa}' | '\u{26fd}' | '\u{2705}' | '\u{270a}' | '\u{270b}'
                    | '\u{2728}' | '\u{274c}' | '\u{274e}' | '\u{2753}'..='\u{2755}' | '\u{2757}' | '\u{2795}'..='\u{2797}'
                    | '\u{27b0}' | '\u{27bf}' | '\u{2b1b}' | '\u{2b1c}' | '\u{2b50}' | '\u{2b55}'
            )
    };
    Emoji::parse(text).is_ok() && (text.starts_with(is_drawn) || canonical(text).contains('\u{fe0f}'))
}

//! Characters that nobody can see.

/// Whether it is white space, a joiner, a mark of direction, a filler, or otherwise shown as nothing: a text of nothing else
/// looks like no text.
///
/// These are the characters that Unicode calls default ignorable (The Unicode Standard, section 5.21), white space, and those
/// that are drawn empty: the empty Braille pattern, musical and shorthand controls, annotation marks.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{13430}'..='\u{13440}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d159}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_signs_and_pictures_are_seen_and_fillers_are_not() {
        assert!(
            "가ㅎaא7.—❤👍\u{301}\u{fffd}\u{25a1}"
                .chars()
                .all(|c| !is_invisible(c))
        );
        for c in [
            ' ',
            '\n',
            '\u{3000}',
            '\u{a0}',
            '\u{ad}',
            '\u{200b}',
            '\u{200e}',
            '\u{2060}',
            '\u{2064}',
            '\u{2800}',
            '\u{3164}',
            '\u{115f}',
            '\u{1160}',
            '\u{ffa0}',
            '\u{feff}',
            '\u{fe0f}',
            '\u{e0020}',
            '\u{e0100}',
            '\u{1d159}',
        ] {
            assert!(is_invisible(c), "{c:?}");
        }
    }
}

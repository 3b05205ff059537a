//! The markup for the browser: what makes the HTML of a message on the server makes it here of one that is on its way. It is
//! no part of the page's own WASM, and is loaded when somebody first writes.

#[cfg(target_arch = "wasm32")]
#[path = "../../src/allocator.rs"]
mod allocator;

use protocol::MessageText;
use wasm_bindgen::prelude::wasm_bindgen;

/// The HTML of a message as the server will make it; none where it will show just the text. `message` is what the people are
/// called whom it mentions, each on a line, then a line of U+0000 alone, then the text as it was typed.
#[wasm_bindgen]
#[must_use]
pub fn html(message: &str) -> Option<String> {
    let (called, typed) = message.split_once("\0\n")?;
    let text = MessageText::parse(typed).ok()?;
    markup::html(text.as_str(), called.lines())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_what_the_server_makes_of_it() {
        for (message, shown) in [
            ("\0\n**굵게**", Some("<strong>굵게</strong>")),
            ("\0\n\u{feff}**굵게**\r\n끝", Some("<strong>굵게</strong><br>끝")),
            (
                "김 하나\n수\n\0\n@김 하나야",
                Some("<span class=\"mention\">@김 하나</span>야"),
            ),
            ("\0\n<b>그냥</b>", None),
            ("\0\n \n", None),
            ("**굵게**", None),
        ] {
            assert_eq!(html(message).as_deref(), shown, "{message:?}");
        }
    }
}

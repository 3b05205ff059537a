//! What the server wrote into the page for the script to start from.

use web_sys::Element;

use crate::browser::dom;
use crate::start::Start;
use crate::words::Words;

/// What the page starts from; `None` where the server did not render the chat.
pub(super) fn start(app: &Element) -> Option<Start> {
    Start::read(words(app)?, &dom::one("#start")?.text_content()?)
}

/// The words, which stay for as long as the page.
fn words(app: &Element) -> Option<&'static Words> {
    let text: &str = app.get_attribute("data-words")?.leak();
    Some(Box::leak(Box::new(Words::from(text))))
}

//! What a view reads of signals, as functions of few types: for every type of function that a view has in it, the code that
//! draws it and draws it anew is made once more, and downloaded by everybody.

use std::sync::{Arc, Mutex};

use maud::Markup;

/// A function of signals in a view.
pub(crate) type Shared<T> = Arc<Mutex<dyn FnMut() -> T + Send>>;

/// A text, or an attribute that is always there.
pub(crate) fn text<T: Into<String>>(mut read: impl FnMut() -> T + Send + 'static) -> Shared<String> {
    Arc::new(Mutex::new(move || read().into()))
}

/// A text that an element contains, as its HTML. Not as a text node: translation in the browser puts elements of its own in the
/// place of text nodes, and what is written into one that is gone nobody sees.
pub(crate) fn content<T: Into<String>>(mut read: impl FnMut() -> T + Send + 'static) -> Shared<String> {
    html(move || maud::html! { (read().into()) })
}

/// The HTML of what is drawn anew as a whole.
pub(crate) fn html(mut draw: impl FnMut() -> Markup + Send + 'static) -> Shared<String> {
    Arc::new(Mutex::new(move || draw().into_string()))
}

/// These texts, with another between them. What the standard library joins them with is larger.
pub(crate) fn joined(texts: &[String], between: &str) -> String {
    let mut all = String::new();
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            all += between;
        }
        all += text;
    }
    all
}

/// An attribute that is there or not.
pub(crate) fn maybe(read: impl FnMut() -> Option<String> + Send + 'static) -> Shared<Option<String>> {
    Arc::new(Mutex::new(read))
}

/// An attribute without a value that is there or not.
pub(crate) fn flag(read: impl FnMut() -> bool + Send + 'static) -> Shared<bool> {
    Arc::new(Mutex::new(read))
}

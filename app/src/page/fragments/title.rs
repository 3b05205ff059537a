//! The title of a fragment, which becomes the dialog's.

use maud::{Markup, html};

pub(super) fn titled(title: &str) -> Markup {
    html! { h2 #dialog-title { (title) } }
}

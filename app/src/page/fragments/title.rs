//! The title of a fragment, which becomes the dialog's.

use maud::{Markup, html};

pub(super) fn titled(title: &str) -> Markup {
    html! { h2 #dialog-title { (title) } }
}

/// The title of a list of so many; of none the number is not said.
pub(super) fn titled_with_count(title: &str, count: usize) -> Markup {
    html! {
        h2 #dialog-title {
            (title)
            @if count > 0 {
                " " span .fragment-count { (count) }
            }
        }
    }
}

//! The title of a fragment, which becomes the dialog's.

use leptos::prelude::*;

pub(super) fn titled(title: impl Into<String>) -> impl IntoView {
    view! { <h2 id="dialog-title">{title.into()}</h2> }
}

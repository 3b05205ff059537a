//! Looking for a room, in the dialog.

use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, RequestInit};

use super::navigation;
use crate::browser::dom;
use crate::browser::io::fetch;
use crate::browser::system::text;

/// Shows the rooms whose names contain what stands in the field; goes to the first of them if `goes_there`.
pub(super) fn find(field: Element, goes_there: bool) {
    spawn_local(async move {
        let wanted = text(&field, "value");
        let address = client::wire::endpoints::found(&wanted);
        let html = fetch::text(&address, &RequestInit::new()).await;
        // More may have been written meanwhile, or the dialog closed.
        if text(&field, "value") == wanted
            && let (Some(html), Some(found)) = (html, dom::one("dialog[open] #found"))
        {
            found.set_inner_html(&html);
            if goes_there && let Some(first) = dom::one("#found a") {
                navigation::follow(&first);
            }
        }
    });
}

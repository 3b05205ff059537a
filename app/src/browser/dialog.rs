//! What the server draws when it is asked for: in a dialog that stands beside the chat.

use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, RequestInit};

use super::driver::with;
use super::system::{call, flag, text};
use super::{dom, fetch, places, scroll, show};

/// Opens the dialog with a part that the server draws.
pub(super) fn open(address: String) {
    let number = next_part();
    spawn_local(async move {
        // A part that is refused says why.
        let Some((html, _)) = fetch::answer(&address, &RequestInit::new()).await else {
            show::cannot_reach();
            return;
        };
        if with(|driver| driver.parts) != number {
            return;
        }
        let (Some(content), Some(dialog)) = (dom::one("#dialog-content"), dom::one("#dialog")) else {
            return;
        };
        content.set_inner_html(&html);
        dom::local_times(&content);
        if !flag(&dialog, "open") {
            call(&dialog, "showModal");
        }
        if let Some(first) = dom::one("#dialog-content [autofocus]") {
            scroll::focus(&first);
        }
    });
}

/// Opens a dialog that is there.
pub(super) fn show(selector: &str) {
    if let Some(dialog) = dom::one(selector)
        && !flag(&dialog, "open")
    {
        call(&dialog, "showModal");
    }
}

/// Closes whichever dialog is open.
pub(super) fn close() {
    next_part();
    for dialog in dom::all("dialog[open]") {
        call(&dialog, "close");
    }
}

/// What was asked for before is not wanted any more.
fn next_part() -> Option<u32> {
    with(|driver| {
        driver.parts = driver.parts.wrapping_add(1);
        driver.parts
    })
}

/// Shows the rooms whose names contain what stands in the input; goes to the first of them when that is
/// what is wanted.
pub(super) fn find(input: Element, is_wanted: bool) {
    spawn_local(async move {
        let wanted = text(&input, "value");
        let address = client::wire::endpoints::found(&wanted);
        let html = fetch::text(&address, &RequestInit::new()).await;
        // More may have been written meanwhile, or the dialog closed.
        if text(&input, "value") == wanted
            && let (Some(html), Some(found)) = (html, dom::one("dialog[open] #found"))
        {
            found.set_inner_html(&html);
            if is_wanted && let Some(first) = dom::one("#found a") {
                places::follow(&first);
            }
        }
    });
}

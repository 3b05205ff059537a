//! The page's life.

use std::cell::Cell;

use app::Mounted;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static MOUNTED: Cell<Option<Mounted>> = const { Cell::new(None) };
}

/// Puts the chat into the page.
pub(crate) fn mount() {
    MOUNTED.set(app::mount());
}

/// Takes the chat down and closes its socket. Without it, a page would have to be left to see that happen.
#[wasm_bindgen]
pub fn unmount() {
    MOUNTED.take();
}

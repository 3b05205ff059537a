//! Under cargo-leptos the page calls us, once the server's HTML is there.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the server's HTML.
#[wasm_bindgen]
pub fn hydrate() {
    crate::page::mount();
}

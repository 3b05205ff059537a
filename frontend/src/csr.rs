//! Under Trunk we start by ourselves.

use wasm_bindgen::prelude::wasm_bindgen;

/// Builds the page.
#[wasm_bindgen(start)]
pub fn start() {
    crate::page::mount();
}

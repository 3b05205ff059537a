//! The page that the server rendered calls us, once its HTML is there.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the server's HTML.
#[wasm_bindgen]
pub fn hydrate() {
    crate::page::mount();
}

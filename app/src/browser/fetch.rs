//! Requests over HTTP.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::system;

/// Gets the text at an address of this origin; `None` when there was no answer or it was a refusal.
pub(super) async fn get(address: &str) -> Option<String> {
    let answer = system::window()?.fetch_with_str(address);
    let answer: Response = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

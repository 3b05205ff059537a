//! Requests over HTTP.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, Response};

use crate::browser::system;

/// A request that is on its way. Dropping it aborts it.
pub(crate) struct Request(AbortController);

impl Request {
    /// A request that is still to be made.
    pub(crate) fn new() -> Option<Self> {
        AbortController::new().ok().map(Self)
    }

    /// What to make it with: `POST` with a body of JSON, else `GET`.
    pub(crate) fn init(&self, body: Option<&str>) -> RequestInit {
        let init = RequestInit::new();
        init.set_signal(Some(&self.0.signal()));
        if let Some(body) = body {
            init.set_method("POST");
            init.set_body(&JsValue::from_str(body));
        }
        init
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The text at an address of this origin; `None` when there was no answer or it was a refusal.
pub(crate) async fn text(address: &str, init: &RequestInit) -> Option<String> {
    let (text, is_refused) = answer(address, init).await?;
    (!is_refused).then_some(text)
}

/// What is at an address of this origin, and whether that is a refusal; `None` when there was no answer.
pub(crate) async fn answer(address: &str, init: &RequestInit) -> Option<(String, bool)> {
    let answer = system::window()?.fetch_with_str_and_init(address, init);
    let answer: Response = JsFuture::from(answer).await.ok()?.unchecked_into();
    let is_refused = !system::flag(&answer, "ok");
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    Some((text, is_refused))
}

//! Requests over HTTP.

use js_sys::{Date, Function};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, Response};

use crate::browser::system;

/// Bytes of a body that may outlive the page; several are on their way at most.
const KEPT_ALIVE_BYTES: usize = 4_000;

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
            // A page that goes still says what was read. For more than 64 KiB at once a browser refuses that.
            system::set(&init, "keepalive", &(body.len() < KEPT_ALIVE_BYTES).into());
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
    let answer = head(address, init).await?;
    let is_refused = !system::flag(&answer, "ok");
    Some((body(&answer).await?, is_refused))
}

/// How an answer begins; `None` when there was none.
pub(super) async fn head(address: &str, init: &RequestInit) -> Option<Response> {
    let answer = system::window()?.fetch_with_str_and_init(address, init);
    Some(JsFuture::from(answer).await.ok()?.unchecked_into())
}

/// What an answer says; `None` when it breaks off.
pub(super) async fn body(answer: &Response) -> Option<String> {
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

/// The seconds that a refusal's `Retry-After` asks for, as a number or as a date (RFC 9110, section 10.2.3); 0 without one.
pub(super) fn retry_after(answer: &Response) -> u64 {
    let headers = system::get(answer, "headers");
    let get: Function = system::get(&headers, "get").unchecked_into();
    let text = get.call1(&headers, &"retry-after".into()).ok();
    let Some(text) = text.and_then(|text| text.as_string()) else {
        return 0;
    };
    // What is past, and what is no date, becomes 0.
    let until = || ((Date::parse(&text) - Date::now()) / 1_000.0).ceil() as u64;
    text.parse().unwrap_or_else(|_| until())
}

//! Streams for server functions, of which Madang has none.
//!
//! Leptos brings `server_fn`, and that the crate which this one stands in for. Its classes are exports of the WASM, so
//! they are downloaded by everybody although nobody calls them, and JavaScript for them too. Here is what `server_fn`
//! is compiled against, and nothing behind it: a stream without end is never made, one that is read is over at once.

use futures_util::stream::{self, Stream};
use wasm_bindgen::JsValue;

/// A stream of the browser's.
#[derive(Debug)]
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// An empty stream of the browser's; nothing of `stream` is read.
    pub fn from_stream<S>(_stream: S) -> Self
    where
        S: Stream<Item = Result<JsValue, JsValue>> + 'static,
    {
        Self(JsValue::UNDEFINED.into())
    }

    /// Takes a stream of the browser's.
    #[must_use]
    pub const fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// Gives it back.
    #[must_use]
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// Nothing of it.
    pub fn into_stream(self) -> impl Stream<Item = Result<JsValue, JsValue>> + Send + 'static {
        stream::empty()
    }
}

//! An event stream.

use client::tab::Input;
use wasm_bindgen::JsCast;
use web_sys::EventSource;

use super::channels::NO_CLOSE_FRAME;
use super::driver;
use super::system::{Callback, callback, get, text as text_of};

/// An open or opening stream. Dropping it closes it.
pub(super) struct Stream {
    source: EventSource,
    _callbacks: [Callback; 2],
}

impl Stream {
    /// Opens a stream whose events and end are reported under this number.
    pub(super) fn open(id: u32, address: &str) -> Option<Self> {
        let source = EventSource::new(address).ok()?;
        let heard = callback(move |event| {
            if let Some(text) = get(&event, "data").as_string() {
                driver::step(Input::Text {
                    id,
                    cursor: Some(&text_of(&event, "lastEventId")),
                    text: &text,
                });
            }
        });
        // The client closes it then, so it does not reconnect by itself.
        let ended = callback(move |_| driver::step(Input::Closed(id, NO_CLOSE_FRAME)));
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        source.set_onerror(Some(ended.as_ref().unchecked_ref()));
        Some(Self {
            source,
            _callbacks: [heard, ended],
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

//! An event stream.

use client::tab::Input;
use wasm_bindgen::JsCast;
use web_sys::EventSource;

use super::report::Report;
use crate::browser::system::{Callback, callback, get, text as text_of};

/// What a browser reports for a line that ended without a close frame (RFC 6455, section 7.1.5).
pub(super) const NO_CLOSE_FRAME: u16 = 1006;

/// An open or opening stream. Dropping it closes it.
pub(super) struct Stream {
    source: EventSource,
    _callbacks: [Callback; 2],
}

impl Stream {
    /// Opens a stream whose events and end are reported under this number.
    pub(super) fn open(id: u32, address: &str, report: Report) -> Option<Self> {
        let source = EventSource::new(address).ok()?;
        let received = callback(move |event| {
            if let Some(text) = get(&event, "data").as_string() {
                report(Input::Text {
                    id,
                    cursor: Some(&text_of(&event, "lastEventId")),
                    text: &text,
                });
            }
        });
        // The client closes it then, so it does not reconnect by itself.
        let ended = callback(move |_| report(Input::Closed(id, NO_CLOSE_FRAME)));
        source.set_onmessage(Some(received.as_ref().unchecked_ref()));
        source.set_onerror(Some(ended.as_ref().unchecked_ref()));
        Some(Self {
            source,
            _callbacks: [received, ended],
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

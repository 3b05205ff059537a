//! The other tabs of this browser: a broadcast channel among them, and the lock that makes one of them the leader.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use client::tab::Input;
use js_sys::{Function, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, BroadcastChannel};

use super::report::Report;
use crate::browser::system::{Callback, NAME, callback, get, object};

/// The channel of this browser's tabs. Dropping it closes it and gives up the lock.
pub(crate) struct TabChannel {
    channel: BroadcastChannel,
    _on_message: Callback,
    /// Our lock, or our request for it.
    lock: Option<Lock>,
    report: Report,
}

impl TabChannel {
    /// `None` where the browser has no `BroadcastChannel`.
    pub(super) fn open(report: Report) -> Option<Self> {
        let channel = BroadcastChannel::new(NAME).ok()?;
        let on_message = callback(move |event| {
            if let Some(text) = get(&event, "data").as_string() {
                report(Input::TabMessage(&text));
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self {
            channel,
            _on_message: on_message,
            lock: None,
            report,
        })
    }

    /// Sends a message to all other tabs.
    pub(crate) fn send(&self, text: &str) {
        let _ = self.channel.post_message(&JsValue::from_str(text));
    }

    /// Asks for the lock, or takes it whoever has it.
    pub(crate) fn request_lock(&mut self, steal: bool) {
        let report = self.report;
        self.lock = None;
        self.lock = Lock::request(steal, report);
        if self.lock.is_none() {
            spawn_local(async move { report(Input::NoLock) });
        }
    }

    /// Gives the lock back, or gives up waiting for it.
    pub(crate) fn release_lock(&mut self) {
        self.lock = None;
    }
}

impl Drop for TabChannel {
    fn drop(&mut self) {
        self.channel.close();
    }
}

#[wasm_bindgen]
extern "C" {
    /// Web Locks, section 3.2. Fails where there are none: on plain HTTP but for loopback addresses.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request_lock(name: &str, options: &JsValue, granted: &JsValue) -> Result<Promise, JsValue>;
}

/// The lock, or a request for it. Dropping it gives either up.
struct Lock(Rc<Hold>);

struct Hold {
    is_given_up: Cell<bool>,
    /// Gives the lock back; nothing while it is not ours.
    release: RefCell<Option<Function>>,
    abort: AbortController,
    report: Report,
}

impl Lock {
    fn request(steal: bool, report: Report) -> Option<Self> {
        let hold = Rc::new(Hold {
            is_given_up: Cell::new(false),
            release: RefCell::default(),
            abort: AbortController::new().ok()?,
            report,
        });
        spawn_local(Rc::clone(&hold).run(steal));
        Some(Self(hold))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.is_given_up.set(true);
        if let Some(release) = self.0.release.take() {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
        self.0.abort.abort();
    }
}

impl Hold {
    async fn run(self: Rc<Self>, steal: bool) {
        // A lock that is stolen cannot be waited for, so there is nothing to abort.
        let options = if steal {
            object("steal", &JsValue::TRUE)
        } else {
            object("signal", &self.abort.signal())
        };
        let hold = Rc::clone(&self);
        let granted = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |_| hold.granted());
        let ended = match request_lock(NAME, &options, granted.as_ref()) {
            Ok(ended) => JsFuture::from(ended).await,
            Err(error) => Err(error),
        };
        if ended.is_err() && !self.is_given_up.get() {
            let was_ours = self.release.borrow().is_some();
            let input = if was_ours { Input::LockLost } else { Input::NoLock };
            (self.report)(input);
        }
    }

    /// The lock is ours until the promise that is returned is fulfilled.
    fn granted(&self) -> JsValue {
        if self.is_given_up.get() {
            return JsValue::UNDEFINED;
        }
        let ours = Promise::new(&mut |release, _| {
            self.release.replace(Some(release));
        });
        let report = self.report;
        spawn_local(async move { report(Input::LockGranted) });
        ours.into()
    }
}

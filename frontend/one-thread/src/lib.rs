//! Values that belong to one thread, in types that may be sent to others.
//!
//! Leptos keeps what is of the browser in such. The crate which this one stands in for asks which thread it is on at every
//! touch; in the browser there is but one, and the question alone brought `std::thread` along. Here it is asked where there are
//! several, as on the server.

#![allow(
    unsafe_code,
    reason = "a value of one thread in a type that may be sent: that is what this crate is for, and no safe code can say it"
)]

#[cfg(feature = "futures")]
mod futures;
#[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
mod home;
#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
#[path = "home_alone.rs"]
mod home;
#[cfg(test)]
mod tests;

use std::fmt::{self, Debug, Formatter};
use std::mem::{ManuallyDrop, needs_drop};
use std::ops::{Deref, DerefMut};

use home::Home;

/// A value that only the thread which made it may touch.
///
/// # Panics
/// Whatever touches the value on another thread panics, and dropping counts if it runs code of the value's.
pub struct SendWrapper<T> {
    value: ManuallyDrop<T>,
    home: Home,
}

// SAFETY: `value` is reached through `deref`, `deref_mut`, `take` and `drop` alone. All of them ask first whether this is its thread,
// so what is sent elsewhere is only its bytes.
unsafe impl<T> Send for SendWrapper<T> {}
// SAFETY: the same: from a reference to this no other thread gets one to `value`.
unsafe impl<T> Sync for SendWrapper<T> {}

impl<T> SendWrapper<T> {
    /// Makes it this thread's.
    pub fn new(value: T) -> Self {
        Self {
            value: ManuallyDrop::new(value),
            home: Home::here(),
        }
    }

    /// Whether this is the value's thread.
    #[must_use]
    pub fn valid(&self) -> bool {
        self.home.is_here()
    }

    /// The value itself.
    #[track_caller]
    pub fn take(self) -> T {
        self.check();
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped and nobody has it any more, so the value is not used again.
        unsafe { ManuallyDrop::take(&mut this.value) }
    }

    #[track_caller]
    fn check(&self) {
        assert!(self.valid(), "a value of one thread is touched on another");
    }
}

impl<T> Deref for SendWrapper<T> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        self.check();
        &self.value
    }
}

impl<T> DerefMut for SendWrapper<T> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        self.check();
        &mut self.value
    }
}

impl<T> Drop for SendWrapper<T> {
    #[track_caller]
    fn drop(&mut self) {
        if !needs_drop::<T>() || self.valid() {
            // SAFETY: it is dropped here alone, for `take` leaves nothing to drop. On another thread only what has no code to run.
            unsafe { ManuallyDrop::drop(&mut self.value) }
        } else {
            // A second panic would end the program: then the value is left where it is.
            assert!(
                std::thread::panicking(),
                "a value of one thread is dropped on another"
            );
        }
    }
}

impl<T: Clone> Clone for SendWrapper<T> {
    fn clone(&self) -> Self {
        Self::new(T::clone(self))
    }
}

impl<T: Debug> Debug for SendWrapper<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendWrapper").field(&**self).finish()
    }
}

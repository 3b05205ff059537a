//! Telling the Enter that sends from the one that breaks the line and the one that only ends a composition.
//!
//! While a syllable is being composed, the Enter's `keydown` is the input method's (`isComposing`, or `keyCode` 229 in
//! Safari, which ends the composition *before* it): it sends nothing. What comes next differs. Chrome repeats the
//! `keydown`, now a plain Enter, after the syllable is finished. Safari goes straight to inserting the line break: that
//! is where such an Enter is caught. A Japanese or Chinese input method does neither, as its Enter only chooses a
//! word.

use std::cell::Cell;

use web_sys::{InputEvent, KeyboardEvent};

thread_local! {
    /// Whether the last key was an Enter that the input method took.
    static TAKEN: Cell<bool> = const { Cell::new(false) };
}

/// Whether this key is the input method's.
pub(super) fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// Whether this key sends.
pub(super) fn keydown(event: &KeyboardEvent) -> bool {
    let enter = event.key_code() == 13 || event.key() == "Enter";
    let sends = enter && !event.shift_key();
    let composing = is_composing(event);
    TAKEN.set(sends && composing);
    sends && !composing
}

/// Whether this insertion is the line break of an Enter that sends.
pub(super) fn beforeinput(event: &InputEvent) -> bool {
    let breaks = matches!(&*event.input_type(), "insertLineBreak" | "insertParagraph");
    let sends = breaks && TAKEN.get() && !event.is_composing();
    if sends {
        TAKEN.set(false);
    }
    sends
}

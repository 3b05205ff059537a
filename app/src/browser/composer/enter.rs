//! Telling the Enter that sends from the one that breaks the line and the one that only ends a composition.
//!
//! While a syllable is being composed, the Enter's `keydown` is the input method's (`isComposing`, or `keyCode` 229 in
//! Safari, which ends the composition *before* it): it sends nothing. What comes next differs. Chrome repeats the
//! `keydown`, now a plain Enter, after the syllable is finished. Safari goes straight to inserting the line break: that
//! is where such an Enter is caught. A Japanese or Chinese input method does neither, as its Enter only chooses a
//! word.

use std::cell::Cell;

use web_sys::Event;

use crate::browser::dom;
use crate::browser::system::{flag, number, text};

thread_local! {
    /// Whether the last key was an Enter that the input method took.
    static TAKEN: Cell<bool> = const { Cell::new(false) };
}

/// Whether this key is the input method's.
pub(crate) fn is_composing(event: &Event) -> bool {
    flag(event, "isComposing") || number(event, "keyCode") == 229.0
}

/// Whether this key sends. On the keyboards of touched screens, which have no Shift beside it, Enter breaks the line; with a
/// command key it sends there too.
pub(crate) fn sends(event: &Event, is_command: bool) -> bool {
    let enter = number(event, "keyCode") == 13.0 || text(event, "key") == "Enter";
    let sends = enter && !flag(event, "shiftKey") && (is_command || !dom::is_touched());
    let composing = is_composing(event);
    TAKEN.set(sends && composing);
    sends && !composing
}

/// Whether this insertion is the line break of an Enter that sends.
pub(crate) fn beforeinput(event: &Event) -> bool {
    let breaks = matches!(&*text(event, "inputType"), "insertLineBreak" | "insertParagraph");
    let sends = breaks && TAKEN.get() && !flag(event, "isComposing");
    if sends {
        TAKEN.set(false);
    }
    sends
}

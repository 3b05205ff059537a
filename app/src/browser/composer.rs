//! The input: what is written, what becomes of it, its draft, and the names that complete it.

mod draft;
mod enter;
mod input;
mod intent;
mod mentions;
mod typing;

pub(crate) use draft::{begin, change_person, change_room, sent_elsewhere, store};
pub(crate) use enter::{beforeinput, is_composing, sends};
pub(crate) use input::{focus, is_input, write_on};
pub(crate) use intent::{accepted, cancel, drop_edit, edit, loses_edit, reply, send};
pub(crate) use mentions::{call, offer_nothing};
pub(crate) use typing::{complete, key, typed};

//! What the page does not need at once: pieces of HTML that the script fetches and puts into the dialog.
//!
//! Each begins with the dialog's title, save what is found of rooms, which stands within a piece, and those who have said
//! something, who stand in the list of people. Drawn here, they and
//! their words cost the browser nothing until somebody asks for them.

mod about;
mod edits;
pub(super) mod emoji;
mod help;
mod here;
mod lines;
mod person;
mod reacted;
mod refused;
mod rooms;
mod seen;
mod title;

pub use about::{About, about};
pub use edits::{Former, edits};
pub use emoji::emoji;
pub use help::help;
pub use here::{Present, here};
pub use lines::Around;
pub use person::{Person, people, person, spoke};
pub use reacted::{Reacted, reacted};
pub use refused::refused;
pub use rooms::{Found, RoomLine, found, is_lobby_meant, rooms};
pub(super) use rooms::{finder, listed};
pub use seen::{Reader, seen};

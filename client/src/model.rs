//! What the client knows, and what it says of itself. Depends on nothing of the client.

pub(crate) mod cursor;
pub(crate) mod event;
pub(crate) mod listing;
pub(crate) mod message;
pub(crate) mod now;
pub(crate) mod operation;
pub(crate) mod page;
pub(crate) mod person;
pub(crate) mod position;
pub(crate) mod status;
pub mod transport;

pub use cursor::Cursor;
pub use event::{Change, Event, What};
pub use listing::{ListedRoom, Listing};
pub use message::{Extras, Message, Quote, Reaction};
pub use now::Now;

pub use page::{Page, Part};
pub use person::Person;
pub use status::{Phase, Status, Up};

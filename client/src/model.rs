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
pub(crate) mod transport;

pub use cursor::Cursor;
pub use event::{Change, ChangeKind, Event};
pub use listing::{ListedRoom, Listing};
pub use message::{Details, Message, Quote, Reaction};
pub use now::Now;
pub use operation::Operation;
pub use page::{HistoryPage, Part};
pub use person::Person;
pub use status::{LineInUse, Phase, Status};
pub use transport::{Transport, Transports};

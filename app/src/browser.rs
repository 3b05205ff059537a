//! The thin glue to the browser: it carries out what `client` asks for and shows what `client` knows.

mod acts;
mod channels;
mod clipboard;
pub(crate) mod clock;
#[cfg(feature = "csr")]
mod csr;
mod dialog;
mod dom;
mod driver;
mod enter;
mod fetch;
mod focus;
#[cfg(feature = "hydrate")]
mod hydrate;
mod memory;
mod neighbours;
mod places;
#[cfg(feature = "hydrate")]
mod rendered;
mod scroll;
mod show;
mod socket;
mod store;
mod stream;
mod system;
mod writing;

#[cfg(feature = "csr")]
use csr as entry;
#[cfg(feature = "hydrate")]
use hydrate as entry;

pub(crate) use dom::typed;
pub(crate) use driver::{connect, disconnect};
pub use entry::mount;
pub(crate) use show::scrolled;

/// What keeps the page alive; dropping it takes the page down.
pub type Mounted = Box<dyn std::any::Any>;

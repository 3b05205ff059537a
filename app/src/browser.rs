//! The thin glue to the browser: it carries out what `client` asks for and shows what `client` knows.

mod channels;
pub(crate) mod clock;
#[cfg(feature = "csr")]
mod csr;
mod dom;
mod driver;
mod fetch;
#[cfg(feature = "hydrate")]
mod hydrate;
mod memory;
mod neighbours;
#[cfg(feature = "hydrate")]
mod rendered;
mod scroll;
mod socket;
mod store;
mod stream;
mod system;

#[cfg(feature = "csr")]
use csr as entry;
#[cfg(feature = "hydrate")]
use hydrate as entry;

pub(crate) use dom::typed;
pub(crate) use driver::{connect, discard, disconnect, post, retry, show_older, writing};
pub use entry::mount;

/// What keeps the page alive; dropping it takes the page down.
pub type Mounted = Box<dyn std::any::Any>;

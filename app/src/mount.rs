//! Mounts the chat in the page: over the server's HTML, or alone under Trunk.

mod mounted;

#[cfg(feature = "csr")]
mod csr;
#[cfg(feature = "hydrate")]
mod hydrate;
#[cfg(feature = "hydrate")]
mod rendered;

#[cfg(feature = "csr")]
use csr as entry;
#[cfg(feature = "hydrate")]
use hydrate as entry;

pub use entry::mount;
pub use mounted::Mounted;

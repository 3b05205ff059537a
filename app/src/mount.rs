//! Mounts the chat in the page: over the server's HTML, or alone under Trunk.

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

/// What keeps the page alive; dropping it takes the page down.
pub type Mounted = Box<dyn std::any::Any>;

//! The page's entry points in the browser.

#[cfg(target_arch = "wasm32")]
mod allocator;
#[cfg(feature = "csr")]
mod csr;
#[cfg(feature = "hydrate")]
mod hydrate;
#[cfg(any(feature = "csr", feature = "hydrate"))]
mod page;

#[cfg(feature = "csr")]
pub use csr::start;
#[cfg(feature = "hydrate")]
pub use hydrate::hydrate;
#[cfg(any(feature = "csr", feature = "hydrate"))]
pub use page::unmount;

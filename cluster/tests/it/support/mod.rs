//! What tests of several subjects need.

pub(crate) mod nats;
pub(crate) mod node;
pub(crate) mod nodes;
pub(crate) mod proxy;

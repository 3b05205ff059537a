//! What `ChatApp` is made of.

mod composer;
mod notice;
mod timeline;

pub(crate) use composer::Composer;
pub(crate) use notice::Notice;
pub(crate) use timeline::Timeline;

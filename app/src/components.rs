//! What `ChatApp` is made of.

mod composer;
mod heading;
mod notice;
mod timeline;

pub(crate) use composer::Composer;
pub(crate) use heading::Heading;
pub(crate) use notice::Notice;
pub(crate) use timeline::Timeline;

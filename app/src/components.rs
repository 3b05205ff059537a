//! What `ChatApp` is made of.

pub(crate) mod avatar;
mod composer;
mod heading;
mod mentions;
mod message;
mod notice;
mod people;
mod rooms;
mod timeline;

pub(crate) use composer::Composer;
pub(crate) use heading::Heading;
pub(crate) use notice::Notice;
pub(crate) use people::People;
pub(crate) use rooms::Rooms;
pub(crate) use timeline::Timeline;

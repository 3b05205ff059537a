//! How the connection is, for the person in front of the page.

use client::model::{Phase, Transport};
use client::tab::Role;
use protocol::ErrorCode;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Connection {
    /// Whether there is one.
    pub(crate) phase: Phase,
    /// What carries it.
    pub(crate) transport: Transport,
    /// Whose it is: this tab's or another's.
    pub(crate) role: Role,
    /// Why the server takes nothing at the moment.
    pub(crate) held_by: Option<ErrorCode>,
    /// The seconds until the next attempt, when one is waited for.
    pub(crate) seconds: u64,
    /// Whether what waits here would not outlive the tab.
    pub(crate) is_unstored: bool,
    /// The HTTP status by which something refuses our requests; 0 where nothing does.
    pub(crate) refused: u16,
    /// How much of what was written is stuck, in all rooms.
    pub(crate) stuck: u64,
}

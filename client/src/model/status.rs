//! The state of the connection.

use protocol::{Epoch, UserId};

use crate::model::transport::Transport;

/// The state of the connection, for the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether there is one.
    pub phase: Phase,
    /// The transport that is used, or tried.
    pub transport: Transport,
    /// Since when there is none, on the clock of [`Now`](crate::Now); `None` when there is one, and before the first.
    pub down_since: Option<u64>,
    /// When the next attempt is made, on the clock of [`Now`](crate::Now); `None` when one is under way or there is no
    /// need.
    pub next_try: Option<u64>,
    /// The HTTP status by which something refuses our requests again and again; 0 where nothing does.
    pub refused: u16,
}

/// Whether there is a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Nobody asked for one.
    #[default]
    Idle,
    /// The first attempts are under way: nothing to worry about yet.
    Connecting,
    /// The server has spoken.
    Online,
    /// The line is down; it is being tried again.
    Down,
    /// The server does not want this client back.
    Refused,
}

/// The line in use and the identity on it. Another value means another line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineInUse {
    /// The tab whose line it is.
    pub tab: u32,
    /// The line's number in that tab.
    pub line: u32,
    /// Who the server says we are.
    pub user_id: UserId,
    /// The database.
    pub epoch: Epoch,
}

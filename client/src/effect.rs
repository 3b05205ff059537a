//! What the machines ask of whoever runs them.

use protocol::{ClientId, ErrorCode, UserId};

use crate::model::operation::Operation;
use crate::model::transport::Transport;

/// Something to be carried out, in the order in which it was asked for.
///
/// Channels (sockets, streams and requests) are numbered by the machine, each number is used once. What is received on a
/// channel after its `Close` is ignored, so the runner need not be exact about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a WebSocket of `madang.v1` to `/ws`. Report [`crate::tab::Input::Opened`], `Text` for every frame, and
    /// `Closed` once, also when it never opened (code 1006).
    Socket { id: u32 },
    /// Send this text on the socket.
    Send { id: u32, text: String },
    /// Open an event stream (`EventSource`, or `GET` with `Accept: text/event-stream`). Report `Text` for every
    /// event, with its last event id as the cursor, and `Closed` (code 1006) when it ends or fails; it must not
    /// reconnect by itself.
    Stream {
        id: u32,
        /// The address to get.
        address: String,
    },
    /// Make a request: `POST` where there is a body, else `GET`. Report `Answer` once: the body of a 200, or nothing.
    Request {
        id: u32,
        address: String,
        /// The body, JSON.
        body: Option<String>,
    },
    /// Close the socket or stream, abort the request.
    Close { id: u32 },
    /// Get this address and report `Fetched`: the body of a 200; nothing when it failed or took longer than 15 s.
    Fetch {
        /// The number to report it with, which has nothing to do with those of channels.
        id: u32,
        address: String,
    },
    /// Come back with `Timer` after so many milliseconds; replaces the time set before.
    Timer(u64),
    /// Load every stored row and report `Loaded`; nothing when there is no storage. Where the browser has emptied that since
    /// this tab last used it, report `StorageEmptied` before, here as in what follows.
    Load,
    /// Store this text under this key, replacing what is there. As soon as this is carried out, the end of the tab
    /// does not take it any more; when `Stored` is reported, it survives a power cut (`durability: "strict"`).
    Store {
        /// The key.
        client_id: ClientId,
        /// The row, as [`crate::outbox::OutboxRow::write`] has it.
        row: String,
    },
    /// Replace what is stored under this key, if there still is something, and report `Stored`. No other tab may come
    /// between the look and the change.
    Update {
        /// The key.
        client_id: ClientId,
        /// The row, as for `Store`.
        row: String,
    },
    /// Delete what is stored under this key; nobody waits for it.
    Remove(ClientId),
    /// Delete what is stored under this key unless [`crate::outbox::may_be_sent`], and report `Discarded`. No other
    /// tab may come between the look and the change.
    Discard(ClientId),
    /// Remember this transport for the browser session (`sessionStorage`), and for how many milliseconds a line may be
    /// silent, 0 for any.
    RememberTransport(Transport, u64),
    /// Ask for the lock of this installation's leading tab and wait for it: `LockGranted`, and `LockLost` when another
    /// tab steals it. Replaces a request that still waits.
    RequestLock,
    /// Take the lock whoever has it (`steal: true`): `LockGranted`. A request that still waits is given up.
    StealLock,
    /// Give the lock back, or give up waiting for it.
    ReleaseLock,
    /// Say this to all other tabs; they are given it as `TabMessage`.
    Broadcast(String),
    /// What the tab shows of its room is different now: `shown`, `pending`, `older`, `newer`, `below`, `missed`,
    /// `topic`, `read_line`, `join_refused`.
    TimelineChanged,
    /// The place that was to be opened is among the rows: bring the row of this `seq` into view. Nothing when it could
    /// not be loaded.
    ScrollTo(Option<u64>),
    /// `Tab::rooms` is different now.
    RoomsChanged,
    /// Who is here, who is typing, or what we are called is different now: `here`, `typing`, `name`.
    PeopleChanged,
    /// `Tab::status` or `Tab::role` is different now.
    StatusChanged,
    /// Who we are is different now.
    UserId(UserId),
    /// What was written was taken: empty the input it came from.
    Accepted(Operation),
    /// What was written was not taken, it stays in the input.
    Refused(ErrorCode),
    /// The outbox is full, what was written stays in the input.
    OutboxFull,
    /// Whether this browser stores what is written is different now: where it does not (`false`), that may not survive
    /// the tab.
    StorageChanged(bool),
}

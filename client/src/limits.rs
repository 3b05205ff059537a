//! The client's own bounds. Those it shares with the server stand in `protocol::limits`.

/// Objects and lists inside one another that the JSON reader follows; our frames need three.
pub const JSON_DEPTH_MAX: u32 = 8;
/// First step of the reconnect backoff, in milliseconds.
pub const BACKOFF_FIRST_MS: u64 = 200;
/// Largest step of the reconnect backoff, in milliseconds.
pub const BACKOFF_MAX_MS: u64 = 15_000;
/// The longest wait that a server's `bye` can ask for, in milliseconds.
pub const RECONNECT_MAX_MS: u64 = 300_000;
/// How long a line may take to open and to bring its first frame, in milliseconds.
pub const OPEN_MAX_MS: u64 = 10_000;
/// How long the answer to a `ping` may take before the line is held to be dead, in milliseconds.
pub const PROBE_MAX_MS: u64 = 5_000;
/// Posts that are on their way at a time; one more is refused as `busy` and stays in the input.
pub const PENDING_POSTS_MAX: usize = 50;
/// Live events held back while a page of history is on its way; with one more the page is given up.
pub const HELD_EVENTS_MAX: usize = 2_000;
/// Rows kept while the reader is at the end; beyond it the oldest are let go (they can be loaded again).
pub const ROWS_MAX: usize = 600;
/// Rows kept when [`ROWS_MAX`] is passed.
pub const ROWS_KEPT: usize = 300;
/// `resync`s in a row, without a `joined` between them, before the line is dropped and the backoff takes over.
pub const RESYNCS_MAX: u32 = 3;

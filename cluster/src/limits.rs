//! The cluster's own bounds.

/// Commands in one message of the log.
pub const ENVELOPE_COMMANDS_MAX: usize = 256;
/// Bytes of one message of the log; a single command may be larger, alone.
pub const ENVELOPE_BYTES_MAX: usize = 256 * 1024;
/// Bytes of the largest message that is published, and that is understood when it comes: what NATS takes unless told otherwise.
pub const ENVELOPE_ALONE_BYTES_MAX: usize = 1024 * 1024 - 4 * 1024;
/// Messages of one node that are published and not delivered yet.
pub const IN_FLIGHT_MAX: usize = 4;
/// How long an answer to a publication is waited for before it is published again, in milliseconds.
pub const PUBLISH_WAIT_MS: u64 = 2_500;
/// How soon after it failed a message is published again, in milliseconds; doubled each time.
pub const PUBLISH_RETRY_MS_MIN: u64 = 50;
/// The longest of these, in milliseconds: an election that is over is noticed within it.
pub const PUBLISH_RETRY_MS_MAX: u64 = 1_000;
/// How long a message that is said to be in the log is waited for before it is published again, in milliseconds.
pub const ACKED_WAIT_MS: u64 = 10_000;
/// How long an author waits before they are told that it is not known what became of their command, in milliseconds.
pub const REPLY_WAIT_MS: u64 = 10_000;
/// How soon the consumer is made again, in milliseconds; doubled each time that it brings nothing.
pub const CONSUMER_RETRY_MS_MIN: u64 = 50;
/// The longest of these, in milliseconds.
pub const CONSUMER_RETRY_MS_MAX: u64 = 1_000;
/// How long the log has to contradict what was applied before a node believes it and stops, in milliseconds: a server that was
/// just elected, or that is behind, may not know yet what it has.
pub const HOLE_WAIT_MS: u64 = 10_000;
/// Times that it has to be looked at within that.
pub const HOLE_LOOKS_MIN: u32 = 5;
/// How long between two looks, in milliseconds.
pub const HOLE_LOOK_INTERVAL_MS: u64 = 1_000;
/// How long a node may be silent before it is held to be gone, in milliseconds.
pub const NODE_GONE_MS: u64 = 10_000;
/// Nodes of one cluster that are known at a time; those that are silent longest make room.
pub const NODES_MAX: usize = 64;
/// How long a node that another found to be wrong has to stop before that other one stops too, in milliseconds.
pub const TIE_SETTLED_WAIT_MS: u64 = 30_000;

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
/// Doubled each time that it does not come: whoever applies nothing for an hour must not fill the log meanwhile.
pub const ACKED_WAIT_MS: u64 = 10_000;
/// The longest of these, in milliseconds.
pub const ACKED_WAIT_MS_MAX: u64 = 160_000;
/// How long an author waits before they are told that it is not known what became of their command, in milliseconds.
pub const REPLY_WAIT_MS: u64 = 10_000;
/// How soon the consumer is made again, in milliseconds; doubled each time that it brings nothing.
pub const CONSUMER_RETRY_MS_MIN: u64 = 50;
/// The longest of these, in milliseconds.
pub const CONSUMER_RETRY_MS_MAX: u64 = 1_000;
/// How long a consumer may take to be made before messages are asked for one by one meanwhile, in milliseconds: for that no more
/// is needed than the log's own leader.
pub const CONSUMER_LATE_MS: u64 = 200;
/// How often it is then asked whether there is another one, in milliseconds.
pub const LOG_GET_MS: u64 = 100;
/// How long the log has to contradict what was applied before a node believes it and stops, in milliseconds: a server that was
/// just elected, or that is behind, may not know yet what it has.
pub const HOLE_WAIT_MS: u64 = 10_000;
/// Times that it has to be looked at within that.
pub const HOLE_LOOKS_MIN: u32 = 5;
/// How long between two looks, in milliseconds.
pub const HOLE_LOOK_INTERVAL_MS: u64 = 1_000;
/// How long a node may be silent before it is held to be gone, in milliseconds.
pub const NODE_GONE_MS: u64 = 10_000;
/// How long a node may do nothing and be held to have heard the others meanwhile, in milliseconds.
pub const LISTENING_GAP_MS: u64 = 5_000;
/// Nodes of one cluster that are known at a time; those that are silent longest make room.
pub const NODES_MAX: usize = 64;
/// How long nodes that have not been compared yet are waited for before a difference is judged without them, in milliseconds.
pub const COMPARISON_WAIT_MS: u64 = 5_000;
/// How long a node that another found to be wrong has to stop before that other one stops too, in milliseconds.
pub const TIE_SETTLED_WAIT_MS: u64 = 30_000;

/// Bytes of a message in which a node tells who is with it, or who types.
pub const EPHEMERAL_MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// How often a node tells what has changed of who is with it, in milliseconds.
pub const EPHEMERAL_CHANGE_MS: u64 = 1_000;
/// How often it tells everything, in milliseconds: whoever missed a change knows it then. Also the next time, when a node came.
pub const EPHEMERAL_FULL_MS: u64 = 10_000;
/// After how long a node's people are gone that tells nothing, in milliseconds: three times everything, and something over.
pub const EPHEMERAL_SILENT_MS: u64 = 3 * EPHEMERAL_FULL_MS + 5_000;
/// People of one node that are told, and taken in, each counted in each room: 16 bytes of a full state each.
pub const EPHEMERAL_PEOPLE_MAX: usize = 100_000;
/// Rooms of one node in which there are any.
pub const EPHEMERAL_ROOMS_MAX: usize = chat::limits::EPHEMERAL_ROOMS_MAX;
/// What is said to the pump of other nodes and waits: more is dropped, and found out by their silence.
pub const EPHEMERAL_NOTES_MAX: usize = 256;
/// How long a message may take to be handed to NATS' client, in milliseconds, before it is given up.
pub const EPHEMERAL_PUBLISH_MS: u64 = 1_000;

/// How long NATS and its JetStream are waited for when a node starts, in milliseconds.
pub const NATS_START_WAIT_MS: u64 = 60_000;
/// How long it is paused between two such tries, in milliseconds.
pub const NATS_START_RETRY_MS: u64 = 500;
/// How often it stands in the log what a node waits for, in milliseconds, while that stays the same, and …
pub const WAITING_AGAIN_MS: u64 = 60_000;
/// … how soon after that something else may, in milliseconds: what changes to and fro must not fill the log.
pub const WAITING_CHANGED_MS: u64 = 5_000;
/// How long one NATS server may take to let a node in, in milliseconds, before the next one is tried.
pub const NATS_CONNECT_MS: u64 = 2_000;
/// The longest pause between two tries to reach a NATS server again, in milliseconds. It is tried for ever.
pub const NATS_RECONNECT_MS_MAX: u64 = 500;
/// How often a silent NATS server is asked whether it is there, in milliseconds. Two questions may stay unanswered.
pub const NATS_PING_MS: u64 = 2_000;
/// How long a request to JetStream may take, in milliseconds.
pub const NATS_REQUEST_MS: u64 = 3_000;
/// How long a server that something was not answered by has to echo a message, in milliseconds, before another is gone to.
pub const NATS_ECHO_MS: u64 = 1_500;
/// How often the state of the connection is looked at, should its changes not be told, in milliseconds.
pub const NATS_LOOK_MS: u64 = 500;
/// What waits in the client to be written to NATS; whoever wants to write more waits.
pub const NATS_WRITES_WAITING_MAX: usize = 256;
/// What one subscription has waiting in the client: more than is ever asked for.
pub const NATS_DELIVERIES_WAITING_MAX: usize = 4_096;

/// Bytes of a stream's name.
pub const STREAM_NAME_BYTES_MAX: usize = 32;

/// The oldest NATS server that is worked with.
pub const NATS_VERSION_MIN: (u64, u64, u64) = (2, 12, 0);
/// The oldest one that syncs what comes together with one write to the disk.
pub const NATS_VERSION_FAST: (u64, u64, u64) = (2, 15, 0);

/// How long the log is kept, in days: longer than the newest two snapshots are old, and no longer than the text of a deleted
/// message may be somewhere.
pub const LOG_KEPT_DAYS: u64 = 7;

/// Bytes that are read of a monitoring address's answer.
pub const MONITOR_ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long one may take, in milliseconds.
pub const MONITOR_ANSWER_MS: u64 = 3_000;
/// Monitoring addresses that are asked.
pub const MONITORS_MAX: usize = 16;

/// Messages of the log that are received and not applied yet.
pub const RECEIVED_MESSAGES_MAX: usize = 64;
/// Bytes of them; the message that reaches this is the last one in.
pub const RECEIVED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Messages that NATS is asked for at a time; it is asked again when half of them have come.
pub const PULL_MESSAGES: usize = 128;
/// Bytes of them: more than the largest message.
pub const PULL_BYTES: usize = 2 * 1024 * 1024;
/// How long NATS keeps such a question, in milliseconds.
pub const PULL_EXPIRES_MS: u64 = 30_000;
/// How often NATS says that there is nothing, in milliseconds.
pub const CONSUMER_HEARTBEAT_MS: u64 = 500;
/// How long it may be silent before the consumer is made again, in milliseconds.
pub const CONSUMER_SILENT_MS: u64 = 1_500;
/// How long NATS keeps a consumer that nobody asks, in milliseconds.
pub const CONSUMER_KEPT_MS: u64 = 30_000;
/// How long nothing can be received, or published, before nothing is let in any more, in milliseconds.
pub const SERVICE_MISSED_MS: u64 = 2_500;
/// How long that may be so before another server is tried, which may not be cut off from the others, in milliseconds; and then
/// the next.
pub const SERVER_LEFT_MS: u64 = 5_000;
/// How often a node asks how far the log is that it follows, in milliseconds: a server that is cut off, or a consumer that lags,
/// says for ever that there is nothing.
pub const LOG_LOOK_MS: u64 = 2_000;
/// How long a node may be behind the log and be delivered nothing before it makes its consumer anew, in milliseconds. With
/// [`LOG_LOOK_MS`], [`LOG_REQUEST_MS`] and [`SERVICE_MISSED_MS`] this is what bounds for how long it serves what is old: some 7 s,
/// and some 10 s more where its server was the log's leader and has not noticed yet that it is cut off.
pub const STALE_MS: u64 = 5_000;
/// How long more is waited for before another message is published while one is on its way, in milliseconds.
pub const PUBLISH_LINGER_MS: u64 = 4;
/// Commands that wait from which on it is published at once.
pub const PUBLISH_AT_ONCE_COMMANDS: usize = 64;
/// How long a question about the log may take, in milliseconds.
pub const LOG_REQUEST_MS: u64 = 2_000;
/// How long what was let in has to come out of the log when a node stops, in milliseconds.
pub const LOG_CLOSING_MS: u64 = 5_000;
/// How long handing a message to the client may take, in milliseconds.
pub const NATS_WRITE_MS: u64 = 1_000;

/// How often a node says how it is, in milliseconds.
pub const HEARTBEAT_MS: u64 = 1_000;
/// Bytes of what it then says.
pub const HEARTBEAT_BYTES_MAX: usize = 1_024;
/// Characters of a node's name that are told to others.
pub const NODE_NAME_CHARS_MAX: usize = 64;
/// How long a node that has everything listens to the others before it serves, in milliseconds from when it had it: if they
/// say that it differs, nobody has been served by it.
pub const COMPARED_BEFORE_READY_MS: u64 = 2_500;
/// Messages of the log that are read again to find out which of two nodes is right: no more than hashes are kept.
pub const REDERIVED_MESSAGES_MAX: u64 = 4_000;
/// How often that is tried.
pub const REDERIVED_TRIES: u32 = 5;
/// How long between two such tries, in milliseconds.
pub const REDERIVED_RETRY_MS: u64 = 1_000;
/// How often it is looked at how far a node is that joins, in milliseconds.
pub const JOINING_LOOK_MS: u64 = 500;
/// How many messages a node may be behind the log and be said to have everything.
pub const CAUGHT_UP_MESSAGES: u64 = 64;

/// How often it is looked how far the log is while a client waits that is ahead of this node, in milliseconds.
pub const LEVEL_LOOK_MS: u64 = 1_000;

/// How long a lease is honoured that nobody renews, in milliseconds.
pub const LEASE_MS: u64 = 15_000;
/// How often whoever has it renews it, in milliseconds.
pub const LEASE_RENEWED_MS: u64 = 3_000;
/// How often it is looked at whether another seeding is over, in milliseconds.
pub const SEED_LOOK_MS: u64 = 2_000;

/// How often a node tries to be the first of its cluster while others do so too.
pub const ESTABLISH_TRIES: u32 = 5;
/// How often the snapshots are listed anew when none that was listed could be taken in.
pub const SNAPSHOT_ROUNDS: u32 = 6;
/// How long between two such times, in milliseconds.
pub const SNAPSHOT_ROUND_MS: u64 = 2_000;
/// Bytes of what is noted of a snapshot that led nowhere.
pub const REFUSED_BYTES_MAX: usize = 256;
/// Bytes that are read of what is noted of a history that differs.
pub const DIFFERING_BYTES_MAX: usize = 64;
/// Messages of the log after which there is a new snapshot, and …
pub const SNAPSHOT_POSITIONS: u64 = 1_000_000;
/// … how old one becomes where anything was said since, in milliseconds.
pub const SNAPSHOT_INTERVAL_MS: u64 = 60 * 60 * 1_000;
/// How often a node looks whether one is due, in milliseconds.
pub const SNAPSHOT_LOOK_MS: u64 = 10_000;
/// How long it is left alone after one could not be made, in milliseconds.
pub const SNAPSHOT_RETRY_MS: u64 = 10 * 60 * 1_000;
/// The same after one that no other node confirmed.
pub const SNAPSHOT_UNCONFIRMED_MS: u64 = 60_000;
/// How long the other nodes have to say that they have the same history as a snapshot, in milliseconds.
pub const SNAPSHOT_CONFIRM_MS: u64 = 30_000;
/// How much it is compressed: on one core some 300 MB a second, to a third or a quarter.
pub const SNAPSHOT_ZSTD_LEVEL: i32 = 3;
/// Bytes of one piece of a snapshot in the object store.
pub const SNAPSHOT_PIECE_BYTES: usize = 128 * 1024;
/// Pieces that NATS has not confirmed yet.
pub const SNAPSHOT_PIECES_IN_FLIGHT: usize = 4;
/// How often a piece is asked for before it is held to be missing.
pub const SNAPSHOT_PIECE_TRIES: u32 = 20;
/// How long between two such times, in milliseconds.
pub const SNAPSHOT_PIECE_RETRY_MS: u64 = 500;
/// Snapshots that are kept whatever their age, but for [`SNAPSHOT_SUPERSEDED_KEPT_MS`].
pub const SNAPSHOTS_KEPT: usize = 2;
/// Snapshots that are kept while somebody may read them.
pub const SNAPSHOTS_KEPT_FOR_READERS: usize = 4;
/// How long somebody may read one, in milliseconds, once there is a newer one.
pub const SNAPSHOT_READ_MS_MAX: u64 = 60 * 60 * 1_000;
/// How long one is kept at most once there is a newer one, in milliseconds: less than the log is kept, for it may have the text of
/// what was deleted.
pub const SNAPSHOT_SUPERSEDED_KEPT_MS: u64 = 6 * 24 * 60 * 60 * 1_000;
/// How long after its last piece what there is of one that was never finished stays, in milliseconds.
pub const SNAPSHOT_UNFINISHED_KEPT_MS: u64 = 60 * 60 * 1_000;
/// Objects of the bucket that are looked at.
pub const SNAPSHOTS_LISTED_MAX: usize = 256;

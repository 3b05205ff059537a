//! The server's own bounds. Those that both sides of the wire know stand in [`protocol::limits`].

/// Connections at a time.
pub const CONNECTIONS_MAX: usize = 18_000;
/// Open files the system is asked for: one a connection, and some for everything else.
pub const OPEN_FILES: u64 = 20_000;
/// Open files that are no connections: the database's and those of the page, the log, and one to turn somebody away by.
pub const OPEN_FILES_KEPT: u64 = 50;
/// Connections without which it makes no sense to start.
pub const CONNECTIONS_MIN: u64 = 8;
/// From the first byte of a connection to the end of its first request's head, in seconds.
pub const HEADER_READ_SECONDS_MAX: u64 = 10;
/// How long a connection that has asked for something is kept for its next request, head and all, in seconds. Longer
/// than proxies keep theirs (nginx and Apache 60, AWS 60, Caddy 120 but tries again): who ends a connection first must be they.
pub const KEEP_ALIVE_SECONDS: u64 = 90;
/// From the head of a request to the end of its body, in seconds.
pub const BODY_READ_SECONDS_MAX: u64 = 10;
/// Frames of one connection that are read at once: whoever comes back joins [`protocol::limits::JOINED_ROOMS_MAX`] rooms and
/// says some more. Posts and the like, which have a rate of their own, do not count as long as they are within it.
pub const FRAMES_AT_ONCE: u32 = 200;
/// Frames of one connection that are read each second in the long run; what is beyond that is left unread.
pub const FRAMES_PER_SECOND: u32 = 50;
/// Frames of one identity in [`protocol::limits::POST_RATE_WINDOW_MS`], over all its requests and those of its connections that
/// have used half of what they may say at once.
pub const IDENTITY_FRAMES_PER_WINDOW: u32 = 1_000;
/// Bytes of an unfinished frame below which what is read at a time is a crumb.
pub const CRUMB_BYTES: usize = 64;
/// Crumbs after each other that are read as they come: some write a frame's header by itself.
pub const CRUMBS_AT_ONCE: u32 = 4;
/// How long a socket is left unread after each further one, in milliseconds, so that more of it comes together.
pub const CRUMB_PAUSE_MS: u64 = 5;
/// Places of a cursor that count as one frame when events are asked for by it: each is joined anew.
pub const PLACES_PER_FRAME: usize = 4;
/// Bytes that are read from a socket at a time, into a buffer that all connections of a thread share.
pub const READ_BYTES: usize = 16 * 1024;
/// Bytes from which on a frame is written as it is, and not copied behind others to be written with them.
pub const PACKED_BYTES: usize = 8 * 1024;
/// Bytes of frames after which a session gathers no further room before it writes.
pub const GATHER_BYTES: usize = 128 * 1024;
/// Bytes of one connection that the system may hold and has not sent yet. Without it Linux takes megabytes from a
/// peer that does not read.
pub const UNSENT_BYTES_MAX: u32 = 128 * 1024;
/// Bytes that one HTTP/2 stream may hold that were not sent yet, and that a peer may send unread on one.
pub const STREAM_BYTES_MAX: u32 = 64 * 1024;
/// Bytes of the largest answer that is made, compressed if its client takes that: a page of history weighs
/// [`chat::limits::PAGE_BYTES_MAX`] as JSON, and the page of a room has it twice, once as HTML.
pub const ANSWER_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of answers that one connection may hold that were not sent yet; more are refused as busy.
pub const CONNECTION_ANSWERS_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of answers that all connections together may hold that were not sent yet; more are refused as busy.
pub const ANSWERS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes up to which an answer is not counted, and is not compressed.
pub const SMALL_ANSWER_BYTES: u64 = 1_024;
/// Bytes of an answer that is made whole up to which it is not counted either, such as that of the page
/// that says why something was not done.
pub const UNCOUNTED_ANSWER_BYTES: usize = 4 * 1_024;
/// Bytes that are kept for what is answered instead, with what its person wrote in it.
pub const ANSWERS_RESERVE_BYTES: usize = 4 * 1_024 * 1_024;
/// How long an answer may lie unsent, in seconds, before its connection is ended, or its stream over HTTP/2:
/// [`chat::limits::PAGE_BYTES_MAX`] at 4 kB a second.
pub const ANSWER_SECONDS_MAX: u64 = 60;
/// How often each connection is looked at for that, in seconds.
pub const ANSWER_LOOK_SECONDS: u64 = 10;
/// Pages, pieces of history and lists that are made for one identity at a time: as many as there are readers for them. Further
/// ones wait for those.
pub const IDENTITY_ANSWERS_AT_ONCE: usize = chat::limits::READERS_A_LANE;
/// The same for one address, or one /64 of IPv6.
pub const ADDRESS_ANSWERS_AT_ONCE: usize = 4 * IDENTITY_ANSWERS_AT_ONCE;
/// How long they wait, in seconds, before they are refused as busy.
pub const SHARE_WAIT_SECONDS_MAX: u64 = 10;
/// Requests of one HTTP/2 connection at a time.
pub const STREAMS_MAX: u32 = 16;
/// How long one write may take, in seconds, before the connection is given up as too slow.
pub const WRITE_SECONDS_MAX: u64 = 35;
/// Silence after which a peer is pinged, in seconds.
pub const PING_SECONDS: u64 = 20;
/// The shortest silence after which the reader of an event stream may ask for a beat, in seconds.
pub const BEAT_SECONDS_MIN: u64 = 2;
/// Silence after a ping, or time for written bytes to be acknowledged, that ends the connection, in seconds.
pub const PONG_SECONDS_MAX: u64 = 15;
/// Posts of one connection that may be on their way to the disk; while there are that many, it is not read. As many as one
/// author may have waiting: whoever has one connection is not refused for what they sent over it.
pub const POSTS_IN_FLIGHT_MAX: usize = chat::limits::ORDER_AUTHOR_COMMANDS_MAX;
/// How far a plain client may fall behind, in events, before it is closed as overloaded.
pub const PLAIN_LAG_EVENTS_MAX: u64 = 5_000;
/// Identities whose post rate is remembered.
pub const POST_LIMITER_IDENTITIES_MAX: usize = 65_536;
/// How long a long poll waits for events, in seconds, whatever it asks for.
pub const POLL_SECONDS_MAX: u64 = 25;
/// How long one event stream lasts, in seconds, before its client is asked to open a new one.
pub const STREAM_SECONDS_MAX: u64 = 600;
/// Frames in one request to `/api/v1/commands`.
pub const COMMANDS_PER_REQUEST_MAX: usize = 100;
/// How long a client that is told to leave is kept for the outcome of its posts, in seconds.
pub const OUTCOME_WAIT_SECONDS_MAX: u64 = 1;
/// How long an HTTP post waits for its commit, in seconds.
pub const COMMIT_WAIT_SECONDS_MAX: u64 = 30;
/// How long an identity's cookie is kept, in days: the longest browsers allow.
pub const COOKIE_DAYS: i64 = 400;
/// How old a cookie is, in days, when it is set again with the next page.
pub const COOKIE_RENEW_DAYS: u32 = 7;
/// The time after which a client refused as busy may try again, in milliseconds.
pub const BUSY_RETRY_AFTER_MS: u64 = 500;
/// The time after which a client refused as read-only may try again, in milliseconds.
pub const READ_ONLY_RETRY_AFTER_MS: u64 = 5_000;
/// The time after which a client refused because the server cannot reach its cluster's log may try again, in milliseconds: posts
/// go on within two seconds of its return.
pub const UNAVAILABLE_RETRY_AFTER_MS: u64 = 1_000;
/// The time after which whoever asks a server that cannot serve yet may ask again, in milliseconds.
pub const CLOSED_RETRY_AFTER_MS: u64 = 2_000;
/// Lines of one kind that anybody can provoke which are logged at once; after that, one a second.
pub const LOG_BURST_LINES: u64 = 60;
/// Lines of the log that may wait to be written; further ones are left out and counted.
pub const LOG_WAITING_LINES_MAX: usize = 1_024;
/// Bytes of one line of the log; longer ones are cut.
pub const LOG_LINE_BYTES_MAX: usize = 4 * 1024;
/// Characters of a request's header in a line of the log.
pub const LOGGED_HEADER_CHARS_MAX: usize = 256;
/// How long the end of the process waits for the log to be written, in milliseconds.
pub const LOG_END_WAIT_MS_MAX: u64 = 1_000;
/// Bytes of a form: a message that is too long comes back to its author with the reason, so it has to be read.
pub const FORM_BYTES_MAX: usize = 256 * 1024;
/// How often those who left and those who stopped typing are looked for, in milliseconds. Who is in a room is told no
/// more often.
pub const SWEEP_INTERVAL_MS: u64 = 1_000;
/// People who are named of those who reacted to a message.
pub const REACTED_PEOPLE_MAX: usize = 50;

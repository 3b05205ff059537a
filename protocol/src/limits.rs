//! The bounds both sides know. A bound that only one side needs stands in that crate's own `limits.rs`.

/// Longest message, in Unicode scalar values.
pub const MESSAGE_CHARS_MAX: usize = 4_000;
/// Longest message, in bytes of UTF-8.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// Longest frame (or HTTP request body) that is read, in bytes.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Longest room name, in Unicode scalar values.
pub const ROOM_CHARS_MAX: usize = 32;
/// Longest name of a person, in Unicode scalar values.
pub const NAME_CHARS_MAX: usize = 32;
/// Longest topic of a room, in Unicode scalar values.
pub const TOPIC_CHARS_MAX: usize = 200;
/// Longest emoji, in Unicode scalar values: that of the longest in the Unicode emoji data, version 16.
pub const EMOJI_CHARS_MAX: usize = 10;
/// Longest emoji, in bytes of UTF-8: that of the same.
pub const EMOJI_BYTES_MAX: usize = 35;
/// Messages in a page of history when nobody says how many.
pub const HISTORY_PAGE_MESSAGES: usize = 50;
/// Messages in the largest page of history.
pub const HISTORY_PAGE_MESSAGES_MAX: usize = 500;
/// Rooms one connection may have joined at a time.
pub const JOINED_ROOMS_MAX: usize = 100;
/// The most events a `join` is caught up by; one that lies further behind is told to `resync`.
pub const CATCH_UP_EVENTS_MAX: u64 = 5_000;
/// A full client hears something at least this often (a `beat` when there is nothing else), in milliseconds.
pub const BEAT_INTERVAL_MS: u64 = 20_000;
/// Silence after which a line is held to be dead: a beat's interval and 15 s more, in milliseconds.
pub const SILENCE_MAX_MS: u64 = BEAT_INTERVAL_MS + 15_000;
/// The window of the post rate limit, in milliseconds.
pub const POST_RATE_WINDOW_MS: u64 = 10_000;
/// Posts one identity may make in [`POST_RATE_WINDOW_MS`] unless the host says otherwise.
pub const POSTS_PER_WINDOW_DEFAULT: u32 = 30;
/// Longest quotation of a message in the answers to it, in Unicode scalar values.
pub const QUOTE_CHARS_MAX: usize = 100;
/// People whom one message mentions, and names in it that are looked up.
pub const MENTIONS_MAX: usize = 50;
/// Different emoji under one message.
pub const REACTION_EMOJI_MAX: usize = 20;
/// Reactions to one message, all emoji and people counted.
pub const REACTIONS_MAX: usize = 500;
/// Former texts of a message that are kept.
pub const EDITS_KEPT_MAX: usize = 100;
/// Unread messages of a room that are counted; there may be more.
pub const UNREAD_MAX: u64 = 1_000;
/// How often a person's `read` of one room is taken from one connection, in milliseconds: the last one counts.
pub const READ_INTERVAL_MS: u64 = 1_000;
/// Rooms in the list of those a person follows.
pub const ROOMS_LISTED_MAX: usize = 100;
/// Rooms that one search finds.
pub const ROOMS_FOUND_MAX: usize = 50;
/// People who have read something up to whom it is told who they are.
pub const SEEN_PEOPLE_MAX: usize = 50;

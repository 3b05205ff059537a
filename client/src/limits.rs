//! The client's own bounds. Those it shares with the server stand in `protocol::limits`.

/// Objects and lists inside one another that the JSON reader follows; our frames need six.
pub const JSON_DEPTH_MAX: u32 = 8;
/// First step of the reconnect backoff, in milliseconds.
pub const BACKOFF_FIRST_MS: u64 = 200;
/// Largest step of the reconnect backoff, in milliseconds.
pub const BACKOFF_MAX_MS: u64 = 15_000;
/// The longest wait that a server's `bye` can ask for, in milliseconds.
pub const RECONNECT_MAX_MS: u64 = 300_000;
/// The shortest time between two posts of a frame that was refused, in milliseconds.
pub const REFUSED_MIN_MS: u64 = 1_000;
/// The shortest wait after a refused line, in milliseconds: an attempt may take two requests.
pub const REFUSED_LINE_MIN_MS: u64 = 2_000;
/// Refusals in a row before the person is told of them: one alone passes by itself.
pub const REFUSALS_TOLD: u32 = 2;
/// How long the connection may be gone before the person is told, in milliseconds.
pub const LOSS_UNTOLD_MS: u64 = 2_000;
/// How long the answer to the first frame on a socket may take, in milliseconds. A proxy that takes a page's frames and
/// hands none on is found out by this.
pub const FIRST_ANSWER_MAX_MS: u64 = 3_000;
/// The shortest silence, in milliseconds, after which a line's end is taken for the work of a proxy that cuts silent lines.
pub const CUT_SILENCE_MIN_MS: u64 = 4_000;
/// The silence that the server leaves by itself, in milliseconds: what is cut after more is not cut for being silent.
pub const CUT_SILENCE_MAX_MS: u64 = 20_000;
/// How long a line may take to open and to bring its first frame, in milliseconds.
pub const OPEN_MAX_MS: u64 = 10_000;
/// How long the answer to a `ping` may take before the line is held to be dead, in milliseconds.
pub const PROBE_MAX_MS: u64 = 5_000;
/// Live events held back while a page of history is on its way; with one more the page is given up.
pub const HELD_EVENTS_MAX: usize = 2_000;
/// Rows of a room that are loaded; beyond it those at the other end are let go (they can be loaded again).
pub const ROWS_MAX: usize = 300;
/// Rows that are loaded while the reader is at the end and new ones come: what stands far above is loaded again when
/// they go there, and every row costs time when one more is drawn.
pub const ROWS_AT_END_MAX: usize = 150;
/// Rows kept when a new message passes that: fewer, so that not every message moves the first row.
pub const ROWS_KEPT: usize = 100;
/// How long an opened socket or a stream may take to bring its first frame, in milliseconds. A proxy that holds a
/// stream back until it is whole is found out by this.
pub const FIRST_FRAME_MAX_MS: u64 = 5_000;
/// How long a socket or a stream may take to show that it works before the next transport is tried beside it, in
/// milliseconds; so long at most, and, where it is known how long a plain request takes, four times that and
/// [`HASTEN_SLACK_MS`]. A socket takes three round trips and TLS: at 150 ms each it is there before.
pub const HASTEN_MS: u64 = 1_000;
/// How long it may take beyond four times what a plain request just took, in milliseconds.
pub const HASTEN_SLACK_MS: u64 = 400;
/// How long the answer to a request that does not wait may take, in milliseconds.
pub const REQUEST_MAX_MS: u64 = 10_000;
/// How long a long poll asks the server to wait for events, in seconds: the longest it will.
pub const POLL_WAIT_SECONDS: u64 = 25;
/// How long the answer to a long poll may take, in milliseconds.
pub const LONG_POLL_MAX_MS: u64 = POLL_WAIT_SECONDS * 1_000 + REQUEST_MAX_MS;
/// How long the answer to commands may take, in milliseconds: the server waits up to 30 s for a commit.
pub const COMMANDS_MAX_MS: u64 = 40_000;
/// How long a request must have waited, in milliseconds, for its answer to prove that the network lets requests wait:
/// less is no better than polling.
pub const WAITED_MIN_MS: u64 = POLL_INTERVAL_MS;
/// The time between two polls that do not wait, in milliseconds.
pub const POLL_INTERVAL_MS: u64 = 3_000;
/// Frames in one request of commands: what the server takes.
pub const COMMANDS_PER_REQUEST_MAX: usize = 100;
/// Bytes of frames in one request of commands; the body with its commas stays below `FRAME_BYTES_MAX`.
pub const COMMANDS_BYTES_MAX: usize = 60_000;
/// Opens in a row that brought no frame while plain requests were answered, before the next transport is taken.
pub const STRIKES_MAX: u32 = 3;
/// When a better transport is first tried again, in milliseconds; the time doubles with every failure.
pub const TRIAL_FIRST_MS: u64 = 60_000;
/// The longest time between two trials of a better transport, in milliseconds.
pub const TRIAL_MAX_MS: u64 = 15 * 60_000;
/// When a better transport is tried after the browser came to a network, in milliseconds.
pub const TRIAL_ONLINE_MS: u64 = 5_000;
/// How long nothing may be received after a post before the line is asked whether it is alive, in milliseconds.
pub const QUIET_AFTER_POST_MS: u64 = 2_000;
/// Messages that wait to be sent or to be seen; one more is not taken and stays in the input.
pub const OUTBOX_ROWS_MAX: usize = 1_000;
/// How long the browser may take to store or to load rows before the client goes on in memory, in milliseconds.
pub const STORE_MAX_MS: u64 = 5_000;
/// When storing is tried again after the browser could not, in milliseconds.
pub const STORE_AGAIN_MS: u64 = 10_000;
/// How long after another tab stored something the tab that sends looks whether it has it, in milliseconds: time for
/// that tab to tell of it by itself.
pub const LOOK_AFTER_MS: u64 = 1_000;
/// How long a post may stay unanswered on a line that is otherwise alive before it is sent again, in milliseconds.
pub const ACK_MAX_MS: u64 = 40_000;
/// How long the leading tab may take to answer before its lock is taken away, in milliseconds.
pub const LEADER_ANSWER_MAX_MS: u64 = 1_500;
/// How long it may take to answer a new tab where there are no locks, in milliseconds: while that waits, it has no
/// connection, and if it waits too shortly, there are two for a moment.
pub const FIRST_LEADER_ANSWER_MAX_MS: u64 = 100;
/// Within how many milliseconds tabs that miss a leader take the lead, one after another.
pub const LEADERS_APART_MS: u64 = 128;
/// How long the leading tab leaves the others alone before it asks whether they are still there, in milliseconds.
pub const ROLL_CALL_MS: u64 = 8_000;
/// How long the answer to that may take before a tab is taken for gone, in milliseconds. The server takes a person for gone ten
/// seconds later: who is only slow is here all the time.
pub const ROLL_ANSWER_MAX_MS: u64 = 2_000;
/// How long the answer to a `join` may take before it is asked again, in milliseconds.
pub const JOIN_MAX_MS: u64 = 10_000;
/// The shortest absence after which a person is told what was missed, in milliseconds.
pub const ABSENCE_MIN_MS: u64 = 1_000;
/// Unread messages of a room that are counted; this many means "this many or more", as it does to the server.
pub const UNREAD_MAX: u64 = 1_000;
/// How often the other tabs are told how the rooms are, in milliseconds.
pub const TELL_ROOMS_MS: u64 = 250;
/// How often a position in a room is sent, in milliseconds; the last one wins.
pub const READ_INTERVAL_MS: u64 = 1_000;
/// After how many milliseconds at least the server is told what was read meanwhile; up to [`READ_TOLD_SPREAD_MS`] later,
/// at random: a room full of people reads the same message at once. Where more comes to be read in the last quarter of the wait
/// it is told with that: client and server are awake then.
pub const READ_TOLD_MIN_MS: u64 = 2_000;
/// Over how many milliseconds those who have read the same tell the server.
pub const READ_TOLD_SPREAD_MS: u64 = 3_000;
/// The same where so many people are in the room that they are not named: nobody is shown there who has read what.
pub const READ_TOLD_CROWD_SPREAD_MS: u64 = 22_000;
/// How long a position that was sent may stay without an answer before it is sent again, in milliseconds.
pub const READ_ANSWER_MAX_MS: u64 = 10_000;
/// How often a position is sent on one line before it is given up.
pub const READ_TRIES_MAX: u32 = 5;
/// People whose names are remembered; beyond it those go who were learned of first.
pub const NAMES_MAX: usize = 500;
/// How often at most it is said that the person is typing, in milliseconds.
pub const TYPING_INTERVAL_MS: u64 = 1_200;
/// After how many milliseconds of typing it is said again; the server forgets it after 5 s.
pub const TYPING_AGAIN_MS: u64 = 3_000;
/// How long after the last key the person is held to be typing, in milliseconds.
pub const TYPING_PAUSE_MS: u64 = 5_000;
/// How long others are shown as typing when nothing more is received, in milliseconds. The server says when they
/// stop; this is for when that is lost, and longer than a poll waits.
pub const TYPING_SHOWN_MAX_MS: u64 = 30_000;
/// Rooms in the list of those a person follows: as many as the server lists.
pub const ROOMS_LISTED_MAX: usize = 100;
/// How often the list of rooms is loaded again where what concerns it can be missed now and then, in milliseconds: while a
/// stream begins anew.
pub const ROOMS_AGAIN_MS: u64 = 60_000;
/// The same by polling, where it is heard only while a poll waits, and for a full list, of which other rooms may become part.
pub const ROOMS_AGAIN_POLLING_MS: u64 = 10_000;

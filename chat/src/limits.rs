//! The chat's own bounds. Those that both sides of the wire know stand in [`protocol::limits`].

/// Commands that may wait to be ordered; of one more, somebody's is refused as busy.
pub const ORDER_WAITING_COMMANDS_MAX: usize = 1_024;
/// Bytes of their texts.
pub const ORDER_WAITING_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Commands of one author that may wait to be ordered: enough for the batch that is being written, and the next.
pub const ORDER_AUTHOR_COMMANDS_MAX: usize = 64;
/// From so many waiting commands on the way in is called crowded: who cannot be told `busy` is not read meanwhile.
pub const ORDER_CROWDED_COMMANDS: usize = ORDER_WAITING_COMMANDS_MAX / 2;
/// Below so many it is so no more.
pub const ORDER_ROOMY_COMMANDS: usize = ORDER_CROWDED_COMMANDS / 2;
/// Accepted commands that are remembered in memory, so that a repeat need not be looked up.
pub const RECENT_COMMANDS_MAX: usize = 8_192;
/// How old or young an id may be, in milliseconds, to be taken for one of now: others are looked up before they are put in
/// order.
pub const RECENT_MS: u64 = 60_000;
/// Commands in one transaction.
pub const BATCH_COMMANDS_MAX: usize = 256;
/// Bytes of message text in one transaction; the message that reaches this is the last one in.
pub const BATCH_BYTES_MAX: usize = 256 * 1024;
/// How long commands are applied in one transaction, in milliseconds: others wait for it. What is left goes into the next.
pub const BATCH_APPLY_MS_MAX: u64 = 100;
/// How long the writer waits for more commands before it commits, in milliseconds, when waiting pays.
pub const BATCH_LINGER_MS: u64 = 4;
/// The same after a batch of [`BATCH_LARGE_COMMANDS`]: at 12,000 posts a second and more the processor is what is short.
pub const BATCH_LARGE_LINGER_MS: u64 = 8;
/// From how many commands on a batch is large.
pub const BATCH_LARGE_COMMANDS: usize = 48;
/// Authors who were there lately from whom on a batch that has one command of each is not lingered over.
pub const LINGER_CROWD_MIN: usize = 16;
/// Rooms whose ends the writer knows without asking the database; beyond them it begins anew.
pub const CACHED_ROOMS_MAX: usize = 4_096;
/// People whose names the writer knows without asking the database; beyond them it begins anew.
pub const CACHED_NAMES_MAX: usize = 8_192;
/// Batches that are on the disk and not told yet; the writer waits while there are so many.
pub const PUBLICATIONS_WAITING_MAX: usize = 4;
/// How soon after a deletion the write-ahead log is emptied, in milliseconds: it holds the text.
pub const WAL_EMPTYING_DELAY_MS: u64 = 500;
/// Pages of the write-ahead log from which on it is copied into the database and begun anew: some 4 MB.
pub const CHECKPOINT_PAGES: u32 = 1_000;
/// Pages of the write-ahead log, 256 MB, from which on what we read of it ourselves is ended, so that it can begin anew.
pub const WAL_PAGES_MAX: u32 = 65_536;
/// Pages of the write-ahead log, 1 GB, from which on a copy of the database that is being made is given up: until it is done the
/// log cannot begin anew.
pub const COPY_WAL_PAGES_MAX: u32 = 4 * WAL_PAGES_MAX;
/// How long a copy of the database may take, in milliseconds: deleted texts stay in the write-ahead log meanwhile.
pub const COPY_MS_MAX: u64 = 10 * 60 * 1_000;
/// How long the writer stands aside for readers to leave the write-ahead log, in milliseconds, before that is tried again
/// later.
pub const WAL_TURN_MS_MAX: u64 = 50;
/// How much later, in milliseconds.
pub const WAL_RETRY_MS: u64 = 500;
/// How long readers, and positions to be taken, are waited for at the end, in milliseconds, while nothing else goes on.
pub const CLOSING_WAIT_MS_MAX: u64 = 2_000;
/// How often the writer looks whether the files it writes are still there, in milliseconds.
pub const UPKEEP_INTERVAL_MS: u64 = 1_000;
/// Bytes of a database up to which it is looked through before it is served; a larger one is meanwhile.
pub const CHECKED_FIRST_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How far the system's clock may be ahead of what it should show, in milliseconds, and be believed at once.
pub const CLOCK_AHEAD_MS_MAX: u64 = 5 * 60 * 1_000;
/// How long it has to stay further ahead to be believed, in milliseconds.
pub const CLOCK_BELIEVED_AFTER_MS: u64 = 10 * 60 * 1_000;
/// By how much, in milliseconds, the last event of a room may be ahead of the next for that to be given the same time:
/// from further ahead, the room's time goes back.
pub const ROOM_AHEAD_MS_MAX: u64 = CLOCK_AHEAD_MS_MAX;
/// How long handing out to a room's listeners takes a thread, in milliseconds, from which on the room rests afterwards for a
/// quarter more than it took: what is published meanwhile is one write to each of them.
pub const HAND_OUT_REST_FROM_MS: u64 = 1;
/// The longest such rest, in milliseconds.
pub const HAND_OUT_REST_MS_MAX: u64 = 10;
/// How long it is waited for that a room comes as far as a client has it who was at another node, in milliseconds.
pub const AHEAD_WAIT_MS: u64 = 5_000;
/// Clients that are waited for so at a time; others are told at once to come back.
pub const AHEAD_WAITERS_MAX: usize = 4_096;
/// Bytes of events that a room's ring keeps for its subscribers.
pub const RING_BYTES_MAX: usize = 1024 * 1024;
/// Ids of a room's latest events that are remembered while it has subscribers: a cursor among them is known without the
/// database.
pub const RECENT_IDS_MAX: usize = 1_024;
/// Bytes of events of one room that are kept, once they were read from the database, for others who fell behind as far.
pub const CAUGHT_UP_BYTES_MAX: usize = 512 * 1024;
/// Events from whose multiples on a room is read for those who fell behind, so that they meet in what was read.
pub const CATCH_UP_ALIGNED_EVENTS: u64 = 64;
/// Bytes that are read before the place of one who fell behind, for others.
pub const CATCH_UP_BEFORE_BYTES_MAX: usize = 16 * 1024;
/// Connections that read in each lane: so many reads of a kind are under way at a time.
pub const READERS_A_LANE: usize = 2;
/// How long a read waits for a free reader before it gives up as busy, in milliseconds.
pub const READER_WAIT_MS_MAX: u64 = 10_000;
/// Events that one read for a subscriber brings back; it comes again for more.
pub const CATCH_UP_READ_EVENTS: usize = 256;
/// Bytes that one pull brings back, give or take what comes in one piece: a segment of the ring, or one event read
/// from SQLite. What a subscriber has in hand is bounded by this, however slowly it writes.
pub const PULL_BYTES: usize = 128 * 1024;
/// Positions of a log whose hashes are kept, the last ones: what nodes that apply the log at different speeds compare.
pub const LOG_HASHES_KEPT: u64 = 4_096;
/// Nodes whose messages are known when they come again, those heard of last.
pub const LOG_NODES_KEPT: u64 = 256;
/// Messages of a node that may be on their way while the first of them is, with that one: what is so many before its last one
/// that was applied was applied before, or never will be.
pub const LOG_NUMBERS_KEPT: u64 = 64;
/// Messages of a log that are applied in one transaction.
pub const MESSAGES_TOGETHER_MAX: usize = 16;
/// How often a message of a log is tried again while another program holds the database, in milliseconds; each try waits
/// for that program too.
pub const LOCKED_RETRY_MS: u64 = 100;
/// How often a server that has turned read-only tries to write again, in milliseconds.
pub const READ_ONLY_RETRY_MS: u64 = 1_000;
/// The latest time a row can hold, in Unix milliseconds: a later one is taken for this one.
pub const AT_MAX_MS: u64 = i64::MAX as u64;
/// The largest seq there can be: what SQLite's integers hold. A number from outside may be larger.
pub const SEQ_MAX: u64 = i64::MAX as u64;
/// Bytes of JSON in one page of history, give or take what one message weighs: one with fewer messages than were asked for
/// says that there are more.
pub const PAGE_BYTES_MAX: usize = 256 * 1024;
/// Characters of a message that are read for its quotation: marks and addresses of links are not in that.
pub const QUOTE_READ_CHARS: usize = 4 * protocol::limits::QUOTE_CHARS_MAX;
/// How long a person is still here after their last session left the room, in milliseconds: longer than a reload takes,
/// and than a page that polls stays away.
pub const PRESENCE_GRACE_MS: u64 = 10_000;
/// People who are here that are named; the others are only counted.
pub const PRESENCE_SHOWN_PEOPLE: usize = 50;
/// People who are here that are named to whoever asks for the list.
pub const PRESENCE_LISTED_PEOPLE: usize = 200;
/// How often more than [`PRESENCE_SHOWN_PEOPLE`] are told how many they are, in milliseconds for each of them, and within these bounds:
/// what is told does not grow with the square of a crowd.
pub const CROWD_TOLD_MS_PER_PERSON: u64 = 10;
/// The shortest time between two such tellings, in milliseconds.
pub const CROWD_TOLD_MS_MIN: u64 = 5_000;
/// The longest time between them, in milliseconds.
pub const CROWD_TOLD_MS_MAX: u64 = 30_000;
/// People of one room that are remembered to be here: as many as the server has sessions, and some who are leaving.
pub const PRESENCE_PEOPLE_MAX: usize = 20_000;
/// Rooms of which it is kept who said something there, while somebody asks.
pub const SPOKEN_ROOMS_MAX: usize = 16;
/// Rooms that one person is seen to be in at a time: as many as two devices may join. In further ones they hear and are not
/// seen.
pub const PRESENCE_ROOMS_MAX: usize = 2 * protocol::limits::JOINED_ROOMS_MAX;
/// Rooms with somebody in them, or somebody who left a moment ago; where there are more, whoever leaves is gone at once.
pub const EPHEMERAL_ROOMS_MAX: usize = 10_000;
/// People who came from elsewhere and whose names are looked up by one read.
pub const NEWCOMERS_PER_READ_MAX: usize = 1_024;
/// Such people who wait for that; of more, the names are known when they change.
pub const NEWCOMERS_MAX: usize = 131_072;
/// How long it is waited before names are asked for again when the database did not answer, in milliseconds.
pub const NEWCOMERS_AGAIN_MS: u64 = 1_000;
/// What is typed at this node and waits to be told to others; more is not told.
pub const TYPING_OUTWARD_MAX: usize = 256;
/// How long a person is typing after their page last said so, in milliseconds.
pub const TYPING_EXPIRES_MS: u64 = 5_000;
/// A person's page is heard to say that they are typing once in this time, in milliseconds, in the long run.
pub const TYPING_INTERVAL_MS: u64 = 1_000;
/// By how much it may be ahead of that, in milliseconds: networks bunch up what was sent apart, and time is looked at once
/// a second.
pub const TYPING_AHEAD_MS: u64 = 2_000;
/// People of one room who are typing at a time; others are not heard.
pub const TYPING_PEOPLE_MAX: usize = 10;
/// People of one room whose typing is remembered, with those who stopped and may yet come too often.
pub const TYPING_REMEMBERED_PEOPLE_MAX: usize = 50;
/// People who have sessions in a room up to which it is told who is typing there: in a crowd it would be told far too often.
pub const TYPING_ROOM_PEOPLE_MAX: usize = 50;
/// How often those who follow a room and have not joined it are told how it is, in milliseconds for each of them, once a tick
/// at most: what a crowd is told does not grow with it.
pub const ROOM_TOLD_MS_PER_FOLLOWER: u64 = 5;
/// The longest time between two such tellings, in milliseconds.
pub const ROOM_TOLD_MS_MAX: u64 = 30_000;
/// Rooms in one such frame; the others are in the next.
pub const ROOMS_PER_FRAME_MAX: usize = 20;
/// Sessions that are told of a room with one tick, each room counted for itself: what the tick wakes and the readers then
/// read, some 150 ms of one reader's time. The others are told with the next ticks, those of small rooms first.
pub const ROOMS_TOLD_PER_TICK_MAX: usize = 5_000;
/// Rooms and people that are noted between two ticks for something that happened; with so many they are taken in at once.
pub const ROOMS_NOTED_MAX: usize = 65_536;
/// After how many milliseconds it is asked again which rooms a session has to be told of, or how those are, when the readers
/// were busy.
pub const FOLLOWED_AGAIN_MS: u64 = 1_000;
/// How often read positions are put in order, in milliseconds: what is lost of them when the process is killed.
pub const READING_OFFER_MS: u64 = 2_000;
/// Read positions that wait for that; another one is dropped, and they are put in order at once.
pub const READING_POSITIONS_MAX: usize = 65_536;
/// Rooms of one person among them; a further one is dropped.
pub const READING_ROOMS_MAX: usize = protocol::limits::JOINED_ROOMS_MAX;
/// Read positions in one command. With names of 128 bytes it has no more than 40 KiB of them, and takes the writer a
/// millisecond or two.
pub const POSITIONS_PER_COMMAND_MAX: usize = 256;
/// Changes of read positions and of the name that are kept for a person's sessions to hear of.
pub const PERSON_NOTICES_MAX: usize = 128;
/// People who appear in a page of history and whose names are looked up.
pub const PAGE_PEOPLE_MAX: usize = 1_000;
/// Messages that are looked at to count what is unread.
pub const UNREAD_LOOKED_AT_MAX: u64 = 4 * protocol::limits::UNREAD_MAX;
/// Followers of a room who are looked at to say who has read something; where there are more, that is not told.
pub const FOLLOWERS_LOOKED_AT_MAX: u64 = 1_000;
/// People of one name who are looked at to find the one whom it stands for in a room.
pub const NAMESAKES_MAX: usize = 256;
/// People of one name who are told of beside one of them.
pub const NAMESAKES_TOLD_MAX: usize = 8;
/// Messages at the end of a room that are looked through for those who said something.
pub const SPOKE_MESSAGES_MAX: usize = 2_000;
/// People who are told of as having said something in a room.
pub const SPOKE_PEOPLE_MAX: usize = 100;

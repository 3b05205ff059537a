//! The page's words: what there is to say, and which of the words stands for what.
//!
//! In which language, the server decides. It hands the browser the table of one language with the page, for every byte
//! of the WASM is downloaded by everybody. What only the server says stands in `page_words.rs`.

#[cfg(any(feature = "ssr", feature = "csr"))]
mod tables;

#[cfg(any(feature = "ssr", feature = "csr"))]
pub use tables::Lang;

use std::fmt;

use client::model::Phase;
use client::model::Transport;
use client::outbox::{SendState, VANISHED};
use client::tab::Role;
use protocol::{ErrorCode, RoomName, UserId};

use crate::connection::Connection;
use crate::josa;

table! {
    /// The words of one language. `{}` is where a number or a name goes, and a Korean particle after it is written in both
    /// its forms (`{}이(가)`); where one and many differ, `|` stands between what is said of one and what of many.
    Words, WrittenWords {
        // The language, as a tag (RFC 5646).
        tag
        // The frame.
        brand heading rooms lobby to_lobby settings find_rooms make_room unread_count mentioned no_topic
        about_room
        // The timeline.
        timeline hearing empty_title empty_hint empty_room not_joined join_waits join_reload too_many_rooms away_title away_hint room_begins older older_loading older_failed newer newer_loading
        newer_failed missed_some unread_from_here to_first_unread to_end new_some guest_named
        // A message.
        edited former_texts deleted_message message_menu code copy_code whole_code copied not_reached
        // The people.
        people here_now who_is_here me change_name typing_one typing_more what_name your_name set_name
        // The input.
        placeholder write_in send save cancel replying_to editing mention
        // The line: what carries it, in a word and in a sentence.
        connecting cut live stream long_poll poll
        by_other_tab by_socket by_stream by_long_poll by_poll
        // What is amiss.
        trouble_cut trouble_blocked trouble_refused trouble_rate trouble_full trouble_busy trouble_apart next_try_in not_stored
        // What becomes of a post.
        change_stuck correct copy many_stuck retry_all discard_all
        sends_when_connected sending sent not_sent maybe_sent why_maybe_sent why_not_sent vanished why_vanished retry discard
        // Why something was refused, and what to do.
        too_long empty too_fast busy full outbox_full no_identity no_room bad_name bad_emoji bad_topic
        form_reused not_from_here no_such_message not_yours deleted too_many_reactions too_many_people
        not_done
    }
}

impl Words {
    /// What is amiss with the connection, or with the server at its other end; nothing when all is well.
    pub(crate) fn trouble(&self, connection: Connection) -> String {
        let trouble = match (connection.phase, connection.held_by) {
            (Phase::Refused, _) => self.trouble_refused(),
            // A proxy whose server is away says so by such a status.
            (Phase::Down, _) if matches!(connection.refused, 0 | 500..) => self.trouble_cut(),
            _ if connection.refused > 0 => {
                return fill(self.trouble_blocked(), &connection.refused.to_string());
            }
            (_, None) => "",
            (_, Some(ErrorCode::RateLimited)) => self.trouble_rate(),
            (_, Some(ErrorCode::ReadOnly)) => self.trouble_full(),
            (_, Some(ErrorCode::Unavailable)) => self.trouble_apart(),
            (_, Some(_)) => self.trouble_busy(),
        };
        trouble.to_owned()
    }

    /// When the next attempt to connect is made.
    pub(crate) fn next_try(&self, seconds: u64) -> String {
        if seconds == 0 {
            String::new()
        } else {
            count(self.next_try_in(), seconds)
        }
    }

    /// How the page is connected, in a word.
    pub(crate) const fn connection(&self, connection: Connection) -> &'static str {
        match (connection.phase, connection.transport) {
            (Phase::Idle, _) => "",
            (Phase::Connecting, _) => self.connecting(),
            (Phase::Down | Phase::Refused, _) => self.cut(),
            (Phase::Online, Transport::WebSocket) => self.live(),
            (Phase::Online, Transport::Stream) => self.stream(),
            (Phase::Online, Transport::LongPoll) => self.long_poll(),
            (Phase::Online, Transport::Poll) => self.poll(),
        }
    }

    /// How the page is connected, in a sentence.
    pub(crate) const fn connection_title(&self, connection: Connection) -> &'static str {
        match (connection.phase, connection.transport, connection.role) {
            (Phase::Online, _, Role::Follower) => self.by_other_tab(),
            (Phase::Online, Transport::WebSocket, _) => self.by_socket(),
            (Phase::Online, Transport::Stream, _) => self.by_stream(),
            (Phase::Online, Transport::LongPoll, _) => self.by_long_poll(),
            (Phase::Online, Transport::Poll, _) => self.by_poll(),
            _ => "",
        }
    }

    /// How it is with a post that has no place in the room yet: a word, and where something has to be done, why.
    pub(crate) const fn delivery_note(
        &self,
        state: SendState,
        connection: Connection,
    ) -> (&'static str, &'static str) {
        let is_cut = matches!(connection.phase, Phase::Down | Phase::Refused) || connection.refused > 0;
        match state {
            SendState::Waiting if is_cut => (self.sends_when_connected(), ""),
            SendState::Waiting => (self.sending(), ""),
            SendState::Sent => (self.sent(), ""),
            SendState::Failed(VANISHED) => (self.vanished(), self.why_vanished()),
            SendState::Failed(code) => (self.not_sent(), self.refusal(code)),
            SendState::MaybeSent => (self.maybe_sent(), self.why_maybe_sent()),
            SendState::NotSent => (self.not_sent(), self.why_not_sent()),
        }
    }

    /// What stands above the first message that was missed.
    pub(crate) fn missed(&self, missed: u64) -> String {
        count(self.missed_some(), missed)
    }

    /// What somebody is called. The end of the id tells guests apart (its start is a time).
    pub(crate) fn name(&self, name: Option<&str>, user_id: UserId) -> String {
        if let Some(name) = name {
            return name.to_owned();
        }
        let id = user_id.to_string();
        fill(self.guest_named(), id.get(id.len() - 4..).unwrap_or_default())
    }

    /// How many messages have come that are not in view.
    pub(crate) fn new_messages(&self, unseen: u64) -> String {
        count(self.new_some(), unseen)
    }

    /// How much of what was written is stuck.
    pub(crate) fn stuck(&self, stuck: u64) -> String {
        count(self.many_stuck(), stuck)
    }

    /// How many messages are unread, in words.
    pub(crate) fn unread(&self, unread: u64) -> String {
        count(self.unread_count(), unread)
    }

    /// How many messages are unread, in little room.
    #[allow(clippy::unused_self, reason = "a language may write it otherwise")]
    pub(crate) fn count_of(&self, unread: u64) -> String {
        if unread > 99 {
            return String::from("99+");
        }
        unread.to_string()
    }

    /// What a room is called.
    pub(crate) fn room<'a>(&'a self, room: &'a RoomName) -> &'a str {
        if room.is_lobby() {
            self.lobby()
        } else {
            room.as_str()
        }
    }

    /// Who is typing.
    pub(crate) fn typing(&self, name: &str) -> String {
        fill(self.typing_one(), name)
    }

    /// Who is typing, and how many others.
    pub(crate) fn typing_too(&self, name: &str, others: u64) -> String {
        let text = count(self.typing_more(), others);
        let (before, after) = text.split_once('@').unwrap_or((&text, ""));
        [before, name, after].concat()
    }

    /// Whom one answers.
    pub(crate) fn replying(&self, name: &str) -> String {
        fill(self.replying_to(), name)
    }

    /// Why a room cannot be joined and what to do.
    pub(crate) const fn join_refusal(&self, code: ErrorCode) -> &'static str {
        match code {
            ErrorCode::TooManyRooms => self.too_many_rooms(),
            ErrorCode::BadRoom | ErrorCode::NotFound => self.no_room(),
            code if code.is_retryable() => self.join_waits(),
            _ => self.join_reload(),
        }
    }

    /// Why something was refused and what to do, for the person who chats.
    pub(crate) const fn refusal(&self, code: ErrorCode) -> &'static str {
        match code {
            ErrorCode::TooLong | ErrorCode::TooBig => self.too_long(),
            ErrorCode::Empty => self.empty(),
            ErrorCode::RateLimited => self.too_fast(),
            // Where it is not sent again by itself, that it may be is all that counts.
            ErrorCode::Busy | ErrorCode::Unavailable => self.busy(),
            ErrorCode::ReadOnly => self.full(),
            ErrorCode::NoIdentity => self.no_identity(),
            ErrorCode::BadRoom | ErrorCode::NotFound => self.no_room(),
            ErrorCode::BadName => self.bad_name(),
            ErrorCode::BadEmoji => self.bad_emoji(),
            ErrorCode::BadTopic => self.bad_topic(),
            ErrorCode::ClientIdReused => self.form_reused(),
            ErrorCode::BadHost | ErrorCode::BadOrigin => self.not_from_here(),
            ErrorCode::NoSuchMessage => self.no_such_message(),
            ErrorCode::NotYours => self.not_yours(),
            ErrorCode::Deleted => self.deleted(),
            ErrorCode::TooManyReactions => self.too_many_reactions(),
            ErrorCode::TooManyPeople => self.too_many_people(),
            // The client joins fewer rooms than a connection may.
            ErrorCode::TooManyRooms
            | ErrorCode::Internal
            | ErrorCode::BadJson
            | ErrorCode::BadFrame
            | ErrorCode::UnknownType
            | ErrorCode::Binary
            | ErrorCode::BadId
            | ErrorCode::BadCursor
            | ErrorCode::ControlCharacters
            | ErrorCode::MethodNotAllowed => self.not_done(),
        }
    }
}

/// The words that the server handed over, one a line, in this table's order.
impl From<&'static str> for Words {
    fn from(text: &'static str) -> Self {
        let mut words = [""; Self::COUNT];
        for (place, word) in words.iter_mut().zip(text.split('\n')) {
            *place = word;
        }
        Self(words)
    }
}

/// What the server hands over.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

/// A text with `value` in the place of its `{}`; a Korean particle after it comes out in the form that fits.
pub(crate) fn fill(text: &str, value: &str) -> String {
    // By one character: to look for a longer text takes several times the code.
    let (before, after) = text.split_once('{').unwrap_or((text, "}"));
    let after = after.strip_prefix('}').unwrap_or(after);
    [before, &josa::before(after, value)].concat()
}

/// A text about so many.
pub(crate) fn count(text: &str, number: u64) -> String {
    let (one, many) = text.split_once('|').unwrap_or((text, text));
    fill(if number == 1 { one } else { many }, &number.to_string())
}

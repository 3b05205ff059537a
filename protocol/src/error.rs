//! Why something was refused, as a code a program can branch on and a sentence a person can act on.

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident $code:literal $status:literal $sentence:literal;)*) => {
        /// The reason for a refusal. It travels as its code in `error` frames and in the JSON body of a 4xx or 5xx.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl ErrorCode {
            /// Every code there is, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that goes with it (RFC 9110, section 15; RFC 6585).
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What happened and what to do about it, in one English sentence for the person who writes a client.
            /// The page has sentences of its own for the person who chats.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

error_codes! {
    /// The frame or body is not JSON.
    BadJson "badJson" 400 "That is not JSON; send one JSON object per frame.";
    /// The JSON is not of the shape its `type` asks for.
    BadFrame "badFrame" 400 "A field is missing or of the wrong type; see docs/PROTOCOL.md for the frame's shape.";
    /// The `type` is not one that clients send.
    UnknownType "unknownType" 400 "That type of frame is not known; see docs/PROTOCOL.md for those that are.";
    /// A binary frame, or bytes that are not UTF-8.
    Binary "binary" 415 "Only UTF-8 text is understood; send JSON as text.";
    /// The frame or body is larger than a frame may be.
    TooBig "tooBig" 413 "That is larger than 64 KiB; send less at a time.";
    /// The message is longer than a message may be.
    TooLong "tooLong" 413 "A message holds at most 4,000 characters and 16 KiB; shorten it or send it in parts.";
    /// The message is empty or only white space.
    Empty "empty" 422 "The message is empty; write something first.";
    /// The message contains control characters other than line feed and tab.
    ControlCharacters "controlCharacters" 422 "The message contains control characters; remove them (line feed and tab are fine).";
    /// The room's name is not one.
    BadRoom "badRoom" 400 "That is not a room name: 1 to 32 letters, digits, - or _, the Latin letters in lower case.";
    /// The person's name is not one.
    BadName "badName" 422 "That is not a name: 1 to 32 characters on one line, at least one of them visible, without control characters or marks that turn the direction of the text.";
    /// The emoji is not one.
    BadEmoji "badEmoji" 422 "That is not one emoji; send exactly one, without other characters.";
    /// The room's topic is not one.
    BadTopic "badTopic" 422 "That is not a topic: at most 200 characters on one line, without control characters.";
    /// An id is not a UUID in its usual text form.
    BadId "badId" 400 "That id is not a UUID in its hyphenated text form; make a UUIDv7.";
    /// The cursor is not one this server made.
    BadCursor "badCursor" 400 "That is not a cursor; leave it out to begin anew, or pass the last one you were given.";
    /// There is no such message in this room.
    NoSuchMessage "noSuchMessage" 404 "There is no message with that seq in this room; read its history anew.";
    /// The message is somebody else's.
    NotYours "notYours" 403 "That message is somebody else's; only its author may change it.";
    /// The message has been deleted.
    Deleted "deleted" 410 "That message has been deleted; nothing can be changed about it any more.";
    /// The message has as many reactions as it may.
    TooManyReactions "tooManyReactions" 409 "That message has 20 different emoji or 500 reactions; take one of those that are there, or leave it.";
    /// More people have read that far than are listed, or more follow the room than are looked at for it.
    TooManyPeople "tooManyPeople" 409 "Too many people follow this room, or have read this far, for it to be told who they are.";
    /// This `clientId` was used by this author for something else.
    ClientIdReused "clientIdReused" 409 "This clientId already stands for another message of yours; make a new one.";
    /// The request brings no identity, or one whose signature is not ours.
    NoIdentity "noIdentity" 401 "This needs an identity: GET /api/v1/me first and bring the cookie it sets.";
    /// The `Host` is not one this server answers to.
    BadHost "badHost" 421 "This server does not answer to that host name; the host can add it with --allowed-host.";
    /// The `Origin` may not do this here.
    BadOrigin "badOrigin" 403 "Pages of that origin may not do this here; the host can add it with --allowed-origin.";
    /// Too many posts in too short a time.
    RateLimited "rateLimited" 429 "Too many messages in a short time; wait the time given and send it again.";
    /// The way in is full for the moment.
    Busy "busy" 503 "The server is busy; keep the message and send it again in a moment.";
    /// The disk is full: the server can be read but takes nothing new.
    ReadOnly "readOnly" 503 "The server's disk is full and it takes no messages now; keep the message and send it again later.";
    /// The servers cannot reach the log they share: the server can be read but takes nothing new.
    Unavailable "unavailable" 503 "The server cannot reach the log it shares with others and takes no messages now; keep the message and send it again in a moment.";
    /// The connection has joined as many rooms as it may.
    TooManyRooms "tooManyRooms" 409 "This connection has joined 100 rooms; unsubscribe from one first.";
    /// There is nothing at this address.
    NotFound "notFound" 404 "There is nothing here; see docs/PROTOCOL.md for the addresses.";
    /// The method is not one this address knows.
    MethodNotAllowed "methodNotAllowed" 405 "This address does not take that method; see docs/PROTOCOL.md.";
    /// The server failed; it is not the client's doing.
    Internal "internal" 500 "The server could not do this and has logged why; try again.";
}

impl ErrorCode {
    /// Whether the same thing may succeed later, unchanged. What is not retryable will be refused again.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::RateLimited | Self::Busy | Self::ReadOnly | Self::Unavailable | Self::Internal
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_the_same_from_serde_and_from_as_str() {
        for code in ErrorCode::ALL {
            assert_eq!(
                serde_json::to_string(code).unwrap(),
                format!("\"{}\"", code.as_str())
            );
            assert!((400..600).contains(&code.status()));
            assert!(code.sentence().ends_with('.'), "{code:?} has no sentence");
        }
    }
}

//! The messages between the tabs of one browser.
//!
//! A message is one letter (its kind: the constants below), the sending tab's number in eight hexadecimal digits, and the payload.

/// A message from one tab to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TabMessage<'a> {
    pub(crate) kind: u8,
    pub(crate) from: u32,
    pub(crate) rest: &'a str,
}

impl TabMessage<'_> {
    /// Any tab: "who leads?" The leader answers with its status.
    pub(crate) const ASK: u8 = b'a';
    /// To the leader: a frame about a room: to join it, to leave it, to send on.
    pub(crate) const ROOM: u8 = b'c';
    /// To all: a row of the outbox, which is stored.
    pub(crate) const ROW: u8 = b'r';
    /// To all: a row of the outbox, which could not be stored.
    pub(crate) const UNSTORED_ROW: u8 = b'm';
    /// To all: "this row is gone". From a tab that could not store it to the leader: "let this row go". A `clientId`.
    pub(crate) const DISCARD: u8 = b'd';
    /// From the leader: "who is there?" The others answer [`TabMessage::HERE`].
    pub(crate) const ROLL_CALL: u8 = b'p';
    /// To the leader: "I am", with the frame that joins the room: for a leader that took this tab for gone.
    pub(crate) const HERE: u8 = b'h';
    /// To the leader: "nobody looks at me any more": what was read is told now.
    pub(crate) const HIDDEN: u8 = b'v';
    /// To the leader: "I leave".
    pub(crate) const LEAVE: u8 = b'b';
    /// From the leader: every row there is, each as a `clientId` and a space.
    pub(crate) const ROWS: u8 = b'o';
    /// From the leader: how the connection is.
    pub(crate) const STATUS: u8 = b's';
    /// From the leader: a frame of the server's.
    pub(crate) const FRAME: u8 = b'f';
}

impl<'a> TabMessage<'a> {
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        Some(Self {
            kind: *text.as_bytes().first()?,
            from: u32::from_str_radix(text.get(1..9)?, 16).ok()?,
            rest: text.get(9..)?,
        })
    }

    pub(crate) fn write(&self) -> String {
        let mut text = String::with_capacity(9 + self.rest.len());
        text.push(char::from(self.kind));
        for shift in (0..8).rev() {
            let digit = self.from >> (4 * shift) & 15;
            text.push(char::from_digit(digit, 16).unwrap_or('0'));
        }
        text + self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_message_comes_back_as_it_was_sent() {
        for (kind, from, rest) in [
            (TabMessage::ASK, 0, ""),
            (TabMessage::FRAME, u32::MAX, "{\"가\":1}"),
            (b's', 0xab, "x"),
        ] {
            let message = TabMessage { kind, from, rest };
            let text = message.write();
            assert_eq!(TabMessage::read(&text), Some(message), "{text}");
        }
        for text in ["", "a", "a0000000", "agggggggg", "a가가가", "가00000000"] {
            assert!(
                TabMessage::read(text).is_none_or(|message| message.kind > 127),
                "{text}"
            );
        }
    }
}

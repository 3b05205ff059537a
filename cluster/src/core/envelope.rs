//! What a message of the log looks like.
//!
//! ```text
//! madang/1
//! {"node":1311768467463790320,"number":7,"commands":[…]}
//! ```
//!
//! What does not begin with `madang/` is none of ours and says nothing, on every node. What does and cannot be understood stops
//! a node: to apply less of it than others do would be to differ from them.

use bytes::Bytes;
use chat::Command;
use chat::command::COMMAND_FORMAT;
use serde::{Deserialize, Serialize};

use crate::NodeId;
use crate::limits::{ENVELOPE_ALONE_BYTES_MAX, ENVELOPE_BYTES_MAX, ENVELOPE_COMMANDS_MAX};

/// The oldest format that this version reads and writes.
pub const OLDEST_FORMAT: u32 = 1;
/// The newest one.
pub const NEWEST_FORMAT: u32 = 1;
const _: () = assert!(
    matches!(commands_of(NEWEST_FORMAT), Some(COMMAND_FORMAT)),
    "commands of a new format are told to other nodes by a new format of messages"
);

/// The newest [`COMMAND_FORMAT`] in messages of this format; `None` for one that this version does not know. The next format is a
/// line here, [`NEWEST_FORMAT`], and what came in it in [`super::formats`].
#[must_use]
pub const fn commands_of(format: u32) -> Option<u16> {
    match format {
        1 => Some(4),
        _ => None,
    }
}

const MARK: &[u8] = b"madang/";
/// Digits of the largest format.
const FORMAT_DIGITS_MAX: usize = 10;

/// What a node said at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Who said it.
    pub node: NodeId,
    /// Its number among what that node said: 1, 2, 3, … The same message may come twice.
    pub number: u64,
    /// In order, [`ENVELOPE_COMMANDS_MAX`] at most.
    pub commands: Vec<Command>,
}

/// What a message was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    Ours(Envelope),
    /// Not written by a node: it says nothing, and has its place.
    Foreign,
    /// Written by a node, and not to be understood: of this format, or damaged if that is one we know.
    UnknownFormat(u32),
}

impl Envelope {
    /// The message's bytes, in the newest format; `None` where they would be more than a message may have.
    #[must_use]
    pub fn encode(&self) -> Option<Bytes> {
        let mut writing = Writing::new(NEWEST_FORMAT, self.node, self.number);
        for command in &self.commands {
            if writing.push(command) != Pushed::In {
                return None;
            }
        }
        Some(writing.end())
    }
}

/// What the bytes of a message are.
#[must_use]
pub fn read(payload: &[u8]) -> Read {
    let Some(rest) = payload.strip_prefix(MARK) else {
        return Read::Foreign;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let format = (digits <= FORMAT_DIGITS_MAX)
        .then(|| std::str::from_utf8(&rest[..digits]).ok()?.parse().ok())
        .flatten();
    // 0 is no format, and no version will ever know it.
    let format: u32 = format.unwrap_or(0);
    let unknown = Read::UnknownFormat(format);
    let Some(body) = rest[digits..].strip_prefix(b"\n") else {
        return unknown;
    };
    let Some(newest) = commands_of(format).filter(|_| payload.len() <= ENVELOPE_ALONE_BYTES_MAX) else {
        return unknown;
    };
    let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else {
        return unknown;
    };
    let is_known = |command: &Command| command.format <= newest;
    if envelope.commands.len() > ENVELOPE_COMMANDS_MAX || !envelope.commands.iter().all(is_known) {
        return unknown;
    }
    Read::Ours(envelope)
}

/// What became of a command that was to be written into a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    In,
    /// It fits no more, and goes into the next.
    Full,
    /// It fits into none.
    TooLarge,
}

/// A message that is being written, each command of it once.
#[derive(Debug)]
pub(super) struct Writing {
    bytes: Vec<u8>,
    commands: usize,
    /// The newest format of a command in it.
    newest: u16,
}

impl Writing {
    /// In this format, which all that read it have to know.
    pub(super) fn new(format: u32, node: NodeId, number: u64) -> Self {
        // A node is written as the number that serde reads.
        let node = serde_json::to_string(&node).unwrap_or_default();
        let begin = format!("madang/{format}\n{{\"node\":{node},\"number\":{number},\"commands\":[");
        Self {
            bytes: begin.into_bytes(),
            commands: 0,
            newest: commands_of(format).unwrap_or(COMMAND_FORMAT),
        }
    }

    pub(super) fn push(&mut self, command: &Command) -> Pushed {
        if self.commands >= ENVELOPE_COMMANDS_MAX {
            return Pushed::Full;
        }
        let before = self.bytes.len();
        if self.commands > 0 {
            self.bytes.push(b',');
        }
        let is_written = self.write(command).is_ok();
        let bytes = self.bytes.len() + END.len();
        let most = if self.commands == 0 {
            ENVELOPE_ALONE_BYTES_MAX
        } else {
            ENVELOPE_BYTES_MAX
        };
        if is_written && bytes <= most {
            self.commands += 1;
            return Pushed::In;
        }
        self.bytes.truncate(before);
        if is_written && self.commands > 0 {
            Pushed::Full
        } else {
            Pushed::TooLarge
        }
    }

    /// What is of a kind that older nodes know is what it was in their format: it only has to say so.
    fn write(&mut self, command: &Command) -> serde_json::Result<()> {
        if command.format <= self.newest {
            return serde_json::to_writer(&mut self.bytes, command);
        }
        let older = Command {
            format: self.newest,
            ..command.clone()
        };
        serde_json::to_writer(&mut self.bytes, &older)
    }

    pub(super) fn end(mut self) -> Bytes {
        self.bytes.extend_from_slice(END);
        self.bytes.into()
    }
}

const END: &[u8] = b"]}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::{command, post};

    fn envelope(commands: Vec<Command>) -> Envelope {
        Envelope {
            node: NodeId::new(u64::MAX),
            number: 7,
            commands,
        }
    }

    fn ours(text: &str) -> Read {
        read(format!("madang/{NEWEST_FORMAT}\n{text}").as_bytes())
    }

    #[test]
    fn what_a_node_says_is_read_as_it_was_said() {
        for commands in [
            vec![],
            vec![post(1, "마당 \"\\\n")],
            vec![post(1, "a"), post(2, "b")],
        ] {
            let envelope = envelope(commands);
            assert_eq!(read(&envelope.encode().unwrap()), Read::Ours(envelope));
        }
    }

    #[test]
    fn a_message_says_its_format_in_a_line_that_anybody_can_read() {
        let bytes = envelope(vec![]).encode().unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        let body = "{\"node\":18446744073709551615,\"number\":7,\"commands\":[]}";
        assert_eq!(text, format!("madang/{NEWEST_FORMAT}\n{body}"));
    }

    #[test]
    fn what_is_none_of_ours_says_nothing() {
        for payload in [
            &b""[..],
            b"hello",
            b"madang",
            b" madang/1\n{}",
            b"MADANG/1\n",
            &[0xff; 9],
        ] {
            assert_eq!(read(payload), Read::Foreign, "{payload:?}");
        }
    }

    #[test]
    fn a_format_of_later_stops_whoever_does_not_know_it() {
        let next = NEWEST_FORMAT + 1;
        let payload = format!("madang/{next}\nanything");
        assert_eq!(read(payload.as_bytes()), Read::UnknownFormat(next));
        assert_eq!(
            read(b"madang/4294967295\n\xff\x00"),
            Read::UnknownFormat(u32::MAX)
        );
    }

    #[test]
    fn what_is_ours_and_damaged_is_not_taken_for_nothing() {
        let whole = envelope(vec![post(1, "hello")]).encode().unwrap();
        let mut cut = 0;
        for length in MARK.len()..whole.len() {
            assert!(
                matches!(read(&whole[..length]), Read::UnknownFormat(_)),
                "{length}"
            );
            cut += 1;
        }
        assert!(cut > 100);
        for payload in [
            &b"madang/"[..],
            b"madang/\n",
            b"madang/1",
            b"madang/1 \n{}",
            b"madang/-1\n{}",
            b"madang/99999999999999999999\n{}",
        ] {
            assert!(matches!(read(payload), Read::UnknownFormat(_)), "{payload:?}");
        }
        for text in [
            "{}",
            "[]",
            "{\"node\":1,\"number\":1,\"commands\":[{}]}",
            "{\"node\":1,\"number\":1,\"commands\":[],\"more\":1}",
            "{\"node\":1,\"number\":1,\"commands\":[]}x",
        ] {
            assert_eq!(ours(text), Read::UnknownFormat(NEWEST_FORMAT), "{text}");
        }
    }

    #[test]
    fn a_command_of_a_later_format_is_not_applied_by_half() {
        let bytes = envelope(vec![post(1, "hello")]).encode().unwrap();
        let said = format!("\"format\":{COMMAND_FORMAT}");
        let later = format!("\"format\":{}", COMMAND_FORMAT + 1);
        let text = std::str::from_utf8(&bytes).unwrap().replace(&said, &later);
        assert_eq!(read(text.as_bytes()), Read::UnknownFormat(NEWEST_FORMAT));
    }

    #[test]
    fn a_command_says_a_format_that_belongs_to_the_message_it_is_in() {
        for format in OLDEST_FORMAT..=NEWEST_FORMAT {
            let mut writing = Writing::new(format, NodeId::new(1), 1);
            let mut command = post(1, "hello");
            command.format = u16::MAX;
            assert_eq!(writing.push(&command), Pushed::In);
            let Read::Ours(envelope) = read(&writing.end()) else {
                panic!("{format} is not read by whoever writes it");
            };
            command.format = commands_of(format).unwrap();
            assert_eq!(envelope.commands, [command]);
        }
        assert_eq!(commands_of(OLDEST_FORMAT - 1), None);
        assert_eq!(commands_of(NEWEST_FORMAT + 1), None);
    }

    #[test]
    fn nothing_larger_than_a_message_may_be_is_written_or_read() {
        let many = envelope(vec![command(1, 1); ENVELOPE_COMMANDS_MAX]);
        assert_eq!(read(&many.encode().unwrap()), Read::Ours(many));
        let commands = vec![command(1, 1); ENVELOPE_COMMANDS_MAX + 1];
        assert_eq!(envelope(commands.clone()).encode(), None);
        let commands = serde_json::to_string(&commands).unwrap();
        let text = format!("{{\"node\":1,\"number\":1,\"commands\":{commands}}}");
        assert_eq!(ours(&text), Read::UnknownFormat(NEWEST_FORMAT));
        let padded = format!(
            "{}{{\"node\":1,\"number\":1,\"commands\":[]}}",
            " ".repeat(ENVELOPE_ALONE_BYTES_MAX)
        );
        assert_eq!(ours(&padded), Read::UnknownFormat(NEWEST_FORMAT));
    }
}

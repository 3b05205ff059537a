//! Apply: what a command does to the database and which event it makes.
//!
//! Invariant: this is a function of the database and the command. It reads no clock, no configuration and no random
//! number, and it is total: a refusal is a result, so one bad command never rolls back its neighbours.

use protocol::limits::{REACTION_EMOJI_MAX, REACTIONS_MAX};
use protocol::{Emoji, MessageText, PersonName, RoomName, Topic, UserId};
use rusqlite::Connection;

use crate::command::{Accepted, Action, Command, Outcome, Refusal};
use crate::limits::AT_MAX_MS;
use crate::store::{self, Advanced, Content, EventRow, Target};

/// What came of one command.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) outcome: Outcome,
    /// The event it made, and the room it made it in. A repeat and a refusal make none.
    pub(crate) event: Option<(RoomName, EventRow)>,
    /// What its author has to hear of on all of their devices.
    pub(crate) personal: Option<Personal>,
}

/// A change that concerns one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Personal {
    /// How far they have read, and how much there is after it.
    Read { room: RoomName, seq: u64, unread: u64 },
    /// A room they follow no more.
    Left { room: RoomName },
    /// What they are called now.
    Name(PersonName),
}

/// What an action changed.
#[derive(Debug)]
struct Change {
    /// Its event's place, or the room's head.
    seq: u64,
    event: Option<(RoomName, EventRow)>,
    personal: Option<Personal>,
}

/// What came of an action: SQLite's failure, or else a refusal or a change.
type Changed = rusqlite::Result<Result<Change, Refusal>>;

impl Change {
    const fn nothing(seq: u64) -> Self {
        Self {
            seq,
            event: None,
            personal: None,
        }
    }
}

/// Applies a command inside the open transaction.
///
/// # Errors
/// When SQLite fails; the transaction must then be rolled back whole.
pub(crate) fn apply(connection: &Connection, command: &Command) -> rusqlite::Result<Applied> {
    let answered = |outcome| Applied {
        outcome,
        event: None,
        personal: None,
    };
    let digest = command.action.digest();
    if command.action.is_remembered()
        && let Some(known) = store::known(connection, &command.author, &command.client_id)?
    {
        let first = Accepted {
            seq: known.seq,
            repeated: true,
        };
        let is_same = known.digest == digest;
        return Ok(answered(if is_same {
            Ok(first)
        } else {
            Err(Refusal::ClientIdReused)
        }));
    }
    let change = match act(&Applying { connection, command })? {
        Ok(change) => change,
        Err(refusal) => return Ok(answered(Err(refusal))),
    };
    if command.action.is_remembered() {
        store::remember(
            connection,
            &command.author,
            &command.client_id,
            &digest,
            change.seq,
        )?;
    }
    Ok(Applied {
        outcome: Ok(Accepted {
            seq: change.seq,
            repeated: false,
        }),
        event: change.event,
        personal: change.personal,
    })
}

fn act(applying: &Applying<'_>) -> Changed {
    match &applying.command.action {
        Action::Post {
            room,
            message,
            reply_to,
        } => applying.post(room, message, *reply_to),
        Action::Edit {
            room,
            target,
            message,
        } => applying.edit(room, *target, message),
        Action::Delete { room, target } => applying.delete(room, *target),
        Action::React {
            room,
            target,
            emoji,
            on,
        } => applying.react(room, *target, emoji, *on),
        Action::SetTopic { room, topic } => applying.set_topic(room, topic),
        Action::Rename { name } => applying.rename(name),
        Action::Read { room, seq } => applying.read(room, *seq, |known, seq| known.max(seq)),
        Action::Unread { room, seq } => applying.read(room, *seq, |_, seq| seq),
        Action::Leave { room } => applying.leave(room),
    }
}

/// A command being applied.
struct Applying<'a> {
    connection: &'a Connection,
    command: &'a Command,
}

impl Applying<'_> {
    fn post(&self, room: &RoomName, message: &MessageText, reply_to: Option<u64>) -> Changed {
        let reply_to = match reply_to {
            None => None,
            Some(target) => match store::quote(self.connection, room, target)? {
                None => return Ok(Err(Refusal::NoSuchMessage)),
                quote => quote,
            },
        };
        let message = message.as_str().to_owned();
        let (room_id, event) = self.event(room, Content::Message { message, reply_to })?;
        store::insert_message(self.connection, room_id, &event)?;
        store::raise_position(self.connection, &self.author(), room_id, event.seq)?;
        self.made(room, event)
    }

    fn edit(&self, room: &RoomName, target: u64, message: &MessageText) -> Changed {
        let target = match self.own(room, target)? {
            Ok(target) if target.is_deleted => return Ok(Err(Refusal::Deleted)),
            Ok(target) => target,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if target.message == message.as_str() {
            return self.nothing(room);
        }
        let content = Content::Edited {
            target: target.seq,
            message: message.as_str().to_owned(),
        };
        let (_, event) = self.event(room, content)?;
        store::edit_message(self.connection, &target, message.as_str(), event.seq, event.at)?;
        self.made(room, event)
    }

    fn delete(&self, room: &RoomName, target: u64) -> Changed {
        let target = match self.own(room, target)? {
            Ok(target) if target.is_deleted => return self.nothing(room),
            Ok(target) => target,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (_, event) = self.event(room, Content::Deleted { target: target.seq })?;
        store::delete_message(self.connection, &target, event.seq, event.at)?;
        self.made(room, event)
    }

    fn react(&self, room: &RoomName, target: u64, emoji: &Emoji, on: bool) -> Changed {
        let Some(target) = store::target(self.connection, room, target)? else {
            return Ok(Err(Refusal::NoSuchMessage));
        };
        if target.is_deleted {
            return Ok(Err(Refusal::Deleted));
        }
        let author = self.author();
        let left = store::reaction_room(self.connection, &target, emoji, author)?;
        if left.has_it == on {
            return self.nothing(room);
        }
        let is_one_too_many =
            (!left.has_emoji && left.emoji >= REACTION_EMOJI_MAX) || left.reactions >= REACTIONS_MAX;
        if on && is_one_too_many {
            return Ok(Err(Refusal::TooManyReactions));
        }
        let content = Content::Reacted {
            target: target.seq,
            emoji: emoji.as_str().to_owned(),
            on,
        };
        let (_, event) = self.event(room, content)?;
        let change = if on { store::react } else { store::unreact };
        change(self.connection, &target, emoji, author, event.seq)?;
        self.made(room, event)
    }

    fn set_topic(&self, room: &RoomName, topic: &Topic) -> Changed {
        let known = store::topic(self.connection, room)?;
        if known.is_some_and(|known| known == topic.as_str()) {
            return self.nothing(room);
        }
        let content = Content::Topic {
            topic: topic.as_str().to_owned(),
        };
        let (room_id, event) = self.event(room, content)?;
        store::set_topic(self.connection, room_id, topic)?;
        self.made(room, event)
    }

    fn rename(&self, name: &PersonName) -> Changed {
        let author = self.author();
        let mut change = Change::nothing(0);
        if store::name_of(self.connection, &author)?.as_deref() != Some(name.as_str()) {
            store::set_name(self.connection, &author, name)?;
            change.personal = Some(Personal::Name(name.clone()));
        }
        Ok(Ok(change))
    }

    /// Moves how far the author has read to what `merge` makes of where it was and of `seq`, within the room.
    fn read(&self, room: &RoomName, seq: u64, merge: fn(u64, u64) -> u64) -> Changed {
        let Some((room_id, head)) = store::room(self.connection, room)? else {
            return Ok(Ok(Change::nothing(0)));
        };
        let author = self.author();
        let known = store::position(self.connection, &author, room_id)?;
        let seq = merge(known.unwrap_or(0), seq.min(head));
        let mut change = Change::nothing(head);
        if known != Some(seq) {
            store::set_position(self.connection, &author, room_id, seq)?;
            change.personal = Some(Personal::Read {
                room: room.clone(),
                seq,
                unread: store::unread(self.connection, &author, room_id, seq)?,
            });
        }
        Ok(Ok(change))
    }

    fn leave(&self, room: &RoomName) -> Changed {
        let Some((room_id, head)) = store::room(self.connection, room)? else {
            return Ok(Ok(Change::nothing(0)));
        };
        let mut change = Change::nothing(head);
        if store::forget_position(self.connection, &self.author(), room_id)? {
            change.personal = Some(Personal::Left { room: room.clone() });
        }
        Ok(Ok(change))
    }

    const fn author(&self) -> UserId {
        self.command.author
    }

    /// A message that only its author may change.
    fn own(&self, room: &RoomName, target: u64) -> rusqlite::Result<Result<Target, Refusal>> {
        Ok(match store::target(self.connection, room, target)? {
            None => Err(Refusal::NoSuchMessage),
            Some(target) if target.author != self.author() => Err(Refusal::NotYours),
            Some(target) => Ok(target),
        })
    }

    /// Gives what happened the room's next place and writes it there.
    fn event(&self, room: &RoomName, content: Content) -> rusqlite::Result<(i64, EventRow)> {
        // A clock gone mad must not stop the writer: what a row cannot hold would be an error.
        let at = self.command.at.min(AT_MAX_MS);
        let Advanced { room_id, seq, at } = store::advance_room(self.connection, room, at)?;
        let event = EventRow {
            seq,
            id: self.command.event_id,
            client_id: self.command.client_id,
            user_id: self.author(),
            name: store::name_of(self.connection, &self.author())?,
            at,
            content,
        };
        store::insert_event(self.connection, room_id, &event)?;
        Ok((room_id, event))
    }

    fn made(&self, room: &RoomName, event: EventRow) -> Changed {
        Ok(Ok(Change {
            seq: event.seq,
            event: Some((room.clone(), event)),
            personal: None,
        }))
    }

    fn nothing(&self, room: &RoomName) -> Changed {
        Ok(Ok(Change::nothing(store::head(self.connection, room)?)))
    }
}

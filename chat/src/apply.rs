//! Apply: what a command does to the database and which event it makes.
//!
//! Invariant: this is a function of the database and the command. It reads no clock, no configuration and no random
//! number, and it is total: a refusal is a result, so one bad command never rolls back its neighbours.

mod cache;
mod reading;
#[cfg(test)]
mod tests;

use protocol::limits::{REACTION_EMOJI_MAX, REACTIONS_MAX};
use protocol::{Emoji, MessageText, PersonName, RoomName, Topic, UserId};
use rusqlite::Connection;

use crate::command::{Accepted, Action, Command, ContentDigest, Outcome, Refusal};
use crate::limits::AT_MAX_MS;
use crate::mentions::{Calls, Chosen, Mention, fold, resolve};
use crate::store::{self, Content, EventRow, Target};
pub(crate) use cache::Cache;

/// What came of one command.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) outcome: Outcome,
    /// The event it made, and the room it made it in. A repeat and a refusal make none.
    pub(crate) event: Option<(RoomName, EventRow)>,
    /// What concerns some people alone, for all of their devices.
    pub(crate) personal: Vec<(UserId, Personal)>,
}

/// A change that concerns one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Personal {
    /// They have read a room up to elsewhere, by the word of this session; 0 for none that knows.
    Read { room: RoomName, by: u64 },
    /// They want to have read a room up to somewhere and no further.
    Unread { room: RoomName },
    /// Which message mentions them last, by the event `rev`; 0 for none.
    Mention { room: RoomName, mention: u64, rev: u64 },
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
    personal: Vec<(UserId, Personal)>,
}

/// What came of an action: SQLite's failure, or else a refusal or a change.
type Changed = rusqlite::Result<Result<Change, Refusal>>;

impl Change {
    const fn nothing(seq: u64) -> Self {
        Self {
            seq,
            event: None,
            personal: Vec::new(),
        }
    }

    fn of(room: &RoomName, event: EventRow) -> Self {
        Self {
            seq: event.seq,
            event: Some((room.clone(), event)),
            personal: Vec::new(),
        }
    }
}

/// Applies a command inside the open transaction. `digest` is that of its action; `cache` saves reading and has to be written
/// before the transaction is committed.
///
/// # Errors
/// When SQLite fails; the transaction must then be rolled back whole.
pub(crate) fn apply(
    connection: &Connection,
    cache: &mut Cache,
    command: &Command,
    digest: &ContentDigest,
) -> rusqlite::Result<Applied> {
    let answered = |outcome| Applied {
        outcome,
        event: None,
        personal: Vec::new(),
    };
    if command.action.is_remembered()
        && let Some(known) = store::known(connection, &command.author, &command.client_id)?
    {
        let first = Accepted {
            seq: known.seq,
            repeated: true,
        };
        let is_same = known.digest == *digest;
        return Ok(answered(if is_same {
            Ok(first)
        } else {
            Err(Refusal::ClientIdReused)
        }));
    }
    let applying = Applying {
        connection,
        cache,
        command,
    };
    let change = match act(applying)? {
        Ok(change) => change,
        Err(refusal) => return Ok(answered(Err(refusal))),
    };
    if command.action.is_remembered() {
        store::remember(
            connection,
            &command.author,
            &command.client_id,
            digest,
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

fn act(mut applying: Applying<'_>) -> Changed {
    match &applying.command.action {
        Action::Post {
            room,
            message,
            reply_to,
            calls,
        } => applying.post(room, message, *reply_to, calls),
        Action::Edit {
            room,
            target,
            message,
            calls,
        } => applying.edit(room, *target, message, calls),
        Action::Delete { room, target } => applying.delete(room, *target),
        Action::React {
            room,
            target,
            emoji,
            on,
        } => applying.react(room, *target, emoji, *on),
        Action::SetTopic { room, topic } => applying.set_topic(room, topic),
        Action::Rename { name } => applying.rename(name),
        Action::Read { room, seq } => applying.read(room, *seq),
        Action::Positions { positions } => applying.positions(positions),
        Action::Unread { room, seq } => applying.unread(room, *seq),
        Action::Leave { room } => applying.leave(room),
    }
}

/// A command being applied.
struct Applying<'a> {
    connection: &'a Connection,
    cache: &'a mut Cache,
    command: &'a Command,
}

impl Applying<'_> {
    fn post(
        &mut self,
        room: &RoomName,
        message: &MessageText,
        reply_to: Option<u64>,
        calls: &Calls,
    ) -> Changed {
        let reply_to = match reply_to {
            None => None,
            Some(target) => match store::quote(self.connection, room, target)? {
                None => return Ok(Err(Refusal::NoSuchMessage)),
                quote => quote,
            },
        };
        let mentions = if calls.words.is_empty() {
            // Most texts call nobody, and need not be looked up for.
            Vec::new()
        } else {
            let room_id = self.cache.room(self.connection, room)?.map(|end| end.room_id);
            self.mentions(room_id, calls, &[])?
        };
        let content = Content::Message {
            message: message.as_str().to_owned(),
            reply_to,
            mentions,
        };
        let (room_id, event) = self.event(room, content)?;
        store::insert_message(self.connection, room_id, &event)?;
        store::raise_position(self.connection, &self.author(), room_id, event.seq)?;
        if event.content.mentions().is_empty() {
            return Ok(Ok(Change::of(room, event)));
        }
        self.mention(room_id, event.seq, room, event)
    }

    fn edit(&mut self, room: &RoomName, target: u64, message: &MessageText, calls: &Calls) -> Changed {
        let target = match self.own(room, target)? {
            Ok(target) if target.is_deleted => return Ok(Err(Refusal::Deleted)),
            Ok(target) => target,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if target.message == message.as_str() {
            return self.nothing(room);
        }
        let mentions = self.mentions(Some(target.room_id), calls, &target.mentions)?;
        let content = Content::Edited {
            target: target.seq,
            message: message.as_str().to_owned(),
            mentions,
        };
        let (room_id, event) = self.event(room, content)?;
        store::edit_message(
            self.connection,
            &target,
            message.as_str(),
            event.content.mentions(),
            event.seq,
            event.at,
        )?;
        self.mention(room_id, target.seq, room, event)
    }

    fn delete(&mut self, room: &RoomName, target: u64) -> Changed {
        let target = match self.own(room, target)? {
            Ok(target) if target.is_deleted => return self.nothing(room),
            Ok(target) => target,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (room_id, event) = self.event(room, Content::Deleted { target: target.seq })?;
        store::delete_message(self.connection, &target, event.seq, event.at)?;
        self.mention(room_id, target.seq, room, event)
    }

    fn react(&mut self, room: &RoomName, target: u64, emoji: &Emoji, on: bool) -> Changed {
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
        Ok(Ok(Change::of(room, event)))
    }

    fn set_topic(&mut self, room: &RoomName, topic: &Topic) -> Changed {
        let known = store::topic(self.connection, room)?;
        if known.is_some_and(|known| known == topic.as_str()) {
            return self.nothing(room);
        }
        let content = Content::Topic {
            topic: topic.as_str().to_owned(),
        };
        let (room_id, event) = self.event(room, content)?;
        store::set_topic(self.connection, room_id, topic)?;
        Ok(Ok(Change::of(room, event)))
    }

    fn rename(&mut self, name: &PersonName) -> Changed {
        let author = self.author();
        let mut change = Change::nothing(0);
        if self.cache.name_of(self.connection, &author)?.as_deref() != Some(name.as_str()) {
            self.cache.set_name(self.connection, &author, name)?;
            change.personal.push((author, Personal::Name(name.clone())));
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

    /// Whom a text mentions. `before` is whom it mentioned until it was edited: an id is not said again with each edit.
    fn mentions(
        &mut self,
        room_id: Option<i64>,
        calls: &Calls,
        before: &[Mention],
    ) -> rusqlite::Result<Vec<Mention>> {
        if calls.words.is_empty() {
            return Ok(Vec::new());
        }
        let mut chosen = Vec::new();
        let given = calls.ids.iter().map(|user_id| (*user_id, None));
        let kept = before
            .iter()
            .map(|mention| (mention.user_id(), Some(mention.written())));
        for (user_id, written) in kept.chain(given) {
            let name = self.cache.name_of(self.connection, &user_id)?;
            // Somebody without a name is nobody that could be chosen.
            chosen.extend(name.map(|name| Chosen {
                user_id,
                names: written.into_iter().chain([&*name]).map(fold).collect(),
                is_new: written.is_none_or(str::is_empty),
            }));
        }
        resolve(&calls.words, &chosen, |name| match room_id {
            Some(room_id) => store::named(self.connection, room_id, name, self.author()),
            None => Ok(None),
        })
    }

    /// Made an event by which the message `seq` mentions those whom the event says.
    fn mention(&self, room_id: i64, seq: u64, room: &RoomName, event: EventRow) -> Changed {
        let mentions = event.content.mentions();
        let concerned = store::set_mentions(self.connection, room_id, seq, self.author(), mentions)?;
        let mut personal = Vec::with_capacity(concerned.len());
        for user_id in concerned {
            let mention = Personal::Mention {
                room: room.clone(),
                mention: store::last_mention(self.connection, &user_id, room_id)?,
                rev: event.seq,
            };
            personal.push((user_id, mention));
        }
        Ok(Ok(Change {
            personal,
            ..Change::of(room, event)
        }))
    }

    /// Gives what happened the room's next place and writes it there.
    fn event(&mut self, room: &RoomName, content: Content) -> rusqlite::Result<(i64, EventRow)> {
        // A clock gone mad must not stop the writer: what a row cannot hold would be an error.
        let at = self.command.at.min(AT_MAX_MS);
        let end = self.cache.advance(self.connection, room, at)?;
        let event = EventRow {
            seq: end.head,
            id: self.command.event_id,
            client_id: self.command.client_id,
            user_id: self.command.author,
            name: self.cache.name_of(self.connection, &self.command.author)?,
            at: end.last_at,
            content,
        };
        store::insert_event(self.connection, end.room_id, &event)?;
        Ok((end.room_id, event))
    }

    fn nothing(&mut self, room: &RoomName) -> Changed {
        let end = self.cache.room(self.connection, room)?;
        Ok(Ok(Change::nothing(end.map_or(0, |end| end.head))))
    }
}

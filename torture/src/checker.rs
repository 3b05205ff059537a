//! The checker: compares what was written, acknowledged, stored and shown, and reports every contradiction. It does no
//! I/O and knows nothing of how the run was made.

mod action;
mod fold;
mod screen;
mod stored;
mod traces;
mod violation;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use protocol::{ClientId, EventId, UserId};

pub use action::Action;
pub use fold::State;
pub use screen::{Ends, Row, Screen};
pub use violation::{Violation, ViolationKind};

/// A room's name, shared: there are as many as messages.
pub type Room = Arc<str>;

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The author's id for it.
    pub client_id: ClientId,
    /// Where.
    pub room: Room,
    /// What; texts as the server keeps them.
    pub action: Action,
}

/// An acknowledgement that reached its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acked {
    /// Of this command.
    pub client_id: ClientId,
    /// At this place.
    pub seq: u64,
}

/// An event as the database has it at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place.
    pub seq: u64,
    /// The event's id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    pub author: UserId,
    /// When it was taken, in Unix milliseconds.
    pub at: u64,
    /// What it says. The texts of a deleted message are empty.
    pub action: Action,
}

/// A message as the database has it at the end, beside the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place.
    pub seq: u64,
    pub state: State,
    /// How many former texts of it are kept.
    pub former_texts: u64,
}

/// What one client did and saw.
#[derive(Debug, Default)]
pub struct Client {
    /// A name for the reader of a violation.
    pub name: String,
    /// `None` when it was never told.
    pub user_id: Option<UserId>,
    /// What its person did, in order.
    pub written: Vec<Written>,
    /// What was acknowledged to it, by an `ack` or by its own event, in order of arrival; repeats included.
    pub acked: Vec<Acked>,
    /// What was refused for good and shown to its person as such: that is not lost.
    pub refused: Vec<ClientId>,
    /// What happened to it that no fault of the run explains, a sentence each.
    pub unexpected: Vec<String>,
    /// What still waited to be sent when the run ended.
    pub waiting: Vec<ClientId>,
    /// What it showed, by room.
    pub screens: HashMap<Room, Screen>,
}

/// The database at the end.
#[derive(Debug, Default)]
pub struct Database {
    /// The events of each room, in order of `seq`.
    pub rooms: HashMap<Room, Vec<Stored>>,
    /// The messages of each room, in any order.
    pub messages: HashMap<Room, Vec<Message>>,
    /// The `seq` of every command that was taken: of what changed nothing, the room's last one then; 0 of a name.
    pub commands: HashMap<(UserId, ClientId), u64>,
    /// What its files hold.
    pub bytes: Vec<u8>,
    /// What one table says and another does not; a sentence each.
    pub disagreements: Vec<String>,
}

/// Returns every contradiction.
#[must_use]
pub fn check(clients: &[Client], database: &Database) -> Vec<Violation> {
    let mut found: Vec<Violation> = database
        .disagreements
        .iter()
        .map(|text| Violation::new(ViolationKind::Database, "database", text))
        .collect();
    let index = stored::Index::new(database, &mut found);
    let everything = stored::everything(clients);
    let logs = stored::fold(database, &index, &everything, &mut found);
    let is_deleted = |written: &Written, seq| {
        logs.get(&written.room)
            .is_some_and(|log| log.is_deleted(written.action.target().unwrap_or(seq)))
    };
    let deleted = everything.iter().filter_map(|((author, id), written)| {
        let seq = index.get(*author, *id).map_or(0, |(_, event)| event.seq);
        written.action.text().filter(|_| is_deleted(written, seq))
    });
    for text in traces::find(&database.bytes, deleted) {
        found.push(Violation::new(
            ViolationKind::Undeleted,
            "database",
            format!("its files still have what was deleted: {text:.80}"),
        ));
    }
    let nothing = fold::Log::default();
    for client in clients {
        let unexpected = |text| Violation::new(ViolationKind::Unexpected, &client.name, text);
        found.extend(client.unexpected.iter().map(unexpected));
        written(client, database, &index, &mut found);
        for refused in &client.written {
            let is_change = refused.action.target().is_some();
            if is_change && client.refused.contains(&refused.client_id) && !is_deleted(refused, 0) {
                found.push(Violation::new(
                    ViolationKind::FalseRefusal,
                    &client.name,
                    format!(
                        "{} was refused, and what it changes is not deleted",
                        refused.client_id
                    ),
                ));
            }
        }
        for (room, screen) in &client.screens {
            screen.check(&client.name, room, logs.get(room).unwrap_or(&nothing), &mut found);
        }
    }
    found
}

/// What a client wrote against what is stored.
fn written(client: &Client, database: &Database, index: &stored::Index<'_>, found: &mut Vec<Violation>) {
    let mut report = |kind, what: String| found.push(Violation::new(kind, &client.name, what));
    let Some(user_id) = client.user_id else {
        if !client.written.is_empty() {
            report(ViolationKind::Incomplete, "never learned who it is".to_owned());
        }
        return;
    };
    // What changed nothing has its place among the commands alone.
    let place_of = |id| {
        let event = index.get(user_id, id).map(|(_, event)| event.seq);
        event.or_else(|| database.commands.get(&(user_id, id)).copied())
    };
    for Acked { client_id: id, seq } in &client.acked {
        match place_of(*id) {
            None => report(
                ViolationKind::FalseAck,
                format!("{id} was acknowledged at {seq} and is not stored"),
            ),
            Some(place) if place != *seq => report(
                ViolationKind::FalseAck,
                format!("{id} was acknowledged at {seq} and is stored at {place}"),
            ),
            Some(_) => {}
        }
    }
    let mut last: HashMap<&Room, (u64, ClientId)> = HashMap::new();
    for written in &client.written {
        let (id, room) = (written.client_id, &written.room);
        let Some(seq) = place_of(id) else {
            if client.waiting.contains(&id) {
                report(ViolationKind::Incomplete, format!("{id} still waits to be sent"));
            } else if !client.refused.contains(&id) {
                report(
                    ViolationKind::Lost,
                    format!("{id}, written in {room}, is neither stored nor waiting nor refused"),
                );
            }
            continue;
        };
        if client.refused.contains(&id) {
            report(
                ViolationKind::FalseRefusal,
                format!("{id} was refused for good and is stored at {seq} of {room}"),
            );
        }
        if let Some((before, of)) = last.insert(room, (seq, id))
            && before > seq
        {
            report(
                ViolationKind::OutOfOrder,
                format!("in {room}, {of} at {before} was written before {id} at {seq}"),
            );
        }
    }
}

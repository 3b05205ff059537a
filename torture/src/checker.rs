//! The checker: compares what was written, acknowledged, stored and shown, and reports every contradiction. It does no
//! I/O and knows nothing of how the run was made.

mod screen;
mod stored;
mod violation;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use protocol::{ClientId, EventId, UserId};

pub use screen::{Row, Screen};
pub use violation::{Violation, ViolationKind};

/// A room's name, shared: there are as many as messages.
pub type Room = Arc<str>;

/// A message somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The author's id for it.
    pub client_id: ClientId,
    /// Where.
    pub room: Room,
    /// What.
    pub text: Arc<str>,
}

/// An acknowledgement that reached its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acked {
    /// Of this message.
    pub client_id: ClientId,
    /// At this place.
    pub seq: u64,
}

/// A message as the database has it at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place.
    pub seq: u64,
    /// The event's id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    pub author: UserId,
    pub text: String,
    /// When it was taken, in Unix milliseconds.
    pub at: u64,
}

/// What one client did and saw.
#[derive(Debug, Default)]
pub struct Client {
    /// A name for the reader of a violation.
    pub name: String,
    /// `None` when it was never told.
    pub user_id: Option<UserId>,
    /// What its person wrote, in order.
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

/// The database at the end: rooms with their messages in order of `seq`, and what its own tables disagree about.
#[derive(Debug, Default)]
pub struct Database {
    /// The messages of each room.
    pub rooms: HashMap<Room, Vec<Stored>>,
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
    let authors: HashMap<UserId, &Client> = clients
        .iter()
        .filter_map(|client| Some((client.user_id?, client)))
        .collect();
    stored::every_row_was_written(database, &authors, &mut found);
    for client in clients {
        let unexpected = |text| Violation::new(ViolationKind::Unexpected, &client.name, text);
        found.extend(client.unexpected.iter().map(unexpected));
        written(client, &index, &mut found);
        for (room, screen) in &client.screens {
            let rows = database.rooms.get(room).map_or(&[][..], Vec::as_slice);
            screen.check(&client.name, room, rows, &mut found);
        }
    }
    found
}

/// What a client wrote against what is stored.
fn written(client: &Client, index: &stored::Index<'_>, found: &mut Vec<Violation>) {
    let Some(user_id) = client.user_id else {
        if !client.written.is_empty() {
            found.push(Violation::new(
                ViolationKind::Incomplete,
                &client.name,
                "never learned who it is",
            ));
        }
        return;
    };
    for acked in &client.acked {
        let stored = index.get(user_id, acked.client_id);
        match stored {
            None => found.push(Violation::new(
                ViolationKind::FalseAck,
                &client.name,
                format!(
                    "{} was acknowledged at {} and is not stored",
                    acked.client_id, acked.seq
                ),
            )),
            Some((room, row)) if row.seq != acked.seq => found.push(Violation::new(
                ViolationKind::FalseAck,
                &client.name,
                format!(
                    "{} was acknowledged at {} and is stored at {} of {room}",
                    acked.client_id, acked.seq, row.seq
                ),
            )),
            Some(_) => {}
        }
    }
    let mut last: HashMap<&Room, (u64, ClientId)> = HashMap::new();
    for message in &client.written {
        let id = message.client_id;
        let Some((room, row)) = index.get(user_id, id) else {
            if client.waiting.contains(&id) {
                let text = format!("{id} still waits to be sent");
                found.push(Violation::new(ViolationKind::Incomplete, &client.name, text));
            } else if !client.refused.contains(&id) {
                let text = format!(
                    "{id}, written in {}, is neither stored nor waiting nor refused",
                    message.room
                );
                found.push(Violation::new(ViolationKind::Lost, &client.name, text));
            }
            continue;
        };
        if client.refused.contains(&id) {
            let text = format!("{id} was refused for good and is stored at {} of {room}", row.seq);
            found.push(Violation::new(ViolationKind::FalseRefusal, &client.name, text));
        }
        if let Some((before, of)) = last.insert(&message.room, (row.seq, id))
            && before > row.seq
        {
            let text = format!(
                "in {room}, {of} at {before} was written before {id} at {}",
                row.seq
            );
            found.push(Violation::new(ViolationKind::OutOfOrder, &client.name, text));
        }
    }
}

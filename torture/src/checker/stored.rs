//! The database's rows, by themselves and against what was written.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use protocol::{ClientId, UserId};

use super::{Client, Database, Room, Stored, Violation, ViolationKind};

/// Finds a message by its author and their id for it.
#[derive(Debug)]
pub(super) struct Index<'a>(HashMap<(UserId, ClientId), (&'a Room, &'a Stored)>);

impl<'a> Index<'a> {
    /// Reads all rows once: names those that are there twice, and the numbers that are missing or run backwards.
    pub(super) fn new(database: &'a Database, found: &mut Vec<Violation>) -> Self {
        let mut index = HashMap::new();
        for (room, rows) in &database.rooms {
            let (mut last_seq, mut last_at) = (0, 0);
            for row in rows {
                let mut report =
                    |kind, what| found.push(Violation::new(kind, format!("database, {room}"), what));
                if row.seq <= last_seq {
                    report(
                        ViolationKind::OutOfOrder,
                        format!("{} stands behind {last_seq}", row.seq),
                    );
                } else if row.seq != last_seq + 1 {
                    report(ViolationKind::Gap, format!("{} follows upon {last_seq}", row.seq));
                }
                if row.at < last_at {
                    report(
                        ViolationKind::OutOfOrder,
                        format!("the time of {} runs backwards", row.seq),
                    );
                }
                (last_seq, last_at) = (row.seq, row.at);
                match index.entry((row.author, row.client_id)) {
                    Entry::Vacant(entry) => {
                        entry.insert((room, row));
                    }
                    Entry::Occupied(entry) => {
                        let (other, twin): (&Room, &Stored) = *entry.get();
                        let id = row.client_id;
                        let what = format!("{id} is at {} and at {} of {other}", row.seq, twin.seq);
                        report(ViolationKind::Doubled, what);
                    }
                }
            }
        }
        Self(index)
    }

    pub(super) fn get(&self, author: UserId, client_id: ClientId) -> Option<(&'a Room, &'a Stored)> {
        self.0.get(&(author, client_id)).copied()
    }
}

/// Every row is what its author wrote, where they wrote it.
pub(super) fn every_row_was_written(
    database: &Database,
    authors: &HashMap<UserId, &Client>,
    found: &mut Vec<Violation>,
) {
    let mut written = HashMap::new();
    for (user_id, client) in authors {
        for message in &client.written {
            written.insert((*user_id, message.client_id), message);
        }
    }
    for (room, rows) in &database.rooms {
        for row in rows {
            let place = || format!("database, {room}");
            match written.get(&(row.author, row.client_id)) {
                None => found.push(Violation::new(
                    ViolationKind::WrongBody,
                    place(),
                    format!("nobody wrote what stands at {}: {:.80}", row.seq, row.text),
                )),
                Some(message) if message.room != *room || *message.text != *row.text => {
                    found.push(Violation::new(
                        ViolationKind::WrongBody,
                        place(),
                        format!(
                            "at {} stands {:.80}; written was {:.80} in {}",
                            row.seq, row.text, message.text, message.room
                        ),
                    ));
                }
                Some(_) => {}
            }
        }
    }
}

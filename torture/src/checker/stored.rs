//! The database's events, by themselves, against what was written and against the other tables.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use protocol::{ClientId, UserId};

use super::fold::Log;
use super::{Client, Database, Message, Room, Stored, Violation, ViolationKind, Written};

/// Finds an event by its author and their id for it.
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

/// What everybody wrote, by who they are and their id for it.
pub(super) type Everything<'a> = HashMap<(UserId, ClientId), &'a Written>;

/// What everybody wrote.
pub(super) fn everything<'a>(clients: &'a [Client]) -> Everything<'a> {
    let of_client = |client: &'a Client| {
        let written = client.written.iter();
        client.user_id.into_iter().flat_map(move |user_id| {
            written
                .clone()
                .map(move |written| ((user_id, written.client_id), written))
        })
    };
    clients.iter().flat_map(of_client).collect()
}

/// Commands that were acknowledged and made no event, for they changed nothing: by their rooms and the `seq` that was
/// then the last. Names those that nobody gave.
pub(super) fn without_event<'a>(
    database: &Database,
    index: &Index<'_>,
    everything: &Everything<'a>,
    found: &mut Vec<Violation>,
) -> HashMap<(&'a Room, u64), Vec<(UserId, &'a Written)>> {
    let mut by_place: HashMap<_, Vec<_>> = HashMap::new();
    // A command of no room has no place.
    for (&(author, client_id), &seq) in database.commands.iter().filter(|(_, seq)| **seq > 0) {
        if index.get(author, client_id).is_some() {
            continue;
        }
        match everything.get(&(author, client_id)) {
            Some(written) => by_place
                .entry((&written.room, seq))
                .or_default()
                .push((author, *written)),
            None => found.push(Violation::new(
                ViolationKind::WrongBody,
                "database",
                format!("nobody gave the command {client_id}, which is known at {seq}"),
            )),
        }
    }
    by_place
}

/// Goes through every room's log: what it says is what was written, and what it comes to is what the other tables have.
pub(super) fn fold<'a>(
    database: &'a Database,
    index: &Index<'_>,
    everything: &Everything<'_>,
    found: &mut Vec<Violation>,
) -> HashMap<&'a Room, Log<'a>> {
    let without_event = without_event(database, index, everything, found);
    let mut logs = HashMap::new();
    for (room, events) in &database.rooms {
        let place = format!("database, {room}");
        let mut report = |kind, what| found.push(Violation::new(kind, &place, what));
        let mut log = Log::default();
        for event in events {
            let written = everything.get(&(event.author, event.client_id));
            let action = written
                .map(|written| &written.action)
                .filter(|action| action.is_like(&event.action))
                .unwrap_or(&event.action);
            if !log.take(event, action) {
                report(
                    ViolationKind::Database,
                    format!("{} changes what cannot be changed so", event.seq),
                );
            }
            for (author, written) in without_event.get(&(room, event.seq)).into_iter().flatten() {
                let target = written.action.target().and_then(|target| log.state(target));
                if !target.is_some_and(|state| state.has(*author, &written.action)) {
                    let id = written.client_id;
                    report(
                        ViolationKind::FalseAck,
                        format!("{id} made no event at {} and changes something there", event.seq),
                    );
                }
            }
        }
        for event in events {
            let is_deleted = log.is_deleted(event.action.target().unwrap_or(event.seq));
            let written = everything.get(&(event.author, event.client_id)).copied();
            if let Some((kind, what)) = said_otherwise(room, event, written, is_deleted) {
                report(kind, what);
            }
            let command = database.commands.get(&(event.author, event.client_id));
            let is_first = index
                .get(event.author, event.client_id)
                .is_some_and(|(of, first)| of == room && first.seq == event.seq);
            if is_first && command != Some(&event.seq) {
                let what = format!("{} is known as {command:?} among the commands", event.seq);
                report(ViolationKind::Database, what);
            }
        }
        let messages = database.messages.get(room).map_or(&[][..], Vec::as_slice);
        tables_agree(&log, messages, &mut report);
        logs.insert(room, log);
    }
    logs
}

/// How an event differs from what was written; of what is deleted there must be nothing left.
fn said_otherwise(
    room: &Room,
    event: &Stored,
    written: Option<&Written>,
    is_deleted: bool,
) -> Option<(ViolationKind, String)> {
    let seq = event.seq;
    let text = event.action.text().unwrap_or_default();
    let Some(written) = written else {
        let what = format!("nobody wrote what stands at {seq}: {text:.80}");
        return Some((ViolationKind::WrongBody, what));
    };
    if is_deleted && !text.is_empty() {
        let what = format!("{seq} still says what was deleted: {text:.80}");
        return Some((ViolationKind::Undeleted, what));
    }
    let is_same = written.action == event.action || is_deleted && written.action.is_like(&event.action);
    let is_it = is_same && written.room == *room;
    (!is_it).then(|| {
        let what = format!(
            "at {seq} stands {:.100?}; written was {:.100?} in {}",
            event.action, written.action, written.room
        );
        (ViolationKind::WrongBody, what)
    })
}

/// The tables of messages, former texts and reactions have what the log comes to.
fn tables_agree(log: &Log<'_>, messages: &[Message], report: &mut impl FnMut(ViolationKind, String)) {
    let mut known: HashMap<u64, &Message> = messages.iter().map(|message| (message.seq, message)).collect();
    for (seq, folded) in &log.0 {
        let Some(message) = known.remove(seq) else {
            report(
                ViolationKind::Database,
                format!("{seq} is not among the messages"),
            );
            continue;
        };
        let has_text = !message.state.text.is_empty() || message.former_texts > 0;
        if message.state.is_deleted && has_text {
            report(
                ViolationKind::Undeleted,
                format!("{seq} is deleted and has texts among the messages"),
            );
        } else if message.state.digest() != folded.state.digest() {
            report(
                ViolationKind::Database,
                format!("{seq} is not what its events come to: {:.200?}", message.state),
            );
        }
    }
    for seq in known.keys() {
        report(ViolationKind::Database, format!("the message {seq} has no event"));
    }
}

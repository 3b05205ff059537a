//! Apply is deterministic: how the order is cut into batches leaves no trace.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;

use bytes::Bytes;
use chat::order::{Entry, Order, Ordered};
use chat::{Action, Chat, Command, DataFolder, Health, Outcome, Refusal, Reply, mint};
use protocol::{ClientId, EventId, MessageText, RoomName, UserId};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use support::{Random, after, database, fast_folder, healthy_as, join, room};

const COMMANDS: usize = 10_000;
const ROOMS: usize = 6;

/// Nothing is offered: the commands stand in the script.
struct NoWayIn;

impl Order for NoWayIn {
    fn offer(&self, _: Command, _: Reply) -> Result<(), Refusal> {
        Err(Refusal::Unavailable)
    }

    fn close(&self) {}
}

/// Yields a list of commands, cut where the dice say so, once it is told to start.
struct Script {
    start: Option<Receiver<()>>,
    entries: VecDeque<Entry>,
    /// `None` cuts after every command.
    dice: Option<Random>,
    left_in_batch: u64,
}

impl Ordered for Script {
    fn next(&mut self) -> Option<Entry> {
        if let Some(start) = self.start.take() {
            start.recv().ok()?;
        }
        // Longer than the writer takes at once, now and then, so that its own bounds cut too.
        self.left_in_batch = self.dice.as_mut().map_or(0, |dice| dice.below(400));
        self.entries.pop_front()
    }

    fn next_before(&mut self, _: Instant) -> Option<Entry> {
        self.left_in_batch = self.left_in_batch.checked_sub(1)?;
        self.entries.pop_front()
    }

    fn rewind(&mut self, _: u64) {
        panic!("nothing is refused for want of room in this test");
    }
}

/// All that can be seen of a run.
#[derive(Debug, PartialEq)]
struct Traces {
    outcomes: Vec<Outcome>,
    frames: BTreeMap<RoomName, Vec<Bytes>>,
    tables: BTreeMap<String, Vec<Vec<Value>>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_commands_leave_the_same_rows_and_events_however_they_are_cut_into_batches() {
    let mut random = Random::from_environment();
    let commands = commands(&mut random);
    let one_by_one = run(&commands, None).await;
    assert_eq!(
        one_by_one.tables["meta"],
        [[Value::Integer(1), Value::Integer(COMMANDS as i64)]]
    );
    expect_every_kind_of_outcome(&one_by_one.outcomes);
    for _ in 0..2 {
        let in_batches = run(&commands, Some(random.clone())).await;
        random.next();
        assert_eq!(one_by_one.outcomes, in_batches.outcomes);
        for (table, rows) in &one_by_one.tables {
            assert!(rows == &in_batches.tables[table], "the rows of {table} differ");
        }
        for (room, frames) in &one_by_one.frames {
            assert!(frames == &in_batches.frames[room], "the events of {room} differ");
        }
        assert_eq!(one_by_one.tables.len(), in_batches.tables.len());
    }
}

/// The dice must have made a test of it.
fn expect_every_kind_of_outcome(outcomes: &[Outcome]) {
    let repeats = outcomes
        .iter()
        .filter(|o| o.is_ok_and(|accepted| accepted.repeated))
        .count();
    let reused = outcomes
        .iter()
        .filter(|o| **o == Err(Refusal::ClientIdReused))
        .count();
    let first = outcomes
        .iter()
        .filter(|o| o.is_ok_and(|accepted| !accepted.repeated))
        .count();
    assert!(
        repeats > 500 && reused > 200 && first > 5_000,
        "{first} {repeats} {reused}"
    );
    assert_eq!(repeats + reused + first, COMMANDS);
}

/// Commands of several authors in several rooms; among them repeats, `clientId`s used for something else or by
/// someone else, and a clock that runs back.
fn commands(random: &mut Random) -> Vec<Command> {
    let authors: Vec<UserId> = (0..20).map(|_| mint::user_id()).collect();
    let mut commands: Vec<Command> = Vec::with_capacity(COMMANDS);
    for number in 0..COMMANDS {
        let mut command = fresh_command(random, number, *random.clone().pick(&authors));
        if !commands.is_empty() && random.one_in(5) {
            // A near one is often in the same batch, a far one never.
            let back = if random.one_in(2) {
                random.below(8)
            } else {
                random.below(4_000)
            };
            let earlier = &commands[commands.len().saturating_sub(1 + usize::try_from(back).unwrap())];
            command.client_id = earlier.client_id;
            match random.below(4) {
                0 => command.author = earlier.author,
                1 => command.action = earlier.action.clone(),
                _ => {
                    command.author = earlier.author;
                    command.action = earlier.action.clone();
                }
            }
        }
        commands.push(command);
    }
    commands
}

fn fresh_command(random: &mut Random, number: usize, author: UserId) -> Command {
    let long = if random.one_in(100) {
        10_000
    } else {
        random.below(60)
    };
    let text = format!(
        "{number} 안녕 \"{}\"\n",
        "x".repeat(usize::try_from(long).unwrap() / 4)
    );
    Command {
        format: chat::command::COMMAND_FORMAT,
        client_id: ClientId::from_parts(random.next() >> 20, [number.to_be_bytes()[7]; 10]),
        author,
        event_id: EventId::from_parts(random.next() >> 20, [number.to_be_bytes()[6]; 10]),
        at: 1_764_000_000_000 + number as u64 * 10 - random.below(1_000),
        action: Action::Post {
            room: room_number(usize::try_from(random.below(ROOMS as u64)).unwrap()),
            message: MessageText::parse(&text).unwrap(),
        },
    }
}

fn room_number(number: usize) -> RoomName {
    room(["lobby", "개발", "team-7", "ひろば", "a", "b_"][number])
}

async fn run(commands: &[Command], dice: Option<Random>) -> Traces {
    let folder = fast_folder();
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let (start, started) = mpsc::channel();
    let script = Script {
        start: Some(started),
        entries: entries(commands, &outcomes),
        dice,
        left_in_batch: 0,
    };
    let data = DataFolder::open(folder.path()).unwrap();
    let chat = Arc::new(Chat::open_with(data, |_| (Box::new(NoWayIn), script)).unwrap());
    let mut readers = Vec::new();
    for name in (0..ROOMS).map(room_number) {
        let reader = join(&chat, &name, after(&chat, 0)).await;
        readers.push((name, reader));
    }
    start.send(()).unwrap();
    let expected = events_expected(commands);
    let mut reading = Vec::new();
    for (name, mut reader) in readers {
        let chat = Arc::clone(&chat);
        let events = expected[&name];
        reading.push(tokio::spawn(async move {
            (name, reader.read_to(&chat, events).await)
        }));
    }
    healthy_as(&chat, Health::Closed).await;
    let mut frames = BTreeMap::new();
    for task in reading {
        let (name, read) = task.await.unwrap();
        assert_eq!(read.len() as u64, expected[&name], "the events of {name}");
        frames.insert(name, read);
    }
    Traces {
        outcomes: std::mem::take(&mut *outcomes.lock().unwrap()),
        frames,
        tables: tables(folder.path()),
    }
}

/// What a model of a few lines says: a room's events are its commands with an `(author, clientId)` not seen before.
fn events_expected(commands: &[Command]) -> BTreeMap<RoomName, u64> {
    let mut seen = std::collections::HashSet::new();
    let mut events = BTreeMap::new();
    for command in commands {
        if seen.insert((command.author, command.client_id)) {
            *events.entry(command.action.room().clone()).or_default() += 1;
        }
    }
    events
}

fn entries(commands: &[Command], outcomes: &Arc<Mutex<Vec<Outcome>>>) -> VecDeque<Entry> {
    let entry = |(position, command): (u64, &Command)| {
        let outcomes = Arc::clone(outcomes);
        Entry {
            position,
            command: command.clone(),
            reply: Some(Reply::new(move |outcome| outcomes.lock().unwrap().push(outcome))),
        }
    };
    (1..).zip(commands).map(entry).collect()
}

/// Every row of every table, but for the epoch.
fn tables(folder: &Path) -> BTreeMap<String, Vec<Vec<Value>>> {
    let connection = Connection::open_with_flags(database(folder), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut names = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .unwrap();
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    names
        .into_iter()
        .map(|name| (name.clone(), rows(&connection, &name)))
        .collect()
}

fn rows(connection: &Connection, table: &str) -> Vec<Vec<Value>> {
    let columns = if table == "meta" { "id, applied" } else { "*" };
    let mut statement = connection
        .prepare(&format!("SELECT {columns} FROM {table} ORDER BY 1, 2"))
        .unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|column| row.get(column)).collect());
    rows.unwrap().map(Result::unwrap).collect()
}

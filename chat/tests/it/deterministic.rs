//! Apply is deterministic: how the order is cut into batches leaves no trace.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;

use crate::support::{Random, Reader, after, database, fast_folder, healthy_as, join, room, seqs, value};
use bytes::Bytes;
use chat::order::{Entry, Next, Order, Ordered};
use chat::{Action, Calls, Chat, Command, DataFolder, Health, Outcome, ReadTo, Refusal, Reply, ids};
use protocol::{ClientId, Emoji, EventId, MessageText, PersonName, RoomName, Topic, UserId};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::watch;

const COMMANDS: usize = 10_000;
pub(crate) const ROOMS: usize = 6;
const NAMES: [&str; 3] = ["하나", "두리", "Three"];
const TOPICS: [&str; 3] = ["", "one", "둘"];
const EMOJI: [&str; 3] = ["👍", "❤️", "😀"];

/// Nothing is offered: the commands stand in the script.
struct NoWayIn;

impl Order for NoWayIn {
    fn offer(&self, _: Command, _: Reply) -> Result<(), Refusal> {
        Err(Refusal::Unavailable)
    }

    fn crowd(&self) -> watch::Receiver<bool> {
        watch::Sender::new(false).subscribe()
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
    fn next(&mut self, _: Instant) -> Next {
        if let Some(start) = self.start.take()
            && start.recv().is_err()
        {
            return Next::End;
        }
        // Longer than the writer takes at once, now and then, so that its own bounds cut too.
        self.left_in_batch = self.dice.as_mut().map_or(0, |dice| dice.below(400));
        self.entries.pop_front().map_or(Next::End, Next::Entry)
    }

    fn next_before(&mut self, _: Instant, _: usize) -> Option<Entry> {
        self.left_in_batch = self.left_in_batch.checked_sub(1)?;
        self.entries.pop_front()
    }

    fn rewind(&mut self, _: u64) {
        panic!("nothing is refused for want of room in this test");
    }
}

/// All that can be seen of a run.
#[derive(Debug, PartialEq)]
pub(crate) struct Traces {
    pub(crate) outcomes: Vec<Outcome>,
    /// What somebody who was there heard, without the texts: one who falls off the ring in the middle hears them as
    /// they have become.
    heard: BTreeMap<RoomName, Vec<serde_json::Value>>,
    /// What who comes afterwards reads.
    pub(crate) frames: BTreeMap<RoomName, Vec<Bytes>>,
    pub(crate) tables: BTreeMap<String, Vec<Vec<Value>>>,
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
        for (room, heard) in &one_by_one.heard {
            assert!(
                heard == &in_batches.heard[room],
                "what was heard in {room} differs"
            );
        }
        for (room, frames) in &one_by_one.frames {
            assert!(frames == &in_batches.frames[room], "the events of {room} differ");
        }
        assert_eq!(one_by_one.tables.len(), in_batches.tables.len());
    }
}

/// The dice must have made a test of it.
fn expect_every_kind_of_outcome(outcomes: &[Outcome]) {
    let count = |is: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count();
    let refused = |refusal| count(&|outcome| *outcome == Err(refusal));
    let repeats = count(&|outcome| outcome.is_ok_and(|accepted| accepted.repeated));
    let first = count(&|outcome| outcome.is_ok_and(|accepted| !accepted.repeated));
    let refusals = [
        Refusal::ClientIdReused,
        Refusal::NoSuchMessage,
        Refusal::NotYours,
        Refusal::Deleted,
    ];
    let refusals = refusals.map(refused);
    assert!(
        repeats > 300 && first > 5_000 && refusals.iter().all(|count| *count > 20),
        "{first} {repeats} {refusals:?}"
    );
    assert_eq!(repeats + first + refusals.iter().sum::<usize>(), COMMANDS);
}

/// Commands of several authors in several rooms; among them repeats, `clientId`s used for something else or by
/// someone else, and a clock that runs back.
pub(crate) fn commands(random: &mut Random) -> Vec<Command> {
    let authors: Vec<UserId> = (0..6).map(|_| ids::user_id()).collect();
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
    Command {
        format: chat::command::COMMAND_FORMAT,
        client_id: ClientId::from_parts(random.next() >> 20, [number.to_be_bytes()[7]; 10]),
        author,
        event_id: EventId::from_parts(random.next() >> 20, [number.to_be_bytes()[6]; 10]),
        at: 1_764_000_000_000 + number as u64 * 10 - random.below(1_000),
        action: action(random, number),
    }
}

/// An action of any kind. Where it concerns a message, there is often one, at times even the author's own.
fn action(random: &mut Random, number: usize) -> Action {
    let room = room_number(usize::try_from(random.below(ROOMS as u64)).unwrap());
    let likely_head = (number / ROOMS * 2 / 3) as u64 + 2;
    // Often the same few, so that things happen to what has been changed.
    let target = if random.one_in(3) {
        random.below(20)
    } else {
        random.below(likely_head)
    };
    match random.below(20) {
        0..9 => Action::Post {
            room,
            message: text(random, number),
            reply_to: random.one_in(4).then_some(target),
            calls: calls(random),
        },
        9..12 => Action::Edit {
            room,
            target,
            message: if random.one_in(3) {
                MessageText::parse("the same").unwrap()
            } else {
                text(random, number)
            },
            calls: calls(random),
        },
        12 => Action::Delete { room, target },
        13..16 => Action::React {
            room,
            target: target % 40,
            emoji: Emoji::parse(random.pick::<&str>(&EMOJI)).unwrap(),
            on: !random.one_in(3),
        },
        16 => Action::SetTopic {
            room,
            topic: Topic::parse(random.pick::<&str>(&TOPICS)).unwrap(),
        },
        17 => Action::Rename {
            name: PersonName::parse(random.pick::<&str>(&NAMES)).unwrap(),
        },
        18 if random.one_in(2) => Action::Read { room, seq: target },
        18 => Action::Positions {
            positions: (0..random.below(6)).map(|_| read_to(random)).collect(),
        },
        _ if random.one_in(2) => Action::Unread { room, seq: target },
        _ => Action::Leave { room },
    }
}

fn read_to(random: &mut Random) -> ReadTo {
    ReadTo {
        user_id: UserId::from_bytes([random.below(5).to_be_bytes()[7]; 16]),
        room: room_number(usize::try_from(random.below(ROOMS as u64)).unwrap()),
        seq: random.below(200),
        session: 0,
    }
}

fn text(random: &mut Random, number: usize) -> MessageText {
    let long = if random.one_in(100) {
        10_000
    } else {
        random.below(60)
    };
    let filler = "x".repeat(usize::try_from(long).unwrap() / 4);
    MessageText::parse(&format!("{number} 안녕 \"{filler}\"\n")).unwrap()
}

/// What is called in a text that has passed by where commands come in.
fn calls(random: &mut Random) -> Calls {
    let mut calls = Calls::default();
    for _ in 0..random.below(3) {
        calls
            .words
            .push(format!("{}, 안녕", random.pick::<&str>(&NAMES)).into());
    }
    calls
}

pub(crate) fn room_number(number: usize) -> RoomName {
    room(["lobby", "개발", "team-7", "ひろば", "a", "b_"][number])
}

pub(crate) async fn run(commands: &[Command], dice: Option<Random>) -> Traces {
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
    let (end, ended) = watch::channel(false);
    let mut reading = Vec::new();
    for (name, reader) in readers {
        let (chat, ended) = (Arc::clone(&chat), ended.clone());
        reading.push(tokio::spawn(async move {
            (name, read_to_the_end(&chat, reader, ended).await)
        }));
    }
    start.send(()).unwrap();
    healthy_as(&chat, Health::Closed).await;
    end.send_replace(true);
    let (mut heard, mut frames) = (BTreeMap::new(), BTreeMap::new());
    for task in reading {
        let (name, live) = task.await.unwrap();
        let mut later = join(&chat, &name, after(&chat, 0)).await;
        let read = later.read_now(&chat).await;
        assert_eq!(
            seqs(&live),
            Vec::from_iter(1..=later.head),
            "the events of {name}"
        );
        assert_eq!(seqs(&read), seqs(&live));
        heard.insert(
            name.clone(),
            live.iter().map(|frame| without_texts(frame)).collect(),
        );
        frames.insert(name, read);
    }
    Traces {
        outcomes: std::mem::take(&mut *outcomes.lock().unwrap()),
        heard,
        frames,
        tables: tables(folder.path()),
    }
}

/// All that is heard until the chat has ended.
async fn read_to_the_end(chat: &Chat, mut reader: Reader, mut ended: watch::Receiver<bool>) -> Vec<Bytes> {
    let mut frames = Vec::new();
    loop {
        let is_over = *ended.borrow();
        frames.extend(reader.read_now(chat).await);
        if is_over {
            return frames;
        }
        tokio::select! {
            () = reader.signal.woken() => {}
            _ = ended.changed() => {}
        }
    }
}

fn without_texts(frame: &[u8]) -> serde_json::Value {
    let mut frame = value(frame);
    let fields = frame.as_object_mut().unwrap();
    for field in ["message", "html", "mentions", "deleted"] {
        fields.remove(field);
    }
    if let Some(quote) = fields
        .get_mut("replyTo")
        .and_then(serde_json::Value::as_object_mut)
    {
        quote.remove("message");
    }
    frame
}

fn entries(commands: &[Command], outcomes: &Arc<Mutex<Vec<Outcome>>>) -> VecDeque<Entry> {
    let entry = |(position, command): (u64, &Command)| {
        let outcomes = Arc::clone(outcomes);
        Entry {
            position,
            command: command.clone(),
            digest: command.action.digest(),
            reply: Some(Reply::new(move |outcome| outcomes.lock().unwrap().push(outcome))),
        }
    };
    (1..).zip(commands).map(entry).collect()
}

/// Every row of every table, but for the epoch.
pub(crate) fn tables(folder: &Path) -> BTreeMap<String, Vec<Vec<Value>>> {
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
        .prepare(&format!("SELECT {columns} FROM {table}"))
        .unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|column| row.get(column)).collect());
    let mut rows: Vec<Vec<Value>> = rows.unwrap().map(Result::unwrap).collect();
    rows.sort_by_cached_key(|row| format!("{row:?}"));
    rows
}

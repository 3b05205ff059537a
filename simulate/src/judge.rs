//! What must always be so.
//!
//! The judge sees what nobody in the world does: all of the log, and who has applied what. It believes the log, except where
//! the world itself took something from it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use bytes::Bytes;
use chat::simulation::{Done, Event, State};
use chat::{Action, Command, LogHash, LogPoint};
use cluster::core::envelope::{Read, read};
use protocol::{ClientId, EventId, RoomName, UserId};

/// What stands in somebody's tables at a position.
pub(crate) struct Seen {
    pub(crate) whose: String,
    pub(crate) position: u64,
    pub(crate) words: HashSet<String>,
}

/// What must always be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invariant {
    AcknowledgedIsKept,
    AtMostOnce,
    AuthorOrder,
    SameHistory,
    CursorIsContinued,
    ResyncOnlyAfterLoss,
    ServedWhenCaughtUp,
    DeletedIsGone,
    DifferenceIsFound,
    LostLogIsFound,
    GoesOn,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AcknowledgedIsKept => "what was acknowledged is in the log and was applied",
            Self::AtMostOnce => "a command takes effect once at most",
            Self::AuthorOrder => "what an author sends one after the other happens in that order",
            Self::SameHistory => "nodes at the same position have the same hash and the same tables",
            Self::CursorIsContinued => "a cursor is continued without a gap, a repeat or another history",
            Self::ResyncOnlyAfterLoss => "nobody has to begin anew unless the log lost something",
            Self::ServedWhenCaughtUp => "a node serves nothing before it has caught up",
            Self::DeletedIsGone => "the text of a deleted message is in no table and no later snapshot",
            Self::DifferenceIsFound => "a node that has applied something else than the log says is found",
            Self::LostLogIsFound => "a node that has applied what the log lost does not go on",
            Self::GoesOn => "once all is well again everything that was asked for gets done",
        })
    }
}

/// Something that is not so.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) invariant: Invariant,
    pub(crate) what: String,
}

type CommandId = (UserId, ClientId);

#[derive(Debug)]
pub(crate) struct Judge {
    /// The log, from its first message on; the world may keep less.
    truth: Vec<Bytes>,
    /// The point after each message.
    points: Vec<LogPoint>,
    /// Where a command stands first.
    logged: HashMap<CommandId, u64>,
    /// Where it took effect, on whichever node that was first.
    effects: HashMap<CommandId, (u64, usize)>,
    /// What clients saw at a place of a room.
    seen: HashMap<(RoomName, u64), [u8; 16]>,
    /// What was said, by the id of the event it would make.
    texts: HashMap<EventId, String>,
    acknowledged: Vec<(CommandId, RoomName, u64)>,
    /// In which order each author's commands were first sent.
    sent: HashMap<UserId, Vec<ClientId>>,
    /// Those that were refused at a node's door: what was sent after them may have been let in.
    not_let_in: HashSet<CommandId>,
    /// Digests of tables that were seen at a position.
    tables: BTreeMap<u64, Vec<(String, [u8; 32])>>,
    /// Whether the log lost something.
    pub(crate) was_lost: bool,
    pub(crate) violation: Option<Violation>,
}

impl Judge {
    pub(crate) fn new() -> Self {
        Self {
            truth: Vec::new(),
            points: Vec::new(),
            logged: HashMap::new(),
            effects: HashMap::new(),
            seen: HashMap::new(),
            texts: HashMap::new(),
            acknowledged: Vec::new(),
            sent: HashMap::new(),
            not_let_in: HashSet::new(),
            tables: BTreeMap::new(),
            was_lost: false,
            violation: None,
        }
    }

    /// The first one counts: what follows from it says less.
    pub(crate) fn violated(&mut self, invariant: Invariant, what: impl Into<String>) {
        if self.violation.is_none() {
            self.violation = Some(Violation {
                invariant,
                what: what.into(),
            });
        }
    }

    pub(crate) fn point(&self, position: u64) -> LogPoint {
        let index = usize::try_from(position).unwrap_or(usize::MAX).checked_sub(1);
        index
            .and_then(|index| self.points.get(index))
            .copied()
            .unwrap_or_default()
    }

    /// The log took a message.
    pub(crate) fn appended(&mut self, payload: &Bytes) {
        let last = self.points.last().copied().unwrap_or_default();
        let point = last.then(payload);
        if let Read::Ours(envelope) = read(payload) {
            for command in &envelope.commands {
                self.logged.entry(id(command)).or_insert(point.position);
            }
        }
        self.truth.push(payload.clone());
        self.points.push(point);
    }

    /// The log lost its end, after this position.
    pub(crate) fn cut(&mut self, last: u64) {
        self.was_lost = true;
        let kept = usize::try_from(last).unwrap_or(usize::MAX);
        self.truth.truncate(kept);
        self.points.truncate(kept);
        self.tables.retain(|position, _| *position <= last);
        self.effects.retain(|_, (position, _)| *position <= last);
        self.seen.clear();
    }

    pub(crate) fn sends(&mut self, author: UserId, client_id: ClientId) {
        let sent = self.sent.entry(author).or_default();
        if !sent.contains(&client_id) {
            sent.push(client_id);
        }
    }

    pub(crate) fn not_let_in(&mut self, id: CommandId) {
        self.not_let_in.insert(id);
    }

    pub(crate) fn says(&mut self, event_id: EventId, action: &Action) {
        if let Action::Post { message, .. } | Action::Edit { message, .. } = action {
            self.texts.insert(event_id, message.as_str().to_owned());
        }
    }

    /// A node applied a message; it is one that should have applied what the log says.
    pub(crate) fn applied(&mut self, node: &str, point: LogPoint, commands: &[Command], done: &[Done]) {
        if self.point(point.position) != point {
            let what = format!("{node} has another hash at position {}", point.position);
            self.violated(Invariant::SameHistory, what);
        }
        for (index, (command, done)) in commands.iter().zip(done).enumerate() {
            let is_new = done.outcome.is_ok_and(|accepted| !accepted.repeated);
            if !is_new || !command.action.is_remembered() {
                continue;
            }
            let here = (point.position, index);
            let first = *self.effects.entry(id(command)).or_insert(here);
            if first != here {
                let what = format!(
                    "{} took effect at {first:?} and, on {node}, at {here:?}",
                    command.client_id
                );
                self.violated(Invariant::AtMostOnce, what);
            }
        }
    }

    /// What was said at a place of a room, as far as anybody has seen it.
    pub(crate) fn text_of(&self, room: &RoomName, seq: u64) -> Option<&str> {
        let event_id = self.seen.get(&(room.clone(), seq))?;
        self.texts
            .get(&EventId::from_bytes(*event_id))
            .map(String::as_str)
    }

    /// A client was told that its command was taken, by a node that has applied so much.
    pub(crate) fn acknowledged(
        &mut self,
        node: &str,
        applied: u64,
        id: CommandId,
        room: &RoomName,
        seq: u64,
    ) {
        let is_applied = self.logged.get(&id).is_some_and(|position| *position <= applied);
        if !is_applied && !self.was_lost {
            let what = format!("{node} acknowledged {} at position {applied}", id.1);
            self.violated(Invariant::AcknowledgedIsKept, what);
        }
        self.acknowledged.push((id, room.clone(), seq));
    }

    /// A client saw what happened next, after `cursor`.
    pub(crate) fn saw(&mut self, who: &str, room: &RoomName, cursor: u64, event: &Event) {
        if self.was_lost {
            return;
        }
        let mut what = None;
        if event.seq != cursor + 1 {
            what = Some(format!(
                "{who} stood at {cursor} of {room} and was told {}",
                event.seq
            ));
        }
        let known = self
            .seen
            .entry((room.clone(), event.seq))
            .or_insert(event.event_id);
        if *known != event.event_id {
            what = Some(format!("{who} saw another event at {} of {room}", event.seq));
        }
        let text = self.texts.get(&EventId::from_bytes(event.event_id));
        if let (Some(seen), Some(said)) = (&event.text, text)
            && !seen.is_empty()
            && seen != said
        {
            what = Some(format!("{who} read {seen:?} where {said:?} was said"));
        }
        if let Some(what) = what {
            self.violated(Invariant::CursorIsContinued, what);
        }
    }

    /// Some tables stand at this position.
    pub(crate) fn tables(&mut self, whose: &str, position: u64, digest: [u8; 32]) {
        let tables = self.tables.entry(position).or_default();
        tables.push((whose.to_owned(), digest));
    }

    /// Goes through the log with a state of its own, which is empty, and compares everything that was seen with it.
    pub(crate) fn finish(&mut self, mut state: State, tables: &[Seen]) -> Result<(), chat::Error> {
        let mut point = LogPoint::default();
        let mut words = Words::default();
        let mut order: HashMap<UserId, Vec<ClientId>> = HashMap::new();
        let mut made: HashMap<(RoomName, u64), CommandId> = HashMap::new();
        for payload in self.truth.clone() {
            point = point.then(&payload);
            let position = point.position;
            let commands = match read(&payload) {
                Read::Ours(envelope) => envelope.commands,
                Read::Foreign | Read::UnknownFormat(_) => Vec::new(),
            };
            let done = state.apply(&point, &commands)?;
            for (command, done) in commands.iter().zip(&done) {
                words.note(command, done);
                let is_new = done.outcome.is_ok_and(|accepted| !accepted.repeated);
                if is_new && command.action.is_remembered() {
                    order.entry(command.author).or_default().push(command.client_id);
                }
                if let Some((room, seq)) = &done.event {
                    made.insert((room.clone(), *seq), id(command));
                }
            }
            for Seen {
                whose, words: seen, ..
            } in tables.iter().filter(|seen| seen.position == position)
            {
                if let Some(word) = seen.iter().find(|word| words.deleted.contains(*word)) {
                    let what = format!("{whose} has {word} at position {position}");
                    self.violated(Invariant::DeletedIsGone, what);
                }
            }
            self.compare_tables(position, &state)?;
        }
        if !self.was_lost {
            self.compare_order(&order);
            for (id, room, seq) in std::mem::take(&mut self.acknowledged) {
                if made.get(&(room.clone(), seq)) != Some(&id) {
                    let what = format!("{} was acknowledged as {seq} of {room}", id.1);
                    self.violated(Invariant::AcknowledgedIsKept, what);
                }
            }
        }
        Ok(())
    }

    fn compare_tables(&mut self, position: u64, state: &State) -> Result<(), chat::Error> {
        let Some(tables) = self.tables.remove(&position) else {
            return Ok(());
        };
        let expected = state.digest()?;
        for (whose, digest) in tables {
            if digest != expected {
                let what = format!("{whose} has other tables at position {position}");
                self.violated(Invariant::SameHistory, what);
            }
        }
        Ok(())
    }

    fn compare_order(&mut self, happened: &HashMap<UserId, Vec<ClientId>>) {
        let mut wrong = None;
        for (author, sent) in &self.sent {
            let places: HashMap<_, _> = sent.iter().enumerate().map(|(place, id)| (id, place)).collect();
            let happened = happened.get(author).into_iter().flatten();
            let happened = happened.filter(|id| !self.not_let_in.contains(&(*author, **id)));
            let happened: Vec<_> = happened.filter_map(|id| places.get(id)).collect();
            if !happened.is_sorted() {
                wrong = Some(format!(
                    "{author} sent 0, 1, 2, … and what happened was {happened:?}"
                ));
            }
        }
        if let Some(what) = wrong {
            self.violated(Invariant::AuthorOrder, what);
        }
    }

    /// A node's hash at a position, as the log says it.
    pub(crate) fn hash(&self, position: u64) -> LogHash {
        self.point(position).hash
    }
}

/// The words of messages, by message, and those of deleted ones.
#[derive(Default)]
struct Words {
    of: HashMap<(RoomName, u64), Vec<String>>,
    deleted: HashSet<String>,
}

impl Words {
    fn note(&mut self, command: &Command, done: &Done) {
        let Some((room, seq)) = &done.event else {
            return;
        };
        let of = |text: &str| {
            text.split_ascii_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        match &command.action {
            Action::Post { message, .. } => {
                self.of.insert((room.clone(), *seq), of(message.as_str()));
            }
            Action::Edit { target, message, .. } => {
                let words = self.of.entry((room.clone(), *target)).or_default();
                words.extend(of(message.as_str()));
            }
            Action::Delete { target, .. } => {
                let words = self.of.remove(&(room.clone(), *target));
                self.deleted.extend(words.into_iter().flatten());
            }
            _ => {}
        }
    }
}

fn id(command: &Command) -> CommandId {
    (command.author, command.client_id)
}

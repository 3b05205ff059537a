//! A server: the log of each room and its messages as they stand, who has asked for what, who has read how far, and the
//! frames of `madang.v1`.

use std::collections::{BTreeMap, HashMap};

use client::Message;
use client::model::Part;
use client::model::{Change, ChangeKind, Event};
use client::model::{Details, Quote, Reaction};
use client::testing::Random;
use protocol::limits::HISTORY_PAGE_MESSAGES;
use protocol::{ClientId, Epoch, ErrorCode, EventId, RoomName, ServerFrame, UserId};
use serde_json::{Value, json};

use super::Faults;

/// Events a join is caught up by; few, so that stories reach it.
pub(crate) const CATCH_UP_EVENTS_MAX: u64 = 200;
/// How long somebody is typing who does not say so again, in milliseconds.
const TYPING_MS: u64 = 5_000;

/// Where a line stands in a room it has joined.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) room: String,
    pub(crate) seq: u64,
    pub(crate) is_quiet: bool,
}

/// Where a line stands in the rooms it has joined.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Places(pub(crate) Vec<Place>);

impl Places {
    fn set(&mut self, room: &str, seq: u64, is_quiet: bool) {
        self.remove(room);
        self.0.push(Place {
            room: room.to_owned(),
            seq,
            is_quiet,
        });
    }

    fn remove(&mut self, room: &str) {
        self.0.retain(|known| known.room != room);
    }
}

/// What a line was told that is in no log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// So many of the frames to single people.
    people: usize,
    /// The last frame of each type and room.
    rooms: BTreeMap<(String, &'static str), String>,
}

/// A room.
#[derive(Default)]
pub(crate) struct Room {
    events: Vec<Event>,
    /// The messages as they stand.
    rows: Vec<Message>,
    /// What each message was since it was said, by its `rev`; the first is what was said.
    versions: Vec<Vec<Message>>,
    pub(crate) topic: String,
    typing: Vec<(UserId, u64)>,
}

impl Room {
    fn head(&self) -> u64 {
        self.events.len() as u64
    }

    fn at(&self, seq: u64) -> Option<usize> {
        self.rows.binary_search_by_key(&seq, |row| row.seq).ok()
    }

    /// A row as it is read now.
    pub(crate) fn as_it_stands(&self, row: &Message) -> Message {
        let mut row = row.clone();
        let quote = row.details.as_mut().and_then(|details| details.reply_to.as_mut());
        if let Some(quote) = quote {
            let quoted = &self.rows[self.at(quote.seq).unwrap()].message;
            quote.excerpt = quoted.chars().take(100).collect::<String>().into();
        }
        row
    }

    /// The messages as they are read now, the last first.
    pub(crate) fn latest_first(&self) -> impl Iterator<Item = Message> {
        self.rows.iter().rev().map(|row| self.as_it_stands(row))
    }

    /// Whether a message was at some time as this row has it. What has been deleted since may be blank already.
    pub(crate) fn was(&self, row: &Message) -> bool {
        let unquoted = |row: &Message| {
            let mut row = row.clone();
            if let Some(quote) = row.details.as_mut().and_then(|details| details.reply_to.as_mut()) {
                quote.excerpt = "".into();
            }
            row
        };
        let Some(at) = self.at(row.seq) else { return false };
        let is_blank = row.message.is_empty() && self.rows[at].is_deleted();
        let was = |version: &Message| {
            let is_it = || version == row || unquoted(version) == unquoted(row);
            version.rev == row.rev && (is_blank || is_it())
        };
        self.versions[at].iter().rev().any(was)
    }

    /// An event as it is read now: nothing is left of what was deleted.
    fn event(&self, at: usize) -> Event {
        let is_deleted = |seq| self.at(seq).is_some_and(|at| self.rows[at].is_deleted());
        match self.events[at].clone() {
            Event::Message(message) if is_deleted(message.seq) => {
                let mut message = self.as_it_stands(&message);
                message.message.clear();
                message.details.get_or_insert_default().is_deleted = true;
                Event::Message(message)
            }
            Event::Message(message) => Event::Message(self.as_it_stands(&message)),
            Event::Change(mut change) => {
                if let ChangeKind::Edited { message, .. } = &mut change.kind
                    && is_deleted(change.target)
                {
                    message.clear();
                }
                Event::Change(change)
            }
            other @ Event::Other { .. } => other,
        }
    }

    /// Does to a message what a change says.
    fn apply(&mut self, change: &Change) {
        match &change.kind {
            ChangeKind::Topic(topic) => self.topic.clone_from(topic),
            kind => {
                let at = self.at(change.target).unwrap();
                let row = &mut self.rows[at];
                row.rev = change.seq;
                apply(row, kind, change);
                let version = row.clone();
                self.versions[at].push(version);
            }
        }
    }
}

fn apply(row: &mut Message, kind: &ChangeKind, change: &Change) {
    let mut details = row.details.take().unwrap_or_default();
    match kind {
        ChangeKind::Edited { message, .. } => {
            row.message.clone_from(message);
            details.edited_at = Some(change.at);
        }
        ChangeKind::Deleted => {
            row.message.clear();
            details.is_deleted = true;
            details.reactions.clear();
        }
        ChangeKind::Reacted { emoji, on } => {
            let of_emoji = |reaction: &&mut Reaction| reaction.emoji == *emoji;
            match details.reactions.iter_mut().find(of_emoji) {
                Some(reaction) => {
                    reaction.user_ids.retain(|user_id| *user_id != change.user_id);
                    reaction.user_ids.extend(on.then_some(change.user_id));
                }
                None => details.reactions.push(Reaction {
                    emoji: emoji.clone(),
                    user_ids: vec![change.user_id],
                }),
            }
            details.reactions.retain(|reaction| !reaction.user_ids.is_empty());
        }
        ChangeKind::Topic(_) => {}
    }
    row.details = Some(details).filter(|details| **details != Details::default());
}

pub(crate) struct Server {
    pub(crate) is_up: bool,
    pub(crate) epoch: Epoch,
    pub(crate) rooms: BTreeMap<String, Room>,
    known: HashMap<(UserId, ClientId), (Value, u64)>,
    pub(crate) names: BTreeMap<UserId, String>,
    pub(crate) positions: BTreeMap<(UserId, String), u64>,
    /// Frames to single people.
    people: Vec<(UserId, String)>,
    /// The answer to every command, if it is not to be taken.
    pub(crate) refuses: Option<ErrorCode>,
    /// Whether it knows no place that a join names.
    pub(crate) knows_no_place: bool,
    /// Posts that reached it, repeats included.
    pub(crate) posts: usize,
    /// Joins that reached it.
    pub(crate) joins: usize,
    /// Frames about positions that reached it.
    pub(crate) reads: usize,
    /// Times the list of rooms was asked for.
    pub(crate) lists: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            is_up: true,
            epoch: Epoch::from_bytes([7; 16]),
            rooms: BTreeMap::new(),
            known: HashMap::new(),
            names: BTreeMap::new(),
            positions: BTreeMap::new(),
            people: Vec::new(),
            refuses: None,
            knows_no_place: false,
            posts: 0,
            joins: 0,
            reads: 0,
            lists: 0,
        }
    }
}

impl Server {
    /// An error code that this protocol may not have yet; one like it then.
    pub(crate) fn code(name: &str) -> ErrorCode {
        let known = ErrorCode::ALL.iter().copied().find(|code| code.as_str() == name);
        known.unwrap_or(ErrorCode::NotFound)
    }

    /// The messages of a room as they stand.
    pub(crate) fn log(&self, room: &str) -> &[Message] {
        self.rooms.get(room).map_or(&[], |room| &room.rows)
    }

    pub(crate) fn texts(&self, room: &str) -> Vec<String> {
        self.log(room)
            .iter()
            .map(|message| message.message.clone())
            .collect()
    }

    /// The places of the messages of a room and what they said at first.
    pub(crate) fn said(&self, room: &str) -> impl DoubleEndedIterator<Item = (u64, &str)> {
        let versions = self.rooms.get(room).map_or(&[][..], |room| &room.versions);
        versions
            .iter()
            .map(|versions| (versions[0].seq, &*versions[0].message))
    }

    pub(crate) fn head(&self, room: &str) -> u64 {
        self.rooms.get(room).map_or(0, Room::head)
    }

    /// The place of the message that said this at first.
    pub(crate) fn place_of(&self, room: &str, text: &str) -> u64 {
        self.said(room).rev().find(|(_, said)| *said == text).unwrap().0
    }

    /// Another database, with nothing in it.
    pub(crate) fn replace_database(&mut self) {
        self.epoch = Epoch::from_bytes([self.epoch.as_bytes()[0] + 1; 16]);
        self.rooms.clear();
        self.known.clear();
        self.positions.clear();
    }

    /// Somebody without a tab says something.
    pub(crate) fn say(&mut self, room: &str, text: &str) -> u64 {
        self.act(room, &json!({"type": "post", "message": text}))
    }

    /// Somebody without a tab does something.
    pub(crate) fn act(&mut self, room: &str, frame: &Value) -> u64 {
        let seq = self.head(room) + 1;
        let author = UserId::from_bytes([9; 16]);
        let client_id = ClientId::from_parts(seq, [9; 10]);
        self.commit(author, client_id, room, frame).unwrap()
    }

    /// Applies a command; the place of its event, or of the room's last where it changes nothing.
    fn commit(
        &mut self,
        author: UserId,
        client_id: ClientId,
        name: &str,
        frame: &Value,
    ) -> Result<u64, ErrorCode> {
        if frame["type"] == "rename" {
            let name = frame["name"].as_str().unwrap().trim();
            if name.is_empty() {
                return Err(Self::code("badName"));
            }
            self.names.insert(author, name.to_owned());
            let told = json!({"type": "name", "userId": author, "name": name});
            self.people.push((author, told.to_string()));
            return Ok(0);
        }
        let epoch = self.epoch;
        let author_name = self.names.get(&author).map(|name| Box::from(&**name));
        let room = self.rooms.entry(name.to_owned()).or_default();
        let seq = room.head() + 1;
        let id = EventId::from_parts(seq, epoch.as_bytes()[..10].try_into().unwrap());
        let text = |field: &str| frame[field].as_str().unwrap().to_owned();
        let mut target = 0;
        if let Some(wanted) = frame["target"].as_u64().or(frame["replyTo"].as_u64()) {
            let at = room.at(wanted).ok_or(Self::code("noSuchMessage"))?;
            target = wanted;
            let row = &room.rows[at];
            let is_own = matches!(frame["type"].as_str(), Some("edit" | "delete"));
            if is_own && row.user_id != author {
                return Err(Self::code("notYours"));
            }
            if row.is_deleted() && frame["type"] == "delete" {
                return Ok(room.head());
            }
            if row.is_deleted() && frame["type"] != "post" {
                return Err(Self::code("deleted"));
            }
        }
        let kind = match frame["type"].as_str().unwrap() {
            "post" => {
                let quoted = room.at(target).map(|at| &room.rows[at]);
                let reply_to = quoted.map(|row| Quote {
                    seq: row.seq,
                    user_id: row.user_id,
                    name: row.name.clone(),
                    excerpt: "".into(),
                });
                let details = Details {
                    reply_to,
                    ..Details::default()
                };
                let message = Message {
                    seq,
                    rev: seq,
                    id,
                    client_id,
                    user_id: author,
                    name: author_name,
                    message: text("message"),
                    at: seq,
                    details: Some(Box::new(details)).filter(|details| **details != Details::default()),
                };
                room.rows.push(message.clone());
                room.versions.push(vec![message.clone()]);
                room.events.push(Event::Message(message));
                self.positions.insert((author, name.to_owned()), seq);
                return Ok(seq);
            }
            "edit" => ChangeKind::Edited {
                message: text("message"),
                html: None,
            },
            "delete" => ChangeKind::Deleted,
            "react" => ChangeKind::Reacted {
                emoji: text("emoji").into(),
                on: frame["on"].as_bool().unwrap(),
            },
            "topic" => ChangeKind::Topic(text("topic")),
            other => panic!("{other}"),
        };
        let is_done = match (&kind, room.at(target).map(|at| &room.rows[at])) {
            (ChangeKind::Topic(topic), _) => *topic == room.topic,
            (ChangeKind::Edited { message, .. }, Some(row)) => *message == row.message,
            (ChangeKind::Reacted { emoji, on }, Some(row)) => {
                let mut reactions = row.reactions().iter();
                let has_it =
                    |reaction: &Reaction| reaction.emoji == *emoji && reaction.user_ids.contains(&author);
                reactions.any(has_it) == *on
            }
            _ => false,
        };
        if is_done {
            return Ok(room.head());
        }
        let change = Change {
            seq,
            id,
            client_id,
            user_id: author,
            at: seq,
            target,
            kind,
        };
        room.apply(&change);
        room.events.push(Event::Change(change));
        Ok(seq)
    }

    pub(crate) fn greeting(&self, user_id: UserId) -> String {
        let mut frame =
            json!({"type": "userId", "userId": user_id, "epoch": self.epoch, "limits": {"postRate": 30}});
        if let Some(name) = self.names.get(&user_id) {
            frame["name"] = json!(name);
        }
        frame.to_string()
    }

    /// What is at an address of history, or at that of the list of rooms.
    pub(crate) fn get(&mut self, user_id: UserId, address: &str) -> String {
        if address == client::wire::endpoints::ROOMS {
            self.lists += 1;
            return self.list(user_id);
        }
        let (path, query) = address.split_once('?').unwrap();
        let room = path.split('/').nth(4).unwrap();
        let part = query.split('&').nth(1).map_or(Part::Latest, |part| {
            let (name, seq) = part.split_once('=').unwrap();
            let seq = seq.parse().unwrap();
            match name {
                "before" => Part::Before(seq),
                "after" => Part::After(seq),
                "around" => Part::Around(seq),
                _ => panic!("{address}"),
            }
        });
        self.page(room, part)
    }

    pub(crate) fn page(&self, name: &str, part: Part) -> String {
        let empty = Room::default();
        let room = self.rooms.get(name).unwrap_or(&empty);
        let before = |seq: u64| room.rows.partition_point(|row| row.seq < seq);
        let (count, limit) = (room.rows.len(), HISTORY_PAGE_MESSAGES);
        let (from, to) = match part {
            Part::Latest => (count.saturating_sub(limit), count),
            Part::Before(seq) => (before(seq).saturating_sub(limit), before(seq)),
            Part::After(seq) => (before(seq + 1), (before(seq + 1) + limit).min(count)),
            Part::Around(seq) => {
                let middle = before(seq);
                (middle.saturating_sub(limit / 2), (middle + limit / 2).min(count))
            }
        };
        let messages: Vec<Value> = room.rows[from..to]
            .iter()
            .map(|row| write(name, &Event::Message(room.as_it_stands(row))))
            .collect();
        let page = json!({
            "epoch": self.epoch, "seq": room.head(), "topic": room.topic, "messages": messages,
            "hasOlder": from > 0, "hasNewer": to < count,
        });
        page.to_string()
    }

    /// Messages of others in a room that this person has not read.
    pub(crate) fn unread(&self, user_id: UserId, name: &str, read: u64) -> u64 {
        let is_unread = |row: &&Message| row.seq > read && row.user_id != user_id && !row.is_deleted();
        let count = self.log(name).iter().filter(is_unread).count() as u64;
        count.min(1_000)
    }

    /// The rooms this person follows, each with the last `seq` read and how many messages are not.
    pub(crate) fn followed(&self, user_id: UserId) -> Vec<(String, u64, u64)> {
        let positions = self
            .positions
            .iter()
            .filter(|((person, _), _)| *person == user_id);
        positions
            .map(|((_, name), read)| (name.clone(), *read, self.unread(user_id, name, *read)))
            .collect()
    }

    fn list(&self, user_id: UserId) -> String {
        let item = |(name, read, unread): (String, u64, u64)| {
            let (head, topic) = self
                .rooms
                .get(&name)
                .map_or((0, ""), |room| (room.head(), &room.topic));
            json!({"room": name, "topic": topic, "head": head, "at": head, "read": read, "unread": unread,
                "following": true})
        };
        let rooms: Vec<Value> = self.followed(user_id).into_iter().map(item).collect();
        json!({"epoch": self.epoch, "rooms": rooms}).to_string()
    }

    /// Carries out one frame; what is said about it at once.
    pub(crate) fn command(
        &mut self,
        (author, now): (UserId, u64),
        text: &str,
        places: &mut Places,
        random: &mut Random,
        faults: Faults,
    ) -> Vec<String> {
        let frame: Value = serde_json::from_str(text).unwrap();
        let room = frame["room"].as_str().unwrap_or_default();
        match frame["type"].as_str().unwrap() {
            "ping" => vec![json!({"type": "beat"}).to_string()],
            "unsubscribe" => {
                places.remove(room);
                Vec::new()
            }
            "join" => vec![self.join(room, &frame, places)],
            "read" | "unread" | "leave" => {
                self.reads += 1;
                self.place(author, room, &frame);
                Vec::new()
            }
            "typing" => {
                if let Some(room) = self.rooms.get_mut(room) {
                    room.typing.retain(|(user_id, _)| *user_id != author);
                    if frame["on"] == true {
                        room.typing.push((author, now + TYPING_MS));
                    }
                }
                Vec::new()
            }
            _ => {
                let busy = random.once_in(faults.busy);
                vec![self.take(author, frame, busy)]
            }
        }
    }

    /// Somebody is at another place in a room.
    fn place(&mut self, user_id: UserId, room: &str, frame: &Value) {
        let key = (user_id, room.to_owned());
        let known = self.positions.get(&key).copied();
        if frame["type"] == "leave" {
            if self.positions.remove(&key).is_some() {
                let told = json!({"type": "left", "room": room}).to_string();
                self.people.push((user_id, told));
            }
            return;
        }
        let mut read = frame["seq"].as_u64().unwrap().min(self.head(room));
        if frame["type"] == "read" {
            read = read.max(known.unwrap_or(0));
        }
        self.positions.insert(key, read);
        if known != Some(read) {
            let unread = self.unread(user_id, room, read);
            let told = json!({"type": "read", "room": room, "read": read, "unread": unread}).to_string();
            self.people.push((user_id, told));
        }
    }

    fn join(&mut self, name: &str, frame: &Value, places: &mut Places) -> String {
        self.joins += 1;
        let after = frame["after"].as_u64().unwrap();
        let epoch: Epoch = frame["epoch"].as_str().unwrap().parse().unwrap();
        let id: Option<EventId> = frame["eventId"].as_str().map(|id| id.parse().unwrap());
        let head = self.head(name);
        let known = self.rooms.get(name).zip(after.checked_sub(1));
        let known = known.and_then(|(room, at)| room.events.get(at as usize)?.id());
        let is_known = id.is_none_or(|id| known.is_none_or(|known| known == id));
        if self.knows_no_place
            || epoch != self.epoch
            || after > head
            || !is_known
            || head - after > CATCH_UP_EVENTS_MAX
        {
            places.remove(name);
            return json!({"type": "resync", "room": name}).to_string();
        }
        places.set(name, after, frame["quiet"] == true);
        json!({"type": "joined", "room": name, "epoch": epoch, "seq": after, "head": head}).to_string()
    }

    fn take(&mut self, author: UserId, frame: Value, busy: bool) -> String {
        self.posts += usize::from(frame["type"] == "post");
        let client_id: ClientId = frame["clientId"].as_str().unwrap().parse().unwrap();
        let result = match self.known.get(&(author, client_id)) {
            Some((known, seq)) if *known == frame => Ok(*seq),
            Some(_) => Err(ErrorCode::ClientIdReused),
            None => match self.refuses {
                Some(code) => Err(code),
                None if busy => Err(ErrorCode::Busy),
                None => {
                    let room = frame["room"].as_str().unwrap_or_default();
                    self.commit(author, client_id, room, &frame)
                }
            },
        };
        if let Ok(seq) = result {
            self.known.insert((author, client_id), (frame, seq));
        }
        match result {
            Ok(seq) => json!({"type": "ack", "clientId": client_id, "seq": seq}).to_string(),
            Err(code) => frame_text(&ServerFrame::Error {
                code,
                message: "",
                client_id: Some(&client_id.to_string()),
                room: None,
                retry_after_ms: (code == ErrorCode::Busy).then_some(300),
            }),
        }
    }

    /// The events after these places, which move on.
    pub(crate) fn pull(&self, places: &mut Places, said: &mut Vec<String>) {
        for Place { room: name, seq, .. } in &mut places.0 {
            let Some(room) = self.rooms.get(name) else {
                continue;
            };
            for at in *seq as usize..room.events.len() {
                said.push(write(name, &room.event(at)).to_string());
            }
            *seq = room.head();
        }
    }

    /// What is in no log and a line does not know yet: what concerns its person, and who is in its rooms.
    pub(crate) fn pull_soft(
        &mut self,
        (user_id, now): (UserId, u64),
        places: &Places,
        here: &BTreeMap<String, Vec<UserId>>,
        told: &mut Told,
    ) -> Vec<String> {
        let own = self.people[told.people..].iter();
        let own = own.filter(|(person, _)| *person == user_id);
        let mut said: Vec<String> = own.map(|(_, frame)| frame.clone()).collect();
        told.people = self.people.len();
        for place in places.0.iter().filter(|place| !place.is_quiet) {
            let name = &place.room;
            let person = |user_id: &UserId| json!({"userId": user_id, "name": self.names.get(user_id)});
            let people: Vec<Value> = here.get(name).into_iter().flatten().map(person).collect();
            let count = people.len();
            let mut frames = vec![(
                "presence",
                json!({"type": "presence", "room": name, "people": people, "count": count}),
            )];
            if let Some(room) = self.rooms.get(name) {
                let typing: Vec<Value> = room
                    .typing
                    .iter()
                    .filter(|(_, until)| now < *until)
                    .map(|(user_id, _)| person(user_id))
                    .collect();
                let is_known = told.rooms.contains_key(&(name.clone(), "typing"));
                if is_known || !typing.is_empty() {
                    frames.push((
                        "typing",
                        json!({"type": "typing", "room": name, "people": typing}),
                    ));
                }
            }
            for (kind, frame) in frames {
                let frame = frame.to_string();
                let before = told.rooms.insert((name.clone(), kind), frame.clone());
                said.extend(Some(frame).filter(|frame| before.as_ref() != Some(frame)));
            }
        }
        told.rooms.retain(|(name, _), _| {
            places
                .0
                .iter()
                .any(|place| place.room == *name && !place.is_quiet)
        });
        said
    }

    /// A line begins: what was said to people before is not for it.
    pub(crate) fn told_by_now(&self) -> Told {
        Told {
            people: self.people.len(),
            rooms: BTreeMap::new(),
        }
    }

    pub(crate) fn cursor(&self, places: &Places) -> String {
        let mut text = self.epoch.to_string();
        for Place { room, seq, is_quiet } in &places.0 {
            text += &format!(".{room}~{seq}~{}", u8::from(*is_quiet));
        }
        text
    }

    pub(crate) fn envelope(&self, places: &Places, said: &[String]) -> String {
        format!(
            r#"{{"cursor":"{}","frames":[{}]}}"#,
            self.cursor(places),
            said.join(",")
        )
    }

    /// The places in an address; those that mean nothing here any more are said to.
    pub(crate) fn resume(&self, address: &str, said: &mut Vec<String>) -> Places {
        let mut places = Places::default();
        let Some((_, cursor)) = address.split_once("cursor=") else {
            return places;
        };
        let mut parts = cursor.split('&').next().unwrap().split('.');
        let is_ours = parts.next() == Some(&self.epoch.to_string());
        for part in parts {
            let mut part = part.split('~');
            let room = part.next().unwrap();
            let seq: u64 = part.next().unwrap().parse().unwrap();
            let is_quiet = part.next() == Some("1");
            if is_ours
                && self
                    .head(room)
                    .checked_sub(seq)
                    .is_some_and(|lag| lag <= CATCH_UP_EVENTS_MAX)
            {
                places.set(room, seq, is_quiet);
            } else {
                let name = RoomName::parse(room).unwrap();
                said.push(frame_text(&ServerFrame::Resync { room: &name }));
            }
        }
        places
    }
}

/// An event as a frame.
fn write(room: &str, event: &Event) -> Value {
    let (client_id, user_id) = event.command().unwrap();
    let mut frame = json!({
        "room": room, "seq": event.seq(), "id": event.id(), "clientId": client_id, "userId": user_id,
    });
    let more = match event {
        Event::Message(message) => {
            let mut more = json!({"type": "message", "message": message.message, "at": message.at});
            if let Some(name) = &message.name {
                more["name"] = json!(name);
            }
            if message.rev != message.seq {
                more["rev"] = json!(message.rev);
            }
            if let Some(at) = message.edited_at() {
                more["editedAt"] = json!(at);
            }
            if message.is_deleted() {
                more["deleted"] = json!(true);
            }
            if let Some(quote) = message.reply_to() {
                more["replyTo"] =
                    json!({"seq": quote.seq, "userId": quote.user_id, "message": quote.excerpt});
                if let Some(name) = &quote.name {
                    more["replyTo"]["name"] = json!(name);
                }
            }
            let reactions = message.reactions().iter();
            let reactions =
                reactions.map(|reaction| json!({"emoji": reaction.emoji, "userIds": reaction.user_ids}));
            let reactions: Vec<Value> = reactions.collect();
            if !reactions.is_empty() {
                more["reactions"] = json!(reactions);
            }
            more
        }
        Event::Change(Change { at, target, kind, .. }) => match kind {
            ChangeKind::Edited { message, .. } => {
                json!({"type": "edited", "at": at, "target": target, "message": message})
            }
            ChangeKind::Deleted => json!({"type": "deleted", "at": at, "target": target}),
            ChangeKind::Reacted { emoji, on } => {
                json!({"type": "reacted", "at": at, "target": target, "emoji": emoji, "on": on})
            }
            ChangeKind::Topic(topic) => json!({"type": "topic", "at": at, "topic": topic}),
        },
        Event::Other { .. } => panic!("nothing of the kind is kept"),
    };
    let fields = frame.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    frame
}

fn frame_text(frame: &ServerFrame<'_>) -> String {
    serde_json::to_string(frame).unwrap()
}

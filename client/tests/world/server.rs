//! A server: the log of each room, who has posted what, and the frames of `madang.v1`.

use std::collections::{BTreeMap, HashMap};

use client::Message;
use protocol::limits::HISTORY_PAGE_MESSAGES;
use protocol::{
    ClientFrame, ClientId, Epoch, ErrorCode, EventId, HistoryPage, LimitsFrame, MessageEvent, RoomName,
    ServerFrame, UserId,
};

use super::{Faults, Random};

/// Events a join is caught up by; few, so that stories reach it.
pub(crate) const CATCH_UP_EVENTS_MAX: u64 = 200;

/// Where a line stands in the rooms it has joined.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Places(pub(crate) Vec<(String, u64)>);

impl Places {
    fn set(&mut self, room: &str, seq: u64) {
        self.remove(room);
        self.0.push((room.to_owned(), seq));
    }

    fn remove(&mut self, room: &str) {
        self.0.retain(|(known, _)| known != room);
    }
}

pub(crate) struct Server {
    pub(crate) is_up: bool,
    pub(crate) epoch: Epoch,
    pub(crate) rooms: BTreeMap<String, Vec<Message>>,
    known: HashMap<(UserId, ClientId), (String, String, u64)>,
    /// The answer to every post, if it is not to be taken.
    pub(crate) refuses: Option<ErrorCode>,
    /// Whether it knows no place that a join names.
    pub(crate) knows_no_place: bool,
    /// Posts that reached it, repeats included.
    pub(crate) posts: usize,
    /// Joins that reached it.
    pub(crate) joins: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            is_up: true,
            epoch: Epoch::from_bytes([7; 16]),
            rooms: BTreeMap::new(),
            known: HashMap::new(),
            refuses: None,
            knows_no_place: false,
            posts: 0,
            joins: 0,
        }
    }
}

impl Server {
    pub(crate) fn log(&self, room: &str) -> &[Message] {
        self.rooms.get(room).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn texts(&self, room: &str) -> Vec<String> {
        self.log(room)
            .iter()
            .map(|message| message.message.clone())
            .collect()
    }

    fn head(&self, room: &str) -> u64 {
        self.log(room).len() as u64
    }

    /// Another database, with nothing in it.
    pub(crate) fn replace_database(&mut self) {
        self.epoch = Epoch::from_bytes([self.epoch.as_bytes()[0] + 1; 16]);
        self.rooms.clear();
        self.known.clear();
    }

    /// Somebody without a tab says something.
    pub(crate) fn say(&mut self, room: &str, text: &str) {
        let seq = self.head(room) + 1;
        let author = UserId::from_bytes([9; 16]);
        self.commit(author, ClientId::from_parts(seq, [9; 10]), room, text);
    }

    fn commit(&mut self, author: UserId, client_id: ClientId, room: &str, text: &str) -> u64 {
        let seq = self.head(room) + 1;
        let message = Message {
            seq,
            id: EventId::from_parts(seq, self.epoch.as_bytes()[..10].try_into().unwrap()),
            client_id,
            user_id: author,
            message: text.to_owned(),
            at: seq,
        };
        self.rooms.entry(room.to_owned()).or_default().push(message);
        self.known
            .insert((author, client_id), (room.to_owned(), text.to_owned(), seq));
        seq
    }

    pub(crate) fn greeting(&self, user_id: UserId) -> String {
        write(&ServerFrame::UserId {
            user_id,
            epoch: self.epoch,
            limits: LimitsFrame::new(30),
        })
    }

    pub(crate) fn page(&self, room: &str, before: Option<u64>) -> String {
        let log = self.log(room);
        let end = before.map_or(log.len(), |before| before as usize - 1);
        let from = end.saturating_sub(HISTORY_PAGE_MESSAGES);
        let room = RoomName::parse(room).unwrap();
        let messages = log[from..end]
            .iter()
            .map(|message| ServerFrame::Message(event(&room, message)))
            .collect();
        let page = HistoryPage {
            epoch: self.epoch,
            seq: log.len() as u64,
            messages,
        };
        serde_json::to_string(&page).unwrap()
    }

    /// Carries out one frame; what is said about it at once.
    pub(crate) fn command(
        &mut self,
        author: UserId,
        text: &str,
        places: &mut Places,
        random: &mut Random,
        faults: Faults,
    ) -> Vec<String> {
        let frame: ClientFrame<'_> = serde_json::from_str(text).unwrap();
        match frame {
            ClientFrame::Ping => vec![write(&ServerFrame::Beat)],
            ClientFrame::Unsubscribe { room } => {
                places.remove(&room);
                Vec::new()
            }
            ClientFrame::Join {
                room,
                epoch,
                after,
                event_id,
            } => {
                let cursor = (epoch.unwrap().parse().unwrap(), after.unwrap());
                let event_id = event_id.map(|id| id.parse().unwrap());
                vec![self.join(&room, cursor, event_id, places)]
            }
            ClientFrame::Post {
                room,
                client_id,
                message,
            } => {
                let client_id = client_id.parse().unwrap();
                let busy = random.once_in(faults.busy);
                vec![self.post(author, client_id, (&room, &message), busy)]
            }
        }
    }

    fn join(
        &mut self,
        room: &str,
        (epoch, after): (Epoch, u64),
        id: Option<EventId>,
        places: &mut Places,
    ) -> String {
        self.joins += 1;
        let name = RoomName::parse(room).unwrap();
        let head = self.head(room);
        let known = after
            .checked_sub(1)
            .and_then(|at| self.log(room).get(at as usize));
        let is_known = id.is_none_or(|id| known.is_none_or(|message| message.id == id));
        if self.knows_no_place
            || epoch != self.epoch
            || after > head
            || !is_known
            || head - after > CATCH_UP_EVENTS_MAX
        {
            places.remove(room);
            return write(&ServerFrame::Resync { room: &name });
        }
        places.set(room, after);
        write(&ServerFrame::Joined {
            room: &name,
            epoch,
            seq: after,
            head,
        })
    }

    fn post(
        &mut self,
        author: UserId,
        client_id: ClientId,
        (room, text): (&str, &str),
        busy: bool,
    ) -> String {
        self.posts += 1;
        let known = self.known.get(&(author, client_id));
        let result = match known {
            Some((its_room, its_text, seq)) if its_room == room && its_text == text => Ok(*seq),
            Some(_) => Err(ErrorCode::ClientIdReused),
            None => match self.refuses {
                Some(code) => Err(code),
                None if busy => Err(ErrorCode::Busy),
                None => Ok(self.commit(author, client_id, room, text)),
            },
        };
        match result {
            Ok(seq) => write(&ServerFrame::Ack { client_id, seq }),
            Err(code) => write(&ServerFrame::Error {
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
        for (room, seq) in &mut places.0 {
            let name = RoomName::parse(room).unwrap();
            for message in &self.log(room)[*seq as usize..] {
                said.push(write(&ServerFrame::Message(event(&name, message))));
                *seq = message.seq;
            }
        }
    }

    pub(crate) fn cursor(&self, places: &Places) -> String {
        let mut text = self.epoch.to_string();
        for (room, seq) in &places.0 {
            text += &format!(".{room}~{seq}");
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
            let (room, seq) = part.split_once('~').unwrap();
            let seq: u64 = seq.parse().unwrap();
            if is_ours
                && self
                    .head(room)
                    .checked_sub(seq)
                    .is_some_and(|lag| lag <= CATCH_UP_EVENTS_MAX)
            {
                places.set(room, seq);
            } else {
                let name = RoomName::parse(room).unwrap();
                said.push(write(&ServerFrame::Resync { room: &name }));
            }
        }
        places
    }
}

fn event<'a>(room: &'a RoomName, message: &'a Message) -> MessageEvent<'a> {
    MessageEvent {
        room,
        seq: message.seq,
        id: message.id,
        client_id: message.client_id,
        user_id: message.user_id,
        message: &message.message,
        at: message.at,
    }
}

fn write(frame: &ServerFrame<'_>) -> String {
    serde_json::to_string(frame).unwrap()
}

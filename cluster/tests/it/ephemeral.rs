//! Who is with other nodes, over a real NATS server: chats that have nothing else in common.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chat::limits::PRESENCE_GRACE_MS;
use chat::{Chat, DataFolder, Here, Signal, ids};
use cluster::limits::EPHEMERAL_MESSAGE_BYTES_MAX;
use cluster::{EphemeralPump, Names, NodeId};
use protocol::{RoomName, UserId};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::nats::{Nats, PATIENCE};

/// A node without a log.
struct Node {
    chat: Arc<Chat>,
    pump: EphemeralPump,
    id: NodeId,
    _folder: TempDir,
}

impl Node {
    async fn start(nats: &Nats, number: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let chat = Arc::new(Chat::open(DataFolder::open(folder.path()).unwrap()).unwrap());
        chat.tick(1);
        let (names, id) = (Names::of("MADANG").unwrap(), NodeId::new(number));
        let pump = EphemeralPump::start(nats.client().await, &names, id, Arc::clone(&chat));
        Self {
            chat,
            pump,
            id,
            _folder: folder,
        }
    }

    async fn enter(&self, user_id: UserId) -> Here {
        let lobby = RoomName::lobby();
        self.chat.enter(&lobby, user_id, Signal::default()).await.unwrap()
    }

    fn sees(&self) -> Vec<UserId> {
        let present = self.chat.people_in(&RoomName::lobby());
        let mut people: Vec<_> = present.people.iter().map(|person| person.user_id).collect();
        people.sort_unstable();
        people
    }

    async fn until_it_sees(&self, expected: &[UserId]) {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        until(&format!("to see {expected:?}"), || self.sees() == expected).await;
    }
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn typists(here: &Here, seen: &mut u64) -> Option<Vec<Value>> {
    let mut out = Vec::new();
    *seen = here.pull(*seen, &mut out);
    let frames = out
        .iter()
        .map(|frame| serde_json::from_slice::<Value>(frame).unwrap());
    let mut typing = frames.filter(|frame| frame["type"] == "typing");
    let frame = typing.next_back()?;
    Some(
        frame["people"]
            .as_array()
            .unwrap()
            .iter()
            .map(|person| person["userId"].clone())
            .collect(),
    )
}

#[tokio::test]
async fn nodes_see_one_another_s_people_and_what_they_type_until_those_leave_or_their_node_is_gone() {
    let nats = Nats::start(1);
    let (one, other) = (Node::start(&nats, 1).await, Node::start(&nats, 2).await);
    let [a, b, c] = [(); 3].map(|()| ids::user_id());
    let a_here = one.enter(a).await;
    let b_here = other.enter(b).await;
    let c_here = other.enter(c).await;
    let a_too = other.enter(a).await;
    one.until_it_sees(&[a, b, c]).await;
    other.until_it_sees(&[a, b, c]).await;

    let mut seen = 0;
    typists(&a_here, &mut seen);
    other.chat.set_typing(&RoomName::lobby(), b, true);
    let begun = Instant::now();
    while typists(&a_here, &mut seen) != Some(vec![b.to_string().into()]) {
        assert!(begun.elapsed() < PATIENCE, "nobody types");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    drop((c_here, a_too));
    // When it is heard of is known by the grace alone, and that by the ticks.
    let begun = Instant::now();
    let mut now_ms = 1;
    while one.sees().contains(&c) {
        assert!(begun.elapsed() < PATIENCE, "they do not leave");
        now_ms += PRESENCE_GRACE_MS;
        one.chat.tick(now_ms);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    one.until_it_sees(&[a, b]).await;

    // A node that died says nothing more.
    let Node { pump, .. } = other;
    drop(pump);
    one.chat.tick(now_ms);
    one.pump.gone(other.id);
    let begun = Instant::now();
    while one.sees().contains(&b) {
        assert!(begun.elapsed() < PATIENCE, "they do not leave with their node");
        now_ms += PRESENCE_GRACE_MS - 1;
        one.chat.tick(now_ms);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(one.sees(), [a]);
    drop(b_here);
}

#[tokio::test]
async fn who_came_while_nats_was_away_is_seen_when_it_is_back_and_what_is_no_message_of_ours_harms_nothing() {
    let mut nats = Nats::start(1);
    let (one, other) = (Node::start(&nats, 1).await, Node::start(&nats, 2).await);
    let [a, b] = [(); 2].map(|()| ids::user_id());
    let _a_here = one.enter(a).await;
    other.until_it_sees(&[a]).await;
    nats.kill(0);
    let _b_here = other.enter(b).await;
    nats.restart();
    let stranger = nats.client().await;
    let subject = Names::of("MADANG").unwrap().ephemeral_subject();
    for size in [0, 1, 17, EPHEMERAL_MESSAGE_BYTES_MAX + 1] {
        stranger
            .publish(subject.clone(), vec![1; size].into())
            .await
            .unwrap();
    }
    stranger.flush().await.unwrap();
    one.until_it_sees(&[a, b]).await;
    other.until_it_sees(&[a, b]).await;
}

#[tokio::test]
async fn a_crowd_and_who_comes_to_a_new_node_later_are_all_seen() {
    let nats = Nats::start(1);
    let one = Node::start(&nats, 1).await;
    let mut crowd = Vec::new();
    for _ in 0..9_000 {
        crowd.push(
            one.chat
                .enter_nameless(&RoomName::lobby(), ids::user_id(), Signal::default()),
        );
    }
    let other = Node::start(&nats, 2).await;
    let everybody = |node: &Node| node.chat.people_in(&RoomName::lobby()).count;
    until("the crowd to be seen", || everybody(&other) == crowd.len()).await;
    let _more = other.enter(ids::user_id()).await;
    until("one more to be seen", || everybody(&one) == crowd.len() + 1).await;
}

//! Nodes that tell one another who is with them, in virtual time, over a network that loses, doubles and reorders.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chat::{LocalPresence, LocalRoom};
use protocol::{RoomName, UserId};

use super::*;
use crate::NodeId;
use crate::limits::{
    EPHEMERAL_CHANGE_MS, EPHEMERAL_FULL_MS, EPHEMERAL_MESSAGE_BYTES_MAX, EPHEMERAL_PEOPLE_MAX,
    EPHEMERAL_SILENT_MS, NODES_MAX,
};

type Where = BTreeMap<(RoomName, UserId), usize>;

fn user(number: u64) -> UserId {
    UserId::from_parts(number, [7; 10])
}

fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

/// Somebody's being somewhere as another node says.
#[derive(Debug)]
struct Held {
    place: (RoomName, UserId),
    seen: Rc<RefCell<Where>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut seen = self.seen.borrow_mut();
        if let Some(count) = seen.get_mut(&self.place) {
            *count -= 1;
            if *count == 0 {
                seen.remove(&self.place);
            }
        }
    }
}

/// A node, with a chat of which only who is there is left.
struct Node {
    id: NodeId,
    version: u64,
    here: BTreeMap<RoomName, (u64, Vec<UserId>)>,
    telling: Telling,
    hearing: Hearing<Held>,
    seen: Rc<RefCell<Where>>,
    places: usize,
}

impl Node {
    fn new(number: u64, now_ms: u64) -> Self {
        let id = NodeId::new(number);
        Self {
            id,
            version: 0,
            here: BTreeMap::new(),
            telling: Telling::new(id, now_ms, number),
            hearing: Hearing::new(id),
            seen: Rc::default(),
            places: usize::MAX,
        }
    }

    fn comes(&mut self, room: &RoomName, user_id: UserId) {
        self.version += 1;
        let (version, people) = self.here.entry(room.clone()).or_default();
        *version = self.version;
        if !people.contains(&user_id) {
            people.push(user_id);
        }
    }

    fn goes(&mut self, room: &RoomName, user_id: UserId) {
        self.version += 1;
        let (version, people) = self.here.entry(room.clone()).or_default();
        *version = self.version;
        people.retain(|known| *known != user_id);
    }

    fn local(&self, since: u64) -> LocalPresence {
        let changed = self
            .here
            .iter()
            .filter(|(_, (version, people))| *version > since && (since > 0 || !people.is_empty()));
        LocalPresence {
            version: self.version,
            rooms: changed
                .map(|(room, (_, people))| LocalRoom {
                    room: room.clone(),
                    people: people.clone(),
                })
                .collect(),
        }
    }

    fn tell(&mut self, now_ms: u64) -> Vec<Vec<u8>> {
        let local = self.local(self.telling.since(now_ms));
        let messages = self.telling.tell(now_ms, local);
        assert!(
            messages
                .iter()
                .all(|message| message.len() <= EPHEMERAL_MESSAGE_BYTES_MAX)
        );
        messages
    }

    fn hear(&mut self, message: &[u8], now_ms: u64) -> Taken {
        let Message { node, word } = Message::read(message).unwrap();
        let Word::Presence(presence) = word else {
            panic!("nobody types");
        };
        if self.hearing.heard(node, now_ms) {
            self.telling.begin_anew();
        }
        let (seen, places) = (&self.seen, self.places);
        self.hearing.take(node, &presence, now_ms, |room, user_id| {
            if seen.borrow().len() >= places {
                return None;
            }
            let place = (room.clone(), user_id);
            *seen.borrow_mut().entry(place.clone()).or_default() += 1;
            Some(Held {
                place,
                seen: Rc::clone(seen),
            })
        })
    }

    fn sees(&self) -> BTreeSet<(RoomName, UserId)> {
        self.seen.borrow().keys().cloned().collect()
    }

    fn has(&self) -> BTreeSet<(RoomName, UserId)> {
        let of_room = |(room, (_, people)): (&RoomName, &(u64, Vec<UserId>))| {
            people
                .iter()
                .map(|user_id| (room.clone(), *user_id))
                .collect::<Vec<_>>()
        };
        self.here.iter().flat_map(of_room).collect()
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Lets a second pass in which nodes speak when they are due, over a network that is as bad as `bad` in 100.
fn pass_second(nodes: &mut [Node], now_ms: u64, random: &mut Random, bad: u64) {
    let mut on_the_way = Vec::new();
    for node in nodes.iter_mut() {
        if node.telling.due_ms() <= now_ms {
            on_the_way.extend(node.tell(now_ms));
        }
    }
    for node in nodes.iter_mut() {
        let mut arrives: Vec<_> = on_the_way.iter().collect();
        if random.below(100) < bad && arrives.len() > 1 {
            let (one, other) = (
                random.below(arrives.len() as u64),
                random.below(arrives.len() as u64),
            );
            arrives.swap(usize::try_from(one).unwrap(), usize::try_from(other).unwrap());
        }
        for message in arrives {
            if random.below(100) < bad {
                continue;
            }
            node.hear(message, now_ms);
            if random.below(100) < bad {
                node.hear(message, now_ms);
            }
        }
    }
}

#[test]
fn whatever_the_network_loses_doubles_and_reorders_all_nodes_see_everybody_in_the_end() {
    for seed in 0..200 {
        let mut random = Random(seed);
        let mut nodes: Vec<_> = (1..=4).map(|number| Node::new(number, 0)).collect();
        let mut now_ms = 0;
        for _ in 0..60 {
            now_ms += EPHEMERAL_CHANGE_MS;
            for node in &mut nodes {
                for _ in 0..random.below(4) {
                    let (room, user) = (room(&format!("room-{}", random.below(5))), user(random.below(30)));
                    if random.below(2) == 0 {
                        node.comes(&room, user);
                    } else {
                        node.goes(&room, user);
                    }
                }
            }
            pass_second(&mut nodes, now_ms, &mut random, 30);
        }
        for _ in 0..=EPHEMERAL_FULL_MS / EPHEMERAL_CHANGE_MS {
            now_ms += EPHEMERAL_CHANGE_MS;
            pass_second(&mut nodes, now_ms, &mut random, 0);
        }
        for node in &nodes {
            let others = nodes.iter().filter(|other| other.id != node.id);
            let expected: BTreeSet<_> = others.flat_map(Node::has).collect();
            assert_eq!(node.sees(), expected, "node {} of seed {seed}", node.id);
            assert_eq!(node.hearing.node_count(), 3);
        }
    }
}

#[test]
fn while_nothing_is_lost_a_change_is_known_with_the_next_message_and_nothing_is_told_where_there_is_none() {
    let (mut one, mut other) = (Node::new(1, 0), Node::new(2, 0));
    one.comes(&room("lobby"), user(1));
    let first = one.tell(0);
    assert_eq!(first.len(), 1);
    assert_eq!(other.hear(&first[0], 0), Taken::Yes);
    one.comes(&room("lobby"), user(2));
    one.goes(&room("lobby"), user(1));
    let second = one.tell(EPHEMERAL_CHANGE_MS);
    assert_eq!(other.hear(&second[0], 0), Taken::Yes);
    assert_eq!(other.sees(), one.has());
    assert_eq!(one.tell(2 * EPHEMERAL_CHANGE_MS), [[0_u8; 0]; 0]);
    let full = one.tell(EPHEMERAL_FULL_MS);
    assert_eq!(other.hear(&full[0], 0), Taken::Yes);
    assert_eq!(other.sees(), one.has());
    assert_eq!(other.hear(&full[0], 0), Taken::Old);
    assert_eq!(one.hear(&full[0], 0), Taken::Own);
}

#[test]
fn after_a_gap_nothing_is_believed_before_everything_is_told_and_who_was_known_stays_until_then() {
    let (mut one, mut other) = (Node::new(1, 0), Node::new(2, 0));
    for number in 0..3 {
        one.comes(&room("lobby"), user(number));
    }
    for message in one.tell(0) {
        other.hear(&message, 0);
    }
    let before = other.sees();
    one.goes(&room("lobby"), user(0));
    drop(one.tell(EPHEMERAL_CHANGE_MS));
    one.goes(&room("lobby"), user(1));
    let after_gap = one.tell(2 * EPHEMERAL_CHANGE_MS);
    assert_eq!(other.hear(&after_gap[0], 0), Taken::Waits);
    assert_eq!(other.sees(), before);
    one.telling.begin_anew();
    let full = one.tell(3 * EPHEMERAL_CHANGE_MS);
    assert_eq!(other.hear(&full[0], 0), Taken::Yes);
    assert_eq!(other.sees(), one.has());
}

#[test]
fn everything_in_several_parts_of_which_one_is_lost_takes_nobody_away() {
    let (mut one, mut other) = (Node::new(1, 0), Node::new(2, 0));
    for number in 0..10_000 {
        one.comes(&room(&format!("room-{}", number % 7)), user(number));
    }
    let parts = one.tell(0);
    assert!(parts.len() > 2, "{} parts", parts.len());
    for part in &parts {
        assert_eq!(other.hear(part, 0), Taken::Yes);
    }
    assert_eq!(other.sees(), one.has());
    let again = one.tell(EPHEMERAL_FULL_MS);
    other.hear(&again[0], 0);
    for part in &again[2..] {
        assert_eq!(other.hear(part, 0), Taken::Waits);
    }
    assert_eq!(other.sees(), one.has());
}

#[test]
fn people_stand_in_the_order_in_which_they_came_however_many_messages_that_takes() {
    let mut one = Node::new(1, 0);
    let people: Vec<_> = (0..9_000).rev().map(user).collect();
    let lobby = LocalRoom {
        room: room("lobby"),
        people: people.clone(),
    };
    let presence = LocalPresence {
        version: 1,
        rooms: vec![lobby],
    };
    let told = one.telling.tell(0, presence);
    let came = told
        .iter()
        .flat_map(|message| match Message::read(message).unwrap().word {
            Word::Presence(presence) => presence
                .rooms
                .into_iter()
                .flat_map(|change| change.came)
                .collect(),
            Word::Typing { .. } => Vec::new(),
        });
    assert_eq!(came.collect::<Vec<_>>(), people);
}

#[test]
fn a_node_that_is_gone_or_silent_takes_its_people_with_it_and_nobody_else_s() {
    let mut nodes: Vec<_> = (1..=3).map(|number| Node::new(number, 0)).collect();
    for (node, number) in nodes.iter_mut().zip(0..) {
        node.comes(&room("lobby"), user(number));
        node.comes(&room("lobby"), user(9));
    }
    pass_second(&mut nodes, EPHEMERAL_CHANGE_MS, &mut Random(1), 0);
    let both = nodes[0].sees();
    assert_eq!(both, &nodes[1].has() | &nodes[2].has());
    let (two, three) = (nodes[1].id, nodes[2].has());
    nodes[0].hearing.gone(two);
    assert_eq!(nodes[0].sees(), three);
    let until = EPHEMERAL_CHANGE_MS + EPHEMERAL_SILENT_MS;
    nodes[0].hearing.sweep(until - 1);
    assert_eq!(nodes[0].sees(), three);
    nodes[0].hearing.sweep(until);
    assert_eq!((nodes[0].sees().len(), nodes[0].hearing.node_count()), (0, 0));
}

#[test]
fn a_node_that_lives_and_tells_nothing_more_does_not_keep_its_people_here() {
    let mut nodes = vec![Node::new(1, 0), Node::new(2, 0)];
    nodes[1].comes(&room("lobby"), user(1));
    let mut random = Random(1);
    pass_second(&mut nodes, EPHEMERAL_CHANGE_MS, &mut random, 0);
    assert_eq!(nodes[0].sees(), nodes[1].has());
    let two = nodes[1].id;
    let mut now_ms = EPHEMERAL_CHANGE_MS;
    for _ in 0..EPHEMERAL_SILENT_MS / 1_000 {
        now_ms += 1_000;
        nodes[0].hearing.heard(two, now_ms);
        nodes[0].hearing.sweep(now_ms);
    }
    assert_eq!((nodes[0].sees().len(), nodes[0].hearing.node_count()), (0, 1));
    // It tells everything again.
    for _ in 0..=EPHEMERAL_FULL_MS / EPHEMERAL_CHANGE_MS {
        now_ms += EPHEMERAL_CHANGE_MS;
        pass_second(&mut nodes, now_ms, &mut random, 0);
    }
    assert_eq!(nodes[0].sees(), nodes[1].has());
}

#[test]
fn a_new_node_is_told_everything_the_next_time() {
    let mut nodes = vec![Node::new(1, 0), Node::new(2, 0)];
    for node in &mut nodes {
        node.comes(&room("lobby"), user(1));
    }
    let mut random = Random(1);
    pass_second(&mut nodes, EPHEMERAL_CHANGE_MS, &mut random, 0);
    nodes.push(Node::new(3, EPHEMERAL_CHANGE_MS));
    for second in 2..=4 {
        pass_second(&mut nodes, second * EPHEMERAL_CHANGE_MS, &mut random, 0);
    }
    assert_eq!(nodes[2].sees(), &nodes[0].has() | &nodes[1].has());
}

#[test]
fn people_beyond_the_bound_are_left_out_and_told_when_there_is_room() {
    let (mut one, mut other) = (Node::new(1, 0), Node::new(2, 0));
    let everybody = LocalPresence {
        version: 1,
        rooms: (0..60)
            .map(|number| LocalRoom {
                room: room(&format!("room-{number}")),
                people: (0..2_000).map(user).collect(),
            })
            .collect(),
    };
    let told = one.telling.tell(0, everybody);
    assert_eq!(one.telling.left_out(), 60 * 2_000 - EPHEMERAL_PEOPLE_MAX);
    for message in &told {
        other.hear(message, 0);
    }
    assert_eq!(other.hearing.people_count(), EPHEMERAL_PEOPLE_MAX);
    let some = LocalPresence {
        version: 2,
        rooms: vec![LocalRoom {
            room: room("room-59"),
            people: vec![user(5)],
        }],
    };
    for message in one.telling.tell(EPHEMERAL_FULL_MS, some) {
        other.hear(&message, 0);
    }
    assert_eq!(other.sees(), BTreeSet::from([(room("room-59"), user(5))]));
}

#[test]
fn for_whom_there_was_no_place_it_is_tried_again_when_everything_is_told() {
    let (mut one, mut other) = (Node::new(1, 0), Node::new(2, 0));
    other.places = 2;
    for number in 0..5 {
        one.comes(&room("lobby"), user(number));
    }
    for message in one.tell(0) {
        other.hear(&message, 0);
    }
    assert_eq!(other.sees().len(), 2);
    other.places = usize::MAX;
    for message in one.tell(EPHEMERAL_FULL_MS) {
        other.hear(&message, 0);
    }
    assert_eq!(other.sees(), one.has());
}

#[test]
fn more_nodes_than_a_cluster_has_are_not_listened_to() {
    let mut node = Node::new(1_000, 0);
    for number in 0..NODES_MAX as u64 {
        assert_eq!(node.hear(&Node::new(number, 0).tell(0)[0], 0), Taken::Yes);
    }
    let mut one_more = Node::new(500, 0);
    assert_eq!(node.hear(&one_more.tell(0)[0], 0), Taken::TooMany);
    node.hearing.gone(NodeId::new(3));
    assert_eq!(node.hear(&one_more.tell(EPHEMERAL_FULL_MS)[0], 0), Taken::Yes);
}

#[test]
fn what_is_typed_reads_as_it_was_written_and_whatever_else_comes_is_passed_by() {
    let (node, lobby) = (NodeId::new(7), room("개발"));
    for on in [true, false] {
        let message = typing(node, &lobby, user(1), on);
        let word = Word::Typing {
            room: lobby.clone(),
            user_id: user(1),
            on,
        };
        assert_eq!(Message::read(&message), Some(Message { node, word }));
        for length in 0..message.len() {
            assert_eq!(Message::read(&message[..length]), None);
        }
        let longer = [&message[..], &[0]].concat();
        assert_eq!(Message::read(&longer), None);
    }
    let mut one = Node::new(1, 0);
    one.comes(&lobby, user(1));
    let mut message = one.tell(0).remove(0);
    for length in 0..message.len() {
        // Without rooms it is a message, too: of everything that is nothing.
        assert_eq!(Message::read(&message[..length]).is_some(), length == 18);
    }
    message[0] += 1;
    assert_eq!(Message::read(&message), None, "another format");
    assert_eq!(Message::read(&vec![1; EPHEMERAL_MESSAGE_BYTES_MAX + 1]), None);
    let mut random = Random(3);
    for _ in 0..20_000 {
        let mut noise = one.tell(EPHEMERAL_FULL_MS).pop().unwrap_or_default();
        for _ in 0..=random.below(4) {
            if !noise.is_empty() {
                let place = usize::try_from(random.below(noise.len() as u64)).unwrap();
                noise[place] = random.below(256) as u8;
            }
        }
        let _ = Message::read(&noise);
        one.telling.begin_anew();
    }
}

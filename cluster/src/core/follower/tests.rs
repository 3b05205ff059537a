use bytes::Bytes;

use super::super::envelope::Envelope;
use super::super::testing::post;
use super::*;
use crate::NodeId;

/// A log of so many messages.
fn log(messages: u64) -> Vec<Bytes> {
    let message = |number| Envelope {
        node: NodeId::new(1),
        number,
        commands: vec![post(1, &format!("message {number}"))],
    };
    (1..=messages)
        .map(|number| message(number).encode().unwrap())
        .collect()
}

/// A follower and what the stream has.
struct Standing {
    follower: Follower,
    log: Vec<Bytes>,
    first: u64,
    /// Positions at which it has nothing.
    missing: Vec<u64>,
    now_ms: u64,
}

impl Standing {
    /// At this position of a log of so many messages, and connected.
    fn at(position: u64, messages: u64) -> Self {
        let log = log(messages);
        let mut point = LogPoint::default();
        let mut before = None;
        for payload in &log[..usize::try_from(position).unwrap()] {
            before = Some(point.hash);
            point = point.then(payload);
        }
        let mut follower = Follower::new(point, before);
        follower.connected(0);
        Self {
            follower,
            log,
            first: 1,
            missing: Vec::new(),
            now_ms: 0,
        }
    }

    fn get(&self, position: u64) -> Option<&Bytes> {
        let index = usize::try_from(position).unwrap().checked_sub(1)?;
        let is_there = position >= self.first && !self.missing.contains(&position);
        is_there.then(|| self.log.get(index)).flatten()
    }

    /// Does what is to be done now; what is to be done then.
    fn go(&mut self) -> Next {
        let next = self.follower.next(self.now_ms);
        if next != Next::Inspect {
            return next;
        }
        let position = self.follower.position();
        let here = self.get(position).cloned();
        let inspection = Inspection {
            first: self.first,
            last: self.log.len() as u64,
            here: here.as_deref(),
            has_next: self.get(position + 1).is_some(),
        };
        self.follower.inspected(inspection, self.now_ms);
        self.follower.next(self.now_ms)
    }

    /// Looks as often as it wants to, for so long; what comes of it, and when.
    fn look_for(&mut self, ms: u64) -> (Next, u64) {
        let until = self.now_ms + ms;
        loop {
            match self.go() {
                Next::Wait {
                    until_ms: Some(at_ms),
                } if at_ms <= until => self.now_ms = at_ms,
                next => return (next, self.now_ms),
            }
        }
    }

    fn deliver(&mut self, position: u64) -> Delivered {
        let payload = self.log[usize::try_from(position).unwrap() - 1].clone();
        self.follower.delivered(position, &payload, self.now_ms)
    }

    /// Whether the next one is applied.
    fn takes(&mut self, position: u64) -> bool {
        let Delivered::Apply { point, .. } = self.deliver(position) else {
            return false;
        };
        assert_eq!(point, self.follower.point());
        point.position == position
    }
}

#[test]
fn it_looks_before_it_follows_and_takes_each_message_once_and_in_order() {
    let mut standing = Standing::at(0, 3);
    assert_eq!(
        standing.deliver(1),
        Delivered::Skip,
        "nothing before it has looked"
    );
    assert_eq!(standing.go(), Next::Consume { from: 1 });
    assert_eq!(standing.go(), Next::Wait { until_ms: None });
    for position in 1..=3 {
        assert!(standing.takes(position));
        assert_eq!(standing.deliver(position), Delivered::Skip);
    }
    assert_eq!(standing.deliver(1), Delivered::Skip);
    assert_eq!(standing.follower.point(), Standing::at(3, 3).follower.point());
}

#[test]
fn what_leaves_something_out_is_not_taken_and_the_consumer_is_made_again() {
    let mut standing = Standing::at(1, 4);
    assert_eq!(standing.go(), Next::Consume { from: 2 });
    assert_eq!(standing.deliver(3), Delivered::Gap { expected: 2 });
    assert_eq!(standing.deliver(2), Delivered::Skip, "the consumer is no more");
    let (next, _) = standing.look_for(CONSUMER_RETRY_MS_MAX);
    assert_eq!(next, Next::Consume { from: 2 });
    assert!(standing.takes(2) && standing.takes(3) && standing.takes(4));
}

#[test]
fn a_consumer_that_brings_nothing_is_made_again_later_and_later() {
    let mut standing = Standing::at(0, 1);
    let mut waits = Vec::new();
    for _ in 0..7 {
        let begun = standing.now_ms;
        let (next, at) = standing.look_for(CONSUMER_RETRY_MS_MAX);
        assert_eq!(next, Next::Consume { from: 1 });
        waits.push(at - begun);
        standing.follower.failed(at);
    }
    assert_eq!(waits, [0, 50, 100, 200, 400, 800, 1_000]);
    standing.look_for(CONSUMER_RETRY_MS_MAX);
    assert!(standing.takes(1));
    standing.follower.failed(standing.now_ms);
    let begun = standing.now_ms;
    assert_eq!(standing.look_for(CONSUMER_RETRY_MS_MAX).1 - begun, 50);
}

#[test]
fn a_message_that_stays_away_while_later_ones_are_there_is_a_hole() {
    let mut standing = Standing::at(1, 3);
    standing.missing.push(2);
    let (next, at) = standing.look_for(2 * HOLE_WAIT_MS);
    let hole = Stopped::Hole { position: 2 };
    assert_eq!(next, Next::Stopped(hole));
    assert!(at >= HOLE_WAIT_MS);
    assert_eq!(
        standing.deliver(2),
        Delivered::Stop(hole),
        "nothing is taken any more"
    );
    standing.follower.connected(at);
    assert_eq!(standing.go(), Next::Stopped(hole));
}

#[test]
fn a_message_that_turns_up_in_time_was_no_hole() {
    let mut standing = Standing::at(1, 3);
    standing.missing.push(2);
    let (next, _) = standing.look_for(HOLE_WAIT_MS - HOLE_LOOK_INTERVAL_MS);
    assert!(matches!(next, Next::Wait { .. }));
    standing.missing.clear();
    assert_eq!(
        standing.look_for(HOLE_LOOK_INTERVAL_MS).0,
        Next::Consume { from: 2 }
    );
    assert!(standing.takes(2));
}

#[test]
fn the_end_of_the_log_is_no_hole() {
    let mut standing = Standing::at(3, 3);
    assert_eq!(standing.go(), Next::Consume { from: 4 });
}

#[test]
fn time_in_which_nats_was_away_does_not_count_as_looking() {
    let mut standing = Standing::at(1, 3);
    standing.missing.push(2);
    standing.look_for(HOLE_WAIT_MS - HOLE_LOOK_INTERVAL_MS);
    standing.follower.disconnected();
    standing.now_ms += 10 * HOLE_WAIT_MS;
    standing.follower.connected(standing.now_ms);
    let (next, _) = standing.look_for(HOLE_WAIT_MS - HOLE_LOOK_INTERVAL_MS);
    assert!(matches!(next, Next::Wait { .. }));
}

#[test]
fn a_log_that_has_another_message_where_this_node_stands_was_rewritten() {
    let mut standing = Standing::at(2, 3);
    standing.log[1] = log(9).pop().unwrap();
    let (next, _) = standing.look_for(2 * HOLE_WAIT_MS);
    assert_eq!(next, Next::Stopped(Stopped::Rewritten { position: 2 }));
}

#[test]
fn a_log_that_ends_before_this_node_or_lost_its_message_was_rewritten() {
    let mut shorter = Standing::at(3, 3);
    shorter.log.pop();
    let mut without = Standing::at(2, 3);
    without.missing.push(2);
    for (mut standing, position) in [(shorter, 3), (without, 2)] {
        let (next, _) = standing.look_for(2 * HOLE_WAIT_MS);
        assert_eq!(next, Next::Stopped(Stopped::Rewritten { position }));
    }
}

#[test]
fn a_server_that_is_behind_for_a_moment_has_rewritten_nothing() {
    let mut standing = Standing::at(3, 3);
    let last = standing.log.pop().unwrap();
    standing.look_for(HOLE_WAIT_MS - HOLE_LOOK_INTERVAL_MS);
    standing.log.push(last);
    let (next, _) = standing.look_for(HOLE_LOOK_INTERVAL_MS);
    assert_eq!(next, Next::Consume { from: 4 });
}

#[test]
fn a_log_that_begins_after_the_next_message_has_left_the_node_behind() {
    let mut standing = Standing::at(2, 9);
    standing.first = 3;
    assert_eq!(standing.go(), Next::Consume { from: 3 });
    let mut standing = Standing::at(2, 9);
    standing.first = 4;
    let left_behind = Stopped::LeftBehind {
        position: 2,
        first: 4,
    };
    assert_eq!(standing.go(), Next::Stopped(left_behind));
    standing.follower.connected(0);
    assert_eq!(standing.go(), Next::Stopped(left_behind));
}

#[test]
fn without_the_hash_before_it_only_the_place_is_checked() {
    let mut standing = Standing::at(2, 3);
    standing.follower.before = None;
    assert_eq!(standing.go(), Next::Consume { from: 3 });
}

#[test]
fn a_format_that_it_does_not_know_stops_it_at_that_message() {
    let mut standing = Standing::at(1, 3);
    standing.go();
    let stopped = Stopped::UnknownFormat {
        position: 2,
        format: 2,
    };
    let delivered = standing.follower.delivered(2, b"madang/2\n", 0);
    assert_eq!(delivered, Delivered::Stop(stopped));
    assert_eq!(standing.follower.position(), 1);
    assert_eq!(standing.deliver(2), Delivered::Stop(stopped));
}

#[test]
fn what_is_none_of_ours_has_its_place_and_says_nothing() {
    let mut standing = Standing::at(1, 3);
    standing.go();
    let delivered = standing.follower.delivered(2, b"hello", 0);
    assert!(matches!(delivered, Delivered::Apply { envelope: None, .. }));
    assert!(standing.takes(3));
}

#[test]
fn the_hash_before_the_first_message_is_always_known() {
    let mut standing = Standing::at(1, 2);
    standing.follower = Follower::new(standing.follower.point(), None);
    standing.follower.connected(0);
    standing.log[0] = log(9).pop().unwrap();
    let (next, _) = standing.look_for(2 * HOLE_WAIT_MS);
    assert_eq!(next, Next::Stopped(Stopped::Rewritten { position: 1 }));
}

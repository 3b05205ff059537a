use super::*;
use crate::limits::{REDERIVED_MESSAGES_MAX, TIE_SETTLED_WAIT_MS};

/// A node's history: what it has applied, one byte a message.
type History = Vec<u8>;

fn hash_at(history: &[u8], position: u64) -> Option<LogHash> {
    let applied = history.get(..usize::try_from(position).unwrap())?;
    let point = applied
        .iter()
        .fold(chat::LogPoint::default(), |point, byte| point.then(&[*byte]));
    Some(point.hash)
}

/// Nodes that tell each other how far they are.
struct Nodes {
    histories: Vec<History>,
    folders: Vec<FolderId>,
    comparisons: Vec<Comparison>,
    serving: Vec<bool>,
    stopped: Vec<bool>,
    now_ms: u64,
}

impl Nodes {
    fn with(histories: &[&[u8]]) -> Self {
        Self {
            histories: histories.iter().map(|history| history.to_vec()).collect(),
            folders: (0..histories.len()).map(folder).collect(),
            comparisons: (0..histories.len())
                .map(|index| Comparison::new(id(index)))
                .collect(),
            serving: vec![false; histories.len()],
            stopped: vec![false; histories.len()],
            now_ms: 0,
        }
    }

    fn serve(&mut self, index: usize) {
        self.comparisons[index].serve();
        self.serving[index] = true;
    }

    fn tell(&mut self, from: usize, position: u64) {
        let claim = Claim {
            node: id(from),
            folder: self.folders[from],
            position,
            hash: hash_at(&self.histories[from], position).unwrap(),
            is_serving: self.serving[from],
            is_stopped: self.stopped[from],
        };
        for (comparison, history) in self.comparisons.iter_mut().zip(&self.histories) {
            let own = |position| hash_at(history, position);
            comparison.heard(claim, history.len() as u64, own, self.now_ms);
        }
    }

    fn tell_all(&mut self) {
        self.now_ms += 1_000;
        for from in 0..self.histories.len() {
            self.tell(from, self.histories[from].len() as u64);
        }
    }

    fn verdicts(&mut self) -> Vec<Verdict> {
        let now_ms = self.now_ms;
        self.comparisons
            .iter_mut()
            .map(|comparison| comparison.verdict(now_ms))
            .collect()
    }
}

fn id(index: usize) -> NodeId {
    NodeId::new(index as u64)
}

fn folder(index: usize) -> FolderId {
    FolderId::new(index as u64)
}

fn differs(position: u64, majority: usize) -> Verdict {
    Verdict::Differs { position, majority }
}

#[test]
fn nodes_with_one_history_agree_wherever_they_stand() {
    let mut nodes = Nodes::with(&[b"abc", b"ab", b"abcd", b""]);
    for _ in 0..3 {
        nodes.tell_all();
        assert_eq!(nodes.verdicts(), [Verdict::Agrees; 4]);
    }
}

#[test]
fn the_one_that_differs_from_two_stops_and_they_go_on() {
    let mut nodes = Nodes::with(&[b"abc", b"axc", b"abc"]);
    nodes.tell_all();
    assert_eq!(
        nodes.verdicts(),
        [Verdict::Agrees, differs(3, 2), Verdict::Agrees]
    );
    let found: Vec<_> = nodes.comparisons[0].differing().collect();
    assert_eq!(found, [(id(1), 3)]);
}

#[test]
fn a_node_that_was_killed_and_came_back_has_one_say() {
    // The second one is the first once more, in the same folder; its former run is not gone yet.
    let mut nodes = Nodes::with(&[b"axc", b"axc", b"abc"]);
    nodes.folders[1] = folder(0);
    nodes.now_ms = 1_000;
    nodes.tell(0, 3);
    nodes.now_ms = 3_000;
    nodes.tell(1, 3);
    let verdict = nodes.comparisons[2].verdict(nodes.now_ms);
    let tie = Verdict::Tie {
        agreed: 0,
        position: 3,
        other: id(1),
    };
    assert_eq!(verdict, tie);
    // And none where it has stopped.
    nodes.stopped[1] = true;
    nodes.tell(1, 3);
    assert_eq!(nodes.comparisons[2].verdict(nodes.now_ms), Verdict::Agrees);
}

#[test]
fn a_difference_is_found_from_any_position_after_it() {
    let mut nodes = Nodes::with(&[b"abcdef", b"axcd", b"abcde"]);
    nodes.tell_all();
    nodes.histories[1] = b"axcdef".to_vec();
    nodes.tell_all();
    assert_eq!(nodes.verdicts()[1], differs(5, 2));
}

#[test]
fn a_claim_about_what_is_not_reached_yet_is_compared_when_it_is() {
    let mut nodes = Nodes::with(&[b"a", b"axcd", b"abcd"]);
    nodes.tell_all();
    let behind = &nodes.comparisons[0];
    let claim = Claim {
        node: id(1),
        folder: folder(1),
        position: 9,
        hash: [0; 32],
        is_serving: false,
        is_stopped: false,
    };
    assert_eq!(behind.asks(&claim).collect::<Vec<_>>(), [4, 9]);
    assert_eq!(nodes.verdicts()[0], Verdict::Agrees);
    nodes.histories[0] = b"abcd".to_vec();
    nodes.histories[1] = b"axcdefghi".to_vec();
    nodes.tell(1, 9);
    nodes.tell(2, 4);
    let differing: Vec<_> = nodes.comparisons[0].differing().collect();
    assert_eq!(differing, [(id(1), 4)]);
    assert_eq!(nodes.verdicts()[0], Verdict::Agrees, "the other is wrong");
}

#[test]
fn whoever_has_not_been_compared_is_waited_for_and_then_not_counted() {
    let mut nodes = Nodes::with(&[b"ab", b"ax", b""]);
    nodes.tell_all();
    assert_eq!(nodes.verdicts()[..2], [Verdict::Agrees; 2]);
    for _ in 0..COMPARISON_WAIT_MS / 1_000 {
        nodes.tell_all();
    }
    for verdict in &nodes.verdicts()[..2] {
        assert!(matches!(verdict, Verdict::Tie { .. }), "{verdict:?}");
    }
    nodes.histories[2] = b"abc".to_vec();
    nodes.histories[0] = b"abc".to_vec();
    nodes.histories[1] = b"axc".to_vec();
    nodes.tell_all();
    nodes.tell_all();
    assert_eq!(
        nodes.verdicts(),
        [Verdict::Agrees, differs(2, 2), Verdict::Agrees]
    );
}

#[test]
fn of_two_that_differ_both_read_the_log_again_and_whoever_is_wrong_stops() {
    let mut nodes = Nodes::with(&[b"ab", b"ab"]);
    nodes.tell_all();
    nodes.histories = vec![b"abcd".to_vec(), b"abxd".to_vec()];
    nodes.tell_all();
    let tie = |other| Verdict::Tie {
        agreed: 2,
        position: 4,
        other: id(other),
    };
    assert_eq!(nodes.verdicts(), [tie(1), tie(0)]);
    assert_eq!(nodes.verdicts(), [Verdict::Agrees; 2], "it is said once");
    nodes.comparisons[0].settled(4, Some(true), nodes.now_ms);
    nodes.comparisons[1].settled(4, Some(false), nodes.now_ms);
    assert_eq!(nodes.verdicts(), [Verdict::Agrees, differs(4, 1)]);
    nodes.stopped[1] = true;
    nodes.now_ms += TIE_SETTLED_WAIT_MS;
    nodes.tell_all();
    assert_eq!(nodes.verdicts(), [Verdict::Agrees, differs(4, 1)]);
}

#[test]
fn when_the_log_tells_two_nodes_different_things_both_stop() {
    let mut nodes = Nodes::with(&[b"ab", b"ax"]);
    nodes.tell_all();
    nodes.verdicts();
    for comparison in &mut nodes.comparisons {
        comparison.settled(2, Some(true), nodes.now_ms);
    }
    assert_eq!(nodes.verdicts(), [Verdict::Agrees; 2]);
    for _ in 0..TIE_SETTLED_WAIT_MS / 1_000 {
        nodes.tell_all();
    }
    assert_eq!(nodes.verdicts(), [differs(2, 1); 2]);
}

#[test]
fn a_node_that_cannot_read_the_log_again_does_not_go_on_as_if_it_were_right() {
    let mut nodes = Nodes::with(&[b"ab", b"ax"]);
    nodes.tell_all();
    nodes.verdicts();
    nodes.comparisons[0].settled(2, None, nodes.now_ms);
    assert_eq!(nodes.verdicts()[0], differs(2, 1));
}

#[test]
fn a_node_that_serves_gives_way_to_one_that_joins_only_where_its_own_reading_says_so() {
    for (is_right, stops) in [(Some(true), false), (None, false), (Some(false), true)] {
        let mut nodes = Nodes::with(&[b"ab", b"ax"]);
        nodes.serve(0);
        nodes.tell_all();
        nodes.verdicts();
        nodes.comparisons[0].settled(2, is_right, nodes.now_ms);
        for _ in 0..2 * TIE_SETTLED_WAIT_MS / 1_000 {
            nodes.tell_all();
            let verdict = nodes.comparisons[0].verdict(nodes.now_ms);
            assert_eq!(verdict == differs(2, 1), stops, "{is_right:?}: {verdict:?}");
        }
    }
}

#[test]
fn a_node_that_joins_gives_way_to_one_that_serves_unless_that_one_stops() {
    let mut nodes = Nodes::with(&[b"ab", b"ax"]);
    nodes.serve(0);
    nodes.tell_all();
    nodes.verdicts();
    nodes.comparisons[0].settled(2, None, nodes.now_ms);
    nodes.comparisons[1].settled(2, Some(true), nodes.now_ms);
    let mut ended = nodes.comparisons[1].verdict(nodes.now_ms);
    assert_eq!(ended, Verdict::Agrees);
    for _ in 0..TIE_SETTLED_WAIT_MS / 1_000 {
        assert!(!nodes.comparisons[1].is_settled(), "it serves nobody meanwhile");
        nodes.tell_all();
        ended = nodes.comparisons[1].verdict(nodes.now_ms);
    }
    assert_eq!(ended, differs(2, 1));
    let mut nodes = Nodes::with(&[b"ab", b"ax"]);
    nodes.serve(0);
    nodes.tell_all();
    nodes.verdicts();
    nodes.comparisons[1].settled(2, Some(true), nodes.now_ms);
    nodes.stopped[0] = true;
    nodes.tell_all();
    assert_eq!(nodes.comparisons[1].verdict(nodes.now_ms), Verdict::Agrees);
    assert!(nodes.comparisons[1].is_settled());
}

#[test]
fn whoever_waits_for_others_to_be_compared_has_not_settled_who_is_wrong() {
    let mut nodes = Nodes::with(&[b"ab", b"ax", b""]);
    assert!(nodes.comparisons[0].is_settled());
    nodes.tell_all();
    assert_eq!(nodes.verdicts()[0], Verdict::Agrees);
    assert!(!nodes.comparisons[0].is_settled());
}

#[test]
fn what_was_read_for_another_tie_settles_nothing() {
    let mut nodes = Nodes::with(&[b"ab", b"ax"]);
    nodes.tell_all();
    nodes.verdicts();
    nodes.comparisons[0].settled(1, Some(false), nodes.now_ms);
    assert_eq!(nodes.comparisons[0].verdict(nodes.now_ms), Verdict::Agrees);
    nodes.comparisons[0].settled(2, Some(false), nodes.now_ms);
    assert_eq!(nodes.comparisons[0].verdict(nodes.now_ms), differs(2, 1));
}

#[test]
fn the_log_is_read_again_from_where_this_can_be_done_and_not_from_what_is_no_more_kept() {
    assert_eq!(reread_from(7, 1, 1, 9), 7, "they agreed there");
    assert_eq!(reread_from(0, 1, 5, 9), 0, "the beginning is always known");
    assert_eq!(reread_from(0, 4, 1, 9), 3, "the log begins there");
    let far = 10 * REDERIVED_MESSAGES_MAX;
    assert_eq!(reread_from(1, 1, 1, far), far - REDERIVED_MESSAGES_MAX);
    assert_eq!(reread_from(1, 1, far - 10, far), far - 10);
}

#[test]
fn two_against_two_is_a_tie() {
    let mut nodes = Nodes::with(&[b"ab", b"ab", b"ax", b"ax"]);
    nodes.tell_all();
    for verdict in nodes.verdicts() {
        assert!(matches!(verdict, Verdict::Tie { position: 2, .. }), "{verdict:?}");
    }
}

#[test]
fn a_node_that_has_stopped_has_no_say() {
    let mut nodes = Nodes::with(&[b"ab", b"ax", b"ax"]);
    nodes.stopped = vec![false, true, true];
    nodes.tell_all();
    assert_eq!(nodes.verdicts()[0], Verdict::Agrees);
}

#[test]
fn a_node_that_is_silent_is_gone_and_has_no_say() {
    let mut nodes = Nodes::with(&[b"ab", b"ax", b"ax"]);
    nodes.tell_all();
    let now_ms = nodes.now_ms;
    let alone = &mut nodes.comparisons[0];
    assert_eq!(alone.live(now_ms + NODE_GONE_MS - 1).count(), 2);
    assert_eq!(alone.live(now_ms + NODE_GONE_MS).count(), 0);
    let mut gone = alone.forget(now_ms + NODE_GONE_MS);
    gone.sort();
    assert_eq!(gone, [id(1), id(2)]);
    assert_eq!(alone.verdict(now_ms + NODE_GONE_MS), Verdict::Agrees);
}

#[test]
fn what_is_no_more_known_is_not_compared() {
    let mut comparison = Comparison::new(id(0));
    let claim = Claim {
        node: id(1),
        folder: folder(1),
        position: 3,
        hash: [9; 32],
        is_serving: false,
        is_stopped: false,
    };
    comparison.heard(claim, 9, |_| None, 0);
    assert_eq!(comparison.verdict(0), Verdict::Agrees);
    assert_eq!(comparison.differing().count(), 0);
}

#[test]
fn more_nodes_than_are_known_make_room_for_each_other() {
    let mut comparison = Comparison::new(NodeId::new(u64::MAX));
    let mut known = std::collections::HashSet::new();
    for index in 0..3 * NODES_MAX {
        let claim = Claim {
            node: id(index),
            folder: folder(index),
            position: 0,
            hash: [0; 32],
            is_serving: false,
            is_stopped: false,
        };
        let forgotten = comparison.heard(claim, 0, |_| None, index as u64);
        known.insert(id(index));
        if let Some(forgotten) = forgotten {
            known.remove(&forgotten);
        }
    }
    assert_eq!(known.len(), NODES_MAX);
    assert_eq!(
        comparison.live(0).collect::<std::collections::HashSet<_>>(),
        known,
        "and it is said who went"
    );
}

#[test]
fn a_position_is_confirmed_by_others_who_agree_at_it_or_after_it() {
    let mut nodes = Nodes::with(&[b"abc", b"ab", b"ax"]);
    nodes.tell(1, 2);
    let confirmed = |nodes: &Nodes, position| nodes.comparisons[0].is_confirmed(position, nodes.now_ms);
    assert!(confirmed(&nodes, 2));
    assert!(!confirmed(&nodes, 3), "nobody has come as far");
    nodes.tell(2, 2);
    assert!(!confirmed(&nodes, 2), "somebody differs");
    nodes.stopped[2] = true;
    nodes.tell(2, 2);
    assert!(confirmed(&nodes, 2), "and has stopped");
}

#[test]
fn a_node_is_alone_when_it_has_listened_for_as_long_as_others_may_be_silent() {
    let mut comparison = Comparison::new(id(0));
    let mut listen = |from_ms: u64, for_ms: u64| {
        for second in 0..=for_ms / 1_000 {
            comparison.verdict(from_ms + 1_000 * second);
        }
        let now_ms = from_ms + for_ms;
        (comparison.is_alone(now_ms), comparison.is_confirmed(1, now_ms))
    };
    assert_eq!(listen(0, NODE_GONE_MS - 1_000), (false, false));
    assert_eq!(listen(NODE_GONE_MS, 0), (true, true));
    // It stood still.
    let later = 5 * NODE_GONE_MS;
    assert_eq!(listen(later, NODE_GONE_MS - 1_000), (false, false));
    assert_eq!(listen(later + NODE_GONE_MS, 0), (true, true));
    comparison.connected(later + NODE_GONE_MS);
    assert!(!comparison.is_alone(later + NODE_GONE_MS));
}

use super::super::envelope::{Read, read};
use super::super::testing::{author, command, post};
use super::*;

const NODE: NodeId = NodeId::new(5);

/// A node's queue and packer; replies are the numbers of the commands.
struct Station {
    packer: Packer<u32>,
    /// Each since when it waits.
    queue: VecDeque<(Command, u32, u64)>,
    given: u32,
    now_ms: u64,
}

impl Station {
    fn new() -> Self {
        let mut packer = Packer::new(NODE);
        packer.connected(0);
        Self {
            packer,
            queue: VecDeque::new(),
            given: 0,
            now_ms: 0,
        }
    }

    fn offer(&mut self, command: Command) -> u32 {
        self.given += 1;
        self.queue.push_back((command, self.given, self.now_ms));
        self.given
    }

    /// What is published now.
    fn publish(&mut self) -> Vec<Publication> {
        let queue = &mut self.queue;
        let refused = self.packer.take(self.now_ms, |room| {
            let mut taken = Vec::new();
            let mut rest = VecDeque::new();
            let mut bytes = 0;
            for (command, reply, since_ms) in queue.drain(..) {
                let fits = taken.len() < room.commands && bytes < room.bytes;
                if fits && !command.strands().any(|strand| room.is_held(&strand)) {
                    bytes += command.action.weight_bytes();
                    taken.push(Taken {
                        command,
                        reply,
                        since_ms,
                    });
                } else {
                    rest.push_back((command, reply, since_ms));
                }
            }
            *queue = rest;
            taken
        });
        assert!(refused.is_empty());
        self.packer.due(self.now_ms)
    }

    fn numbers(&mut self) -> Vec<u64> {
        self.publish().iter().map(|message| message.number).collect()
    }

    fn deliver(&mut self, position: u64, payload: &[u8]) -> Vec<u32> {
        let replies = self
            .packer
            .delivered(position, Some(&opened(payload)), self.now_ms);
        replies.into_iter().flatten().collect()
    }

    fn wait(&mut self, ms: u64) {
        self.now_ms += ms;
    }
}

fn opened(payload: &[u8]) -> Envelope {
    match read(payload) {
        Read::Ours(envelope) => envelope,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_waits_goes_as_one_message_and_is_answered_when_the_log_says_it_back() {
    let mut station = Station::new();
    for by in 1..=3 {
        station.offer(post(by, "hello"));
    }
    let [message] = &station.publish()[..] else {
        panic!("more than one")
    };
    let envelope = opened(&message.payload);
    assert_eq!((envelope.node, envelope.number), (NODE, 1));
    assert_eq!(envelope.commands.len(), 3);
    station.packer.acked(1, 9, 0);
    assert!(!station.packer.is_idle(), "an acknowledgement answers nobody");
    assert_eq!(station.deliver(9, &message.payload), [1, 2, 3]);
    assert!(station.packer.is_idle());
    assert!(
        station.deliver(10, &message.payload).is_empty(),
        "it is answered once"
    );
}

#[test]
fn there_are_four_on_their_way_and_no_more() {
    let mut station = Station::new();
    let mut published = Vec::new();
    for by in 1..=6 {
        station.offer(post(by, "hello"));
        published.extend(station.publish());
    }
    assert_eq!(published.len(), IN_FLIGHT_MAX);
    assert_eq!(station.deliver(1, &published[1].payload), [2]);
    let [next] = &station.publish()[..] else {
        panic!("not one")
    };
    assert_eq!(
        opened(&next.payload).commands.len(),
        2,
        "what waited goes together"
    );
}

#[test]
fn an_author_has_nothing_further_on_its_way_until_the_log_has_said_it_back() {
    let mut station = Station::new();
    station.offer(post(1, "first"));
    let first = station.publish().remove(0);
    station.offer(post(1, "second"));
    station.offer(post(2, "other"));
    let [other] = &station.publish()[..] else {
        panic!("not one")
    };
    assert_eq!(opened(&other.payload).commands, [post(2, "other")]);
    station.packer.acked(1, 1, 0);
    assert!(station.numbers().is_empty(), "acknowledged is not said back");
    station.deliver(1, &first.payload);
    let [second] = &station.publish()[..] else {
        panic!("not one")
    };
    assert_eq!(opened(&second.payload).commands, [post(1, "second")]);
}

#[test]
fn how_far_somebody_has_read_is_held_with_what_overrules_it() {
    let mut station = Station::new();
    let room = protocol::RoomName::lobby();
    let read = chat::ReadTo {
        user_id: author(1),
        room: room.clone(),
        seq: 9,
        session: 0,
    };
    let positions = Command {
        action: chat::Action::Positions {
            positions: vec![read],
        },
        ..command(0, 0)
    };
    let unread = Command {
        action: chat::Action::Unread { room, seq: 5 },
        ..command(1, 0)
    };
    for (first, second) in [(&positions, &unread), (&unread, &positions)] {
        station.offer(first.clone());
        let first = station.publish().remove(0);
        station.packer.failed(first.number, 1, station.now_ms);
        station.offer(second.clone());
        station.offer(post(1, "said"));
        station.offer(post(2, "said"));
        let others = station.publish();
        for message in &others {
            assert!(!opened(&message.payload).commands.contains(second));
            station.deliver(1, &message.payload);
        }
        station.deliver(2, &first.payload);
        let rest = station.publish();
        assert_eq!(opened(&rest[0].payload).commands[0], *second);
        station.deliver(3, &rest[0].payload);
        assert!(station.packer.is_idle() && station.queue.is_empty());
    }
}

#[test]
fn nothing_gets_so_far_ahead_of_what_is_on_its_way_that_this_would_be_taken_for_a_repeat() {
    let mut station = Station::new();
    station.offer(post(1, "slow"));
    let slow = station.publish().remove(0);
    let mut newest = slow.number;
    for position in 1..=2 * LOG_NUMBERS_KEPT {
        station.offer(post(2, "quick"));
        for message in station
            .publish()
            .iter()
            .filter(|message| message.number != slow.number)
        {
            newest = message.number;
            station.deliver(position, &message.payload);
        }
    }
    assert_eq!(newest - slow.number, LOG_NUMBERS_KEPT - 1);
    station.deliver(1_000, &slow.payload);
    assert!(!station.publish().is_empty());
}

#[test]
fn what_goes_unanswered_is_published_again_byte_for_byte() {
    let mut station = Station::new();
    station.offer(post(1, "hello"));
    let first = station.publish().remove(0);
    station.wait(PUBLISH_WAIT_MS - 1);
    assert!(station.numbers().is_empty());
    station.wait(1);
    let again = station.publish().remove(0);
    assert_eq!(again.payload, first.payload);
    assert_eq!((first.attempt, again.attempt), (1, 2));
}

#[test]
fn only_what_was_not_heard_of_is_said_to_be_unanswered_when_it_is_published_again() {
    let mut station = Station::new();
    station.offer(post(1, "hello"));
    assert!(!station.publish()[0].was_unanswered);
    station.packer.failed(1, 1, station.now_ms);
    station.wait(PUBLISH_RETRY_MS_MIN);
    assert!(!station.publish()[0].was_unanswered, "it was refused");
    station.wait(PUBLISH_WAIT_MS);
    assert!(station.publish()[0].was_unanswered);
    station.packer.acked(1, 7, station.now_ms);
    station.wait(ACKED_WAIT_MS);
    assert!(!station.publish()[0].was_unanswered, "it was acknowledged");
}

#[test]
fn what_fails_is_published_again_later_and_later_and_within_a_second_at_last() {
    let mut station = Station::new();
    station.offer(post(1, "hello"));
    let mut waits = Vec::new();
    for attempt in 1..=8 {
        assert_eq!(station.publish()[0].attempt, attempt);
        station.packer.failed(1, attempt, station.now_ms);
        let wait = station.packer.flights[0].state.at_ms() - station.now_ms;
        waits.push(wait);
        station.wait(wait - 1);
        assert!(station.numbers().is_empty());
        station.wait(1);
    }
    assert_eq!(waits, [50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
}

#[test]
fn what_comes_of_an_attempt_that_was_given_up_changes_nothing() {
    let mut station = Station::new();
    station.offer(post(1, "hello"));
    station.publish();
    station.wait(PUBLISH_WAIT_MS);
    station.publish();
    station.packer.failed(1, 1, station.now_ms);
    station.wait(PUBLISH_WAIT_MS - 1);
    assert!(station.numbers().is_empty());
}

#[test]
fn whoever_waits_too_long_is_told_so_once_and_their_command_is_published_on() {
    let mut station = Station::new();
    let reply = station.offer(post(1, "first"));
    let first = station.publish().remove(0);
    station.wait(REPLY_WAIT_MS);
    assert_eq!(station.packer.overdue(station.now_ms).replies, [reply]);
    assert!(station.packer.overdue(station.now_ms).replies.is_empty());
    station.offer(post(1, "first"));
    station.offer(post(1, "second"));
    let again = station.publish();
    assert_eq!(again.len(), 1, "what they say next must not overtake it");
    assert_eq!(again[0].payload, first.payload);
    assert!(
        station.deliver(1, &first.payload).is_empty(),
        "nobody waits for it now"
    );
    let next = station.publish().remove(0);
    assert_eq!(
        opened(&next.payload).commands,
        [post(1, "first"), post(1, "second")]
    );
}

#[test]
fn while_nats_is_away_nothing_is_taken_and_afterwards_what_was_on_its_way_goes_first() {
    let mut station = Station::new();
    for by in 1..=3 {
        station.offer(post(by, "before"));
        station.publish();
    }
    station.packer.failed(2, 1, 0);
    station.packer.disconnected();
    station.offer(post(4, "meanwhile"));
    station.wait(100_000);
    assert!(station.numbers().is_empty());
    assert_eq!(station.queue.len(), 1);
    station.packer.connected(station.now_ms);
    assert_eq!(station.numbers(), [1, 2, 3, 4]);
}

#[test]
fn an_acknowledgement_that_the_log_does_not_bear_out_is_no_more_believed() {
    let mut station = Station::new();
    station.offer(post(1, "hello"));
    station.publish();
    station.packer.acked(1, 7, 0);
    assert!(station.packer.delivered(6, None, 0).is_empty());
    assert!(station.numbers().is_empty());
    assert!(station.packer.delivered(7, None, 0).is_empty());
    assert_eq!(station.numbers(), [1]);
    station.packer.acked(1, 8, 0);
    station.wait(ACKED_WAIT_MS);
    assert_eq!(station.numbers(), [1], "nor one that nothing follows at all");
}

#[test]
fn messages_of_other_nodes_answer_nobody_here() {
    let mut station = Station::new();
    station.offer(post(1, "hello"));
    let mut envelope = opened(&station.publish()[0].payload);
    envelope.node = NodeId::new(6);
    assert!(station.packer.delivered(1, Some(&envelope), 0).is_empty());
    assert!(!station.packer.is_idle());
}

#[test]
fn what_fits_no_more_goes_into_the_next_in_its_authors_order() {
    let mut station = Station::new();
    // Twice as long in JSON as it is.
    let long = "\"".repeat(4_000);
    for _ in 0..30 {
        for by in 1..=3 {
            station.offer(post(by, &long));
        }
    }
    let mut came = Vec::new();
    let mut position = 0;
    while came.len() < 90 {
        for message in station.publish() {
            assert!(message.payload.len() <= ENVELOPE_BYTES_MAX);
            position += 1;
            came.extend(station.deliver(position, &message.payload));
        }
        assert!(station.packer.left.len() <= ENVELOPE_COMMANDS_MAX);
    }
    assert!(position > 2);
    for by in 0..3 {
        let own: Vec<_> = came.iter().filter(|reply| *reply % 3 == by).collect();
        assert!(own.is_sorted(), "{own:?}");
    }
}

#[test]
fn what_did_not_fit_holds_its_author_too() {
    let mut station = Station::new();
    let long = "\"".repeat(4_000);
    for _ in 0..60 {
        station.offer(post(1, &long));
    }
    assert_eq!(station.publish().len(), 1);
    assert!(!station.packer.left.is_empty());
    station.offer(command(2, 1));
    assert_eq!(station.numbers(), [2], "others go on");
    assert!(station.packer.held.contains(&Strand::Author(author(1))));
}

#[test]
fn what_was_never_published_is_let_go_when_it_was_waited_for_too_long() {
    let mut station = Station::new();
    let long = "\"".repeat(4_000);
    for _ in 0..60 {
        station.offer(post(1, &long));
    }
    station.publish();
    let left = station.packer.left.len();
    station.wait(REPLY_WAIT_MS);
    assert_eq!(station.packer.overdue(station.now_ms).replies.len(), 60);
    assert!(left > 0 && station.packer.left.is_empty());
    assert_eq!(station.packer.flights.len(), 1);
}

#[test]
fn with_what_is_let_go_goes_whatever_its_author_said_after_it() {
    let mut station = Station::new();
    let long = "\"".repeat(4_000);
    for _ in 0..60 {
        station.offer(post(1, &long));
    }
    station.publish();
    // In its place among what did not fit, and later than the rest.
    station.wait(REPLY_WAIT_MS / 2);
    let others = station.packer.left.len();
    let mut later = post(1, "later");
    later.client_id = protocol::ClientId::from_parts(0, [9; 10]);
    station.packer.left.push_back(Taken {
        command: later,
        reply: 99,
        since_ms: station.now_ms,
    });
    station.packer.left.push_back(Taken {
        command: post(2, "other"),
        reply: 100,
        since_ms: station.now_ms,
    });
    station.wait(REPLY_WAIT_MS / 2);
    let overdue = station.packer.overdue(station.now_ms);
    assert!(others > 0 && overdue.replies.contains(&99) && !overdue.replies.contains(&100));
    assert_eq!(overdue.authors, HashSet::from([author(1)]));
    let left: Vec<_> = station.packer.left.iter().map(|left| left.reply).collect();
    assert_eq!(left, [100]);
}

#[test]
fn messages_are_written_in_the_format_that_all_nodes_read() {
    let mut station = Station::new();
    for (number, format) in [(1, 7), (2, NEWEST_FORMAT)] {
        station.packer.write_in(format);
        station.offer(post(number, "hello"));
        let message = station.publish().remove(0);
        let begin = format!("madang/{format}\n");
        assert!(message.payload.starts_with(begin.as_bytes()), "{format}");
    }
}

#[test]
fn what_not_every_node_reads_any_more_is_refused_and_the_rest_goes() {
    let mut packer = Packer::new(NODE);
    packer.connected(0);
    // Before the first one there was nothing that could be said.
    packer.write_in(0);
    let taken = || Taken {
        command: post(1, "hello"),
        reply: 1,
        since_ms: 0,
    };
    let mut waiting = vec![taken()];
    assert_eq!(packer.take(0, |_| std::mem::take(&mut waiting)), [1]);
    assert!(packer.is_idle());
}

#[test]
fn each_is_waited_for_from_when_they_were_let_in() {
    let mut station = Station::new();
    station.offer(post(1, "first"));
    let first = station.publish().remove(0);
    let second = station.offer(post(1, "second"));
    station.wait(REPLY_WAIT_MS - 1);
    assert_eq!(station.deliver(1, &first.payload), [1]);
    let third = station.offer(post(2, "third"));
    let message = station.publish().remove(0);
    assert_eq!(opened(&message.payload).commands.len(), 2);
    assert_eq!(station.packer.next_ms(), Some(REPLY_WAIT_MS));
    station.wait(1);
    assert_eq!(station.packer.overdue(station.now_ms).replies, [second]);
    assert_eq!(
        station.deliver(2, &message.payload),
        [third],
        "and the other later"
    );
}

#[test]
fn what_the_log_refuses_for_good_makes_room_for_others() {
    let mut station = Station::new();
    let reply = station.offer(post(1, "hello"));
    station.publish();
    assert_eq!(station.packer.refused(1), [reply]);
    assert!(station.packer.is_idle() && station.packer.held.is_empty());
}

#[test]
fn it_is_known_when_there_is_next_something_to_do() {
    let mut station = Station::new();
    assert_eq!(station.packer.next_ms(), None);
    station.offer(post(1, "hello"));
    station.publish();
    assert_eq!(station.packer.next_ms(), Some(PUBLISH_WAIT_MS));
    station.packer.disconnected();
    assert_eq!(station.packer.next_ms(), Some(REPLY_WAIT_MS));
    assert_eq!(station.packer.overdue(REPLY_WAIT_MS).replies.len(), 1);
    assert_eq!(station.packer.next_ms(), None);
}

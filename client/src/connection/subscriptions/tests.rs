use protocol::UserId;

use super::*;
use crate::connection::line::Greeting;
use crate::effect::Effect;
use crate::model::now::Now;
use crate::model::transport::Transports;
use crate::step::testing::effects_of;
use crate::testing::{epoch, event};
use crate::wire::incoming::Refused;

const NOW: Now = Now { ms: 0, random: 0 };

/// The subscriptions of a browser, and the line they are made on.
struct Browser {
    connection: ConnectionPolicy,
    subscriptions: Subscriptions,
}

/// A browser whose line is up.
fn browser() -> Browser {
    let mut connection = ConnectionPolicy::new(Transports::default(), false);
    let greeting = Greeting {
        user_id: UserId::from_bytes([3; 16]),
        epoch: epoch(),
    };
    effects_of(NOW, |step| {
        connection.start(step, None);
        connection.greeted(step, 1, greeting);
    });
    Browser {
        connection,
        subscriptions: Subscriptions::default(),
    }
}

fn cursor(seq: u64) -> Cursor {
    Cursor {
        epoch: epoch(),
        seq,
        id: None,
    }
}

fn joined(seq: u64) -> Frame {
    Frame::Joined {
        room: "lobby".to_owned(),
        epoch: epoch(),
        seq,
        head: seq,
    }
}

fn sends(frames: &[String]) -> Vec<Effect> {
    let send = |text: &String| Effect::Send {
        id: 1,
        text: text.clone(),
    };
    frames.iter().map(send).collect()
}

impl Browser {
    /// A tab asks for the lobby: what it is told, and what is sent.
    fn join(&mut self, tab: u32, cursor: Cursor) -> (Answer, Vec<Effect>) {
        let mut answer = Answer::Later;
        let request = JoinRequest {
            tab,
            room: "lobby",
            cursor,
        };
        let effects = effects_of(NOW, |step| {
            answer = self
                .subscriptions
                .join(step, epoch(), request, &mut self.connection);
        });
        (answer, effects)
    }

    fn leave(&mut self, tab: u32, room: Option<&str>) -> Vec<Effect> {
        effects_of(NOW, |step| {
            self.subscriptions.leave(step, tab, room, &mut self.connection);
        })
    }

    fn count_from(&mut self, rooms: &[(&str, u64)]) -> Vec<Effect> {
        effects_of(NOW, |step| {
            self.subscriptions
                .count_from(step, epoch(), rooms.iter().copied(), &mut self.connection);
        })
    }

    fn hear(&mut self, frame: &Frame) {
        self.subscriptions.frame(frame, "the frame");
    }
}

#[test]
fn a_room_is_joined_once_for_all_tabs_and_left_with_the_last() {
    let mut browser = browser();
    let join = outgoing::join("lobby", cursor(5));
    assert_eq!(browser.join(1, cursor(5)), (Answer::Later, sends(&[join])));
    assert_eq!(
        browser.join(2, cursor(5)),
        (Answer::Later, vec![]),
        "the server's answer is for both"
    );
    browser.hear(&joined(5));
    assert_eq!(browser.join(3, cursor(9)), (Answer::Joined(5), vec![]));
    assert_eq!(browser.leave(1, Some("lobby")), []);
    assert_eq!(browser.leave(2, Some("elsewhere")), []);
    assert_eq!(browser.leave(2, None), []);
    let unsubscribe = outgoing::unsubscribe("lobby");
    assert_eq!(browser.leave(3, Some("lobby")), sends(&[unsubscribe]));
    assert_eq!(browser.leave(3, Some("lobby")), []);
}

#[test]
fn a_tab_that_knows_less_moves_the_subscription_back_to_its_place() {
    let mut browser = browser();
    browser.join(1, cursor(5));
    browser.hear(&joined(5));
    let again = outgoing::join("lobby", cursor(3));
    assert_eq!(browser.join(2, cursor(3)), (Answer::Later, sends(&[again])));
    assert_eq!(
        browser.join(3, cursor(4)),
        (Answer::Later, vec![]),
        "the answer is still to come"
    );
    browser.hear(&joined(3));
    assert_eq!(browser.join(3, cursor(4)), (Answer::Joined(3), vec![]));
}

#[test]
fn a_tab_that_comes_later_is_given_what_follows_the_last_event_that_was_handed_on() {
    let mut browser = browser();
    browser.join(1, cursor(5));
    browser.hear(&joined(5));
    let room = || "lobby".to_owned();
    for seq in [6, 7, 9] {
        browser.hear(&Frame::Event {
            room: room(),
            event: event(seq),
        });
    }
    assert_eq!(browser.join(2, cursor(20)), (Answer::Joined(7), vec![]));
    assert_eq!(browser.subscriptions.here("lobby"), None);
    browser.hear(&Frame::Presence {
        room: room(),
        people: Vec::new(),
        count: 0,
    });
    assert_eq!(browser.subscriptions.here("lobby").as_deref(), Some("the frame"));
}

#[test]
fn a_room_is_heard_from_where_it_is_counted_if_it_is_joined() {
    let mut browser = browser();
    assert_eq!(browser.count_from(&[("lobby", 5)]), [], "nobody shows it");
    browser.join(1, cursor(9));
    assert_eq!(
        browser.count_from(&[("lobby", 9), ("attic", 1)]),
        [],
        "nothing lies between"
    );
    let again = outgoing::join("lobby", cursor(5));
    assert_eq!(browser.count_from(&[("lobby", 5)]), sends(&[again]));
    assert_eq!(browser.leave(1, None), sends(&[outgoing::unsubscribe("lobby")]));
}

#[test]
fn a_refused_join_is_not_taken_for_one_and_a_refused_position_changes_nothing() {
    let mut browser = browser();
    browser.join(1, cursor(5));
    browser.hear(&Frame::Resync {
        room: "lobby".to_owned(),
    });
    let join = outgoing::join("lobby", cursor(9));
    assert_eq!(browser.join(1, cursor(9)), (Answer::Later, sends(&[join])));
    browser.hear(&joined(9));
    browser.hear(&Frame::Error(Refused {
        code: protocol::ErrorCode::Busy,
        client_id: None,
        room: Some("lobby".to_owned()),
        retry_after_ms: None,
    }));
    assert_eq!(browser.join(1, cursor(9)), (Answer::Joined(9), vec![]));
}

#[test]
fn a_cursor_of_another_database_starts_over_and_another_line_has_no_rooms() {
    let mut browser = browser();
    let foreign = Cursor {
        epoch: Epoch::from_bytes([9; 16]),
        ..cursor(5)
    };
    assert_eq!(browser.join(1, foreign), (Answer::Resync, vec![]));
    browser.join(1, cursor(5));
    browser.hear(&joined(5));
    assert!(browser.subscriptions.is_shown_elsewhere("lobby", 2));
    assert!(!browser.subscriptions.is_shown_elsewhere("lobby", 1));
    browser.subscriptions.reset();
    assert_eq!(browser.join(1, cursor(5)).1.len(), 1);
}

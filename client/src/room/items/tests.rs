//! What a person sees, in what order.

use std::sync::Arc;

use protocol::{ClientId, EventId};

use super::*;
use crate::model::message::{Details, Quote};
use crate::outbox::row::SendState;

/// 25 November 2026, 12:00 in UTC.
const NOON: u64 = 1_795_608_000_000;
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const ME: u8 = 1;

fn user(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

fn message(seq: u64, author: u8, at: u64) -> EchoedMessage {
    EchoedMessage {
        message: Arc::new(Message {
            seq,
            rev: seq,
            id: EventId::from_bytes([0; 16]),
            client_id: ClientId::from_bytes([0; 16]),
            user_id: user(author),
            name: None,
            message: format!("message {seq}"),
            at,
            details: None,
        }),
        echo_of: None,
    }
}

fn reply(seq: u64, author: u8, at: u64) -> EchoedMessage {
    let mut echoed = message(seq, author, at);
    let reply_to = Quote {
        seq: 1,
        user_id: user(author),
        name: None,
        excerpt: "message 1".into(),
    };
    Arc::make_mut(&mut echoed.message).details = Some(Box::new(Details {
        reply_to: Some(reply_to),
        ..Details::default()
    }));
    echoed
}

fn pending(operation: Operation, written_at: u64) -> PendingRow {
    PendingRow {
        operation,
        client_id: ClientId::from_bytes([7; 16]),
        text: String::from("on its way"),
        written_at,
        state: SendState::Waiting,
        can_discard: true,
        target: 0,
    }
}

/// A room that begins with its first row and of which everything was read.
fn shown(messages: &[EchoedMessage]) -> ItemSource<'_> {
    ItemSource {
        messages,
        pending: &[],
        me: Some(user(ME)),
        older: Edge::End,
        read_line: None,
        missed: None,
        target: None,
    }
}

fn in_utc(source: ItemSource<'_>) -> Vec<Item> {
    items(source, |at| at / DAY)
}

fn markers(items: &[Item]) -> Vec<(usize, Marker)> {
    let markers = items.iter().enumerate();
    markers
        .filter_map(|(at, item)| Some((at, item.marker?)))
        .collect()
}

fn continuing(items: &[Item]) -> Vec<bool> {
    items.iter().map(|item| item.continues).collect()
}

#[test]
fn what_one_says_within_five_minutes_goes_on_and_the_words_of_another_do_not() {
    let rows = [
        message(1, 1, NOON),
        message(2, 1, NOON + 4 * MINUTE),
        message(3, 1, NOON + 9 * MINUTE),
        message(4, 2, NOON + 9 * MINUTE),
        message(5, 1, NOON + 9 * MINUTE),
    ];
    let items = in_utc(shown(&rows));
    assert_eq!(continuing(&items), [false, true, false, false, false]);
    let days: Vec<bool> = items.iter().map(|item| item.begins_day).collect();
    assert_eq!(days, [true, false, false, false, false]);
}

#[test]
fn a_day_begins_with_its_first_message_and_with_the_first_row() {
    let rows = [
        message(1, 1, NOON),
        message(2, 2, NOON + 11 * HOUR),
        message(3, 1, NOON + 12 * HOUR),
        message(4, 2, NOON + 13 * HOUR),
        message(5, 1, NOON + 50 * HOUR),
    ];
    let days: Vec<bool> = in_utc(shown(&rows)).iter().map(|item| item.begins_day).collect();
    assert_eq!(days, [true, false, true, false, true]);
}

#[test]
fn days_are_those_of_where_the_person_is() {
    let rows = [message(1, 1, NOON), message(2, 2, NOON + 3 * HOUR)];
    let in_seoul = items(shown(&rows), |at| (at + 9 * HOUR) / DAY);
    assert!(in_seoul[1].begins_day, "15:00 in UTC is midnight there");
    assert!(!in_utc(shown(&rows))[1].begins_day);
}

#[test]
fn a_day_is_asked_for_once_a_quarter_of_an_hour() {
    let rows: Vec<_> = (1..=100).map(|seq| message(seq, 1, NOON + seq * 1_000)).collect();
    let mut asked = 0;
    let _ = items(shown(&rows), |at| {
        asked += 1;
        at / DAY
    });
    assert_eq!(asked, 1);
}

#[test]
fn a_reply_begins_a_group_and_so_does_what_stands_below_a_line() {
    let rows = [
        message(1, 2, NOON),
        reply(2, 2, NOON),
        message(3, 2, NOON),
        message(4, 2, NOON),
    ];
    let items = in_utc(ItemSource {
        read_line: Some(3),
        ..shown(&rows)
    });
    assert_eq!(continuing(&items), [false, false, true, false]);
    assert_eq!(markers(&items), [(3, Marker::Unread)]);
}

#[test]
fn the_unread_line_stands_above_the_first_unread_message_of_somebody_else() {
    let rows = [
        message(1, 2, NOON),
        message(2, ME, NOON),
        message(3, 2, NOON),
        message(4, 2, NOON),
    ];
    let items = in_utc(ItemSource {
        read_line: Some(1),
        ..shown(&rows)
    });
    assert_eq!(markers(&items), [(2, Marker::Unread)]);
    let own: Vec<bool> = items.iter().map(|item| item.is_own).collect();
    assert_eq!(own, [false, true, false, false]);
}

#[test]
fn where_older_messages_are_not_loaded_the_first_row_is_not_called_the_first_unread() {
    let rows = [message(50, 2, NOON), message(51, 2, NOON)];
    let marker_at = |older, read_line| {
        markers(&in_utc(ItemSource {
            older,
            read_line: Some(read_line),
            ..shown(&rows)
        }))
    };
    assert_eq!(marker_at(Edge::More, 20), []);
    assert_eq!(marker_at(Edge::Loading, 20), []);
    assert_eq!(marker_at(Edge::End, 20), [(0, Marker::Unread)]);
    // Nothing can lie between 49 and 50.
    assert_eq!(marker_at(Edge::More, 49), [(0, Marker::Unread)]);
}

#[test]
fn what_was_missed_is_said_once_above_the_first_of_it_and_before_what_is_unread() {
    let rows = [message(1, 2, NOON), message(2, 2, NOON), message(3, 2, NOON)];
    let items = in_utc(ItemSource {
        read_line: Some(1),
        missed: Some(Missed { after: 1, count: 2 }),
        ..shown(&rows)
    });
    assert_eq!(markers(&items), [(1, Marker::Missed(2))]);
}

#[test]
fn posts_on_their_way_come_last_and_continue_what_their_author_said() {
    let rows = [message(1, 2, NOON), message(2, ME, NOON + MINUTE)];
    let pending = [
        pending(Operation::Edit, NOON),
        pending(Operation::Post, NOON + 2 * MINUTE),
        pending(Operation::Topic, NOON),
        pending(Operation::Post, NOON + 30 * MINUTE),
    ];
    let items = in_utc(ItemSource {
        pending: &pending,
        ..shown(&rows)
    });
    assert_eq!(items.len(), 4, "changes are no items of their own");
    assert!(items[2].message().is_none() && items[2].is_own);
    assert_eq!(continuing(&items), [false, false, true, false]);
}

#[test]
fn a_post_of_somebody_who_is_nobody_yet_continues_nothing_of_others() {
    let rows = [message(1, 2, NOON)];
    let pending = [pending(Operation::Post, NOON), pending(Operation::Post, NOON)];
    let items = in_utc(ItemSource {
        pending: &pending,
        me: None,
        ..shown(&rows)
    });
    assert_eq!(continuing(&items), [false, false, true]);
}

#[test]
fn only_the_message_that_was_asked_for_is_the_target() {
    let rows = [message(1, 2, NOON), message(2, 2, NOON)];
    let items = in_utc(ItemSource {
        target: Some(2),
        ..shown(&rows)
    });
    let targets: Vec<bool> = items.iter().map(|item| item.is_target).collect();
    assert_eq!(targets, [false, true]);
}

#[test]
fn an_empty_room_has_no_items() {
    assert_eq!(in_utc(shown(&[])), []);
}

use super::*;
use crate::limits::{READ_TOLD_MIN_MS, READ_TOLD_SPREAD_MS, READ_TRIES_MAX};
use crate::model::event::{Change, ChangeKind};
use crate::step::testing::effects_of;
use crate::testing::{epoch, event, message};

const NOW: Now = Now { ms: 0, random: 0 };

/// A room that the list was true for at 10: read up to 4, and all after that unread.
fn rooms() -> RoomList {
    let mut rooms = RoomList::default();
    let list = r#"{"rooms":[{"room":"a","head":10,"read":4,"unread":6,"following":true}],"epoch":""#;
    let list = list.to_owned() + &epoch().to_string() + r#""}"#;
    rooms.ask(NOW);
    effects_of(NOW, |step| rooms.tick(step));
    assert!(rooms.loaded(NOW, FETCHES + 1, Some(&*list), Some(epoch()), None));
    rooms
}

fn deleted(seq: u64, target: u64) -> Event {
    let Event::Message(message) = event(seq) else {
        panic!()
    };
    Event::Change(Change {
        seq,
        id: message.id,
        client_id: message.client_id,
        user_id: message.user_id,
        name: None,
        at: seq,
        target,
        kind: ChangeKind::Deleted,
    })
}

fn happen(rooms: &mut RoomList, event: &Event) -> u64 {
    effects_of(NOW, |step| rooms.event(step, "a", event, None));
    rooms.all()[0].unread
}

#[test]
fn what_was_deleted_does_not_count_whether_the_list_counted_it_or_it_came_since() {
    let mut rooms = rooms();
    assert_eq!(happen(&mut rooms, &event(11)), 7);
    assert_eq!(happen(&mut rooms, &event(11)), 7, "said twice, counted once");
    assert_eq!(happen(&mut rooms, &deleted(12, 11)), 6);
    assert_eq!(happen(&mut rooms, &deleted(13, 9)), 5);
    assert_eq!(happen(&mut rooms, &deleted(14, 3)), 5, "it was read");
}

#[test]
fn reading_is_exact_where_it_was_counted_and_asks_for_the_list_where_it_was_not() {
    let mut rooms = rooms();
    for seq in 11..=13 {
        happen(&mut rooms, &event(seq));
    }
    effects_of(NOW, |step| rooms.read(step, "a", 12, 1));
    assert_eq!((rooms.all()[0].unread, rooms.ask_at), (1, None));
    effects_of(NOW, |step| rooms.read(step, "a", 7, 6));
    assert_eq!(rooms.all()[0].unread, 6, "as the server says");
    assert!(rooms.ask_at.is_some());
    assert_eq!(happen(&mut rooms, &event(14)), 7);
}

#[test]
fn ones_own_message_is_read_and_makes_one_follow_the_room() {
    let mut rooms = rooms();
    let me = Some(message(11).user_id);
    effects_of(NOW, |step| rooms.event(step, "a", &event(11), me));
    assert_eq!((rooms.all()[0].read, rooms.all()[0].unread), (11, 0));
    effects_of(NOW, |step| rooms.event(step, "b", &event(1), None));
    assert_eq!(rooms.ask_at, None);
    effects_of(NOW, |step| rooms.event(step, "b", &event(1), me));
    assert!(rooms.ask_at.is_some());
}

#[test]
fn a_position_is_sent_once_a_second_at_most_the_last_one_wins_and_no_answer_sends_it_again() {
    let mut rooms = rooms();
    let sent = |rooms: &mut RoomList, ms| rooms.next(Now { ms, random: 0 }, false);
    rooms.request(NOW, "a", Position::Read(8), 0);
    assert_eq!(
        sent(&mut rooms, 0),
        Some(outgoing::position("a", Position::Read(8)))
    );
    rooms.request(NOW, "a", Position::Read(9), 0);
    rooms.request(NOW, "a", Position::Read(10), 0);
    assert_eq!(sent(&mut rooms, 999), None);
    let last = Some(outgoing::position("a", Position::Read(10)));
    assert_eq!(sent(&mut rooms, 1_000), last);
    assert_eq!(sent(&mut rooms, 10_999), None);
    assert_eq!(sent(&mut rooms, 11_000), last);
    effects_of(NOW, |step| rooms.read(step, "a", 10, 0));
    assert_eq!(sent(&mut rooms, 60_000), None, "it came true");
    for _ in 0..9 {
        rooms.request(NOW, "a", Position::Unread(2), 0);
    }
    let tries = (0..100).filter(|at| sent(&mut rooms, 100_000 + at * 5_000).is_some());
    assert_eq!(tries.count(), READ_TRIES_MAX as usize, "and not for ever");
    rooms.line_changed();
    assert!(sent(&mut rooms, 700_000).is_some());
}

#[test]
fn what_was_read_is_told_once_after_a_while_and_is_read_from_then_on() {
    let mut rooms = rooms();
    let wait = READ_TOLD_MIN_MS + READ_TOLD_SPREAD_MS;
    let sent = |rooms: &mut RoomList, ms| rooms.next(Now { ms, random: 0 }, true);
    for seq in 8..=10 {
        rooms.request(NOW, "a", Position::Read(seq), wait);
    }
    assert_eq!((sent(&mut rooms, wait - 1), rooms.due(true, false)), (None, wait));
    let told = Some(outgoing::position("a", Position::Read(10)));
    assert_eq!(sent(&mut rooms, wait), told);
    assert_eq!(
        (rooms.all()[0].read, rooms.all()[0].unread),
        (10, 0),
        "nobody says so again"
    );
    assert_eq!(sent(&mut rooms, 1_000_000), None);
    // More comes to be read when it is nearly time.
    happen(&mut rooms, &event(11));
    let begun = 2_000_000;
    for (after, seq) in [(0, 11), (wait / 2, 12), (wait - 1, 13)] {
        assert_eq!(sent(&mut rooms, begun + after), None);
        let now = Now {
            ms: begun + after,
            random: 0,
        };
        rooms.request(now, "a", Position::Read(seq), wait);
    }
    let told = Some(outgoing::position("a", Position::Read(13)));
    assert_eq!(sent(&mut rooms, begun + wait - 1), told);
    // Whoever goes says it at once.
    happen(&mut rooms, &event(14));
    let later = Now {
        ms: 3_000_000,
        random: 0,
    };
    rooms.request(later, "a", Position::Read(14), wait);
    assert_eq!(sent(&mut rooms, later.ms), None);
    rooms.hurry();
    assert!(sent(&mut rooms, later.ms).is_some());
}

#[test]
fn what_was_told_is_told_again_when_the_list_of_another_line_does_not_know_it_unless_it_knows_better() {
    for (listed, is_told_again) in [(4, true), (10, false), (6, false)] {
        let mut rooms = rooms();
        rooms.request(NOW, "a", Position::Read(10), READ_TOLD_MIN_MS);
        rooms.hurry();
        assert!(rooms.next(NOW, true).is_some());
        assert!(rooms.next(NOW, true).is_none());
        rooms.line_changed();
        let list = format!(
            r#"{{"rooms":[{{"room":"a","head":10,"read":{listed},"unread":3,"following":true}}],"epoch":"{}"}}"#,
            epoch()
        );
        rooms.ask(NOW);
        effects_of(NOW, |step| rooms.tick(step));
        assert!(rooms.loaded(NOW, FETCHES + 2, Some(&*list), Some(epoch()), None));
        rooms.hurry();
        assert_eq!(rooms.next(NOW, true).is_some(), is_told_again, "{listed}");
    }
}

/// A list of the room `a`, as the server tells it: whole, or of some rooms.
fn listing(head: u64, unread: u64, is_whole: bool) -> String {
    let epoch = match is_whole {
        true => format!(r#","epoch":"{}""#, epoch()),
        false => String::new(),
    };
    format!(
        r#"{{"rooms":[{{"room":"a","head":{head},"read":4,"unread":{unread},"following":true}}]{epoch}}}"#
    )
}

fn told(rooms: &mut RoomList, text: &str) {
    let list = Listing::of(&Value::read(text).unwrap()).unwrap();
    effects_of(NOW, |step| rooms.told(step, list));
}

#[test]
fn a_list_is_taken_though_something_was_told_meanwhile_and_takes_nothing_of_that_back() {
    let mut rooms = rooms();
    for fetch in 2..5 {
        rooms.ask(NOW);
        effects_of(NOW, |step| rooms.tick(step));
        let now = Now {
            ms: 60_000,
            random: 0,
        };
        effects_of(now, |step| rooms.tick(step));
        let head = 10 + fetch;
        told(&mut rooms, &listing(head, head - 4, false));
        let older = listing(head - 1, head - 5, true);
        assert!(rooms.loaded(now, FETCHES + fetch as u32, Some(&*older), Some(epoch()), None));
        let room = &rooms.all()[0];
        assert_eq!((room.head, room.unread, rooms.ask_at), (head, head - 4, None));
    }
    // An older copy of the database, on another line.
    rooms.ask(NOW);
    effects_of(
        Now {
            ms: 90_000,
            random: 0,
        },
        |step| rooms.tick(step),
    );
    let copy = listing(6, 2, true);
    assert!(rooms.loaded(NOW, FETCHES + 5, Some(&*copy), Some(epoch()), None));
    assert_eq!(rooms.all()[0].unread, 2);
}

#[test]
fn what_is_told_before_the_first_list_is_newer_than_that() {
    let mut rooms = RoomList::default();
    rooms.ask(NOW);
    effects_of(NOW, |step| rooms.tick(step));
    told(&mut rooms, &listing(11, 7, false));
    assert!(rooms.loaded(
        NOW,
        FETCHES + 1,
        Some(&*listing(10, 6, true)),
        Some(epoch()),
        None
    ));
    assert_eq!(rooms.all()[0].unread, 7);
    assert!(rooms.ask_at.is_some(), "the list may not know of the room at all");
}

#[test]
fn what_is_marked_as_unread_elsewhere_is_not_undone_by_what_was_seen_here_before() {
    for (is_marked, is_told) in [(false, true), (true, false)] {
        let mut rooms = rooms();
        rooms.request(NOW, "a", Position::Read(10), 0);
        // Further than this tab knew, and not as far as it has seen.
        effects_of(NOW, |step| rooms.read(step, "a", 8, 2));
        if is_marked {
            rooms.marked("a");
        }
        let told = rooms.next(
            Now {
                ms: 60_000,
                random: 0,
            },
            false,
        );
        assert_eq!(told.is_some(), is_told, "marked: {is_marked}");
    }
}

use protocol::ErrorCode;
use serde_json::json;

use super::*;
use crate::step::testing::effects_of;
use crate::testing::{epoch, event, message, page};

const fn at(ms: u64) -> Now {
    Now {
        ms,
        random: u32::MAX / 2,
    }
}

fn room() -> RoomName {
    RoomName::given_out("lobby")
}

/// A view that came with the messages `1..=10` and was joined after them.
fn joined() -> RoomView {
    let mut view = RoomView::new(room(), Some(page(1, 10)));
    join(&mut view, 0, 10);
    view
}

/// The line is up; the view joins where it stands, and the room's last `seq` is `head`.
fn join(view: &mut RoomView, ms: u64, head: u64) {
    assert_eq!(effects_of(at(ms), |step| view.up(step, None, epoch())), []);
    answer_join(view, ms, head);
}

fn answer_join(view: &mut RoomView, ms: u64, head: u64) {
    let cursor = view.take_join(at(ms)).unwrap();
    view.joined(at(ms), cursor.epoch, cursor.seq, head);
    assert!(view.is_joined());
}

/// The answer of the server to a fetch of the messages `from..=to`.
fn page_text(from: u64, to: u64) -> String {
    let page = page(from, to);
    let row = |row: &Message| {
        json!({
            "seq": row.seq, "id": row.id, "clientId": row.client_id, "userId": row.user_id, "message": row.message,
            "at": row.at,
        })
    };
    let messages: Vec<_> = page.messages.iter().map(row).collect();
    json!({
        "epoch": page.epoch, "seq": page.seq, "messages": messages, "hasOlder": page.has_older, "hasNewer": false,
    })
    .to_string()
}

fn happen(view: &mut RoomView, seq: u64) -> Vec<Effect> {
    effects_of(at(0), |step| view.event(step, None, event(seq)))
}

/// The fetch among the effects: its number, and the end of its address.
fn fetch(effects: &[Effect]) -> (u32, &str) {
    let mut fetches = effects.iter().filter_map(|effect| match effect {
        Effect::Fetch { id, address } => Some((*id, address.split_once('?').unwrap().1)),
        _ => None,
    });
    fetches.next().unwrap()
}

fn fetched(view: &mut RoomView, ms: u64, id: u32, text: Option<&str>) -> Vec<Effect> {
    effects_of(at(ms), |step| {
        view.fetched(step, None, id, text.and_then(HistoryPage::read))
    })
}

fn seqs(view: &RoomView) -> Vec<u64> {
    view.rows().iter().map(|row| row.seq).collect()
}

#[test]
fn a_view_that_came_with_a_page_joins_where_the_page_ends() {
    let mut view = RoomView::new(room(), Some(page(1, 10)));
    assert_eq!(view.take_join(at(0)), None, "there is no line");
    effects_of(at(0), |step| view.up(step, None, epoch()));
    assert!(!view.is_joined());
    assert_eq!(view.take_join(at(0)).map(|cursor| cursor.seq), Some(10));
    assert_eq!(view.take_join(at(0)), None, "it is asked once");
    view.joined(at(0), epoch(), 10, 12);
    assert!(view.is_joined() && !view.is_caught_up());
    happen(&mut view, 11);
    happen(&mut view, 12);
    assert!(view.is_caught_up());
    assert_eq!(view.known_to(), 12);
}

#[test]
fn a_join_without_an_answer_is_asked_again() {
    let mut view = RoomView::new(room(), Some(page(1, 10)));
    effects_of(at(0), |step| view.up(step, None, epoch()));
    view.take_join(at(0)).unwrap();
    assert_eq!(view.due(), JOIN_MAX_MS);
    effects_of(at(JOIN_MAX_MS), |step| view.tick(step));
    assert!(view.take_join(at(JOIN_MAX_MS)).is_some());
}

#[test]
fn an_answer_from_further_on_is_another_tabs() {
    let mut view = RoomView::new(room(), Some(page(1, 10)));
    effects_of(at(0), |step| view.up(step, None, epoch()));
    view.take_join(at(0)).unwrap();
    view.joined(at(0), epoch(), 11, 11);
    assert!(!view.is_joined());
}

#[test]
fn an_event_that_came_too_early_makes_the_view_join_again() {
    let mut view = joined();
    assert_eq!(happen(&mut view, 12), [Effect::TimelineChanged]);
    assert_eq!(view.known_to(), 10);
    answer_join(&mut view, 0, 12);
    happen(&mut view, 11);
    happen(&mut view, 12);
    assert_eq!(seqs(&view), Vec::from_iter(1..=12));
}

#[test]
fn starting_over_loads_at_once_and_then_with_growing_waits() {
    let mut view = RoomView::new(room(), None);
    let effects = effects_of(at(0), |step| view.up(step, None, epoch()));
    let (id, query) = fetch(&effects);
    assert_eq!(query, "limit=50");
    assert_eq!(fetched(&mut view, 100, id, None), [Effect::TimelineChanged]);
    let mut waits = Vec::new();
    let mut now = 100;
    let mut last = 0;
    for _ in 0..4 {
        waits.push(view.due() - now);
        now = view.due();
        let effects = effects_of(at(now), |step| view.tick(step));
        last = fetch(&effects).0;
        fetched(&mut view, now, last, Some("no page"));
    }
    assert!(
        waits.is_sorted_by(|shorter, longer| shorter < longer),
        "{waits:?}"
    );
    assert!(last > id, "each question has a number of its own");
    now = view.due();
    let effects = effects_of(at(now), |step| view.tick(step));
    let (id, _) = fetch(&effects);
    fetched(&mut view, now, id, Some(&page_text(1, 10)));
    assert_eq!(view.known_to(), 10);
    answer_join(&mut view, now, 10);
}

#[test]
fn another_database_and_a_resync_start_over() {
    let mut view = joined();
    let other = Epoch::from_bytes([9; 16]);
    let effects = effects_of(at(0), |step| view.up(step, None, other));
    fetch(&effects);
    assert_eq!(view.known_to(), 0, "what is shown may be of another database");
    let mut view = joined();
    let effects = effects_of(at(0), |step| view.resync(step, None));
    fetch(&effects);
    assert_eq!(
        effects_of(at(0), |step| view.resync(step, None)),
        [],
        "it is on its way"
    );
}

#[test]
fn what_others_said_during_an_absence_is_counted_as_it_is_restored() {
    let mut view = joined();
    view.down(5_000);
    join(&mut view, 9_000, 13);
    assert_eq!(view.missed(), None);
    let own = message(12).user_id;
    let theirs = |seq| {
        let user_id = UserId::from_bytes([4; 16]);
        Event::Message(Message {
            user_id,
            ..message(seq)
        })
    };
    effects_of(at(9_000), |step| {
        view.event(step, Some(own), theirs(11));
        view.event(step, Some(own), event(12));
        view.event(step, Some(own), theirs(13));
        view.event(step, Some(own), theirs(14));
    });
    let missed = Missed { after: 10, count: 2 };
    assert_eq!(view.missed(), Some(missed), "own and later ones are not missed");
    assert_eq!(
        effects_of(at(9_000), |step| view.forget_missed(step)),
        [Effect::TimelineChanged]
    );
    assert_eq!(view.missed(), None);
    assert_eq!(effects_of(at(9_000), |step| view.forget_missed(step)), []);
}

#[test]
fn a_short_absence_is_not_told_and_one_that_was_too_long_is_counted_by_what_is_loaded() {
    let mut view = joined();
    view.down(5_000);
    join(&mut view, 5_999, 11);
    happen(&mut view, 11);
    assert_eq!(view.missed(), None);
    view.down(10_000);
    effects_of(at(90_000), |step| view.up(step, None, epoch()));
    view.take_join(at(90_000)).unwrap();
    let effects = effects_of(at(90_000), |step| view.resync(step, None));
    let (id, _) = fetch(&effects);
    fetched(&mut view, 90_000, id, Some(&page_text(101, 150)));
    let missed = Missed {
        after: 11,
        count: 139,
    };
    assert_eq!(view.missed(), Some(missed));
}

#[test]
fn what_comes_while_other_rows_are_shown_is_counted_until_the_end_is_shown() {
    let mut view = joined();
    let effects = effects_of(at(0), |step| view.open(step, 3));
    assert_eq!(effects, [Effect::ScrollTo(Some(3))], "it is loaded");
    let mut page = page(1, 10);
    page.has_newer = true;
    view = RoomView::new(room(), Some(page));
    join(&mut view, 0, 10);
    happen(&mut view, 11);
    happen(&mut view, 12);
    assert_eq!((view.below(), view.rows().len()), (2, 10));
    let effects = effects_of(at(0), |step| view.go_to_end(step));
    let (id, _) = fetch(&effects);
    fetched(&mut view, 0, id, Some(&page_text(1, 12)));
    assert_eq!((view.below(), view.rows().len()), (0, 12));
    assert!(view.is_attached());
}

#[test]
fn a_place_that_is_not_loaded_is_fetched_and_scrolled_to_when_it_is_there() {
    let mut view = RoomView::new(room(), Some(page(101, 150)));
    join(&mut view, 0, 150);
    let effects = effects_of(at(0), |step| view.open(step, 30));
    let (id, query) = fetch(&effects);
    assert!(query.ends_with("around=30&at=150"), "{query}");
    let text = page_text(25, 75).replace(r#""seq":75}"#, r#""seq":150}"#);
    let effects = fetched(&mut view, 0, id, Some(&text));
    assert!(effects.contains(&Effect::ScrollTo(Some(30))), "{effects:?}");
    let effects = effects_of(at(0), |step| view.open(step, 10));
    let (id, _) = fetch(&effects);
    let effects = fetched(&mut view, 0, id, None);
    assert!(effects.contains(&Effect::ScrollTo(None)), "{effects:?}");
}

#[test]
fn going_to_another_room_forgets_this_one_and_its_late_answers() {
    let mut view = RoomView::new(room(), Some(page(101, 150)));
    join(&mut view, 0, 150);
    let effects = effects_of(at(0), |step| view.open(step, 30));
    let (late, _) = fetch(&effects);
    let elsewhere = RoomName::given_out("elsewhere");
    let effects = effects_of(at(0), |step| view.go(step, elsewhere, None));
    let (id, _) = fetch(&effects);
    assert!(view.shows("elsewhere") && view.rows().is_empty());
    assert_eq!(fetched(&mut view, 0, late, Some(&page_text(1, 10))), []);
    fetched(&mut view, 0, id, Some(&page_text(1, 3)));
    assert_eq!(seqs(&view), [1, 2, 3]);
    answer_join(&mut view, 0, 3);
}

#[test]
fn a_join_that_is_refused_for_good_is_not_asked_again_on_that_line_and_one_that_is_not_is_after_a_while() {
    for (code, is_lasting) in [(ErrorCode::TooManyRooms, true), (ErrorCode::Busy, false)] {
        let mut view = RoomView::new(room(), Some(page(1, 2)));
        effects_of(at(0), |step| view.up(step, None, epoch()));
        assert!(view.take_join(at(0)).is_some());
        let refused = Refused {
            code,
            client_id: None,
            room: Some(room().to_string()),
            retry_after_ms: (!is_lasting).then_some(3_000),
        };
        assert_eq!(view.join_refused(at(10), &refused), is_lasting);
        assert_eq!(view.refused(), Some(code), "why is told");
        assert!(!view.is_joined());
        assert_eq!(view.due(), if is_lasting { u64::MAX } else { 3_010 });
        view.down(20);
        effects_of(at(30), |step| view.up(step, None, epoch()));
        assert_eq!(view.refused(), None);
        assert!(view.take_join(at(30)).is_some(), "on another line it is");
    }
}

use protocol::Epoch;

use super::*;
use crate::testing::{Log, Random, epoch, event, message, page};

fn seqs(timeline: &Timeline) -> Vec<u64> {
    timeline.rows().iter().map(|row| row.seq).collect()
}

fn timeline(from: u64, to: u64) -> Timeline {
    Timeline::from_page(page(from, to))
}

fn edited(seq: u64, target: u64) -> Event {
    Event::Change(Change {
        seq,
        id: message(seq).id,
        client_id: message(seq).client_id,
        user_id: message(seq).user_id,
        name: None,
        at: seq,
        target,
        kind: ChangeKind::Edited {
            message: format!("edited by {seq}"),
            html: None,
            mentions: Vec::new(),
            excerpt: None,
        },
    })
}

#[test]
fn events_are_applied_in_order_and_each_once() {
    let mut timeline = timeline(1, 3);
    assert_eq!(timeline.event(event(4)), Outcome::Changed);
    assert_eq!(timeline.event(event(4)), Outcome::Unchanged);
    assert_eq!(timeline.event(event(2)), Outcome::Unchanged);
    assert_eq!(timeline.event(event(5)), Outcome::Changed);
    assert_eq!(seqs(&timeline), [1, 2, 3, 4, 5]);
    let cursor = timeline.cursor().unwrap();
    assert_eq!((cursor.seq, cursor.id), (5, Some(message(5).id)));
}

#[test]
fn a_gap_is_seen_and_nothing_beyond_it_is_shown() {
    let mut timeline = timeline(1, 3);
    assert_eq!(timeline.event(event(5)), Outcome::Gap);
    assert_eq!(seqs(&timeline), [1, 2, 3]);
}

#[test]
fn an_event_of_an_unknown_kind_moves_the_cursor_and_shows_nothing() {
    let mut timeline = timeline(1, 3);
    assert_eq!(
        timeline.event(Event::Other { seq: 4, id: None }),
        Outcome::Unchanged
    );
    assert_eq!(timeline.event(event(5)), Outcome::Changed);
    assert_eq!(seqs(&timeline), [1, 2, 3, 5]);
}

#[test]
fn a_change_is_applied_once_to_its_row_and_not_to_one_that_came_with_it() {
    let mut timeline = timeline(1, 3);
    assert_eq!(timeline.event(edited(4, 2)), Outcome::Changed);
    assert_eq!(timeline.event(edited(5, 9)), Outcome::Unchanged, "not loaded");
    assert_eq!(
        (&*timeline.rows()[1].message, timeline.rows()[1].rev),
        ("edited by 4", 4)
    );
    let fetch = timeline.go_to(Part::Around(2));
    timeline.event(edited(6, 2));
    timeline.event(edited(7, 2));
    let mut page = page(1, 3);
    page.seq = 6;
    page.messages[1].rev = 6;
    page.messages[1].message = "as of 6".to_owned();
    assert_eq!(timeline.page(fetch.id, Some(page)), Outcome::Changed);
    assert_eq!(
        (&*timeline.rows()[1].message, timeline.rows()[1].rev),
        ("edited by 7", 7)
    );
}

#[test]
fn older_pages_are_put_above_until_the_room_begins() {
    let mut timeline = timeline(101, 150);
    let fetch = timeline.ask_older().unwrap();
    assert_eq!((fetch.part, timeline.older()), (Part::Before(101), Edge::Loading));
    assert_eq!(timeline.ask_older(), None, "one page at a time");
    let answer = |from, to| {
        let seq = 150;
        Some(HistoryPage {
            seq,
            ..page(from, to)
        })
    };
    assert_eq!(timeline.page(fetch.id, answer(51, 100)), Outcome::Changed);
    assert_eq!(timeline.older(), Edge::More);
    let fetch = timeline.ask_older().unwrap();
    timeline.page(fetch.id, answer(1, 50));
    assert_eq!((timeline.older(), timeline.ask_older()), (Edge::End, None));
    assert_eq!(seqs(&timeline), (1..=150).collect::<Vec<_>>());
}

#[test]
fn a_page_that_fails_can_be_asked_for_again_and_events_go_on() {
    let mut timeline = timeline(101, 150);
    let fetch = timeline.ask_older().unwrap();
    timeline.event(event(151));
    assert_eq!(seqs(&timeline).len(), 50, "held back");
    assert_eq!(timeline.page(fetch.id, None), Outcome::Changed);
    assert_eq!((timeline.older(), seqs(&timeline).len()), (Edge::Failed, 51));
    let again = timeline.ask_older().unwrap();
    let answer = || {
        let seq = 151;
        Some(HistoryPage { seq, ..page(51, 100) })
    };
    assert_eq!(
        timeline.page(fetch.id, answer()),
        Outcome::Unchanged,
        "an old answer"
    );
    assert_eq!(timeline.page(again.id, answer()), Outcome::Changed);
}

#[test]
fn starting_over_joins_the_page_and_the_events_held_meanwhile() {
    let mut timeline = timeline(1, 3);
    let fetch = timeline.start_over(Part::Latest);
    for seq in 58..=63 {
        assert_eq!(timeline.event(event(seq)), Outcome::Unchanged);
    }
    // The page was read after some of them and before others.
    assert_eq!(timeline.page(fetch.id, Some(page(11, 60))), Outcome::StartedOver);
    assert_eq!(seqs(&timeline), (11..=63).collect::<Vec<_>>());
    assert_eq!(timeline.older(), Edge::More);
}

#[test]
fn a_page_from_another_database_or_another_time_is_not_mixed_in() {
    for foreign in [
        HistoryPage {
            epoch: Epoch::from_bytes([9; 16]),
            ..page(51, 150)
        },
        page(51, 100),
    ] {
        let mut timeline = timeline(101, 150);
        let fetch = timeline.ask_older().unwrap();
        assert_eq!(timeline.page(fetch.id, Some(foreign)), Outcome::Lost);
        assert_eq!(timeline.rows().len(), 50);
        assert_eq!(timeline.cursor().map(|cursor| cursor.epoch), Some(epoch()));
    }
}

#[test]
fn too_many_held_events_give_the_page_up_and_lose_nothing() {
    let mut timeline = timeline(101, 150);
    let fetch = timeline.ask_older().unwrap();
    let last = 151 + HELD_EVENTS_MAX as u64;
    for seq in 151..=last {
        timeline.event(event(seq));
    }
    assert!(timeline.rows().len() <= ROWS_MAX);
    assert_eq!(timeline.cursor().unwrap().seq, last);
    assert_eq!(timeline.rows().last().unwrap().seq, last);
    assert_eq!(timeline.page(fetch.id, Some(page(51, 100))), Outcome::Unchanged);
}

#[test]
fn at_the_end_fewer_rows_are_kept() {
    let mut timeline = timeline(1, 149);
    timeline.event(event(150));
    assert_eq!(timeline.rows().len(), ROWS_AT_END_MAX);
    timeline.event(event(151));
    assert_eq!((seqs(&timeline)[0], timeline.rows().len()), (52, ROWS_KEPT));
}

#[test]
fn whoever_is_at_the_end_stays_there_and_whoever_reads_above_keeps_what_they_read() {
    let mut timeline = timeline(1, 300);
    timeline.event(event(301));
    assert_eq!((seqs(&timeline)[0], timeline.rows().len()), (202, ROWS_KEPT));
    assert_eq!((timeline.older(), timeline.newer()), (Edge::More, Edge::End));
    timeline.is_at_end = false;
    for seq in 302..=501 {
        timeline.event(event(seq));
    }
    timeline.event(event(502));
    timeline.event(edited(503, 502));
    timeline.event(edited(504, 250));
    assert_eq!((seqs(&timeline)[0], *seqs(&timeline).last().unwrap()), (202, 501));
    assert_eq!((timeline.rows().len(), timeline.newer()), (ROWS_MAX, Edge::More));
    assert_eq!(
        timeline.rows()[48].message,
        "edited by 504",
        "what is there still changes"
    );
    assert_eq!(timeline.arrived.len(), 202, "and what is not is counted");
}

#[test]
fn scrolling_up_lets_the_newest_go_and_scrolling_down_comes_back_to_the_end() {
    let log = Log::new(1_000);
    let mut timeline = Timeline::from_page(log.page(Part::Latest));
    timeline.is_at_end = false;
    while let Some(fetch) = timeline.ask_older() {
        timeline.page(fetch.id, Some(log.page(fetch.part)));
        assert!(timeline.rows().len() <= ROWS_MAX);
    }
    assert_eq!((seqs(&timeline)[0], timeline.newer()), (1, Edge::More));
    while let Some(fetch) = timeline.ask_newer() {
        assert_eq!(timeline.newer(), Edge::Loading);
        timeline.page(fetch.id, Some(log.page(fetch.part)));
        assert!(timeline.rows().len() <= ROWS_MAX);
    }
    assert_eq!(seqs(&timeline), (701..=1_000).collect::<Vec<_>>());
    assert_eq!((timeline.older(), timeline.newer()), (Edge::More, Edge::End));
}

/// The end of every story must be the log itself: whatever is cut, repeated, or fetched meanwhile, and wherever the
/// reader was.
#[test]
fn random_deliveries_and_pages_end_in_the_log() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let mut log = Log::new(60 + random.below(400));
        let mut sent = log.head();
        let mut timeline = Timeline::from_page(log.page(Part::Latest));
        let mut asked: Vec<(Fetch, HistoryPage)> = Vec::new();
        for _ in 0..200 {
            for _ in 0..random.below(3) {
                log.happen(&mut random);
            }
            let fetch = match random.below(14) {
                0 | 1 => timeline.ask_older(),
                2 | 3 => timeline.ask_newer(),
                4 if random.below(4) == 0 => Some(timeline.start_over(Part::Latest)),
                5 if random.below(3) == 0 => {
                    timeline.is_at_end = random.below(2) == 0;
                    let seq = 1 + random.below(log.head());
                    let parts = [Part::Latest, Part::Around(seq)];
                    Some(timeline.go_to(parts[random.index(2)]))
                }
                6..9 if !asked.is_empty() => {
                    let (fetch, page) = asked.swap_remove(random.index(asked.len()));
                    // It may be read when it is asked for or when it is answered.
                    let page = if random.below(2) == 0 {
                        page
                    } else {
                        log.page(fetch.part)
                    };
                    match timeline.page(fetch.id, (random.below(5) > 0).then_some(page)) {
                        Outcome::StartedOver => sent = timeline.cursor().unwrap().seq,
                        Outcome::Lost => {
                            let fetch = timeline.start_over(Part::Latest);
                            asked.push((fetch, log.page(fetch.part)));
                        }
                        Outcome::Gap => panic!("seed {seed}: a gap behind a page"),
                        _ => {}
                    }
                    None
                }
                // The line was cut and joined again, or the server repeats itself.
                9 => {
                    let cursor = timeline.cursor().unwrap().seq;
                    sent = cursor.saturating_sub(random.below(3));
                    None
                }
                _ => {
                    while sent < log.head() {
                        sent += 1;
                        let gap = timeline.event(log.event(sent)) == Outcome::Gap;
                        assert!(!gap, "seed {seed}: the server leaves no gaps");
                    }
                    None
                }
            };
            asked.extend(fetch.map(|fetch| (fetch, log.page(fetch.part))));
            is_a_piece(&timeline, &log, seed);
        }
        timeline.is_at_end = true;
        let fetch = timeline.go_to(Part::Latest);
        if timeline.page(fetch.id, Some(log.page(Part::Latest))) == Outcome::StartedOver {
            sent = timeline.cursor().unwrap().seq;
        }
        sent = sent.min(timeline.cursor().unwrap().seq);
        for seq in sent + 1..=log.head() {
            timeline.event(log.event(seq));
        }
        is_the_end(&timeline, &log, seed);
    }
}

/// Whether the rows are neighbours in the log, and each says what it said at some time.
fn is_a_piece(timeline: &Timeline, log: &Log, seed: u64) {
    let rows = timeline.rows();
    assert!(rows.len() <= ROWS_MAX, "seed {seed}");
    let Some(first) = rows.first() else { return };
    let at = log.rows().partition_point(|row| row.seq < first.seq);
    let piece = log.rows()[at..].iter().map(|row| row.seq);
    assert!(
        piece.take(rows.len()).eq(rows.iter().map(|row| row.seq)),
        "seed {seed}"
    );
    for row in rows {
        assert!(log.room.was(row), "seed {seed}: never said: {row:?}");
    }
}

/// Whether the rows are the end of the log, just as it stands.
fn is_the_end(timeline: &Timeline, log: &Log, seed: u64) {
    let rows = timeline.rows();
    assert_eq!(
        (timeline.newer(), timeline.topic()),
        (Edge::End, &*log.room.topic),
        "seed {seed}"
    );
    assert!(rows.len() >= 50, "seed {seed}");
    for (row, expected) in rows.iter().rev().zip(log.rows().iter().rev()) {
        assert_eq!(**row, log.room.with_excerpt(expected), "seed {seed}");
    }
}

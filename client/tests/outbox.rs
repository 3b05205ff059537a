//! The outbox: who sends what waits in it, where it is stored, and what becomes of what is refused.

mod world;

use client::outbox::SendState;
use client::tab::Input;
use protocol::{ErrorCode, UserId};
use world::conversation::chat;
use world::{Faults, World};

#[test]
fn tabs_that_cannot_share_send_the_same_outbox_once() {
    let mut world = World::new(7);
    let browser = world.browser(false);
    let first = world.open(browser, "lobby");
    world.run_until_joined(first);
    world.go_offline(browser);
    let texts: Vec<String> = (0..5).map(|_| world.write(first)).collect();
    world.run(1_000);
    let second = world.open(browser, "lobby");
    world.run(1_000);
    assert_eq!(world.shown(second), texts, "it sees what is stored");
    world.go_online(browser);
    world.run_until(10_000, "at rest", World::is_at_rest);
    assert_eq!((world.lines(), world.server.texts("lobby")), (2, texts));
    world.judge_end(&[]);
}

#[test]
fn what_a_tab_stored_before_it_crashed_is_sent_by_the_next_that_opens() {
    let (mut world, browser, pages, _) = chat(8, 2);
    let text = world.write(pages[1]);
    // Stored after 2 ms, told after the report of it: the crash comes between.
    world.run_until(10, "stored", |world| !world.browsers[browser].rows.is_empty());
    world.crash(pages[1]);
    world.run(3_000);
    let page = world.open(browser, "lobby");
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert!(world.shown(page).contains(&text));
    world.judge_end(&[]);
}

#[test]
fn what_was_written_just_before_a_tab_crashed_is_sent_by_another_that_is_open() {
    for shared in [true, false] {
        // Before it is stored, just when it is, before the others are told, and after.
        for after in 0..5 {
            let mut world = World::new(20 + after);
            let browser = world.browser(shared);
            let (first, second) = (world.open(browser, "lobby"), world.open(browser, "lobby"));
            world.run_until_joined(first);
            world.run_until_joined(second);
            let text = world.write(second);
            world.run(after);
            world.crash(second);
            world.run_until(3_000, "sent", |world| world.server.texts("lobby") == [&*text]);
            world.run_until(5_000, "at rest", World::is_at_rest);
            world.judge_end(&[]);
        }
    }
}

#[test]
fn what_one_tab_discarded_is_not_sent_by_another_that_has_it_too() {
    for shared in [true, false] {
        let mut world = World::new(30);
        let browser = world.browser(shared);
        let (first, second) = (world.open(browser, "lobby"), world.open(browser, "lobby"));
        world.run_until_joined(first);
        world.run_until_joined(second);
        world.go_offline(browser);
        world.run(1_000);
        let discarded = world.write(second);
        let kept = world.write(second);
        world.run(2_000);
        assert_eq!(world.shown(first), [&*discarded, &*kept]);
        // The tab that sends hears nothing for a while.
        world.freeze(first);
        world.pages[second].written.retain(|text| *text != discarded);
        let id = world.pending_id(second, &discarded);
        world.step(second, Input::Discard(id));
        world.run(100);
        world.pages[first].runner.drop_tab_messages();
        world.go_online(browser);
        world.thaw(first);
        world.run_until(30_000, "at rest", World::is_at_rest);
        assert_eq!(world.server.texts("lobby"), [&*kept], "shared: {shared}");
        assert_eq!(world.shown(second), [kept]);
    }
}

#[test]
fn what_another_tab_is_sending_is_not_discarded() {
    let mut world = World::new(31);
    let browser = world.browser(false);
    let (first, second) = (world.open(browser, "lobby"), world.open(browser, "lobby"));
    world.run_until_joined(first);
    world.run_until_joined(second);
    world.go_offline(browser);
    world.run(1_000);
    let text = world.write(second);
    world.run(2_000);
    world.server.refuses = Some(ErrorCode::Busy);
    world.freeze(second);
    world.go_online(browser);
    world.run_until(20_000, "sent", |world| {
        world.tab(first).held_by() == Some(ErrorCode::Busy)
    });
    let id = world.pending_id(second, &text);
    assert!(world.tab(second).can_discard(id), "it does not know yet");
    world.step(second, Input::Discard(id));
    world.thaw(second);
    world.run(100);
    assert_eq!(world.shown(second), [&*text]);
    assert!(!world.tab(second).can_discard(id));
    world.server.refuses = None;
    world.run_until(30_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn a_thousand_stuck_rows_are_tried_again_in_their_place_or_let_go_all_at_once() {
    for retries in [true, false] {
        let (mut world, browser, pages, _) = chat(32, 1);
        world.judges_steps = false;
        world.go_offline(browser);
        for _ in 0..1_000 {
            world.write(pages[0]);
        }
        world.run(1_000);
        world.browsers[browser].user_id = UserId::from_bytes([77; 16]);
        world.go_online(browser);
        world.run_until_joined(pages[0]);
        assert_eq!(world.tab(pages[0]).stuck_len(), 1_000);
        world.write(pages[0]);
        assert_eq!(world.pages[pages[0]].full, 1);
        let seed = world.seed();
        world.step(
            pages[0],
            if retries {
                Input::RetryAll(seed)
            } else {
                Input::DiscardAll
            },
        );
        assert_eq!(world.tab(pages[0]).stuck_len(), 0);
        let sent = if retries { 1_000 } else { 0 };
        assert_eq!(world.tab(pages[0]).outbox_len(), sent);
        world.run_until(600_000, "at rest", World::is_at_rest);
        assert_eq!(world.server.log("lobby").len(), sent);
    }
}

#[test]
fn a_browser_that_stores_again_has_all_that_was_written_meanwhile_and_says_so() {
    let mut world = World::new(33);
    let browser = world.browser(true);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    world.go_offline(browser);
    world.browsers[browser].storage_fails = true;
    let text = world.write(page);
    world.run(100);
    let said = |world: &World| (world.pages[page].not_stored, world.pages[page].stored_again);
    assert_eq!(said(&world), (1, 0));
    world.browsers[browser].storage_fails = false;
    world.run_until(15_000, "stored", |world| said(world) == (1, 1));
    world.crash(page);
    world.go_online(browser);
    let page = world.open(browser, "lobby");
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!(world.shown(page), [text]);
}

#[test]
fn a_browser_without_storage_goes_on_in_memory_and_says_so_once() {
    for hangs in [false, true] {
        let mut world = World::new(9);
        let browser = world.browser(true);
        world.browsers[browser].storage_fails = !hangs;
        world.browsers[browser].storage_hangs = hangs;
        let (first, second) = (world.open(browser, "lobby"), world.open(browser, "lobby"));
        for page in [first, second] {
            world.write(page);
            world.write(page);
        }
        world.run_until(20_000, "at rest", World::is_at_rest);
        world.judge_end(&[]);
        for page in [first, second] {
            assert_eq!(world.pages[page].not_stored, 1);
        }
        world.go_offline(browser);
        world.write(second);
        world.run(6_000);
        world.crash(first);
        world.run(100);
        world.go_online(browser);
        world.run_until(20_000, "at rest", World::is_at_rest);
        world.judge_end(&[]);
    }
}

#[test]
fn a_busy_server_is_waited_for_in_place_and_a_lasting_refusal_steps_aside() {
    let (mut world, _, pages, _) = chat(10, 2);
    for code in [
        ErrorCode::Busy,
        ErrorCode::RateLimited,
        ErrorCode::ReadOnly,
        ErrorCode::Internal,
    ] {
        world.server.refuses = Some(code);
        let (a, b) = (world.write(pages[1]), world.write(pages[1]));
        world.run(3_000);
        assert_eq!(world.states(pages[1]), [SendState::Waiting, SendState::Waiting]);
        assert_eq!(world.tab(pages[1]).held_by(), Some(code));
        world.server.refuses = None;
        world.run_until(20_000, "at rest", World::is_at_rest);
        assert!(world.server.texts("lobby").ends_with(&[a, b]));
        assert_eq!(world.tab(pages[1]).held_by(), None);
    }
    world.server.refuses = Some(ErrorCode::TooLong);
    let refused = world.write(pages[1]);
    world.run(500);
    assert_eq!(
        world.states(pages[0]),
        [SendState::Failed(ErrorCode::TooLong)],
        "every tab shows it"
    );
    world.server.refuses = None;
    let next = world.write(pages[0]);
    world.run(1_000);
    assert!(world.server.texts("lobby").ends_with(&[next]));
    let id = world.pending_id(pages[1], &refused);
    let seed = world.seed();
    world.step(pages[1], Input::Retry(seed, id));
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert!(
        world.server.texts("lobby").ends_with(&[refused]),
        "tried again, as a new message"
    );
    world.judge_end(&[]);
}

#[test]
fn what_was_never_sent_or_was_refused_can_be_discarded_and_nothing_else() {
    let (mut world, browser, pages, _) = chat(11, 2);
    world.server.refuses = Some(ErrorCode::TooLong);
    let refused = world.write(pages[1]);
    world.run(500);
    world.server.refuses = Some(ErrorCode::Busy);
    let waiting = world.write(pages[1]);
    world.run(500);
    world.go_offline(browser);
    world.run(500);
    let unsent = world.write(pages[1]);
    world.run(500);
    for (text, may) in [(&refused, true), (&waiting, false), (&unsent, true)] {
        let id = world.pending_id(pages[1], text);
        assert_eq!(world.tab(pages[1]).can_discard(id), may, "{text}");
        world.pages[pages[1]]
            .written
            .retain(|known| !may || known != text);
        world.step(pages[1], Input::Discard(id));
    }
    world.run(100);
    assert_eq!(world.shown(pages[0]), std::slice::from_ref(&waiting));
    world.server.refuses = None;
    world.go_online(browser);
    world.run_until(20_000, "at rest", World::is_at_rest);
    assert_eq!(world.server.texts("lobby"), [waiting]);
    world.judge_end(&[]);
}

#[test]
fn rows_of_somebody_we_are_no_longer_are_not_sent_by_themselves() {
    let (mut world, browser, pages, _) = chat(12, 1);
    // Its answer is lost with the line: it may have arrived.
    world.faults.cut_acks = 1;
    world.write(pages[0]);
    world.run(3);
    world.go_offline(browser);
    world.run(100);
    let unsent = world.write(pages[0]);
    world.run(500);
    let taken = world.server.log("lobby").len();
    world.faults = Faults::default();
    world.browsers[browser].user_id = UserId::from_bytes([77; 16]);
    world.go_online(browser);
    world.run(5_000);
    assert_eq!(world.server.log("lobby").len(), taken);
    assert_eq!(world.states(pages[0]), [SendState::MaybeSent, SendState::NotSent]);
    let id = world.pending_id(pages[0], &unsent);
    let seed = world.seed();
    world.step(pages[0], Input::Retry(seed, id));
    world.run(1_000);
    let last = world.server.log("lobby").last().unwrap();
    assert_eq!(
        (&last.message, last.user_id),
        (&unsent, UserId::from_bytes([77; 16]))
    );
    assert_eq!(world.states(pages[0]), [SendState::MaybeSent]);
}

#[test]
fn a_full_outbox_refuses_and_the_text_stays_in_the_composer() {
    let (mut world, browser, pages, _) = chat(13, 1);
    world.judges_steps = false;
    world.go_offline(browser);
    for _ in 0..1_001 {
        world.write(pages[0]);
    }
    let page = &world.pages[pages[0]];
    assert_eq!((page.written.len(), page.full), (1_000, 1));
    world.go_online(browser);
    world.run_until(600_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

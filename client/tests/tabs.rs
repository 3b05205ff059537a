//! Stories of several tabs in one browser: one connection, whatever becomes of the tab that has it.

mod world;

use client::outbox::SendState;
use client::tab::Input;
use client::tab::Role;
use protocol::{ErrorCode, UserId};
use world::{Faults, World};

/// A browser with this many tabs in the lobby, and another person to talk to.
fn chat(seed: u64, tabs: usize) -> (World, usize, Vec<usize>, usize) {
    let mut world = World::new(seed);
    let (browser, other) = (world.browser(true), world.browser(false));
    let pages: Vec<usize> = (0..tabs).map(|_| world.open(browser, "lobby")).collect();
    let other = world.open(other, "lobby");
    for page in pages.iter().chain([&other]) {
        world.run_until_joined(*page);
    }
    (world, browser, pages, other)
}

#[test]
fn ten_tabs_share_one_connection_and_all_see_everything() {
    let (mut world, browser, pages, other) = chat(1, 10);
    assert_eq!(world.lines(), 2, "one for the ten, one for the other");
    assert_eq!(world.leader_of(browser), Some(pages[0]));
    world.write(other);
    let texts: Vec<String> = pages.iter().map(|page| world.write(*page)).collect();
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
    assert!(texts.iter().all(|text| world.shown(other).contains(text)));
    assert_eq!(world.lines_opened, 2);
}

#[test]
fn when_the_leader_closes_or_crashes_another_takes_over_and_nothing_is_missed() {
    for crashes in [false, true] {
        let (mut world, browser, pages, other) = chat(2, 4);
        for leader in 0..3 {
            assert_eq!(world.leader_of(browser), Some(pages[leader]));
            let doubtful = world.unsaved(pages[leader]);
            assert_eq!(doubtful, [""; 0]);
            if crashes {
                world.crash(pages[leader]);
            } else {
                world.close(pages[leader]);
            }
            world.write(other);
            world.write(pages[3]);
            let took = world.run_until(2_000, "another leads", |world| {
                world.tab(pages[3]).is_joined() && world.lines() == 2
            });
            assert!(took < 500, "{took} ms");
        }
        world.run_until(10_000, "at rest", World::is_at_rest);
        world.judge_end(&[]);
        assert_eq!(world.tab(pages[3]).missed(), None, "a takeover is no absence");
    }
}

#[test]
fn a_frozen_leader_loses_the_lock_to_who_is_looked_at_and_closes_its_line_when_it_wakes() {
    let (mut world, browser, pages, other) = chat(3, 2);
    world.freeze(pages[0]);
    world.run(5_000);
    let text = world.write(other);
    world.run(1_000);
    assert!(!world.shown(pages[1]).contains(&text), "nobody hands it on");
    let asked = world.now;
    world.step(pages[1], Input::Visible(true));
    world.run_until(3_000, "taken over", |world| world.shown(pages[1]).contains(&text));
    assert!(
        (1_500..2_000).contains(&(world.now - asked)),
        "{} ms",
        world.now - asked
    );
    assert_eq!(world.lines(), 3, "the frozen one still has its own");
    world.thaw(pages[0]);
    world.run_until_joined(pages[0]);
    assert_eq!((world.lines(), world.leader_of(browser)), (2, Some(pages[1])));
    world.write(pages[0]);
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn whoever_writes_while_the_leader_is_frozen_does_not_wait_for_it() {
    let (mut world, _, pages, _) = chat(4, 2);
    world.freeze(pages[0]);
    let text = world.write(pages[1]);
    world.run_until(3_000, "sent", |world| world.server.texts("lobby").contains(&text));
    assert!(world.is_leading(pages[1]), "it took the lock");
    world.thaw(pages[0]);
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn a_frozen_tab_catches_up_from_its_own_place_when_it_is_looked_at() {
    let (mut world, _, pages, other) = chat(5, 3);
    world.freeze(pages[2]);
    for _ in 0..20 {
        world.write(other);
        world.run(200);
    }
    // Its words were lost with the freeze.
    world.pages[pages[2]].runner.drop_tab_messages();
    world.thaw(pages[2]);
    world.write(other);
    world.step(pages[2], Input::Visible(true));
    world.run_until(5_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn tabs_in_different_rooms_share_the_line_and_a_room_nobody_shows_is_only_counted() {
    let (mut world, browser, pages, other) = chat(6, 1);
    let attic = world.open(browser, "attic");
    world.run_until_joined(attic);
    world.write(attic);
    world.write(pages[0]);
    world.write(other);
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!((world.shown(attic).len(), world.shown(pages[0]).len()), (1, 2));
    assert_eq!(world.joined_rooms(browser, false), ["attic", "lobby"]);
    world.close(attic);
    world.run(500);
    assert_eq!(world.joined_rooms(browser, false), ["lobby"]);
    assert_eq!(world.joined_rooms(browser, true), ["attic"], "it is only counted");
    world.judge_end(&[]);
}

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
    assert_eq!(
        (
            world.pages[pages[0]].written.len(),
            &*world.pages[pages[0]].refusals
        ),
        (1_000, &[ErrorCode::Busy][..])
    );
    world.go_online(browser);
    world.run_until(600_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

/// Tabs that come and go, freeze and crash, on a network that breaks and a server that is killed.
fn storm(seed: u64) {
    let mut world = World::new(seed);
    let (shared, alone) = (world.browser(true), world.browser(false));
    let mut doubtful = Vec::new();
    for browser in [shared, shared, alone] {
        world.open(browser, "lobby");
    }
    world.faults = Faults {
        cut_up: 60,
        cut_down: 60,
        cut_acks: 20,
        stall: 200,
        busy: 15,
    };
    for _ in 0..120 {
        let page = world.random.below(world.pages.len() as u64) as usize;
        match world.random.below(30) {
            0 | 1 => world.close(page),
            2 | 3 => {
                doubtful.extend(world.unsaved(page));
                world.crash(page);
            }
            4 => world.freeze(page),
            5 | 6 => world.thaw(page),
            7 => {
                let down = world.random.below(2_000);
                world.kill_server(down);
            }
            8 => world.go_offline(shared),
            9 | 10 => world.go_online(shared),
            11 => world.step(page, Input::Visible(true)),
            12 => world.step(page, Input::Visible(false)),
            13..16 if world.pages.iter().filter(|page| page.is_alive).count() < 8 => {
                let browser = [shared, shared, alone][world.random.below(3) as usize];
                let room = ["lobby", "lobby", "attic"][world.random.below(3) as usize];
                world.open(browser, room);
            }
            _ => {
                world.write(page);
            }
        }
        let wait = world.random.below(800);
        world.run(wait);
    }
    world.faults = Faults::default();
    world.go_online(shared);
    world.run(2_000);
    // Somebody looks at every tab that is left; new ones find what the last left behind.
    world.open(shared, "lobby");
    world.open(alone, "lobby");
    for page in 0..world.pages.len() {
        if world.pages[page].is_alive {
            world.thaw(page);
            world.step(page, Input::Visible(true));
        }
    }
    world.run_until(200_000, &format!("at rest, seed {seed}"), World::is_at_rest);
    world.judge_end(&doubtful);
    let leaders =
        (0..world.pages.len()).filter(|page| world.pages[*page].browser == shared && world.is_leading(*page));
    assert_eq!(leaders.count(), 1, "seed {seed}");
}

#[test]
fn tabs_that_come_and_go_in_a_storm_lose_and_double_nothing() {
    for seed in world::seeds(150) {
        storm(seed);
    }
}

#[test]
fn a_tab_that_comes_back_from_the_browsers_cache_goes_on() {
    let (mut world, _, pages, other) = chat(14, 2);
    world.step(pages[0], Input::Stop);
    assert_eq!(world.tab(pages[0]).role(), Role::Idle);
    world.write(other);
    let text = world.write(pages[0]);
    world.run(3_000);
    world.step(
        pages[0],
        Input::Start {
            shared: true,
            visible: true,
        },
    );
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert!(world.shown(pages[1]).contains(&text));
    world.judge_end(&[]);
}

//! Stories of delivery: whatever the network, the server and the tabs do, everything that was written arrives once, in
//! order, and everyone sees all of it.

mod world;

use client::model::Phase;
use client::model::Transport;
use client::model::Transports;
use world::{Faults, World};

const KINDS: [Transport; 4] = [
    Transport::WebSocket,
    Transport::Stream,
    Transport::LongPoll,
    Transport::Poll,
];

#[test]
fn two_people_chat_over_every_transport() {
    for kind in KINDS {
        let mut world = World::new(1);
        let (a, b) = (world.browser(false), world.browser(false));
        let (a, b) = (
            world.open_with(a, "lobby", Transports::only(kind)),
            world.open_with(b, "lobby", Transports::only(kind)),
        );
        world.run_until_joined(a);
        world.run_until_joined(b);
        for _ in 0..5 {
            world.write(a);
            world.write(b);
        }
        world.run_until(20_000, "all arrived", World::is_at_rest);
        world.judge_end(&[]);
        assert_eq!(world.shown(a).len(), 10);
        assert_eq!(
            world.server.posts, 10,
            "{kind:?}: nothing is sent twice without need"
        );
    }
}

/// A network that breaks at any moment, a server that is killed: on each transport.
fn storm(seed: u64, kind: Transport) {
    let mut world = World::new(seed);
    let pages: Vec<usize> = (0..3)
        .map(|_| {
            let browser = world.browser(false);
            world.open_with(browser, "lobby", Transports::only(kind))
        })
        .collect();
    world.faults = Faults {
        cut_up: 25,
        cut_down: 25,
        cut_acks: 8,
        stall: 60,
        busy: 10,
    };
    for _ in 0..60 {
        let page = pages[world.random.below(3) as usize];
        world.write(page);
        if world.random.once_in(15) {
            let down = world.random.below(3_000);
            world.kill_server(down);
        }
        let wait = world.random.below(1_500);
        world.run(wait);
    }
    world.faults = Faults::default();
    world.run(3_000);
    world.run_until(
        300_000,
        &format!("at rest, seed {seed}, {kind:?}"),
        World::is_at_rest,
    );
    world.judge_end(&[]);
}

#[test]
fn nothing_is_lost_doubled_or_reordered_in_a_storm_on_any_transport() {
    for seed in world::seeds(60) {
        for kind in KINDS {
            storm(seed, kind);
        }
    }
}

#[test]
fn ten_thousand_posts_whose_ack_was_cut_off_make_ten_thousand_rows() {
    let mut world = World::new(5);
    world.judges_steps = false;
    let browser = world.browser(false);
    let page = world.open_with(browser, "lobby", Transports::only(Transport::WebSocket));
    world.run_until_joined(page);
    world.faults.cut_acks = 2;
    for round in 0..100 {
        for _ in 0..100 {
            world.write(page);
        }
        let all = World::is_at_rest;
        world.run_until(600_000, "a hundred more", all);
        if round % 10 == 0 {
            world.kill_server(1_000);
        }
    }
    assert_eq!(world.server.log("lobby").len(), 10_000);
    assert!(
        world.server.posts > 14_000,
        "{} posts: too few were cut",
        world.server.posts
    );
    assert_eq!(
        world.server.texts("lobby"),
        world.pages[page].written,
        "each once, in order"
    );
}

#[test]
fn what_others_say_does_not_hide_that_requests_which_wait_are_cut() {
    let mut world = World::new(11);
    let (a, b) = (world.browser(false), world.browser(false));
    world.browsers[a].blocks_sockets = true;
    world.browsers[a].buffers_streams = true;
    world.browsers[a].cuts_waiting = true;
    let (page, other) = (world.open(a, "lobby"), world.open(b, "lobby"));
    // Every line begins with a request that is answered, for something was said since.
    for _ in 0..60 {
        for _ in 0..5 {
            world.write(other);
            world.run(200);
        }
        world.run(1_500);
    }
    assert_eq!(world.tab(page).status().transport, Transport::Poll);
    world.run_until(60_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn a_room_in_which_nobody_waits_for_long_does_not_count_against_requests_that_wait() {
    let mut world = World::new(12);
    let (a, b) = (world.browser(false), world.browser(false));
    world.browsers[a].blocks_sockets = true;
    world.browsers[a].buffers_streams = true;
    let (page, other) = (world.open(a, "lobby"), world.open(b, "lobby"));
    for _ in 0..5 {
        for _ in 0..100 {
            world.write(other);
            world.run(500);
        }
        assert_eq!(world.tab(page).status().transport, Transport::LongPoll);
        world.cut_browser(a);
    }
    world.run_until(60_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn a_blocked_upgrade_goes_on_over_a_stream_then_polls_then_back_and_misses_nothing() {
    let mut world = World::new(7);
    let (a, b) = (world.browser(false), world.browser(false));
    world.browsers[a].blocks_sockets = true;
    let (page, other) = (world.open(a, "lobby"), world.open(b, "lobby"));
    world.write(page);
    let took = world.run_until_joined(page);
    assert_eq!(world.tab(page).status().transport, Transport::Stream);
    assert!(took < 2_000, "{took} ms");
    world.write(other);
    world.run(1_000);
    assert_eq!(world.shown(page).len(), 2);

    world.browsers[a].buffers_streams = true;
    world.cut_browser(a);
    for _ in 0..30 {
        world.write(other);
        world.write(page);
        world.run(1_000);
    }
    assert_eq!(world.tab(page).status().transport, Transport::LongPoll);

    world.browsers[a].cuts_waiting = true;
    world.cut_browser(a);
    world.run_until(120_000, "polling", |world| {
        world.tab(page).status().transport == Transport::Poll
    });
    world.write(other);
    world.write(page);
    world.run(20_000);

    let (slot, kinds) = (
        &mut world.browsers[a],
        [
            Transport::Stream,
            Transport::LongPoll,
            Transport::Poll,
            Transport::WebSocket,
        ],
    );
    slot.blocks_sockets = false;
    slot.buffers_streams = false;
    slot.cuts_waiting = false;
    for _ in 0..200 {
        world.write(other);
        world.write(page);
        world.run(1_000);
        world.beat();
        assert_eq!(
            world.phase(page),
            Phase::Online,
            "the worse line works until the better one does"
        );
    }
    assert_eq!(world.tab(page).status().transport, Transport::WebSocket);
    assert_eq!(world.pages[page].remembered, kinds);
    world.run_until(60_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
    assert_eq!(world.lines(), 2, "the old lines are closed");
}

#[test]
fn a_proxy_that_swallows_upgrades_is_found_out_too() {
    let mut world = World::new(8);
    let browser = world.browser(false);
    world.browsers[browser].swallows_sockets = true;
    let page = world.open(browser, "lobby");
    let took = world.run_until_joined(page);
    assert_eq!(world.tab(page).status().transport, Transport::Stream);
    assert!(took < 25_000, "{took} ms");
}

#[test]
fn a_server_that_is_away_is_not_the_fault_of_the_transport() {
    let mut world = World::new(9);
    let browser = world.browser(false);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    for _ in 0..20 {
        world.kill_server(4_000);
        world.run(5_000);
        world.run_until_joined(page);
    }
    assert_eq!(world.pages[page].remembered, [], "it never stepped down");
}

#[test]
fn what_was_written_offline_survives_a_reload_and_arrives_once_in_order() {
    let mut world = World::new(10);
    let browser = world.browser(true);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    world.go_offline(browser);
    world.run(500);
    let texts: Vec<String> = (0..5).map(|_| world.write(page)).collect();
    assert_eq!(world.shown(page), texts, "shown at once");
    world.run(60_000);
    world.crash(page);
    let page = world.open(browser, "lobby");
    world.run(30_000);
    assert_eq!(world.shown(page), texts, "there again after the reload");
    world.go_online(browser);
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!(world.server.texts("lobby"), texts);
    world.judge_end(&[]);
}

#[test]
fn an_absence_says_how_many_messages_were_missed_and_where_they_begin() {
    let mut world = World::new(11);
    let browser = world.browser(false);
    world.server.say("lobby", "before");
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    world.go_offline(browser);
    for number in 0..7 {
        world.run(1_000);
        world.server.say("lobby", &format!("missed {number}"));
    }
    world.write(page);
    world.go_online(browser);
    world.run_until(20_000, "at rest", World::is_at_rest);
    let missed = world.tab(page).missed().unwrap();
    assert_eq!((missed.after, missed.count), (1, 7), "one's own is not counted");
    world.write(page);
    assert_eq!(world.tab(page).missed(), None, "who writes on has seen it");
    world.cut_browser(browser);
    world.server.say("lobby", "at once");
    world.run_until(20_000, "at rest", World::is_at_rest);
    assert_eq!(world.tab(page).missed(), None, "a moment is no absence");
}

#[test]
fn an_absence_too_long_to_be_caught_up_is_started_over_and_counted() {
    let mut world = World::new(12);
    let browser = world.browser(false);
    let page = world.open(browser, "lobby");
    world.server.say("lobby", "before");
    world.run_until_joined(page);
    world.run(500);
    world.go_offline(browser);
    world.run(10_000);
    for number in 0..500 {
        world.server.say("lobby", &format!("missed {number}"));
    }
    world.go_online(browser);
    world.run_until(20_000, "at rest", World::is_at_rest);
    let missed = world.tab(page).missed().unwrap();
    assert_eq!((missed.after, missed.count), (1, 500));
    assert_eq!(world.tab(page).rows().len(), 50);
}

#[test]
fn another_database_is_started_over_and_what_waits_is_sent_to_it() {
    for kind in KINDS {
        let mut world = World::new(13);
        let browser = world.browser(false);
        for number in 0..30 {
            world.server.say("lobby", &format!("old {number}"));
        }
        let page = world.open_with(browser, "lobby", Transports::only(kind));
        world.run_until_joined(page);
        world.kill_server(2_000);
        world.run(10);
        let text = world.write(page);
        world.server.replace_database();
        world.server.say("lobby", "new");
        world.run_until(60_000, "at rest", World::is_at_rest);
        assert_eq!(world.shown(page), ["new", &text], "{kind:?}");
        assert_eq!(world.tab(page).missed(), None);
    }
}

#[test]
fn a_goodbye_is_obeyed_and_the_page_goes_on_by_itself() {
    for kind in [Transport::WebSocket, Transport::Stream] {
        let mut world = World::new(14);
        let browser = world.browser(false);
        let page = world.open_with(browser, "lobby", Transports::only(kind));
        world.run_until_joined(page);
        world.run(100);
        world.say_bye(7_000);
        world.run_until(200, "gone", |world| world.phase(page) != Phase::Online);
        let took = world.run_until_joined(page);
        assert!((6_900..8_000).contains(&took), "{kind:?}: {took} ms");
    }
}

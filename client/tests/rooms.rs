//! Going from one room to another, and the list of rooms.

mod world;

use client::model::Transport;
use client::model::Transports;
use client::tab::Input;
use world::followed::{home, settle};
use world::{Faults, World};

#[test]
fn going_from_room_to_room_and_back_keeps_the_one_connection() {
    let (mut world, browser, pages) = home(1, 3);
    for page in [pages[0], pages[2], pages[1]] {
        for name in ["attic", "cellar", "attic", "lobby", "cellar", "lobby"] {
            world.go(page, name);
            assert!(!world.tab(page).is_joined());
            world.run_until_joined(page);
            world.write(page);
            let text = world.write(page);
            world.run_until(3_000, "said", |world| world.server.texts(name).contains(&text));
            world.say(name, &format!("an answer to {text}"));
            world.run(100);
            assert_eq!(world.shown(page).last().unwrap(), &format!("an answer to {text}"));
        }
    }
    settle(&mut world);
    world.judge_end(&[]);
    assert_eq!(world.lines_opened, 1);
    assert_eq!(world.joined_rooms(browser), ["lobby"]);
}

#[test]
fn an_answer_for_the_room_before_is_none_for_the_room_that_is_shown() {
    let (mut world, _, pages) = home(2, 2);
    for page in pages.iter().copied() {
        for name in ["attic", "cellar", "lobby", "attic", "cellar"] {
            // On before anything is here.
            world.go(page, name);
            let wait = world.random.below(45);
            world.run(wait);
        }
        world.run_until_joined(page);
        assert_eq!(world.shown(page), ["first in the cellar"]);
    }
    settle(&mut world);
    world.judge_end(&[]);
}

#[test]
fn a_room_can_be_gone_to_and_written_in_while_the_line_is_down() {
    let (mut world, browser, pages) = home(3, 2);
    world.go_offline(browser);
    for page in [pages[0], pages[1]] {
        world.go(page, "attic");
        world.run(3_000);
        world.write(page);
    }
    world.run(10_000);
    world.go_online(browser);
    settle(&mut world);
    world.judge_end(&[]);
    assert_eq!(world.server.log("attic").len(), 3);
}

#[test]
fn a_list_that_cannot_be_had_is_asked_for_ever_more_rarely() {
    let mut world = World::new(11);
    let browser = world.browser(false);
    world.server.say("lobby", "first");
    world
        .server
        .positions
        .insert((world.browsers[browser].user_id, "attic".to_owned()), 0);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    world.server.rejects_cursors = true;
    world.cut_browser(browser);
    let mut lists = world.server.lists;
    for _ in 0..30 {
        world.run(10_000);
        world.beat();
    }
    lists = world.server.lists - lists;
    assert!((10..200).contains(&lists), "{lists} lists in five minutes");
    world.server.rejects_cursors = false;
    settle(&mut world);
}

/// Tabs that go from room to room, read, mark as unread, leave and write, in a storm.
fn storm(seed: u64, kind: Option<Transport>) {
    let mut world = World::new(seed);
    let kinds = kind.map_or_else(Transports::default, Transports::only);
    let names = ["attic", "cellar", "kitchen", "lobby"];
    let browsers = [world.browser(true), world.browser(true), world.browser(false)];
    let pages: Vec<usize> = [0, 0, 0, 1, 1, 2]
        .map(|at| world.open_with(browsers[at], "lobby", kinds))
        .into();
    world.faults = Faults {
        cut_up: 80,
        cut_down: 80,
        cut_acks: 30,
        stall: 200,
        busy: 20,
    };
    for _ in 0..100 {
        let page = pages[world.random.below(6) as usize];
        let name = names[world.random.below(4) as usize];
        let here = world.pages[page].room.clone();
        let seq = 1 + world.random.below(world.server.head(&here).max(1));
        match world.random.below(16) {
            0..3 if here != name => world.go(page, name),
            3 => world.step(page, Input::MarkUnread(seq)),
            4 => world.leave_room(page, name),
            5 => world.step(page, Input::OpenAt(seq)),
            6 => world.step(page, Input::Visible(false)),
            7 => world.step(page, Input::Visible(true)),
            8 => {
                let is_at_end = world.random.once_in(2);
                world.step(page, Input::AtEnd(is_at_end));
            }
            9 => {
                let text = format!("from outside at {}", world.now);
                world.say(name, &text);
            }
            10 => world.react(page, seq, "👍", true),
            11 if world.random.once_in(3) => {
                let down = world.random.below(2_000);
                world.kill_server(down);
            }
            12 => world.step(page, Input::Typing(true)),
            _ => drop(world.write(page)),
        }
        let wait = world.random.below(900);
        world.run(wait);
    }
    world.faults = Faults::default();
    world.run(1_000);
    for page in pages {
        let stuck: Vec<_> = world.tab(page).changes().map(|(row, _)| row.client_id).collect();
        for id in stuck {
            world.step(page, Input::Discard(id));
        }
        world.step(page, Input::Visible(true));
        world.step(page, Input::ToEnd);
    }
    let what = format!("rooms agree, seed {seed}, {kind:?}");
    world.run_until(300_000, &what, |world| {
        world.rooms_agree()
            && (0..world.pages.len()).all(|page| {
                let tab = world.tab(page);
                tab.is_joined() && world.shows_the_end(page) && tab.pending().count() == 0
            })
    });
}

#[test]
fn rooms_agree_with_the_server_after_a_storm() {
    for seed in world::seeds(40) {
        storm(seed, None);
    }
    for seed in world::seeds(8) {
        for kind in [Transport::Stream, Transport::LongPoll, Transport::Poll] {
            storm(seed, Some(kind));
        }
    }
}

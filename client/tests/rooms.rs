//! Stories of many rooms: going from one to another, what is unread in each, who is there and who is typing.

mod world;

use client::model::Transport;
use client::model::Transports;
use client::tab::Input;
use protocol::UserId;
use world::{Faults, World};

/// A browser with this many tabs in the lobby, whose person follows the lobby and the attic.
fn home(seed: u64, tabs: usize) -> (World, usize, Vec<usize>) {
    let mut world = World::new(seed);
    let browser = world.browser(true);
    for name in ["lobby", "attic", "cellar"] {
        world.server.say(name, &format!("first in the {name}"));
    }
    let user_id = world.browsers[browser].user_id;
    for name in ["attic", "lobby"] {
        world.server.positions.insert((user_id, name.to_owned()), 1);
    }
    let pages: Vec<usize> = (0..tabs).map(|_| world.open(browser, "lobby")).collect();
    for page in &pages {
        world.run_until_joined(*page);
    }
    world.run_until(2_000, "rooms", World::rooms_agree);
    (world, browser, pages)
}

/// The unread messages a tab shows for a room; `None` when it is not in its list.
fn unread(world: &World, page: usize, name: &str) -> Option<u64> {
    let rooms = world.tab(page).rooms();
    rooms
        .iter()
        .find(|room| room.name == name)
        .map(|room| room.unread)
}

/// Lets the time pass until what is seen is read, and everybody knows.
fn settle(world: &mut World) {
    world.run(1_200);
    world.run_until(30_000, "rooms agree", |world| {
        world.rooms_agree() && world.is_at_rest()
    });
}

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
    assert_eq!(world.joined_rooms(browser, false), ["lobby"]);
    assert_eq!(world.joined_rooms(browser, true), ["attic", "cellar"]);
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
fn ten_tabs_agree_on_what_is_unread_and_so_they_do_after_a_reload() {
    let (mut world, browser, pages) = home(4, 10);
    for page in &pages {
        world.step(*page, Input::Visible(false));
    }
    for number in 0..7 {
        world.say("attic", &format!("attic {number}"));
        world.say("lobby", &format!("lobby {number}"));
        world.say("cellar", &format!("cellar {number}"));
        world.run(100);
    }
    let deleted = world.server.seq_of("attic", "attic 3");
    world.act("attic", &serde_json::json!({"type": "delete", "target": deleted}));
    world.act(
        "attic",
        &serde_json::json!({"type": "react", "target": 2, "emoji": "👍", "on": true}),
    );
    world.write(pages[3]);
    settle(&mut world);
    for page in &pages {
        assert_eq!(
            unread(&world, *page, "attic"),
            Some(6),
            "what was deleted does not count"
        );
        assert_eq!(unread(&world, *page, "lobby"), Some(0), "whoever writes has read");
        assert_eq!(unread(&world, *page, "cellar"), None, "nobody follows it");
    }
    // The leader is gone, another one counts on; and a tab that is opened anew shows the same.
    world.crash(pages[0]);
    world.run(1_000);
    world.say("attic", "one more");
    world.crash(pages[5]);
    let again = world.open(browser, "lobby");
    settle(&mut world);
    for page in pages[1..5].iter().chain(&pages[6..]).chain([&again]) {
        assert_eq!(unread(&world, *page, "attic"), Some(7));
    }
    // Away for long, with more than is caught up.
    world.go_offline(browser);
    world.run(1_000);
    for number in 0..300 {
        world.server.say("attic", &format!("meanwhile {number}"));
    }
    world.go_online(browser);
    settle(&mut world);
    assert_eq!(unread(&world, again, "attic"), Some(307));
    for number in 0..800 {
        world.say("attic", &format!("later {number}"));
        world.run(10);
    }
    settle(&mut world);
    assert_eq!(unread(&world, pages[2], "attic"), Some(1_000), "or more");
    world.judge_end(&[]);
}

#[test]
fn what_somebody_sees_at_the_end_is_read_at_most_once_a_second_and_nothing_else_is() {
    let (mut world, browser, pages) = home(5, 1);
    let (page, user_id) = (pages[0], world.browsers[browser].user_id);
    let position = |world: &World| world.server.positions[&(user_id, "lobby".to_owned())];
    settle(&mut world);
    let reads = world.server.reads;
    for number in 0..100 {
        world.say("lobby", &format!("fast {number}"));
        world.run(100);
    }
    settle(&mut world);
    let sent = world.server.reads - reads;
    assert!((9..=12).contains(&sent), "{sent} in ten seconds");
    assert_eq!(position(&world), 101);
    for (looks, is_at_end) in [(false, true), (true, false)] {
        world.step(page, Input::Visible(looks));
        world.step(page, Input::AtEnd(is_at_end));
        let before = position(&world);
        world.say("lobby", &format!("unseen {looks}"));
        world.run(3_000);
        assert_eq!(position(&world), before);
        assert_eq!(unread(&world, page, "lobby"), Some(1));
        world.step(page, Input::Visible(true));
        world.step(page, Input::AtEnd(true));
        world.run(1_100);
        assert_eq!(unread(&world, page, "lobby"), Some(0));
    }
}

#[test]
fn the_line_stands_where_the_room_was_read_to_when_it_was_opened() {
    let (mut world, _, pages) = home(6, 2);
    let page = pages[1];
    settle(&mut world);
    assert_eq!(world.tab(page).read_line(), None, "all of it was read");
    for number in 0..120 {
        world.say("attic", &format!("attic {number}"));
    }
    settle(&mut world);
    world.go(page, "attic");
    settle(&mut world);
    let tab = |world: &World| (world.tab(page).read_line(), world.tab(page).first_unread());
    assert_eq!(tab(&world), (Some(1), Some(2)), "though it is all read by now");
    assert_eq!(unread(&world, page, "attic"), Some(0));
    world.step(page, Input::OpenAt(2));
    world.run(500);
    assert_eq!(world.pages[page].scrolled_to, [Some(2)]);
    assert_eq!(world.tab(page).first_unread(), Some(2));
    world.write(page);
    assert_eq!(tab(&world), (None, None), "whoever writes has read it");
    settle(&mut world);
    world.go(page, "lobby");
    world.go(page, "attic");
    settle(&mut world);
    assert_eq!(tab(&world), (None, None));
}

#[test]
fn what_is_marked_as_unread_stays_so_in_all_tabs_until_the_room_is_left_or_something_is_said() {
    let (mut world, browser, pages) = home(7, 3);
    let other = world.browser(true);
    world.browsers[other].user_id = world.browsers[browser].user_id;
    let device = world.open(other, "lobby");
    for number in 0..10 {
        world.say("lobby", &format!("lobby {number}"));
    }
    settle(&mut world);
    let place = world.server.seq_of("lobby", "lobby 4");
    world.step(pages[2], Input::MarkUnread(place));
    for number in 10..13 {
        world.say("lobby", &format!("lobby {number}"));
        world.run(5_000);
        world.beat();
    }
    settle(&mut world);
    for page in pages.iter().chain([&device]) {
        assert_eq!(unread(&world, *page, "lobby"), Some(9));
    }
    assert_eq!(world.tab(pages[2]).first_unread(), Some(place));
    world.go(pages[2], "attic");
    world.run_until_joined(pages[2]);
    assert_eq!(unread(&world, pages[0], "lobby"), Some(9));
    world.go(pages[2], "lobby");
    settle(&mut world);
    assert_eq!(
        unread(&world, pages[0], "lobby"),
        Some(0),
        "whoever comes back reads it"
    );

    world.step(pages[0], Input::MarkUnread(place));
    world.run(1_000);
    assert_eq!(unread(&world, device, "lobby"), Some(9));
    world.write(pages[0]);
    settle(&mut world);
    assert_eq!(unread(&world, device, "lobby"), Some(0));
}

#[test]
fn what_is_wished_for_offline_comes_true_online() {
    for kind in [
        Transport::WebSocket,
        Transport::Stream,
        Transport::LongPoll,
        Transport::Poll,
    ] {
        let mut world = World::new(8);
        let browser = world.browser(true);
        let kinds = Transports {
            best: kind,
            worst: kind,
            first: kind,
        };
        for name in ["attic", "lobby"] {
            world.server.say(name, &format!("first in the {name}"));
            world.server.say(name, &format!("second in the {name}"));
        }
        let page = world.open_with(browser, "lobby", kinds);
        let attic = world.open_with(browser, "attic", kinds);
        world.run_until_joined(page);
        world.run_until_joined(attic);
        settle(&mut world);
        assert_eq!(unread(&world, page, "attic"), Some(0), "{kind:?}");
        world.go_offline(browser);
        world.run(1_000);
        world.step(page, Input::MarkUnread(2));
        world.leave_room(attic, "attic");
        world.run(1_000);
        world.go_online(browser);
        settle(&mut world);
        assert_eq!(unread(&world, attic, "lobby"), Some(1), "{kind:?}");
        assert_eq!(
            unread(&world, page, "attic"),
            None,
            "{kind:?}: and looking at it is not following it"
        );
        assert_eq!(world.shown(attic).len(), 2, "it is still shown");
        world.write(attic);
        settle(&mut world);
        assert_eq!(
            unread(&world, page, "attic"),
            Some(0),
            "whoever writes there follows it again"
        );
    }
}

#[test]
fn a_room_that_names_somebody_says_so_until_it_is_read() {
    let (mut world, browser, pages) = home(9, 2);
    let seed = world.seed();
    world.step(pages[0], Input::Rename(seed, "민지".to_owned()));
    settle(&mut world);
    let named = |world: &World| -> Vec<(bool, u64)> {
        let tabs = pages.iter().map(|page| world.tab(*page));
        tabs.map(|tab| (tab.rooms()[0].is_mentioned(), tab.rooms()[0].unread))
            .collect()
    };
    for text in ["민지", "@민", "no @one", "hello"] {
        world.say("attic", text);
    }
    settle(&mut world);
    assert_eq!(named(&world), [(false, 4); 2]);
    world.say("attic", "see, @민지!");
    settle(&mut world);
    assert_eq!(named(&world), [(true, 5); 2]);
    let later = world.open(browser, "lobby");
    settle(&mut world);
    assert!(world.tab(later).rooms()[0].is_mentioned(), "another tab is told");
    world.go(pages[1], "attic");
    settle(&mut world);
    assert_eq!(named(&world), [(false, 0); 2]);
}

#[test]
fn who_is_here_and_who_is_typing_is_seen_in_every_tab_that_shows_the_room() {
    let mut world = World::new(10);
    let (ours, theirs) = (world.browser(true), world.browser(true));
    let (user, other) = (world.browsers[ours].user_id, world.browsers[theirs].user_id);
    world.server.names.insert(other, "수진".to_owned());
    world.server.say("lobby", "first");
    let pages = [world.open(ours, "lobby"), world.open(ours, "lobby")];
    let page = world.open(theirs, "lobby");
    for page in pages.iter().chain([&page]) {
        world.run_until_joined(*page);
    }
    world.run(100);
    let here = |world: &World, page: usize| -> (Vec<UserId>, u64) {
        let (people, count) = world.tab(page).here();
        (people.iter().map(|person| person.user_id).collect(), count)
    };
    let typing = |world: &World, page: usize| -> Vec<UserId> {
        world.tab(page).typing().map(|person| person.user_id).collect()
    };
    // A tab that comes later, and to a room that is joined already.
    let late = world.open(ours, "lobby");
    world.run_until_joined(late);
    world.run(100);
    for page in pages.iter().chain([&page, &late]) {
        assert_eq!(here(&world, *page), (vec![user, other], 2));
        assert_eq!(world.tab(*page).name_of(other), Some("수진"));
    }
    // A follower types, its leader says so, and nobody sees themselves.
    world.step(pages[1], Input::Typing(true));
    world.run(100);
    assert_eq!(
        (typing(&world, page), typing(&world, pages[0])),
        (vec![user], vec![])
    );
    world.step(page, Input::Typing(true));
    world.run(100);
    assert_eq!(
        (typing(&world, page), typing(&world, late)),
        (vec![user], vec![other])
    );
    // What was typed is said: then it is typed no more.
    world.write(page);
    world.run(100);
    assert_eq!((typing(&world, page), typing(&world, late)), (vec![user], vec![]));
    // A pause ends it too.
    world.run(5_000);
    assert_eq!(typing(&world, page), []);
    // Whoever goes to another room is not here.
    world.step(page, Input::Typing(true));
    world.go(page, "attic");
    world.run_until_joined(page);
    world.run(100);
    assert_eq!(here(&world, late), (vec![user], 1));
    assert_eq!(
        (here(&world, page), typing(&world, late)),
        ((vec![other], 1), vec![])
    );
    world.go_offline(ours);
    world.run(100);
    assert_eq!(
        here(&world, late),
        (vec![], 0),
        "who is here is not known without a line"
    );
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
    let kinds = kind.map_or_else(Transports::default, |kind| Transports {
        best: kind,
        worst: kind,
        first: kind,
    });
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

//! What is unread in each room, and how far each is read.

mod world;

use client::model::Transport;
use client::model::Transports;
use client::tab::Input;
use world::World;
use world::followed::{home, settle, unread};

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
fn what_somebody_sees_at_the_end_is_told_every_few_seconds_and_nothing_else_is() {
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
    assert!(
        (3..=6).contains(&sent),
        "{sent} in ten seconds, and what was left"
    );
    assert_eq!(position(&world), 101);
    for (looks, is_at_end) in [(false, true), (true, false)] {
        settle(&mut world);
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
fn what_somebody_sees_in_a_crowd_is_told_less_often_and_at_once_when_they_go() {
    let (mut world, browser, pages) = home(5, 1);
    let user_id = world.browsers[browser].user_id;
    world.server.strangers = 1_000;
    settle(&mut world);
    let reads = world.server.reads;
    for number in 0..300 {
        world.say("lobby", &format!("fast {number}"));
        world.run(100);
    }
    let sent = world.server.reads - reads;
    assert!((1..=7).contains(&sent), "{sent} in thirty seconds");
    settle(&mut world);
    world.say("lobby", "last");
    world.run(500);
    world.step(pages[0], Input::Visible(false));
    world.run(500);
    assert_eq!(world.server.positions[&(user_id, "lobby".to_owned())], 302);
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
fn what_is_marked_as_unread_stays_so_on_a_device_that_looks_at_it_and_has_not_told_what_it_saw() {
    // Whoever polls hears of no mark, only later of the position.
    for kind in [Transport::WebSocket, Transport::Stream, Transport::LongPoll] {
        let mut world = World::new(14);
        let browsers = [world.browser(true), world.browser(true)];
        let user_id = world.browsers[browsers[0]].user_id;
        world.browsers[browsers[1]].user_id = user_id;
        world.server.say("lobby", "first");
        world.server.positions.insert((user_id, "lobby".to_owned()), 1);
        // On the other device a tab that leads and one that follows.
        let pages = [browsers[0], browsers[1], browsers[1]]
            .map(|browser| world.open_with(browser, "lobby", Transports::only(kind)));
        for page in pages {
            world.run_until_joined(page);
        }
        settle(&mut world);
        for number in 0..5 {
            world.say("lobby", &format!("lobby {number}"));
        }
        world.run_until(60_000, "all tabs show it", |world| {
            pages.iter().all(|page| world.shown(*page).len() == 6)
        });
        // Further than the others know it to be read, and not as far as they have seen.
        let place = world.server.seq_of("lobby", "lobby 2");
        world.step(pages[0], Input::MarkUnread(place));
        for _ in 0..4 {
            settle(&mut world);
        }
        for page in pages {
            assert_eq!(unread(&world, page, "lobby"), Some(3), "{kind:?}");
        }
        // Whoever says something has read it, and then the others read on.
        world.write(pages[0]);
        settle(&mut world);
        world.say("lobby", "one more");
        world.run_until(60_000, "it is read", |world| {
            pages.iter().all(|page| unread(world, *page, "lobby") == Some(0))
        });
    }
}

#[test]
fn positions_that_are_set_offline_are_sent_online() {
    for kind in [
        Transport::WebSocket,
        Transport::Stream,
        Transport::LongPoll,
        Transport::Poll,
    ] {
        let mut world = World::new(8);
        let browser = world.browser(true);
        let kinds = Transports::only(kind);
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
    // While nobody listened, and taken back again; brought by an edit.
    world.go(pages[1], "lobby");
    settle(&mut world);
    world.go_offline(browser);
    world.run(1_000);
    world.server.say("attic", "@민지?");
    world.go_online(browser);
    settle(&mut world);
    assert_eq!(named(&world), [(true, 1); 2]);
    let seq = world.server.seq_of("attic", "@민지?");
    world.act("attic", &serde_json::json!({"type": "delete", "target": seq}));
    settle(&mut world);
    assert_eq!(named(&world), [(false, 0); 2], "it is deleted");
    world.say("attic", "anybody?");
    settle(&mut world);
    let seq = world.server.seq_of("attic", "anybody?");
    let edit = |text: &str| serde_json::json!({"type": "edit", "target": seq, "message": text});
    world.act("attic", &edit("anybody? @민지?"));
    settle(&mut world);
    assert_eq!(named(&world), [(true, 1); 2], "it mentions now");
    world.act("attic", &edit("nobody"));
    settle(&mut world);
    assert_eq!(named(&world), [(false, 1); 2], "and now no more");
}

#[test]
fn what_comes_before_somebody_s_eyes_is_at_no_moment_unread_in_that_tab() {
    let (mut world, _, pages) = home(10, 1);
    settle(&mut world);
    for number in 0..20 {
        world.say("lobby", &format!("seen {number}"));
        for _ in 0..30 {
            world.run(1);
            assert_eq!(unread(&world, pages[0], "lobby"), Some(0));
        }
    }
    settle(&mut world);
    assert_eq!(unread(&world, pages[0], "lobby"), Some(0));
    world.step(pages[0], Input::Visible(false));
    world.say("lobby", "unseen");
    settle(&mut world);
    assert_eq!(unread(&world, pages[0], "lobby"), Some(1));
}

/// A browser whose person follows so many rooms and has read them.
fn following(rooms: usize) -> (World, usize) {
    let mut world = World::new(11);
    let browser = world.browser(true);
    let user_id = world.browsers[browser].user_id;
    for number in 0..rooms {
        let name = format!("room-{number:03}");
        world.server.say(&name, "first");
        world.server.positions.insert((user_id, name), 1);
    }
    (world, browser)
}

#[test]
fn whoever_follows_ninety_nine_rooms_is_told_how_each_is_and_joins_only_what_the_tabs_show() {
    let (mut world, browser) = following(99);
    let pages = [world.open(browser, "lobby"), world.open(browser, "room-000")];
    for page in pages {
        world.run_until_joined(page);
    }
    settle(&mut world);
    for name in ["room-089", "room-098", "room-001"] {
        world.say(name, "second");
        world.run(100);
    }
    settle(&mut world);
    for page in pages {
        for name in ["room-089", "room-098", "room-001"] {
            assert_eq!(unread(&world, page, name), Some(1), "{name}");
        }
    }
    assert_eq!(world.joined_rooms(browser), ["lobby", "room-000"]);
    assert_eq!(world.server.lists, 1);
}

#[test]
fn a_room_beyond_those_that_are_listed_is_shown_when_something_in_it_is_unread() {
    let (mut world, browser) = following(101);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    world.run(1_000);
    assert_eq!(world.tab(page).rooms().len(), 100);
    assert_eq!(unread(&world, page, "room-100"), None);
    world.say("room-100", "second");
    world.run_until(15_000, "it is listed", |world| {
        unread(world, page, "room-100") == Some(1)
    });
    assert_eq!(world.tab(page).rooms().len(), 100);
}

#[test]
fn what_was_read_is_told_when_the_tab_is_closed_over_http() {
    for kind in [Transport::Stream, Transport::LongPoll, Transport::Poll] {
        for says_more in [false, true] {
            let mut world = World::new(12);
            let browser = world.browser(true);
            let user_id = world.browsers[browser].user_id;
            world.server.say("lobby", "first");
            world.server.positions.insert((user_id, "lobby".to_owned()), 1);
            let page = world.open_with(browser, "lobby", Transports::only(kind));
            world.run_until_joined(page);
            settle(&mut world);
            world.say("lobby", "second");
            world.run_until(60_000, "second is shown", |world| world.shown(page).len() == 2);
            if says_more {
                // A request is on its way.
                world.step(page, Input::Typing(true));
            }
            world.close(page);
            world.run(1_000);
            assert_eq!(
                world.server.positions[&(user_id, "lobby".to_owned())],
                2,
                "{kind:?} {says_more}"
            );
        }
    }
}

#[test]
fn what_was_read_in_a_tab_is_told_when_nobody_looks_at_it_any_more_whichever_tab_leads() {
    for reader in 0..2 {
        let (mut world, browser, pages) = home(13, 2);
        let user_id = world.browsers[browser].user_id;
        world.step(pages[1 - reader], Input::Visible(false));
        settle(&mut world);
        world.say("lobby", "second");
        // Long enough for the tab to say so to the one that leads.
        world.run(100);
        world.step(pages[reader], Input::Visible(false));
        world.run(100);
        let position = world.server.positions[&(user_id, "lobby".to_owned())];
        assert_eq!(position, 2, "tab {reader}");
    }
}

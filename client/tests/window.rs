//! Stories of a long room: only a piece of it is loaded, wherever the reader is.

mod world;

use client::limits::ROWS_MAX;
use client::room::Edge;
use client::tab::Input;
use protocol::RoomName;
use world::World;

/// A room with so many messages, and what is done to some of them between.
fn room(world: &mut World, messages: u64) {
    for number in 0..messages {
        let seq = world.server.say("lobby", &format!("said {number}"));
        if number % 10 == 0 {
            let edit =
                serde_json::json!({"type": "edit", "target": seq, "message": format!("edited {number}")});
            world.server.act("lobby", &edit);
        }
    }
}

fn first(world: &World, page: usize) -> String {
    world.shown(page).first().cloned().unwrap_or_default()
}

fn last(world: &World, page: usize) -> String {
    world.shown(page).last().cloned().unwrap_or_default()
}

/// Lets the time pass while somebody talks, until what was asked for is here.
fn load(world: &mut World, page: usize) {
    let text = format!("live at {}", world.now);
    world.say("lobby", &text);
    let before = world.tab(page).rows().len();
    world.run_until(5_000, "loaded", |world| {
        let tab = world.tab(page);
        tab.older() != Edge::Loading && tab.newer() != Edge::Loading
    });
    assert!(world.tab(page).rows().len() <= ROWS_MAX && before <= ROWS_MAX);
}

#[test]
fn a_room_of_5000_messages_is_read_from_end_to_beginning_and_back_while_people_talk() {
    let mut world = World::new(1);
    let browser = world.browser(true);
    room(&mut world, 5_000);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    assert_eq!(world.tab(page).rows().len(), 50);
    world.step(page, Input::AtEnd(false));
    let mut pages = 0;
    while world.tab(page).older() == Edge::More {
        world.step(page, Input::Older);
        load(&mut world, page);
        pages += 1;
    }
    assert_eq!((pages, &*first(&world, page)), (99, "edited 0"));
    assert_eq!(world.tab(page).newer(), Edge::More);
    assert!(world.tab(page).below() > 50, "what is said meanwhile is counted");
    // What is there still changes; what is not shown does when it is loaded.
    for target in [world.tab(page).rows()[5].seq, 4_000] {
        let react = serde_json::json!({"type": "react", "target": target, "emoji": "👍", "on": true});
        let is_message = world.server.log("lobby").iter().any(|row| row.seq == target);
        if is_message {
            world.act("lobby", &react);
        }
    }
    world.run(200);
    assert_eq!(world.tab(page).rows()[5].reactions().len(), 1);
    while world.tab(page).newer() == Edge::More {
        world.step(page, Input::Newer);
        load(&mut world, page);
    }
    world.step(page, Input::AtEnd(true));
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!(world.tab(page).below(), 0);
    assert_eq!(world.lines_opened, 1);
    world.judge_end(&[]);
}

#[test]
fn whoever_is_above_keeps_their_place_and_the_end_is_one_step_away() {
    let mut world = World::new(2);
    let browser = world.browser(true);
    room(&mut world, 400);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    world.step(page, Input::AtEnd(false));
    for _ in 0..3 {
        world.step(page, Input::Older);
        load(&mut world, page);
    }
    let top = first(&world, page);
    for number in 0..500 {
        world.say("lobby", &format!("live {number}"));
        world.run(20);
    }
    assert_eq!(first(&world, page), top);
    assert_eq!(world.tab(page).newer(), Edge::More);
    world.step(page, Input::ToEnd);
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!((&*last(&world, page), world.tab(page).below()), ("live 499", 0));
    for number in 0..500 {
        world.say("lobby", &format!("later {number}"));
        world.run(20);
    }
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!(&*last(&world, page), "later 499");
    world.judge_end(&[]);
}

#[test]
fn whoever_writes_while_they_read_above_is_at_the_end_again() {
    let mut world = World::new(3);
    let browser = world.browser(true);
    room(&mut world, 1_000);
    let page = world.open_at(browser, "lobby", 100);
    world.run_until_joined(page);
    assert_eq!(world.tab(page).newer(), Edge::More);
    world.write(page);
    world.run_until(5_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn a_permalink_an_answer_and_the_first_unread_open_an_old_place() {
    let mut world = World::new(4);
    let browser = world.browser(true);
    room(&mut world, 1_000);
    let old = world.server.seq_of("lobby", "said 100");
    let answer = serde_json::json!({"type": "post", "message": "an answer", "replyTo": old});
    world.server.act("lobby", &answer);

    // The page of a permalink comes with its place.
    let page = world.open_at(browser, "lobby", old);
    world.run_until_joined(page);
    assert!(world.shown(page).contains(&"edited 100".to_owned()));
    assert_eq!(
        (world.tab(page).older(), world.tab(page).newer()),
        (Edge::More, Edge::More)
    );
    assert_eq!(world.tab(page).rows().len(), 50);
    world.step(page, Input::ToEnd);
    world.run_until(5_000, "at rest", World::is_at_rest);

    // From an answer to what it answers: loaded, then there at once.
    let quoted = world.tab(page).rows().last().unwrap().reply_to().unwrap();
    assert_eq!((quoted.seq, &*quoted.excerpt), (old, "edited 100"));
    world.step(page, Input::OpenAt(old));
    assert_eq!(world.pages[page].scrolled_to, []);
    world.run(500);
    world.step(page, Input::OpenAt(old + 3));
    // What stands there is no message: the next one is.
    world.step(page, Input::OpenAt(old + 1));
    let after = world.server.seq_of("lobby", "said 101");
    assert_eq!(
        world.pages[page].scrolled_to,
        [Some(old), Some(old + 3), Some(after)]
    );
    assert!(world.shown(page).contains(&"edited 100".to_owned()));

    // What cannot be loaded is said to be.
    world.pages[page].scrolled_to.clear();
    world.go_offline(browser);
    world.step(page, Input::OpenAt(700));
    world.run(500);
    assert_eq!(world.pages[page].scrolled_to, [None]);
    world.go_online(browser);
    world.run_until_joined(page);

    // Another room is opened at a place, too; and a line that is down only delays it.
    world.pages[page].scrolled_to.clear();
    world.go_offline(browser);
    world.run(100);
    for number in 0..200 {
        world.server.say("attic", &format!("attic {number}"));
    }
    world.pages[page].room = "attic".to_owned();
    world.step(page, Input::Go(RoomName::parse("attic").unwrap(), Some(20)));
    world.run(1_000);
    world.go_online(browser);
    world.run_until_joined(page);
    assert_eq!(world.pages[page].scrolled_to, [Some(20)]);
    assert!(world.shown(page).contains(&"attic 19".to_owned()));
}

#[test]
fn a_place_that_a_line_too_long_away_forgot_is_left_for_the_end() {
    let mut world = World::new(5);
    let browser = world.browser(true);
    room(&mut world, 500);
    let page = world.open_at(browser, "lobby", 100);
    world.run_until_joined(page);
    world.go_offline(browser);
    world.run(5_000);
    room_goes_on(&mut world);
    world.go_online(browser);
    world.run_until(20_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

/// More happens than a join is caught up by.
fn room_goes_on(world: &mut World) {
    for number in 0..300 {
        world.server.say("lobby", &format!("meanwhile {number}"));
    }
}

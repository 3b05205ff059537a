//! Who is in a room and who is typing there.

mod world;

use client::tab::Input;
use protocol::UserId;
use world::World;

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

/// How many people another person sees in the attic, where one of `browser`'s tabs is that does not lead.
fn attic(has_locks: bool) -> (World, usize, usize, usize) {
    let mut world = World::new(21);
    let ours = if has_locks {
        world.browser(true)
    } else {
        world.browser_without_locks()
    };
    let theirs = world.browser(true);
    let leader = world.open(ours, "lobby");
    world.run_until_joined(leader);
    let (follower, other) = (world.open(ours, "attic"), world.open(theirs, "attic"));
    for page in [follower, other] {
        world.run_until_joined(page);
    }
    world.run(60_000);
    assert!(world.is_leading(leader) && !world.is_leading(follower));
    assert_eq!(world.tab(other).here().1, 2, "who is quiet stays here");
    (world, leader, follower, other)
}

#[test]
fn a_tab_that_crashes_and_does_not_lead_is_here_for_less_than_half_a_minute() {
    for (has_locks, is_new) in [(true, false), (false, false), (true, true)] {
        let (mut world, leader, mut follower, other) = attic(has_locks);
        if is_new {
            // It ends before it is asked for the first time.
            world.close(follower);
            follower = world.open(world.pages[leader].browser, "attic");
            world.run_until_joined(follower);
            world.run(100);
            assert_eq!(world.tab(other).here().1, 2);
        }
        world.crash(follower);
        world.run_until(15_000, "gone", |world| world.tab(other).here().1 == 1);
        let again = world.open(world.pages[leader].browser, "attic");
        world.run_until_joined(again);
        world.run_until(1_000, "here", |world| world.tab(other).here().1 == 2);
    }
}

#[test]
fn a_tab_that_is_frozen_is_not_here_and_comes_back_with_all_that_was_said() {
    let (mut world, _, follower, other) = attic(true);
    world.freeze(follower);
    world.run_until(15_000, "gone", |world| world.tab(other).here().1 == 1);
    world.write(other);
    world.run(60_000);
    world.thaw(follower);
    world.run_until(1_000, "here", |world| world.tab(other).here().1 == 2);
    world.write(other);
    world.run_until(5_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn a_room_that_two_tabs_show_is_left_when_the_last_of_them_has_crashed() {
    let (mut world, leader, follower, other) = attic(true);
    let second = world.open(world.pages[leader].browser, "attic");
    world.run_until_joined(second);
    world.crash(follower);
    world.run(60_000);
    assert_eq!(world.tab(other).here().1, 2);
    world.crash(second);
    world.run_until(15_000, "gone", |world| world.tab(other).here().1 == 1);
}

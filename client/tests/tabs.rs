//! Stories of several tabs in one browser: one connection, whatever becomes of the tab that has it.

mod world;

use client::tab::Input;
use client::tab::Role;
use world::World;
use world::conversation::chat;

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
fn tabs_in_different_rooms_share_the_line_and_a_room_nobody_shows_is_left() {
    let (mut world, browser, pages, other) = chat(6, 1);
    let attic = world.open(browser, "attic");
    world.run_until_joined(attic);
    world.write(attic);
    world.write(pages[0]);
    world.write(other);
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!((world.shown(attic).len(), world.shown(pages[0]).len()), (1, 2));
    assert_eq!(world.joined_rooms(browser), ["attic", "lobby"]);
    world.close(attic);
    world.run(3_000);
    assert_eq!(world.joined_rooms(browser), ["lobby"]);
    world.judge_end(&[]);
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

//! Stories of a server that was given an older copy of its database: everybody sees what it has, and whoever wrote what it
//! has no more is told.

mod world;

use client::model::Operation;
use client::outbox::{SendState, VANISHED};
use client::tab::Input;
use serde_json::json;
use world::World;

const GONE: SendState = SendState::Failed(VANISHED);

/// The texts that a tab shows as gone, in the order in which they were written.
fn gone(world: &World, page: usize) -> Vec<String> {
    let gone = world.tab(page).pending().filter(|(_, state)| *state == GONE);
    gone.map(|(row, _)| row.message.clone()).collect()
}

#[test]
fn an_older_copy_of_the_database_that_others_have_written_on_in_is_noticed_and_the_author_is_told() {
    for (head_is_message, is_loaded_anew, is_restored, others) in [
        (true, true, false, 5),
        (false, true, false, 5),
        (true, false, false, 5),
        (true, false, true, 5),
        (true, false, false, 0),
        (true, false, false, 1),
        (true, false, true, 300),
    ] {
        let mut world = World::new(15);
        world.judges_steps = false;
        let browser = world.browser(true);
        world.server.say("lobby", "kept");
        let mut page = world.open(browser, "lobby");
        world.run_until_joined(page);
        let kept = world.write(page);
        world.run_until(10_000, "sent", World::is_at_rest);
        let copy = world.server.copy();
        let texts = [world.write(page), world.write(page)];
        world.run_until(10_000, "sent", World::is_at_rest);
        if !head_is_message {
            let reaction = json!({"type": "react", "target": 1, "emoji": "👍", "on": true});
            world.server.act("lobby", &reaction);
        }
        if is_loaded_anew {
            // What is open was loaded while the head was that event.
            world.close(page);
            page = world.open(browser, "lobby");
            world.run_until_joined(page);
        }
        world.kill_server(2_000);
        world.server.put_back(copy, is_restored);
        for number in 0..others {
            world.server.say("lobby", &format!("new {number}"));
        }
        world.run(100);
        world.run_until_joined(page);
        world.run(1_000);
        let last = world
            .server
            .texts("lobby")
            .split_off(world.server.log("lobby").len().saturating_sub(50));
        assert_eq!(world.shown(page), [&last[..], &texts].concat());
        assert_eq!(gone(&world, page), texts, "and what was kept is not: {kept}");
        // It survives a reload, and waits for its person.
        world.close(page);
        let page = world.open(browser, "lobby");
        world.run(30_000);
        assert_eq!(gone(&world, page), texts);
        let seed = world.seed();
        world.step(page, Input::RetryAll(seed));
        world.run_until(5_000, "at rest", World::is_at_rest);
        let log = world.server.texts("lobby");
        assert_eq!(log[log.len() - 2..], texts, "sent again, once, in order");
        let mine = log.iter().filter(|text| texts.contains(text)).count();
        assert_eq!(mine, 2);
    }
}

#[test]
fn what_is_gone_can_be_let_go_in_any_tab_and_no_other_brings_it_back() {
    let mut world = World::new(16);
    world.judges_steps = false;
    let browser = world.browser(true);
    let pages = [0, 1].map(|_| world.open(browser, "lobby"));
    for page in pages {
        world.run_until_joined(page);
    }
    let copy = world.server.copy();
    let text = world.write(pages[1]);
    world.run_until(10_000, "sent", World::is_at_rest);
    world.kill_server(2_000);
    world.server.put_back(copy, false);
    world.run(100);
    for page in pages {
        world.run_until_joined(page);
    }
    world.run(1_000);
    for page in pages {
        assert_eq!(gone(&world, page), std::slice::from_ref(&text));
    }
    world.step(pages[0], Input::DiscardAll);
    world.run_until(5_000, "at rest", World::is_at_rest);
    world.cut_browser(browser);
    world.run(60_000);
    assert!(world.is_at_rest() && world.server.log("lobby").is_empty());
}

#[test]
fn what_was_sent_again_is_not_told_as_gone_by_a_tab_that_was_frozen_meanwhile() {
    for locks in [true, false] {
        let mut world = World::new(18);
        world.judges_steps = false;
        let browser = world.browser(locks);
        let pages = [0, 1].map(|_| world.open(browser, "lobby"));
        for page in pages {
            world.run_until_joined(page);
        }
        let copy = world.server.copy();
        let text = world.write(pages[0]);
        world.run_until(10_000, "sent", World::is_at_rest);
        world.freeze(pages[1]);
        world.kill_server(2_000);
        world.server.put_back(copy, false);
        world.server.say("lobby", "said since");
        world.run(100);
        world.run_until_joined(pages[0]);
        world.run(1_000);
        assert_eq!(gone(&world, pages[0]), std::slice::from_ref(&text));
        let seed = world.seed();
        world.step(pages[0], Input::RetryAll(seed));
        world.run_until(5_000, "sent again", |world| {
            world.tab(pages[0]).pending().count() == 0
        });
        world.thaw(pages[1]);
        world.run(60_000);
        assert!(gone(&world, pages[1]).is_empty(), "locks: {locks}");
        let seed = world.seed();
        world.step(pages[1], Input::RetryAll(seed));
        world.run(10_000);
        assert_eq!(
            world.server.texts("lobby"),
            ["said since", &*text],
            "locks: {locks}"
        );
    }
}

#[test]
fn an_edit_and_a_deletion_that_the_copy_does_not_have_are_told_too() {
    let mut world = World::new(17);
    world.judges_steps = false;
    let browser = world.browser(true);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    let texts = [world.write(page), world.write(page)];
    world.run_until(10_000, "sent", World::is_at_rest);
    let copy = world.server.copy();
    world.edit(page, 1, "edited");
    world.delete(page, 2);
    world.run_until(10_000, "changed", World::is_at_rest);
    world.kill_server(2_000);
    world.server.put_back(copy, false);
    world.run(100);
    world.run_until_joined(page);
    world.run(1_000);
    assert_eq!(world.shown(page), texts);
    let changes: Vec<_> = world.tab(page).changes().collect();
    let told = changes
        .iter()
        .map(|(row, state)| (row.operation, row.target, &*row.message, *state));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (Operation::Edit, 1, "edited", GONE),
            (Operation::Delete, 2, "", GONE)
        ]
    );
    let seed = world.seed();
    world.step(page, Input::RetryAll(seed));
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!(world.server.texts("lobby"), ["edited", ""]);
}

#[test]
fn an_absence_too_long_to_be_caught_up_makes_nothing_gone() {
    let mut world = World::new(18);
    let browser = world.browser(true);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    for _ in 0..3 {
        world.write(page);
    }
    world.run_until(10_000, "sent", World::is_at_rest);
    world.go_offline(browser);
    world.run(10_000);
    for number in 0..500 {
        world.server.say("lobby", &format!("missed {number}"));
    }
    world.go_online(browser);
    world.run_until(20_000, "at rest", World::is_at_rest);
    world.run(60_000);
    world.judge_end(&[]);
}

#[test]
fn rooms_that_are_only_counted_are_counted_as_an_older_copy_has_them() {
    let mut world = World::new(19);
    world.judges_steps = false;
    let browser = world.browser(true);
    let user_id = world.browsers[browser].user_id;
    world.server.say("attic", "first");
    world.server.positions.insert((user_id, "attic".to_owned()), 1);
    let page = world.open(browser, "lobby");
    world.run_until_joined(page);
    for text in ["read", "by", "nobody"] {
        world.say("attic", text);
    }
    world.run_until(5_000, "counted", World::rooms_agree);
    let copy = world.server.copy();
    for _ in 0..5 {
        world.say("attic", "gone");
    }
    world.run_until(5_000, "counted", World::rooms_agree);
    world.kill_server(2_000);
    world.server.put_back(copy, false);
    // Others post beyond the old head, so that its place is there again.
    for _ in 0..7 {
        world.server.say("attic", "new");
    }
    world.run(100);
    world.run_until_joined(page);
    world.run_until(5_000, "counted anew", World::rooms_agree);
    world.say("attic", "and one more");
    world.run(1_000);
    assert!(world.rooms_agree(), "{}", world.describe());
}

//! Stories of a browser's storage that is emptied, or fails, under tabs that are open.

mod world;

use client::outbox::SendState;
use client::tab::Input;
use protocol::ErrorCode;
use world::World;
use world::conversation::{chat, chat_without_locks};

#[test]
fn what_was_written_is_still_sent_when_the_browser_has_emptied_its_storage() {
    for (has_locks, leads, looks) in [
        (true, true, false),
        (true, false, false),
        (true, true, true),
        (true, false, true),
        (false, false, false),
    ] {
        let (mut world, browser, pages, _) = if has_locks {
            chat(31, 3)
        } else {
            chat_without_locks(31, 3)
        };
        let leader = world.leader_of(browser).unwrap();
        let writer = if leads {
            leader
        } else {
            pages.iter().copied().find(|page| *page != leader).unwrap()
        };
        world.go_offline(browser);
        world.run(500);
        let texts: Vec<String> = (0..3).map(|_| world.write(writer)).collect();
        world.run(500);
        world.empty_storage(browser);
        if looks {
            // Whoever comes back to a tab has it look at what is stored.
            for page in &pages {
                world.step(*page, Input::Visible(true));
            }
            world.run(1_000);
            assert_eq!(world.browsers[browser].rows.len(), 3, "stored anew");
        }
        let last = world.write(writer);
        world.run(500);
        for page in &pages {
            assert_eq!(world.states(*page), [SendState::Waiting; 4]);
        }
        world.go_online(browser);
        world.run_until(20_000, "at rest", World::is_at_rest);
        assert_eq!(world.server.texts("lobby"), [&texts[..], &[last]].concat());
        world.judge_end(&[]);
    }
}

#[test]
fn what_was_sent_or_discarded_before_the_storage_was_emptied_does_not_come_back() {
    let (mut world, browser, pages, _) = chat(32, 2);
    for page in &pages {
        world.write(*page);
    }
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.go_offline(browser);
    world.run(500);
    let text = world.write(pages[0]);
    world.run(500);
    let id = world.pending_id(pages[1], &text);
    world.pages[pages[0]].written.pop();
    world.step(pages[1], Input::Discard(id));
    world.run(500);
    world.empty_storage(browser);
    for page in &pages {
        world.step(*page, Input::Visible(true));
    }
    world.go_online(browser);
    world.run_until(20_000, "at rest", World::is_at_rest);
    assert_eq!(world.server.posts, 2);
    world.judge_end(&[]);
}

#[test]
fn what_another_tab_discards_while_it_is_sent_unmarked_is_shown_again() {
    let (mut world, browser, pages, _) = chat(33, 2);
    let leader = world.leader_of(browser).unwrap();
    let follower = pages.iter().copied().find(|page| *page != leader).unwrap();
    world.go_offline(browser);
    world.run(500);
    let text = world.write(follower);
    world.run(500);
    // The leader cannot mark the row, and sends it all the same; its fellow hears nothing of that.
    world.freeze(follower);
    world.browsers[browser].storage_fails = true;
    world.server.refuses = Some(ErrorCode::Busy);
    world.go_online(browser);
    world.run_until(5_000, "sent", |world| world.server.posts > 0);
    world.browsers[browser].storage_fails = false;
    world.pages[follower].runner.drop_tab_messages();
    let id = world.pending_id(follower, &text);
    world.thaw(follower);
    world.judges_steps = false;
    world.step(follower, Input::Discard(id));
    world.run(200);
    assert_eq!(world.states(follower), [SendState::Waiting]);
    assert!(!world.tab(follower).can_discard(id), "it may have been sent");
    world.server.refuses = None;
    world.run_until(60_000, "at rest", World::is_at_rest);
    assert_eq!(world.server.texts("lobby"), [text]);
}

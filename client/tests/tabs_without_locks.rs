//! Stories of several tabs in a browser that has no locks, as on plain HTTP: one connection all the same.

mod world;

use client::tab::Role;
use world::World;
use world::conversation::chat_without_locks as chat;

#[test]
fn without_locks_ten_tabs_share_one_connection_and_all_see_everything() {
    let (mut world, browser, pages, other) = chat(1, 10);
    world.write(other);
    for page in &pages {
        world.write(*page);
    }
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
    assert_eq!(world.lines(), 2, "one for the ten, one for the other");
    assert_eq!(leaders(&world, browser).len(), 1);
}

#[test]
fn a_tab_that_is_opened_beside_others_opens_no_connection_of_its_own() {
    let (mut world, browser, _, _) = chat(2, 1);
    let before = world.lines_opened;
    let page = world.open(browser, "lobby");
    let took = world.run_until_joined(page);
    assert!(took < 100, "{took} ms");
    world.run(20_000);
    assert_eq!(world.lines_opened, before);
}

#[test]
fn when_the_leader_closes_another_takes_over_soon_and_nothing_is_missed() {
    let (mut world, browser, mut pages, other) = chat(3, 5);
    for _ in 0..4 {
        let leader = leaders(&world, browser)[0];
        pages.retain(|page| *page != leader);
        world.close(leader);
        world.write(other);
        world.write(pages[0]);
        let last = *pages.last().unwrap();
        let took = world.run_until(2_000, "another leads", |world| {
            leaders(world, browser).len() == 1 && world.tab(last).is_joined() && world.lines() == 2
        });
        assert!(took < 500, "{took} ms");
    }
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
    assert_eq!(world.tab(pages[0]).missed(), None, "a takeover is no absence");
}

#[test]
fn when_the_leader_crashes_another_notices_its_silence_and_takes_over() {
    let (mut world, browser, pages, other) = chat(4, 3);
    let leader = leaders(&world, browser)[0];
    let left: Vec<usize> = pages.into_iter().filter(|page| *page != leader).collect();
    world.crash(leader);
    world.write(other);
    world.run_until(40_000, "another leads", |world| {
        leaders(world, browser).len() == 1
    });
    // Whoever writes does not wait so long.
    let leader = leaders(&world, browser)[0];
    let last = left.into_iter().find(|page| *page != leader).unwrap();
    world.run_until_joined(last);
    world.crash(leader);
    let text = world.write(last);
    world.run_until(3_000, "sent", |world| world.server.texts("lobby").contains(&text));
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn of_two_that_lead_one_gives_way_whichever_of_them_was_frozen() {
    for seed in 0..8 {
        let (mut world, browser, pages, other) = chat(10 + seed, 3);
        let frozen = leaders(&world, browser)[0];
        let writer = pages.into_iter().find(|page| *page != frozen).unwrap();
        world.freeze(frozen);
        let text = world.write(writer);
        world.run_until(3_000, "sent", |world| world.server.texts("lobby").contains(&text));
        assert_eq!(world.lines(), 3, "the frozen one still has its own");
        // What the new leader said of itself was lost with the freeze.
        world.pages[frozen].runner.drop_tab_messages();
        world.thaw(frozen);
        world.write(other);
        world.write(frozen);
        world.run_until(5_000, "one leads", |world| {
            leaders(world, browser).len() == 1 && world.lines() == 2
        });
        world.run_until(10_000, "at rest", World::is_at_rest);
        world.judge_end(&[]);
    }
}

#[test]
fn tabs_that_are_opened_in_one_moment_end_up_with_one_connection() {
    let mut world = World::new(5);
    let browser = world.browser_without_locks();
    let pages: Vec<usize> = (0..8).map(|_| world.open(browser, "lobby")).collect();
    for page in &pages {
        world.run_until_joined(*page);
    }
    world.run_until(1_000, "one leads", |world| leaders(world, browser).len() == 1);
    assert_eq!(world.lines(), 1);
    assert!(world.lines_opened <= 3, "{} were opened", world.lines_opened);
}

fn leaders(world: &World, browser: usize) -> Vec<usize> {
    let leads = |page: &usize| {
        let slot = &world.pages[*page];
        slot.browser == browser && slot.is_alive && world.tab(*page).role() == Role::Leader
    };
    (0..world.pages.len()).filter(leads).collect()
}

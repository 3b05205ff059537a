//! A storm of tabs that come and go, freeze and crash.

mod world;

use client::tab::Input;
use world::{Faults, World};

/// Tabs that come and go, freeze and crash, on a network that breaks and a server that is killed.
fn storm(seed: u64, has_locks: bool) {
    let mut world = World::new(seed);
    let shared = if has_locks {
        world.browser(true)
    } else {
        world.browser_without_locks()
    };
    let alone = world.browser(false);
    let mut doubtful = Vec::new();
    for browser in [shared, shared, alone] {
        world.open(browser, "lobby");
    }
    world.faults = Faults {
        cut_up: 60,
        cut_down: 60,
        cut_acks: 20,
        stall: 200,
        busy: 15,
    };
    for _ in 0..120 {
        let page = world.random.below(world.pages.len() as u64) as usize;
        match world.random.below(30) {
            0 | 1 => world.close(page),
            2 | 3 => {
                doubtful.extend(world.unsaved(page));
                world.crash(page);
            }
            4 => world.freeze(page),
            5 | 6 => world.thaw(page),
            7 => {
                let down = world.random.below(2_000);
                world.kill_server(down);
            }
            8 => world.go_offline(shared),
            9 | 10 => world.go_online(shared),
            11 => world.step(page, Input::Visible(true)),
            12 => world.step(page, Input::Visible(false)),
            13..16 if world.pages.iter().filter(|page| page.is_alive).count() < 8 => {
                let browser = [shared, shared, alone][world.random.below(3) as usize];
                let room = ["lobby", "lobby", "attic"][world.random.below(3) as usize];
                world.open(browser, room);
            }
            _ => {
                world.write(page);
            }
        }
        let wait = world.random.below(800);
        world.run(wait);
    }
    world.faults = Faults::default();
    world.go_online(shared);
    world.run(2_000);
    // Somebody looks at every tab that is left; new ones find what the last left behind.
    world.open(shared, "lobby");
    world.open(alone, "lobby");
    for page in 0..world.pages.len() {
        if world.pages[page].is_alive {
            world.thaw(page);
            world.step(page, Input::Visible(true));
        }
    }
    world.run_until(200_000, &format!("at rest, seed {seed}"), World::is_at_rest);
    world.judge_end(&doubtful);
    let leaders =
        (0..world.pages.len()).filter(|page| world.pages[*page].browser == shared && world.is_leading(*page));
    assert_eq!(leaders.count(), 1, "seed {seed}");
}

#[test]
fn tabs_that_come_and_go_in_a_storm_lose_and_double_nothing() {
    for seed in world::seeds(150) {
        storm(seed, true);
    }
}

#[test]
fn without_locks_they_lose_and_double_nothing_either() {
    for seed in world::seeds(150) {
        storm(seed, false);
    }
}

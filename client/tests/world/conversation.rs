//! A person with several tabs, and somebody to talk to.

use super::World;

/// A browser with this many tabs in the lobby, and another person with one: the world, the browser, its pages, and
/// the page of the other person.
pub(crate) fn chat(seed: u64, tabs: usize) -> (World, usize, Vec<usize>, usize) {
    let mut world = World::new(seed);
    let browser = world.browser(true);
    talk(world, browser, tabs)
}

/// The same in a browser that has no locks.
pub(crate) fn chat_without_locks(seed: u64, tabs: usize) -> (World, usize, Vec<usize>, usize) {
    let mut world = World::new(seed);
    let browser = world.browser_without_locks();
    talk(world, browser, tabs)
}

fn talk(mut world: World, browser: usize, tabs: usize) -> (World, usize, Vec<usize>, usize) {
    let other = world.browser(false);
    let pages: Vec<usize> = (0..tabs).map(|_| world.open(browser, "lobby")).collect();
    let other = world.open(other, "lobby");
    for page in pages.iter().chain([&other]) {
        world.run_until_joined(*page);
    }
    (world, browser, pages, other)
}

//! A person who follows rooms.

use super::World;

/// A browser with this many tabs in the lobby, whose person follows the lobby and the attic.
pub(crate) fn home(seed: u64, tabs: usize) -> (World, usize, Vec<usize>) {
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
pub(crate) fn unread(world: &World, page: usize, name: &str) -> Option<u64> {
    let rooms = world.tab(page).rooms();
    rooms
        .iter()
        .find(|room| room.name == name)
        .map(|room| room.unread)
}

/// Lets the time pass until what is seen is read, and everybody knows.
pub(crate) fn settle(world: &mut World) {
    world.run(5_200);
    world.run_until(30_000, "rooms agree", |world| {
        world.rooms_agree() && world.is_at_rest()
    });
}

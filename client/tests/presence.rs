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

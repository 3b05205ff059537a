//! Stories of a tab that meets what it does not expect: a page without a beginning, a server that talks nonsense or knows
//! no place, a person who writes what cannot be sent.

mod world;

use client::tab::Input;
use protocol::ErrorCode;
use world::World;

#[test]
fn a_tab_that_was_given_no_page_asks_who_it_is_and_loads_the_room() {
    let mut world = World::new(1);
    let browser = world.browser(false);
    for number in 0..70 {
        world.server.say("lobby", &format!("{number}"));
    }
    let tab = world.open_bare(browser, "lobby");
    world.run_until_joined(tab);
    assert_eq!(world.tab(tab).user_id(), Some(world.browsers[browser].user_id));
    assert_eq!(world.shown(tab).len(), 50, "its last page");
    world.write(tab);
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn frames_of_other_rooms_and_what_is_no_frame_change_nothing() {
    let mut world = World::new(2);
    let browser = world.browser(false);
    world.server.say("lobby", "first");
    let tab = world.open(browser, "lobby");
    world.run_until_joined(tab);
    let id = *world.channels.keys().map(|(_, id)| id).next().unwrap();
    let elsewhere = r#"{"type":"message","room":"attic","seq":2,"id":"00000000-0000-7000-8000-000000000001","clientId":"00000000-0000-7000-8000-000000000002","userId":"00000000-0000-7000-8000-000000000003","message":"x","at":1}"#;
    for text in [
        elsewhere,
        "",
        "{",
        "[]",
        r#"{"type":7}"#,
        r#"{"type":"weather"}"#,
        r#"{"type":"message"}"#,
    ] {
        let cursor = None;
        world.step(tab, Input::Text { id, cursor, text });
        assert!(world.tab(tab).is_joined(), "{text}");
        assert_eq!(world.shown(tab), ["first"], "{text}");
    }
    world.server.say("lobby", "second");
    world.write(tab);
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn a_server_that_knows_no_place_is_asked_ever_more_rarely_and_goes_on_when_it_does() {
    let mut world = World::new(3);
    let browser = world.browser(false);
    world.server.say("lobby", "first");
    world.server.rejects_cursors = true;
    let tab = world.open(browser, "lobby");
    world.run(300_000);
    let joins = world.server.joins;
    assert!((10..150).contains(&joins), "{joins} joins in five minutes");
    world.server.rejects_cursors = false;
    world.run_until_joined(tab);
    assert_eq!(world.shown(tab), ["first"]);
}

#[test]
fn what_cannot_be_sent_is_refused_at_once_and_stays_in_the_composer() {
    let mut world = World::new(4);
    let browser = world.browser(false);
    let tab = world.open(browser, "lobby");
    world.run_until_joined(tab);
    let seed = world.seed();
    world.step(tab, Input::Post(seed, " \n".to_owned()));
    assert_eq!(world.pages[tab].refusals, [], "nothing to say is no mistake");
    let seed = world.seed();
    world.step(tab, Input::Post(seed, "가".repeat(4_001)));
    assert_eq!(world.pages[tab].refusals.pop(), Some(ErrorCode::TooLong));
    assert_eq!((world.pages[tab].accepted, world.tab(tab).outbox_len()), (0, 0));
}

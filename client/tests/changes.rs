//! Stories of what was said and is changed: edited, taken back, reacted to, answered; offline, refused, in a storm.

mod world;

use client::model::Operation;
use client::model::Transport;
use client::model::Transports;
use client::outbox::{SendState, VANISHED};
use client::tab::Input;
use protocol::ErrorCode;
use serde_json::json;
use world::{Faults, World};

/// Two people in the lobby, each in a browser that shares what its tabs have.
fn chat(seed: u64) -> (World, [usize; 2], [usize; 2]) {
    let mut world = World::new(seed);
    let browsers = [world.browser(true), world.browser(true)];
    let pages = browsers.map(|browser| world.open(browser, "lobby"));
    for page in pages {
        world.run_until_joined(page);
    }
    (world, browsers, pages)
}

/// What a tab shows under a message: each emoji and how many have put it there.
fn reactions(world: &World, page: usize, seq: u64) -> Vec<(String, usize)> {
    let shown = world.tab(page).shown();
    let row = shown.iter().find(|row| row.message.seq == seq);
    let reactions = row.map_or(&[][..], |row| row.message.reactions());
    reactions
        .iter()
        .map(|reaction| (reaction.emoji.to_string(), reaction.user_ids.len()))
        .collect()
}

#[test]
fn what_is_changed_offline_is_shown_at_once_survives_a_reload_and_arrives_once() {
    let (mut world, [browser, _], [page, other]) = chat(1);
    let texts: Vec<String> = (0..3).map(|_| world.write(page)).collect();
    world.run_until(5_000, "at rest", World::is_at_rest);
    let theirs = world.write(other);
    world.run_until(5_000, "at rest", World::is_at_rest);
    let [first, second, _] = [0, 1, 2].map(|at| world.server.seq_of("lobby", &texts[at]));
    let theirs = world.server.seq_of("lobby", &theirs);
    let head = world.server.head("lobby");
    world.go_offline(browser);
    world.run(500);
    world.edit(page, first, "for a start");
    world.delete(page, second);
    world.react(page, theirs, "👍", true);
    world.react(page, theirs, "🎉", true);
    world.react(page, theirs, "👍", false);
    let changed = |world: &World, page| {
        let shown = world.shown(page);
        let is_changed = shown[0] == "for a start" && shown[1].is_empty();
        is_changed && reactions(world, page, theirs) == [("🎉".to_owned(), 1)]
    };
    assert!(changed(&world, page), "shown at once: {:?}", world.shown(page));
    assert!(
        world.tab(page).shown()[0].echo_of.is_some(),
        "and as something that waits"
    );
    world.run(30_000);
    world.crash(page);
    let page = world.open(browser, "lobby");
    world.run(5_000);
    assert!(changed(&world, page), "there again after the reload");
    assert_eq!(world.server.head("lobby"), head, "nothing has arrived");
    world.go_online(browser);
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
    assert!(changed(&world, page) && changed(&world, other), "and all is so");
    assert_eq!(world.server.head("lobby"), head + 5, "each arrived once");
}

#[test]
fn every_tab_shows_what_waits_in_any_of_them() {
    let (mut world, browsers, [page, _]) = chat(2);
    let second = world.open(browsers[0], "lobby");
    let text = world.write(page);
    world.run_until(5_000, "at rest", World::is_at_rest);
    let seq = world.server.seq_of("lobby", &text);
    world.go_offline(browsers[0]);
    world.run(500);
    world.edit(second, seq, "better");
    world.run(100);
    assert_eq!(world.shown(page), ["better"]);
    assert_eq!(world.tab(page).rows()[0].message, text, "as the server has it");
    world.go_online(browsers[0]);
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn a_change_that_is_refused_falls_back_and_can_be_tried_again_or_discarded() {
    let (mut world, browsers, [page, other]) = chat(3);
    let (mine, theirs) = (world.write(page), world.write(other));
    world.run_until(5_000, "at rest", World::is_at_rest);
    let seq = world.server.seq_of("lobby", &theirs);
    world.edit(page, seq, "I never said that");
    assert!(world.shown(page).contains(&"I never said that".to_owned()));
    world.run(500);
    assert!(world.shown(page).contains(&theirs), "as it was");
    let not_yours = world::Server::code("notYours");
    let stuck = |world: &World| -> Vec<(Operation, SendState)> {
        let changes = world.tab(page).changes();
        changes.map(|(row, state)| (row.operation, state)).collect()
    };
    assert_eq!(stuck(&world), [(Operation::Edit, SendState::Failed(not_yours))]);
    let id = world.tab(page).changes().next().unwrap().0.client_id;
    assert!(world.tab(page).can_discard(id));
    world.step(page, Input::Discard(id));
    assert_eq!(stuck(&world), []);

    // What is refused for a reason that passes is tried again.
    let seq = world.server.seq_of("lobby", &mine);
    world.server.refuses = Some(ErrorCode::TooLong);
    world.edit(page, seq, "otherwise");
    world.run(500);
    assert!(world.shown(page).contains(&mine));
    world.server.refuses = None;
    let id = world.tab(page).changes().next().unwrap().0.client_id;
    let seed = world.seed();
    world.step(page, Input::Retry(seed, id));
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert!(world.shown(other).contains(&"otherwise".to_owned()));

    // What was taken back meanwhile is not changed any more.
    world.go_offline(browsers[0]);
    world.run(500);
    world.react(page, world.server.seq_of("lobby", &theirs), "👍", true);
    world.delete(other, world.server.seq_of("lobby", &theirs));
    world.run(1_000);
    world.go_online(browsers[0]);
    world.run(3_000);
    assert_eq!(
        stuck(&world),
        [(
            Operation::React,
            SendState::Failed(world::Server::code("deleted"))
        )]
    );
    assert!(world.shown(page).iter().all(|text| *text != theirs));
}

#[test]
fn what_cannot_be_an_edit_is_not_taken() {
    let (mut world, _, [page, _]) = chat(4);
    let text = world.write(page);
    world.run_until(5_000, "at rest", World::is_at_rest);
    let seq = world.server.seq_of("lobby", &text);
    let accepted = world.pages[page].accepted;
    for (text, code) in [
        (" ".to_owned(), ErrorCode::Empty),
        ("가".repeat(4_001), ErrorCode::TooLong),
    ] {
        world.edit(page, seq, &text);
        assert_eq!(world.pages[page].refusals.pop(), Some(code));
    }
    assert_eq!(
        (world.pages[page].accepted, world.tab(page).outbox_len()),
        (accepted, 0)
    );
}

#[test]
fn an_answer_shows_what_it_answers_as_that_reads_now() {
    let (mut world, _, [page, other]) = chat(5);
    let asked = world.write(page);
    world.run_until(5_000, "at rest", World::is_at_rest);
    let seq = world.server.seq_of("lobby", &asked);
    let seed = world.seed();
    world.step(other, Input::Reply(seed, seq, "an answer".to_owned()));
    world.pages[other].written.push("an answer".to_owned());
    assert_eq!(
        world.tab(other).pending().next().unwrap().0.target,
        seq,
        "while it waits, too"
    );
    world.run_until(5_000, "at rest", World::is_at_rest);
    let quoted = |world: &World| {
        let rows = world.tab(page).rows();
        let quote = rows.last().unwrap().reply_to().unwrap();
        (quote.seq, quote.excerpt.to_string())
    };
    assert_eq!(quoted(&world), (seq, asked));
    world.edit(page, seq, "another question");
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!(quoted(&world), (seq, "another question".to_owned()));
    world.delete(page, seq);
    world.run_until(5_000, "at rest", World::is_at_rest);
    assert_eq!(quoted(&world), (seq, String::new()));
    world.judge_end(&[]);
}

#[test]
fn an_answer_to_what_another_database_had_is_not_sent_and_is_tried_again_as_an_answer_to_nothing() {
    let (mut world, browsers, [page, _]) = chat(6);
    let asked = world.write(page);
    world.run_until(5_000, "at rest", World::is_at_rest);
    let seq = world.server.seq_of("lobby", &asked);
    world.go_offline(browsers[0]);
    world.run(100);
    let seed = world.seed();
    world.step(page, Input::Reply(seed, seq, "an answer".to_owned()));
    world.edit(page, seq, "too late");
    world.pages[page].written.clear();
    world.kill_server(500);
    world.server.replace_database();
    world.server.say("lobby", "new");
    world.go_online(browsers[0]);
    world.run(5_000);
    assert_eq!(world.server.texts("lobby"), ["new"]);
    let gone = world.pending_id(page, &asked);
    let states = [VANISHED, ErrorCode::NotFound].map(SendState::Failed);
    assert_eq!(
        world.states(page),
        states,
        "and what was asked is told to be gone"
    );
    world.step(page, Input::Discard(gone));
    assert_eq!(world.states(page), [SendState::Failed(ErrorCode::NotFound)]);
    let id = world.pending_id(page, "an answer");
    let seed = world.seed();
    world.step(page, Input::Retry(seed, id));
    world.run(1_000);
    assert_eq!(world.server.texts("lobby"), ["new", "an answer"]);
    assert_eq!(world.server.log("lobby")[1].reply_to(), None);
    let id = world.tab(page).changes().next().unwrap().0.client_id;
    world.step(page, Input::Discard(id));
    world.run_until(5_000, "at rest", World::is_at_rest);
}

#[test]
fn a_row_that_was_stored_before_there_was_anything_but_messages_is_still_sent() {
    let mut world = World::new(7);
    let browser = world.browser(true);
    let client_id = protocol::ClientId::from_parts(900_000, [4; 10]);
    let row = json!({"room": "lobby", "clientId": client_id, "message": "from before", "tried": 1});
    world.browsers[browser].rows.insert(client_id, row.to_string());
    let page = world.open(browser, "lobby");
    world.run_until(5_000, "at rest", |world| {
        world.is_at_rest() && world.shown(page) == ["from before"]
    });
    world.judge_end(&[]);
}

#[test]
fn a_name_and_a_topic_are_shown_at_once_and_everywhere_and_what_was_said_keeps_the_name_it_had() {
    let (mut world, browsers, [page, other]) = chat(8);
    let second = world.open(browsers[0], "lobby");
    world.write(page);
    world.run_until(5_000, "at rest", World::is_at_rest);
    let seed = world.seed();
    world.step(page, Input::Rename(seed, "민지".to_owned()));
    let seed = world.seed();
    world.step(page, Input::Topic(seed, "오늘".to_owned()));
    let tab = |world: &World, page: usize| {
        let tab = world.tab(page);
        (tab.name().map(str::to_owned), tab.topic().to_owned())
    };
    assert_eq!(
        tab(&world, page),
        (Some("민지".to_owned()), "오늘".to_owned()),
        "at once"
    );
    world.run_until(5_000, "at rest", World::is_at_rest);
    world.write(page);
    world.run_until(5_000, "at rest", World::is_at_rest);
    for page in [page, second] {
        assert_eq!(tab(&world, page), (Some("민지".to_owned()), "오늘".to_owned()));
    }
    assert_eq!(tab(&world, other), (None, "오늘".to_owned()));
    let rows = world.tab(other).rows();
    let names: Vec<Option<&str>> = rows.iter().map(|row| row.name.as_deref()).collect();
    assert_eq!(names, [None, Some("민지")]);
    let user_id = world.browsers[browsers[0]].user_id;
    assert_eq!(world.tab(other).name_of(user_id), Some("민지"));
    world.judge_end(&[]);

    // One that is refused is not worn, and another tab and a reload wear the one that is.
    let seed = world.seed();
    world.step(second, Input::Rename(seed, " ".to_owned()));
    world.run(500);
    assert_eq!(tab(&world, second).0.as_deref(), Some("민지"));
    assert_eq!(world.tab(second).changes().count(), 1);
    let id = world.tab(second).changes().next().unwrap().0.client_id;
    world.step(second, Input::Discard(id));
    world.crash(page);
    let page = world.open_bare(browsers[0], "lobby");
    world.run_until_joined(page);
    world.run(100);
    assert_eq!(tab(&world, page).0.as_deref(), Some("민지"));
}

/// Two people in two tabs each who say things and change what was said, theirs and others', while the line breaks and the
/// server is killed.
fn storm(seed: u64, kind: Option<Transport>) {
    let mut world = World::new(seed);
    let kinds = kind.map_or_else(Transports::default, Transports::only);
    let browsers = [world.browser(true), world.browser(true)];
    let pages: Vec<usize> = [0, 1, 0, 1]
        .map(|at| world.open_with(browsers[at], "lobby", kinds))
        .into();
    world.faults = Faults {
        cut_up: 60,
        cut_down: 60,
        cut_acks: 20,
        stall: 150,
        busy: 15,
    };
    for _ in 0..80 {
        let page = pages[world.random.below(4) as usize];
        let log = world.server.log("lobby");
        let target = match log.len() as u64 {
            0 => 0,
            len => log[(len - 1 - world.random.below(len.min(12))) as usize].seq,
        };
        let emoji = ["👍", "🎉", "👀"][world.random.below(3) as usize];
        match world.random.below(12) {
            _ if target == 0 => drop(world.write(page)),
            0..3 => world.edit(page, target, &format!("edited at {}", world.now)),
            3 => world.delete(page, target),
            4..7 => {
                let on = world.random.below(3) > 0;
                world.react(page, target, emoji, on);
            }
            7 => {
                let (seed, topic) = (world.seed(), format!("topic at {}", world.now));
                world.step(page, Input::Topic(seed, topic));
            }
            8 if world.random.once_in(3) => {
                let down = world.random.below(2_000);
                world.kill_server(down);
            }
            _ => drop(world.write(page)),
        }
        let wait = world.random.below(900);
        world.run(wait);
    }
    world.faults = Faults::default();
    let settled = |world: &World| {
        let is_stuck = |state| matches!(state, SendState::Failed(_));
        (0..4).all(|page| {
            let tab = world.tab(page);
            let mut asked_for = tab.pending().chain(tab.changes());
            tab.is_joined() && world.shows_the_end(page) && asked_for.all(|(_, state)| is_stuck(state))
        })
    };
    world.run_until(300_000, &format!("settled, seed {seed}, {kind:?}"), settled);
    // Only what is somebody else's or was taken back could not be changed.
    for page in pages {
        let stuck: Vec<(Operation, protocol::ClientId)> = world
            .tab(page)
            .changes()
            .map(|(row, _)| (row.operation, row.client_id))
            .collect();
        for (kind, id) in stuck {
            assert!(
                matches!(
                    kind,
                    Operation::Edit | Operation::Delete | Operation::React | Operation::Unreact
                ),
                "{kind:?}"
            );
            world.step(page, Input::Discard(id));
        }
    }
    world.run_until(10_000, "at rest", World::is_at_rest);
    world.judge_end(&[]);
}

#[test]
fn people_who_change_the_same_messages_in_a_storm_all_end_with_what_the_server_has() {
    for seed in world::seeds(60) {
        storm(seed, None);
    }
    for seed in world::seeds(8) {
        for kind in [Transport::Stream, Transport::LongPoll, Transport::Poll] {
            storm(seed, Some(kind));
        }
    }
}

//! People of other nodes, as those of this one see them; and what other nodes are told of this one's.

use crate::support::{done, fast_folder, folder, in_time, join, open, rename, room, value};
use chat::limits::{
    EPHEMERAL_ROOMS_MAX, NEWCOMERS_PER_READ_MAX, PRESENCE_GRACE_MS, PRESENCE_PEOPLE_MAX, PRESENCE_ROOMS_MAX,
    TYPING_EXPIRES_MS, TYPING_INTERVAL_MS, TYPING_OUTWARD_MAX,
};
use chat::{Chat, Here, JoinCursor, LocalRoom, Signal, Typed, ids};
use protocol::{RoomName, UserId};
use serde_json::Value;

async fn enter(chat: &Chat, room: &RoomName, user_id: UserId) -> Here {
    chat.enter(room, user_id, Signal::default()).await.unwrap()
}

fn here(chat: &Chat, room: &RoomName) -> Vec<UserId> {
    let present = chat.people_in(room);
    assert_eq!(present.people.len(), present.count);
    present.people.iter().map(|person| person.user_id).collect()
}

fn names(chat: &Chat, room: &RoomName) -> Vec<Option<String>> {
    let people = chat.people_in(room).people;
    let name = |person: &chat::Person| person.name.as_ref().map(ToString::to_string);
    people.iter().map(name).collect()
}

/// Lets names be looked up until the condition holds.
async fn named(chat: &Chat, condition: impl Fn() -> bool) {
    let condition = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    in_time("names", async {
        tokio::select! {
            () = chat.name_newcomers() => {}
            () = condition => {}
        }
    })
    .await;
}

fn heard(here: &Here, seen: &mut u64) -> Vec<Value> {
    let mut out = Vec::new();
    *seen = here.pull(*seen, &mut out);
    out.iter().map(|frame| value(frame)).collect()
}

#[tokio::test]
async fn people_of_another_node_are_listed_in_order_and_counted_once_though_they_are_here_too() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let [a, b, c] = [(); 3].map(|()| ids::user_id());
    let _first = enter(&chat, &lobby, a).await;
    let from_one = chat.enter_elsewhere(&lobby, b).unwrap();
    let _here_too = chat.enter_elsewhere(&lobby, a).unwrap();
    let _last = enter(&chat, &lobby, c).await;
    let from_other = chat.enter_elsewhere(&lobby, b).unwrap();
    assert_eq!(here(&chat, &lobby), [a, b, c]);
    drop(from_one);
    chat.tick(PRESENCE_GRACE_MS);
    assert_eq!(here(&chat, &lobby), [a, b, c], "they are at another node still");
    drop(from_other);
    chat.tick(2 * PRESENCE_GRACE_MS - 1);
    assert_eq!(here(&chat, &lobby), [a, b, c], "a reload there is not seen here");
    chat.tick(2 * PRESENCE_GRACE_MS);
    assert_eq!(here(&chat, &lobby), [a, c]);
}

#[tokio::test]
async fn who_comes_to_another_node_is_told_with_the_next_tick_under_their_name() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let [a, b] = [(); 2].map(|()| ids::user_id());
    done(&chat, rename(b, "두리")).await;
    chat.tick(1_000);
    let reader = join(&chat, &lobby, JoinCursor::default()).await;
    let visit = chat.enter(&lobby, a, reader.signal.clone()).await.unwrap();
    chat.tick(2_000);
    let mut seen = 0;
    heard(&visit, &mut seen);
    in_time("the first tick", reader.signal.woken()).await;
    let elsewhere = chat.enter_elsewhere(&lobby, b).unwrap();
    assert!(heard(&visit, &mut seen).is_empty(), "not before the tick");
    named(&chat, || names(&chat, &lobby) == [None, Some("두리".to_owned())]).await;
    chat.tick(3_000);
    in_time("a wake-up", reader.signal.woken()).await;
    let told = heard(&visit, &mut seen);
    assert_eq!(
        (&told[0]["count"], &told[0]["people"][1]["name"]),
        (&2.into(), &"두리".into())
    );

    done(&chat, rename(b, "둘")).await;
    chat.tick(4_000);
    assert_eq!(heard(&visit, &mut seen)[0]["people"][1]["name"], "둘");
    drop(elsewhere);
    chat.tick(4_000 + PRESENCE_GRACE_MS);
    assert_eq!(heard(&visit, &mut seen)[0]["count"], 1);
}

#[tokio::test]
async fn ten_thousand_people_from_another_node_are_named_by_few_reads() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let people: Vec<_> = (0..10_000).map(|_| ids::user_id()).collect();
    for user_id in people.iter().take(40) {
        done(&chat, rename(*user_id, "여럿")).await;
    }
    let before = chat.reads();
    let _elsewhere: Vec<_> = people
        .iter()
        .map(|user_id| chat.enter_elsewhere(&lobby, *user_id).unwrap())
        .collect();
    assert_eq!(chat.people_in(&lobby).count, people.len());
    named(&chat, || names(&chat, &lobby).iter().flatten().count() == 40).await;
    let reads = usize::try_from(chat.reads() - before).unwrap();
    assert!(
        reads <= people.len().div_ceil(NEWCOMERS_PER_READ_MAX),
        "{reads} reads"
    );
}

#[tokio::test]
async fn a_room_takes_as_many_people_of_other_nodes_as_of_its_own_and_one_person_is_in_as_many_rooms() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let mut crowd: Vec<_> = (0..PRESENCE_PEOPLE_MAX)
        .map(|_| chat.enter_elsewhere(&lobby, ids::user_id()).unwrap())
        .collect();
    assert!(chat.enter_elsewhere(&lobby, ids::user_id()).is_none());
    crowd.pop();
    assert!(
        chat.enter_elsewhere(&lobby, ids::user_id()).is_some(),
        "who has left makes room at once"
    );
    let somebody = ids::user_id();
    let rooms: Vec<_> = (0..PRESENCE_ROOMS_MAX)
        .map(|number| {
            chat.enter_elsewhere(&room(&format!("room-{number}")), somebody)
                .unwrap()
        })
        .collect();
    assert!(chat.enter_elsewhere(&room("one-more"), somebody).is_none());
    drop(rooms);
}

#[tokio::test]
async fn rooms_in_which_only_people_of_other_nodes_are_take_no_place_from_those_of_this_one() {
    let folder = folder();
    let chat = open(folder.path());
    let elsewhere: Vec<_> = (0..EPHEMERAL_ROOMS_MAX)
        .map(|number| {
            chat.enter_elsewhere(&room(&format!("room-{number}")), ids::user_id())
                .unwrap()
        })
        .collect();
    assert!(chat.enter_elsewhere(&room("lobby"), ids::user_id()).is_none());
    let user_id = ids::user_id();
    let _here = enter(&chat, &room("lobby"), user_id).await;
    assert_eq!(here(&chat, &room("lobby")), [user_id]);
    drop(elsewhere);
    chat.tick(PRESENCE_GRACE_MS);
    assert!(chat.enter_elsewhere(&room("room-0"), ids::user_id()).is_some());
    assert_eq!(chat.people_in(&room("room-1")).count, 0);
}

#[tokio::test]
async fn other_nodes_are_told_who_is_here_by_a_session_of_this_one_and_only_where_that_has_changed() {
    let folder = folder();
    let chat = open(folder.path());
    let (lobby, attic) = (room("lobby"), room("attic"));
    let [a, b, c] = [(); 3].map(|()| ids::user_id());
    let of = |room: &RoomName, people: &[UserId]| LocalRoom {
        room: room.clone(),
        people: people.to_vec(),
    };
    assert_eq!(chat.local_presence(0).rooms, []);
    let first = enter(&chat, &lobby, a).await;
    let second = enter(&chat, &lobby, a).await;
    let _elsewhere = chat.enter_elsewhere(&lobby, b).unwrap();
    let local = chat.local_presence(0);
    assert_eq!(local.rooms, [of(&lobby, &[a])]);
    assert_eq!(chat.local_presence(local.version).rooms, []);
    drop(second);
    let _other = enter(&chat, &attic, c).await;
    let next = chat.local_presence(local.version);
    assert_eq!(next.rooms, [of(&attic, &[c])]);
    let _twice = chat.enter_elsewhere(&attic, c).unwrap();
    drop(first);
    let last = chat.local_presence(next.version);
    assert_eq!(
        last.rooms,
        [of(&lobby, &[])],
        "they are told to have left at once"
    );
    assert_eq!(here(&chat, &lobby), [a, b], "others see it after the grace");
    assert_eq!(chat.local_presence(0).rooms, [of(&attic, &[c])]);
}

#[tokio::test]
async fn what_is_typed_here_goes_outward_as_often_as_it_is_heard_and_what_is_typed_elsewhere_does_not() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let [a, b] = [(); 2].map(|()| ids::user_id());
    let visit = enter(&chat, &lobby, a).await;
    let _elsewhere = chat.enter_elsewhere(&lobby, b).unwrap();
    let mut typing = chat.hear_typing();
    let typed = |on| Typed {
        room: lobby.clone(),
        user_id: a,
        on,
    };
    let mut seen = 0;
    heard(&visit, &mut seen);
    chat.typing_elsewhere(&lobby, b, true);
    assert_eq!(heard(&visit, &mut seen)[0]["people"][0]["userId"], b.to_string());
    chat.typing_elsewhere(&lobby, ids::user_id(), true);
    assert!(
        heard(&visit, &mut seen).is_empty(),
        "who is nowhere types nowhere"
    );
    assert!(typing.try_recv().is_err());
    for _ in 0..10 {
        chat.set_typing(&lobby, a, true);
    }
    let mut told = Vec::new();
    while let Ok(next) = typing.try_recv() {
        told.push(next);
    }
    assert_eq!(
        told,
        [typed(true), typed(true), typed(true)],
        "no more often than it is heard"
    );
    chat.tick(3 * TYPING_INTERVAL_MS);
    chat.set_typing(&lobby, a, true);
    assert_eq!(typing.try_recv(), Ok(typed(true)), "so that they type on there");
    chat.set_typing(&lobby, a, false);
    chat.set_typing(&lobby, a, false);
    assert_eq!(typing.try_recv(), Ok(typed(false)));
    assert!(typing.try_recv().is_err());
    chat.typing_elsewhere(&lobby, b, true);
    heard(&visit, &mut seen);
    chat.tick(3 * TYPING_INTERVAL_MS + TYPING_EXPIRES_MS);
    assert_eq!(heard(&visit, &mut seen)[0]["people"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn typing_that_nobody_tells_on_is_dropped_and_bounded() {
    let folder = folder();
    let chat = open(folder.path());
    let mut typing = chat.hear_typing();
    let mut visits = Vec::new();
    for number in 0..2 * TYPING_OUTWARD_MAX {
        let (room, user_id) = (room(&format!("room-{number}")), ids::user_id());
        visits.push(enter(&chat, &room, user_id).await);
        chat.set_typing(&room, user_id, true);
    }
    let mut told = 0;
    while typing.try_recv().is_ok() {
        told += 1;
    }
    assert_eq!(told, TYPING_OUTWARD_MAX);
    drop(typing);
    chat.set_typing(&room("room-0"), ids::user_id(), true);
}

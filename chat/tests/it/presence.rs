//! Who is in a room and who is typing there, as a session hears of it.

use crate::support::{Reader, done, folder, in_time, join, open, rename, room, value};
use bytes::Bytes;
use chat::limits::{
    CROWD_TOLD_MS_MIN, PRESENCE_GRACE_MS, PRESENCE_LISTED_PEOPLE, PRESENCE_ROOMS_MAX, PRESENCE_SHOWN_PEOPLE,
    TYPING_EXPIRES_MS, TYPING_ROOM_PEOPLE_MAX,
};
use chat::{Chat, Here, JoinCursor, Signal, ids};
use protocol::{RoomName, UserId};
use serde_json::{Value, json};

/// A session that has joined a room and is in it.
struct Visit {
    reader: Reader,
    here: Here,
    seen: u64,
}

impl Visit {
    async fn begin(chat: &Chat, room: &RoomName, user_id: UserId) -> Self {
        let reader = join(chat, room, JoinCursor::default()).await;
        let here = chat.enter(room, user_id, reader.signal.clone()).await.unwrap();
        Self {
            reader,
            here,
            seen: 0,
        }
    }

    fn hear(&mut self) -> Vec<Value> {
        let mut out: Vec<Bytes> = Vec::new();
        if self.seen == 0 || self.here.version() > self.seen {
            self.seen = self.here.pull(self.seen, &mut out);
        }
        out.iter().map(|frame| value(frame)).collect()
    }

    /// What is heard once there is something to hear.
    async fn woken(&mut self) -> Value {
        in_time("a wake-up", self.reader.signal.woken()).await;
        let mut heard = self.hear();
        assert_eq!(heard.len(), 1, "{heard:?}");
        heard.remove(0)
    }
}

fn presence(people: &[(UserId, Option<&str>)]) -> Value {
    let count = people.len();
    json!({ "type": "presence", "room": "lobby", "people": listed(people), "count": count })
}

fn typing(people: &[(UserId, Option<&str>)]) -> Value {
    json!({ "type": "typing", "room": "lobby", "people": listed(people) })
}

fn listed(people: &[(UserId, Option<&str>)]) -> Vec<Value> {
    let person = |(user_id, name): &(UserId, Option<&str>)| match name {
        Some(name) => json!({ "userId": user_id, "name": name }),
        None => json!({ "userId": user_id }),
    };
    people.iter().map(person).collect()
}

#[tokio::test]
async fn whoever_comes_sees_who_is_there_and_the_others_hear_of_it_with_the_next_tick() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (a, b) = (ids::user_id(), ids::user_id());
    done(&chat, rename(a, "하나")).await;
    chat.tick(1_000);
    let mut first = Visit::begin(&chat, &lobby, a).await;
    assert_eq!(first.hear(), [presence(&[(a, Some("하나"))])]);
    chat.tick(2_000);
    first.woken().await;
    let mut second = Visit::begin(&chat, &lobby, b).await;
    let both = presence(&[(a, Some("하나")), (b, None)]);
    assert_eq!(second.hear(), std::slice::from_ref(&both));
    assert!(first.hear().is_empty(), "not before the tick");
    chat.tick(3_000);
    assert_eq!(first.woken().await, both);

    done(&chat, rename(b, "두리")).await;
    chat.tick(4_000);
    let renamed = presence(&[(a, Some("하나")), (b, Some("두리"))]);
    assert_eq!(first.woken().await, renamed);
    chat.tick(5_000);
    assert!(first.hear().is_empty(), "what has not changed is not told again");
    assert_eq!(
        second.hear(),
        std::slice::from_ref(&renamed),
        "of what changed while one was busy, the last"
    );

    let third = Visit::begin(&chat, &lobby, b).await;
    drop((second, third));
    chat.tick(5_000 + PRESENCE_GRACE_MS - 1);
    assert!(first.hear().is_empty(), "a reload is not seen");
    chat.tick(5_000 + PRESENCE_GRACE_MS);
    assert_eq!(first.woken().await, presence(&[(a, Some("하나"))]));
}

#[tokio::test]
async fn typing_is_told_at_once_and_expires() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (a, b) = (ids::user_id(), ids::user_id());
    done(&chat, rename(a, "하나")).await;
    chat.tick(1_000);
    let mut one = Visit::begin(&chat, &lobby, a).await;
    let mut other = Visit::begin(&chat, &lobby, b).await;
    chat.tick(2_000);
    one.hear();
    other.hear();
    chat.set_typing(&lobby, a, true);
    assert_eq!(other.hear(), [typing(&[(a, Some("하나"))])]);
    chat.set_typing(&lobby, a, false);
    assert_eq!(other.hear(), [typing(&[])]);
    for _ in 0..2 {
        chat.set_typing(&lobby, a, true);
        assert_eq!(other.hear(), [typing(&[(a, Some("하나"))])]);
        chat.set_typing(&lobby, a, false);
        assert_eq!(other.hear(), [typing(&[])]);
    }
    chat.set_typing(&lobby, a, true);
    chat.set_typing(&lobby, ids::user_id(), true);
    assert!(
        other.hear().is_empty(),
        "three times a second is enough, and who is not here is not typing here"
    );
    chat.tick(3_000);
    chat.set_typing(&lobby, a, true);
    assert_eq!(other.hear(), [typing(&[(a, Some("하나"))])]);
    let mut late = Visit::begin(&chat, &lobby, b).await;
    assert_eq!(
        late.hear()[1],
        typing(&[(a, Some("하나"))]),
        "whoever comes later sees it too"
    );
    chat.tick(3_000 + TYPING_EXPIRES_MS - 1);
    assert!(other.hear().is_empty());
    chat.tick(3_000 + TYPING_EXPIRES_MS);
    assert_eq!(other.hear(), [typing(&[])]);
}

#[tokio::test]
async fn what_somebody_is_called_is_read_once_for_all_they_do_while_they_are_there() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let somebody = ids::user_id();
    done(&chat, rename(somebody, "하나")).await;
    let before = chat.reads();
    let person = chat.hear_personally(somebody, Signal::default());
    assert_eq!(person.name(&chat).await.unwrap().as_deref(), Some("하나"));
    let here = chat.enter(&lobby, somebody, Signal::default()).await.unwrap();
    assert_eq!(
        chat.people_in(&lobby).people[0]
            .name
            .as_ref()
            .map(|name| name.as_str()),
        Some("하나")
    );
    let other = chat.hear_personally(somebody, Signal::default());
    assert_eq!(other.name(&chat).await.unwrap().as_deref(), Some("하나"));
    done(&chat, rename(somebody, "둘")).await;
    assert_eq!(other.name(&chat).await.unwrap().as_deref(), Some("둘"));
    assert_eq!(chat.reads() - before, 1);
    drop(here);
}

/// People of whom nothing is heard.
async fn crowd(chat: &Chat, people: usize) -> Vec<Here> {
    let (lobby, mut crowd) = (room("lobby"), Vec::new());
    for _ in 0..people {
        let here = chat.enter(&lobby, ids::user_id(), Signal::default());
        crowd.push(here.await.unwrap());
    }
    crowd
}

#[tokio::test]
async fn a_crowd_is_counted_and_not_named_until_it_is_small_again_and_nobody_types_in_it() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let somebody = ids::user_id();
    let mut others = crowd(&chat, TYPING_ROOM_PEOPLE_MAX.max(PRESENCE_SHOWN_PEOPLE)).await;
    let mut visit = Visit::begin(&chat, &lobby, somebody).await;
    assert_eq!(
        visit.hear(),
        [json!({ "type": "presence", "room": "lobby", "people": [], "count": others.len() + 1 })]
    );
    chat.set_typing(&lobby, somebody, true);
    chat.tick(1_000);
    assert!(visit.hear().iter().all(|frame| frame["type"] != "typing"));
    let listed = chat.people_in(&lobby);
    assert_eq!(
        (
            listed.people.len(),
            listed.people.last().map(|person| person.user_id)
        ),
        (others.len() + 1, Some(somebody)),
        "they are named to whoever asks"
    );

    others.truncate(2);
    chat.tick(1_000 + PRESENCE_GRACE_MS);
    let heard = visit.hear();
    assert_eq!(heard[0]["people"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn of_a_larger_crowd_than_a_list_has_room_for_those_who_came_first_are_named_and_all_are_counted() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let first = crowd(&chat, PRESENCE_LISTED_PEOPLE).await;
    let listed = chat.people_in(&lobby);
    assert_eq!((listed.people.len(), listed.count), (first.len(), first.len()));
    let last = crowd(&chat, 5).await;
    let still = chat.people_in(&lobby);
    assert_eq!(
        (still.people, still.count),
        (listed.people, first.len() + last.len())
    );
}

#[tokio::test]
async fn a_crowd_that_passes_through_keeps_nobody_from_being_heard_to_type() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let somebody = ids::user_id();
    let mut visit = Visit::begin(&chat, &lobby, somebody).await;
    for number in 0..2 * TYPING_ROOM_PEOPLE_MAX {
        let other = ids::user_id();
        let here = chat.enter(&lobby, other, Signal::default()).await.unwrap();
        chat.set_typing(&lobby, other, true);
        if number % 2 == 0 {
            chat.set_typing(&lobby, other, false);
        }
        drop(here);
    }
    visit.hear();
    chat.set_typing(&lobby, somebody, true);
    assert_eq!(visit.hear(), [typing(&[(somebody, None)])]);
}

#[tokio::test]
async fn one_person_is_seen_in_as_many_rooms_as_two_devices_may_join() {
    let folder = folder();
    let chat = open(folder.path());
    let somebody = ids::user_id();
    let rooms: Vec<_> = (0..PRESENCE_ROOMS_MAX + 5)
        .map(|number| room(&format!("room-{number}")))
        .collect();
    let mut visits = Vec::new();
    for room in &rooms {
        visits.push(chat.enter(room, somebody, Signal::default()).await.unwrap());
    }
    let seen_in = || {
        rooms
            .iter()
            .filter(|room| chat.people_in(room).count == 1)
            .count()
    };
    assert_eq!(seen_in(), PRESENCE_ROOMS_MAX);
    let last = rooms.last().unwrap();
    assert_eq!(chat.people_in(last).count, 0);
    let mut heard = Vec::new();
    visits.last().unwrap().pull(0, &mut heard);
    assert_eq!(
        value(&heard[0])["count"],
        0,
        "they hear who is there all the same"
    );
    // Once they have left others, they are seen where they come, and by that session alone.
    visits.truncate(PRESENCE_ROOMS_MAX + 4);
    visits.drain(..10);
    chat.tick(PRESENCE_GRACE_MS);
    let again = chat.enter(last, somebody, Signal::default()).await.unwrap();
    assert_eq!(chat.people_in(last).count, 1);
    drop(visits);
    chat.tick(2 * PRESENCE_GRACE_MS);
    assert_eq!((chat.people_in(last).count, seen_in()), (1, 1));
    drop(again);
}

#[tokio::test]
async fn a_crowd_is_told_how_many_it_is_bit_by_bit_and_no_more_often_than_its_size_allows() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let mut visits = Vec::new();
    for _ in 0..200 {
        visits.push(Visit::begin(&chat, &lobby, ids::user_id()).await);
    }
    chat.tick(1_000);
    for visit in &mut visits {
        visit.hear();
        while visit.reader.is_woken().await {}
    }
    let mut woken_at = vec![Vec::new(); visits.len()];
    let mut comers = Vec::new();
    for second in 2..22 {
        comers.extend(crowd(&chat, 1).await);
        chat.tick(second * 1_000);
        for (visit, woken_at) in visits.iter_mut().zip(&mut woken_at) {
            // Some have asked before they were told.
            if visit.reader.is_woken().await && !visit.hear().is_empty() {
                woken_at.push(second);
            }
        }
    }
    for (number, woken_at) in woken_at.iter().enumerate() {
        assert!(
            woken_at
                .windows(2)
                .all(|pair| pair[1] - pair[0] >= CROWD_TOLD_MS_MIN / 1_000),
            "{number} was told at {woken_at:?}"
        );
        assert!(woken_at.len() >= 3, "{number} was told only at {woken_at:?}");
    }
    let at_most = |second| {
        woken_at
            .iter()
            .filter(|woken_at| woken_at.contains(&second))
            .count()
    };
    assert!((2..22).all(|second| at_most(second) <= visits.len() / 2));
}

#[tokio::test]
async fn whoever_only_counts_what_comes_is_not_woken_by_who_comes_and_types() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let quiet = join(&chat, &lobby, JoinCursor::default()).await;
    let user_id = ids::user_id();
    let mut visit = Visit::begin(&chat, &lobby, user_id).await;
    chat.tick(1_000);
    assert_eq!(visit.woken().await["type"], "presence");
    chat.set_typing(&lobby, user_id, true);
    assert_eq!(visit.woken().await["type"], "typing");
    assert!(!quiet.is_woken().await);
}

#[tokio::test]
async fn a_new_name_reaches_every_room_in_which_somebody_is_and_none_that_they_have_left() {
    let folder = folder();
    let chat = open(folder.path());
    let (a, b) = (ids::user_id(), ids::user_id());
    let rooms = [room("lobby"), room("개발"), room("잡담")];
    let mut visits = Vec::new();
    for room in &rooms {
        visits.push((
            Visit::begin(&chat, room, a).await,
            Visit::begin(&chat, room, b).await,
        ));
    }
    chat.tick(1_000);
    let (left, _) = visits.pop().unwrap();
    let mut stays = Visit::begin(&chat, &rooms[2], b).await;
    drop(left);
    chat.tick(1_000 + PRESENCE_GRACE_MS);
    stays.hear();
    for (_, other) in &mut visits {
        other.hear();
    }
    done(&chat, rename(a, "하나")).await;
    chat.tick(2_000 + PRESENCE_GRACE_MS);
    for (_, other) in &mut visits {
        let heard = other.hear();
        assert_eq!(heard[0]["people"][0]["name"], "하나");
    }
    assert!(stays.hear().is_empty());
}

#[tokio::test]
async fn a_version_from_elsewhere_is_told_everything_and_one_of_now_nothing() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let here = chat
        .enter(&lobby, ids::user_id(), Signal::default())
        .await
        .unwrap();
    chat.tick(1_000);
    let mut out = Vec::new();
    let seen = here.pull(0, &mut out);
    assert_eq!(out.len(), 1);
    assert_eq!(here.pull(seen, &mut out), seen);
    assert_eq!(out.len(), 1);
    here.pull(u64::MAX, &mut out);
    assert_eq!(out.len(), 2);
}

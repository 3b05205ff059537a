use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use protocol::limits::ROOMS_LISTED_MAX;

use super::*;
use crate::error::Error;
use crate::feed::Signal;
use crate::ids;

fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

/// A session of somebody, who follows these rooms.
struct Session {
    user_id: UserId,
    key: usize,
    news: Arc<News>,
}

impl Session {
    fn begin(followers: &Followers, follows: &[&str], joined: &[&str]) -> Self {
        let session = Self::beginning(followers, joined);
        let follows: Vec<_> = follows.iter().map(|name| room(name)).collect();
        followers.begun(session.key, &session.news, &follows);
        session
    }

    fn beginning(followers: &Followers, joined: &[&str]) -> Self {
        Self::of(followers, ids::user_id(), joined)
    }

    fn of(followers: &Followers, user_id: UserId, joined: &[&str]) -> Self {
        let news = News::new(Signal::default());
        let joined = joined.iter().map(|name| room(name)).collect();
        let key = followers.begin(user_id, joined, &news);
        Self { user_id, key, news }
    }

    /// What it has to be told since the last time, in order of the names.
    fn told(&self) -> Vec<String> {
        let marks = std::mem::take(&mut lock(&self.news.inside).marks);
        let mut names: Vec<_> = marks.iter().map(ToString::to_string).collect();
        names.sort();
        names
    }

    fn end(&self, followers: &Followers) {
        followers.end(self.user_id, self.key, &self.news);
    }
}

#[test]
fn what_happens_in_a_room_marks_those_who_follow_it_and_do_not_look_at_it() {
    let followers = Followers::default();
    let looking: Vec<_> = (0..3)
        .map(|_| Session::begin(&followers, &["lobby", "attic"], &["lobby"]))
        .collect();
    let elsewhere = Session::begin(&followers, &["lobby", "attic"], &["attic"]);
    let stranger = Session::begin(&followers, &["cellar"], &[]);
    for _ in 0..5 {
        followers.happened(&room("lobby"));
    }
    assert_eq!(elsewhere.told(), [""; 0], "not before the tick");
    followers.tick(0);
    assert_eq!(elsewhere.told(), ["lobby"], "and once");
    for session in looking.iter().chain([&stranger]) {
        assert_eq!(session.told(), [""; 0]);
    }
    followers.tick(1_000);
    assert_eq!(elsewhere.told(), [""; 0]);
}

#[test]
fn whoever_unsubscribes_is_told_how_the_room_is_and_hears_of_it_from_then_on() {
    let followers = Followers::default();
    let session = Session::begin(&followers, &["lobby"], &["lobby"]);
    lock(&followers.inside).places.unsubscribed(session.key, "lobby");
    assert_eq!(session.told(), ["lobby"]);
    followers.happened(&room("lobby"));
    followers.tick(0);
    lock(&followers.inside).places.joined(session.key, &room("lobby"));
    assert_eq!(session.told(), [""; 0], "it has joined it meanwhile");
    followers.happened(&room("lobby"));
    followers.tick(9_000);
    assert_eq!(session.told(), [""; 0]);
}

#[test]
fn all_of_a_person_s_sessions_hear_of_a_new_room_and_no_more_of_one_they_have_left() {
    let followers = Followers::default();
    let one = Session::begin(&followers, &["lobby"], &[]);
    let other = Session::of(&followers, one.user_id, &["new"]);
    followers.begun(other.key, &other.news, &[]);
    followers.follows(one.user_id, &room("new"));
    followers.tick(0);
    assert_eq!(one.told(), ["new"]);
    assert_eq!(other.told(), [""; 0], "it looks at the room");
    followers.follows(one.user_id, &room("new"));
    followers.tick(1_000);
    assert_eq!(one.told(), ["new"], "it was read further");
    followers.left(one.user_id, &room("lobby"));
    followers.tick(2_000);
    assert_eq!(one.told(), ["lobby"], "it is followed no more");
    followers.happened(&room("lobby"));
    followers.tick(9_000);
    assert_eq!(one.told(), [""; 0]);
}

#[test]
fn the_larger_the_crowd_the_less_often_it_is_told() {
    let followers = Followers::default();
    let count = 400;
    let crowd: Vec<_> = (0..count)
        .map(|_| Session::begin(&followers, &["lobby"], &[]))
        .collect();
    let told = || crowd.iter().map(|session| session.told().len()).sum::<usize>();
    let interval = 400 * ROOM_TOLD_MS_PER_FOLLOWER;
    let mut tellings = Vec::new();
    for now in (0..=2 * interval).step_by(1_000) {
        followers.happened(&room("lobby"));
        followers.tick(now);
        let told = told();
        if told > 0 {
            assert_eq!(told, count);
            tellings.push(now);
        }
    }
    assert_eq!(tellings, [0, interval, 2 * interval]);
}

#[test]
fn of_too_many_for_one_tick_the_others_are_told_with_the_next_and_a_few_before_a_crowd() {
    let followers = Followers::default();
    let crowd: Vec<_> = (0..ROOMS_TOLD_PER_TICK_MAX + 10)
        .map(|_| Session::begin(&followers, &["lobby"], &[]))
        .collect();
    let alone = Session::begin(&followers, &["attic"], &[]);
    let told = || crowd.iter().map(|session| session.told().len()).sum::<usize>();
    followers.happened(&room("lobby"));
    followers.happened(&room("attic"));
    followers.tick(0);
    assert_eq!(alone.told(), ["attic"]);
    assert_eq!(told(), ROOMS_TOLD_PER_TICK_MAX - 1);
    followers.tick(1_000);
    assert_eq!(told(), 11);
}

#[test]
fn a_message_waits_for_no_tick() {
    let followers = Followers::default();
    let session = Session::begin(&followers, &["lobby"], &[]);
    let (done, is_done) = channel();
    thread::scope(|threads| {
        // As the tick has it, and whoever comes and goes.
        let inside = lock(&followers.inside);
        threads.spawn(|| {
            followers.happened(&room("lobby"));
            followers.follows(session.user_id, &room("attic"));
            followers.left(session.user_id, &room("lobby"));
            done.send(()).unwrap();
        });
        let waited = is_done.recv_timeout(Duration::from_secs(60));
        drop(inside);
        waited.expect("it waits for the tick");
    });
}

#[test]
fn what_is_noted_between_two_ticks_is_bounded_and_nothing_of_it_is_lost() {
    let followers = Followers::default();
    let session = Session::begin(&followers, &["lobby"], &[]);
    let slow = Session::beginning(&followers, &[]);
    followers.happened(&room("lobby"));
    for number in 0..2 * ROOMS_NOTED_MAX {
        followers.happened(&room(&format!("room-{number}")));
        let noted = lock(&followers.noted);
        assert!(noted.rooms.len() + noted.people.len() < ROOMS_NOTED_MAX);
    }
    followers.tick(0);
    assert_eq!(session.told(), ["lobby"]);
    assert_eq!(lock(&followers.inside).meanwhile.rooms.len(), ROOMS_NOTED_MAX + 1);
    followers.begun(slow.key, &slow.news, &[room("elsewhere")]);
    assert_eq!(
        slow.told(),
        ["elsewhere"],
        "it may be among what is not remembered"
    );
}

#[test]
fn what_happens_before_it_is_known_what_a_session_follows_is_told_to_it() {
    let followers = Followers::default();
    let session = Session::beginning(&followers, &[]);
    followers.happened(&room("lobby"));
    followers.tick(0);
    followers.happened(&room("attic"));
    let follows = ["lobby", "attic", "cellar"].map(room);
    followers.begun(session.key, &session.news, &follows);
    assert_eq!(session.told(), ["attic", "lobby"]);
    assert!(
        lock(&followers.inside).meanwhile.rooms.is_empty(),
        "nobody waits for it"
    );
}

#[test]
fn a_session_hears_of_as_many_rooms_as_a_list_has_and_leaves_nothing_behind() {
    let followers = Followers::default();
    let names: Vec<_> = (0..ROOMS_LISTED_MAX + 5)
        .map(|number| format!("room-{number}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let session = Session::begin(&followers, &names, &[]);
    for name in &names {
        followers.happened(&room(name));
    }
    followers.tick(0);
    assert_eq!(session.told().len(), ROOMS_LISTED_MAX);
    followers.happened(&room("room-1"));
    session.end(&followers);
    let unknown = Session::beginning(&followers, &[]);
    unknown.end(&followers);
    assert_eq!(lock(&followers.inside).meanwhile.sessions, 0);
    followers.happened(&room("room-1"));
    assert!(lock(&followers.noted).rooms.is_empty(), "nobody hears of it");
}

#[tokio::test]
async fn a_session_whose_rooms_could_not_be_read_is_woken_to_ask_for_them_again() {
    let signal = Signal::default();
    let news = News::new(signal.clone());
    lock(&news.inside).is_reading = true;
    news.answered(vec![room("lobby")], Err(Error::Busy)).await;
    let woken = tokio::time::timeout(Duration::from_secs(60), signal.woken());
    woken.await.expect("it waits for something else to happen");
    assert_eq!(lock(&news.inside).marks, [room("lobby")]);
}

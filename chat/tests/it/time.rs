//! Time: the nodes' clocks are believed, and backwards only where they were far ahead.

use crate::support::{after, folder, join, open, parse, post, room, submit};
use chat::{Chat, PageQuery, ids};
use protocol::RoomName;

#[tokio::test]
async fn at_never_runs_backwards_in_a_room_though_the_clock_does() {
    let folder = folder();
    let (lobby, other) = (room("lobby"), room("other"));
    {
        let chat = open(folder.path());
        for at in [100, 50, 100, 300, 0] {
            say_at(&chat, &lobby, at).await;
        }
    }
    let chat = open(folder.path());
    say_at(&chat, &lobby, 299).await;
    say_at(&chat, &other, 7).await;
    say_at(&chat, &lobby, 301).await;
    assert_eq!(
        times_in_events(&chat, &lobby).await,
        [100, 100, 100, 300, 300, 300, 301]
    );
    assert_eq!(
        times_in_page(&chat, &lobby).await,
        [100, 100, 100, 300, 300, 300, 301]
    );
    assert_eq!(
        times_in_events(&chat, &other).await,
        [7],
        "each room has a time of its own"
    );
}

#[tokio::test]
async fn a_live_event_and_the_same_event_read_later_carry_the_same_time() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let mut live = join(&chat, &lobby, after(&chat, 0)).await;
    say_at(&chat, &lobby, 100).await;
    say_at(&chat, &lobby, 50).await;
    let live = live.read_to(&chat, 2).await;
    let later = join(&chat, &lobby, after(&chat, 0)).await.read_now(&chat).await;
    assert_eq!(live, later);
    assert_eq!(parse(&live[1]).at, 100);
}

#[tokio::test]
async fn a_time_larger_than_the_database_can_hold_harms_nobody() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    say_at(&chat, &lobby, u64::MAX).await;
    say_at(&chat, &lobby, 1).await;
    let times = times_in_events(&chat, &lobby).await;
    assert_eq!(times, [i64::MAX as u64, 1]);
}

#[tokio::test]
async fn a_room_s_time_does_not_stand_still_for_a_year_because_a_clock_was_wrong_once() {
    const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1_000;
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let now = ids::unix_ms();
    for at in [now, now + YEAR_MS, now + 10, now + 20, now + 15] {
        say_at(&chat, &lobby, at).await;
    }
    let expected = [now, now + YEAR_MS, now + 10, now + 20, now + 20];
    assert_eq!(times_in_events(&chat, &lobby).await, expected);
}

async fn say_at(chat: &Chat, room: &RoomName, at: u64) {
    let mut command = post(ids::user_id(), room, "what time is it?");
    command.at = at;
    submit(chat, command).await.unwrap();
}

async fn times_in_events(chat: &Chat, room: &RoomName) -> Vec<u64> {
    let mut reader = join(chat, room, after(chat, 0)).await;
    reader
        .read_now(chat)
        .await
        .iter()
        .map(|frame| parse(frame).at)
        .collect()
}

async fn times_in_page(chat: &Chat, room: &RoomName) -> Vec<u64> {
    let query = PageQuery {
        limit: 50,
        ..PageQuery::default()
    };
    let page = chat.page(room, query).await.unwrap();
    page.messages.iter().map(|row| row.at).collect()
}

//! One that fell behind is caught up, in pieces of a bounded size.

use std::task::{Context, Waker};

use crate::support::{accept, after, fill, folder, in_time, join, open, post, room, seqs};
use chat::limits::{PULL_BYTES, RING_BYTES_MAX};
use chat::{Chat, Signal, ids};
use protocol::RoomName;
use protocol::limits::{MESSAGE_BYTES_MAX, MESSAGE_CHARS_MAX};

/// Says as many of the longest messages as make `bytes`; returns how many.
async fn say_at_length(chat: &Chat, room: &RoomName, bytes: usize) -> u64 {
    let text = "😀".repeat(MESSAGE_CHARS_MAX);
    assert!(text.len() <= MESSAGE_BYTES_MAX);
    let count = bytes.div_ceil(text.len());
    for _ in 0..count {
        accept(chat, &post(ids::user_id(), room, &text)).await;
    }
    count as u64
}

#[tokio::test]
async fn what_is_read_from_the_database_at_a_time_is_bounded_in_bytes() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let said = say_at_length(&chat, &lobby, RING_BYTES_MAX).await;
    let mut reader = join(&chat, &lobby, after(&chat, 0)).await;
    let mut read = 0;
    while reader.feed.lag() > 0 {
        let mut frames = Vec::new();
        reader.feed.pull(&chat, &mut frames).await.unwrap();
        let bytes: usize = frames.iter().map(|frame| frame.len()).sum();
        assert!(bytes < PULL_BYTES + 2 * MESSAGE_BYTES_MAX, "{bytes} at once");
        read += frames.len() as u64;
    }
    assert_eq!(read, said);
}

#[tokio::test]
async fn one_that_sleeps_while_the_ring_goes_round_is_caught_up_in_order() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 3).await;
    let mut sleeper = join(&chat, &lobby, after(&chat, 2)).await;
    let mut awake = join(&chat, &lobby, after(&chat, 2)).await;
    let head = 3 + say_at_length(&chat, &lobby, 2 * RING_BYTES_MAX).await;
    let live = awake.read_to(&chat, head).await;
    assert_eq!(sleeper.feed.lag(), head - 2);
    let later = sleeper.read_to(&chat, head).await;
    assert_eq!(seqs(&later), Vec::from_iter(3..=head));
    assert!(live == later, "both ways give the same bytes");
}

#[tokio::test]
async fn a_pull_that_is_dropped_before_it_ends_moves_nothing() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 5).await;
    let mut reader = join(&chat, &lobby, after(&chat, 0)).await;
    let mut dropped = 0;
    while dropped < 20 {
        let mut frames = Vec::new();
        let mut pull = Box::pin(reader.feed.pull(&chat, &mut frames));
        let polled = pull.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        drop(pull);
        if polled.is_pending() {
            dropped += 1;
            assert!(frames.is_empty());
            assert_eq!(reader.feed.cursor(), 0);
        } else {
            // SQLite had answered before it was waited for. What it was read for is kept for whoever comes while there is
            // a subscriber, and would never be waited for again.
            drop(reader);
            reader = join(&chat, &lobby, after(&chat, 0)).await;
        }
    }
    assert_eq!(seqs(&reader.read_now(&chat).await), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn one_signal_wakes_for_every_room_and_a_wake_up_that_comes_too_early_is_kept() {
    let folder = folder();
    let chat = open(folder.path());
    let signal = Signal::default();
    let (lobby, other) = (room("lobby"), room("other"));
    let mut feeds = Vec::new();
    for name in [&lobby, &other] {
        let joined = chat.join(name, after(&chat, 0), signal.clone()).await.unwrap();
        let chat::Joined::Feed { feed, .. } = joined else {
            panic!("{joined:?}");
        };
        feeds.push(feed);
    }
    for (name, feed) in [&other, &lobby].into_iter().zip([1, 0]) {
        fill(&chat, name, 1).await;
        in_time("a wake-up that came before the wait", signal.woken()).await;
        assert_eq!(feeds[feed].lag(), 1);
        assert_eq!(feeds[1 - feed].lag(), 0);
        let mut frames = Vec::new();
        feeds[feed].pull(&chat, &mut frames).await.unwrap();
        assert_eq!(frames.len(), 1);
    }
}

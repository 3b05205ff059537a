//! Where a client may join, and where it is told to start over.

use crate::support::{after, fast_folder, fill, folder, join, open, room, seqs};
use chat::{Chat, JoinCursor, Joined, PageQuery, Signal, ids};
use protocol::limits::CATCH_UP_EVENTS_MAX;
use protocol::{Epoch, EventId, RoomName};

/// Where a join starts and what the head was; `None` for a resync.
async fn start(chat: &Chat, room: &RoomName, cursor: JoinCursor) -> Option<(u64, u64)> {
    match chat.join(room, cursor, Signal::default()).await.unwrap() {
        Joined::Feed { feed, head } => Some((feed.cursor(), head)),
        Joined::Resync => None,
        Joined::Behind => panic!("there are no other nodes"),
    }
}

async fn event_id_at(chat: &Chat, room: &RoomName, seq: u64) -> EventId {
    let query = PageQuery {
        after: Some(seq - 1),
        limit: 1,
        ..PageQuery::default()
    };
    chat.page(room, query).await.unwrap().messages[0].id
}

#[tokio::test]
async fn a_join_starts_at_the_head_the_beginning_or_anywhere_between() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 10).await;
    assert_eq!(start(&chat, &lobby, JoinCursor::default()).await, Some((10, 10)));
    for place in [0, 1, 5, 9, 10] {
        assert_eq!(start(&chat, &lobby, after(&chat, place)).await, Some((place, 10)));
        let frames = join(&chat, &lobby, after(&chat, place))
            .await
            .read_now(&chat)
            .await;
        assert_eq!(seqs(&frames), Vec::from_iter(place + 1..=10), "after {place}");
    }
}

#[tokio::test]
async fn a_room_in_which_nothing_was_said_is_joined_at_0() {
    let folder = folder();
    let chat = open(folder.path());
    let quiet = room("quiet");
    assert_eq!(start(&chat, &quiet, JoinCursor::default()).await, Some((0, 0)));
    assert_eq!(start(&chat, &quiet, after(&chat, 0)).await, Some((0, 0)));
    assert_eq!(start(&chat, &quiet, after(&chat, 1)).await, None);
    let mut reader = join(&chat, &quiet, JoinCursor::default()).await;
    assert!(reader.read_now(&chat).await.is_empty());
    fill(&chat, &quiet, 2).await;
    assert_eq!(seqs(&reader.read_to(&chat, 2).await), [1, 2]);
}

#[tokio::test]
async fn beyond_the_head_is_a_resync_however_far() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 3).await;
    let event_id = Some(event_id_at(&chat, &lobby, 3).await);
    let far = i64::MAX as u64;
    for place in [4, 5, far - 1, far, far + 1, u64::MAX - 1, u64::MAX] {
        let cursor = after(&chat, place);
        assert_eq!(start(&chat, &lobby, cursor).await, None, "after {place}");
        assert_eq!(
            start(&chat, &lobby, JoinCursor { event_id, ..cursor }).await,
            None,
            "after {place}"
        );
    }
}

#[tokio::test]
async fn a_place_in_another_epoch_or_in_none_is_a_resync() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 3).await;
    let other = Some(Epoch::from_parts(1, [1; 10]));
    for epoch in [None, other] {
        for place in [1, 3, 4, u64::MAX] {
            let cursor = JoinCursor {
                epoch,
                ..after(&chat, place)
            };
            assert_eq!(start(&chat, &lobby, cursor).await, None, "{cursor:?}");
        }
    }
    let nothing_yet = |epoch| JoinCursor {
        epoch,
        ..after(&chat, 0)
    };
    assert_eq!(
        start(&chat, &lobby, nothing_yet(None)).await,
        Some((0, 3)),
        "nothing is of no epoch"
    );
    assert_eq!(
        start(&chat, &lobby, nothing_yet(other)).await,
        None,
        "it says it is of another"
    );
    let from_now_on = JoinCursor {
        epoch: other,
        ..JoinCursor::default()
    };
    assert_eq!(
        start(&chat, &lobby, from_now_on).await,
        Some((3, 3)),
        "a head needs no epoch"
    );
}

#[tokio::test]
async fn the_event_one_has_must_be_the_one_that_stands_there() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 3).await;
    let second = Some(event_id_at(&chat, &lobby, 2).await);
    let unknown = Some(ids::event_id());
    let at = |place, event_id| JoinCursor {
        event_id,
        ..after(&chat, place)
    };
    assert_eq!(start(&chat, &lobby, at(2, second)).await, Some((2, 3)));
    assert_eq!(start(&chat, &lobby, at(2, None)).await, Some((2, 3)));
    assert_eq!(start(&chat, &lobby, at(2, unknown)).await, None);
    assert_eq!(start(&chat, &lobby, at(1, second)).await, None);
    assert_eq!(start(&chat, &lobby, at(3, second)).await, None);
}

#[tokio::test]
async fn the_same_place_in_another_room_has_another_event() {
    let folder = folder();
    let chat = open(folder.path());
    let (lobby, other) = (room("lobby"), room("other"));
    fill(&chat, &lobby, 2).await;
    fill(&chat, &other, 2).await;
    let cursor = JoinCursor {
        event_id: Some(event_id_at(&chat, &other, 2).await),
        ..after(&chat, 2)
    };
    assert_eq!(start(&chat, &lobby, cursor).await, None);
    assert_eq!(start(&chat, &other, cursor).await, Some((2, 2)));
}

#[tokio::test]
async fn one_that_lies_too_far_behind_is_told_to_resync() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let events = CATCH_UP_EVENTS_MAX + 1;
    fill(&chat, &lobby, usize::try_from(events).unwrap()).await;
    assert_eq!(start(&chat, &lobby, after(&chat, 0)).await, None);
    assert_eq!(start(&chat, &lobby, after(&chat, 1)).await, Some((1, events)));
    let frames = join(&chat, &lobby, after(&chat, 1)).await.read_now(&chat).await;
    assert_eq!(seqs(&frames), Vec::from_iter(2..=events));
}

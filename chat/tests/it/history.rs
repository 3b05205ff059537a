//! Pages of history.

use std::sync::Arc;

use crate::support::{accept, after, fast_folder, fill, folder, in_time, join, open, post, room, send};
use chat::limits::ORDER_AUTHOR_COMMANDS_MAX;
use chat::{Chat, Error, Page, PageQuery, ids};
use protocol::RoomName;
use protocol::limits::HISTORY_PAGE_MESSAGES_MAX;

async fn page(
    chat: &Chat,
    room: &RoomName,
    before: impl Into<Option<u64>>,
    after: impl Into<Option<u64>>,
    limit: usize,
) -> Page {
    let (before, after) = (before.into(), after.into());
    let query = PageQuery {
        before,
        after,
        limit,
        ..PageQuery::default()
    };
    chat.page(room, query).await.unwrap()
}

fn seqs(page: &Page) -> Vec<u64> {
    page.messages.iter().map(|row| row.seq).collect()
}

#[tokio::test]
async fn a_page_is_the_latest_the_latest_before_or_the_earliest_after() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 20).await;
    let latest = page(&chat, &lobby, None, None, 5).await;
    assert_eq!(
        (seqs(&latest), latest.has_older, latest.seq),
        (vec![16, 17, 18, 19, 20], true, 20)
    );
    let older = page(&chat, &lobby, 16, None, 5).await;
    assert_eq!(
        (seqs(&older), older.has_older, older.seq),
        (vec![11, 12, 13, 14, 15], true, 20)
    );
    let newer = page(&chat, &lobby, None, 3, 2).await;
    assert_eq!((seqs(&newer), newer.has_older, newer.seq), (vec![4, 5], true, 20));
    let between = page(&chat, &lobby, 6, 3, 10).await;
    assert_eq!(seqs(&between), [4, 5]);
    let cut_between = page(&chat, &lobby, 9, 3, 2).await;
    assert_eq!(
        seqs(&cut_between),
        [4, 5],
        "with both bounds it is the earliest after"
    );
}

#[tokio::test]
async fn a_page_around_a_place_has_half_of_its_messages_before_it() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 20).await;
    for (around, limit, expected, has_older, has_newer) in [
        (10, 5, Vec::from_iter(8..=12), true, true),
        (10, 4, Vec::from_iter(8..=11), true, true),
        (1, 4, vec![1, 2], false, true),
        (0, 4, vec![1, 2], false, true),
        (20, 4, vec![18, 19, 20], true, false),
        (99, 4, vec![19, 20], true, false),
        (u64::MAX, 4, vec![19, 20], true, false),
        (10, 1, vec![10], true, true),
        (10, 500, Vec::from_iter(1..=20), false, false),
    ] {
        let query = PageQuery {
            around: Some(around),
            // It does not count beside the other.
            before: Some(3),
            limit,
            ..PageQuery::default()
        };
        let page = chat.page(&lobby, query).await.unwrap();
        assert_eq!(
            (seqs(&page), page.has_older, page.has_newer),
            (expected, has_older, has_newer),
            "around {around} limit {limit}"
        );
    }
    let latest = page(&chat, &lobby, None, None, 5).await;
    let older = page(&chat, &lobby, 16, None, 5).await;
    assert_eq!((latest.has_newer, older.has_newer), (false, true));
}

#[tokio::test]
async fn only_the_page_with_the_first_message_has_nothing_older() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 20).await;
    fill(&chat, &room("other"), 20).await;
    for (before, after, limit, has_older) in [
        (None, None, 20, false),
        (None, None, 19, true),
        (None, None, 500, false),
        (Some(2), None, 5, false),
        (Some(3), None, 1, true),
        (None, Some(0), 5, false),
        (None, Some(1), 5, true),
    ] {
        let page = page(&chat, &lobby, before, after, limit).await;
        assert_eq!(
            page.has_older, has_older,
            "before {before:?} after {after:?} limit {limit}"
        );
    }
}

#[tokio::test]
async fn where_there_is_nothing_the_page_is_empty() {
    let folder = folder();
    let chat = open(folder.path());
    let (lobby, quiet) = (room("lobby"), room("quiet"));
    fill(&chat, &lobby, 3).await;
    let nothing = Page::default();
    assert_eq!(page(&chat, &quiet, None, None, 50).await, nothing);
    assert_eq!(page(&chat, &quiet, 7, 2, 50).await, nothing);
    for (before, after, limit) in [
        (Some(0), None, 50),
        (Some(1), None, 50),
        (None, Some(3), 50),
        (None, Some(u64::MAX), 50),
        (Some(2), Some(2), 50),
        (None, None, 0),
    ] {
        let page = page(&chat, &lobby, before, after, limit).await;
        assert_eq!(
            (seqs(&page), page.seq),
            (vec![], 3),
            "before {before:?} after {after:?}"
        );
    }
    assert_eq!(seqs(&page(&chat, &lobby, u64::MAX, None, 50).await), [1, 2, 3]);
    assert_eq!(seqs(&page(&chat, &lobby, u64::MAX, 0, 50).await), [1, 2, 3]);
}

#[tokio::test]
async fn a_page_is_bounded_whatever_is_asked_for() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, HISTORY_PAGE_MESSAGES_MAX + 10).await;
    for limit in [
        HISTORY_PAGE_MESSAGES_MAX,
        HISTORY_PAGE_MESSAGES_MAX + 1,
        usize::MAX,
    ] {
        let page = page(&chat, &lobby, None, None, limit).await;
        assert_eq!(page.messages.len(), HISTORY_PAGE_MESSAGES_MAX, "limit {limit}");
        assert!(page.has_older);
    }
}

#[tokio::test]
async fn going_back_page_by_page_shows_every_message_once() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 123).await;
    let mut shown = Vec::new();
    let mut before = None;
    loop {
        let page = page(&chat, &lobby, before, None, 10).await;
        before = page.messages.first().map(|row| row.seq);
        let mut seqs = seqs(&page);
        seqs.extend(shown);
        shown = seqs;
        if !page.has_older {
            break;
        }
    }
    assert_eq!(shown, Vec::from_iter(1..=123));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_is_true_for_its_seq_while_others_post() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 5).await;
    let mut posting = Vec::new();
    for _ in 0..4 {
        let (chat, lobby) = (Arc::clone(&chat), lobby.clone());
        posting.push(tokio::spawn(async move {
            for number in 0..100 {
                accept(&chat, &post(ids::user_id(), &lobby, &format!("number {number}"))).await;
            }
        }));
    }
    let mut last_seq = 0;
    while last_seq < 405 {
        let page = page(&chat, &lobby, None, None, 5).await;
        assert!(page.seq >= last_seq, "a later page is not of an earlier moment");
        assert_eq!(
            seqs(&page),
            Vec::from_iter(page.seq - 4..=page.seq),
            "it ends at its seq"
        );
        last_seq = page.seq;
    }
    for task in posting {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn whoever_comes_does_not_wait_behind_pages() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    for _ in 0..8 {
        let sent: Vec<_> = (0..ORDER_AUTHOR_COMMANDS_MAX)
            .map(|_| send(&chat, post(author, &lobby, &"**a** `b` ".repeat(40))))
            .collect();
        for outcome in sent {
            in_time("an outcome", outcome).await.unwrap().unwrap();
        }
    }
    let query = PageQuery {
        limit: HISTORY_PAGE_MESSAGES_MAX,
        ..PageQuery::default()
    };
    let pages: Vec<_> = (0..64)
        .map(|_| {
            let (chat, lobby) = (Arc::clone(&chat), lobby.clone());
            tokio::spawn(async move {
                // On a slow machine the last ones wait longer than a reader is waited for, and ask again.
                let mut page = chat.page(&lobby, query).await;
                while matches!(page, Err(Error::Busy)) {
                    page = chat.page(&lobby, query).await;
                }
                page.unwrap()
            })
        })
        .collect();
    // All of them ask before anybody else does.
    tokio::task::yield_now().await;
    join(&chat, &lobby, after(&chat, 0)).await;
    chat.name_of(author).await.unwrap();
    chat.known(author, ids::client_id()).await.unwrap();
    let waiting = pages.iter().filter(|page| !page.is_finished()).count();
    assert!(waiting > 32, "{waiting} of them had to wait");
    for page in pages {
        in_time("a page", page).await.unwrap();
    }
}

//! The write-ahead log stays small, whoever reads meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{database, fast_folder, fill, in_time, open, post, read_by_another, room, send};
use chat::limits::CHECKPOINT_PAGES;
use chat::{Chat, ids};
use protocol::limits::MESSAGE_CHARS_MAX;
use rusqlite::Connection;

const PAGE_BYTES: u64 = 4_096;

fn wal(folder: &Path) -> PathBuf {
    database(folder).with_extension("db-wal")
}

fn wal_bytes(folder: &Path) -> u64 {
    fs::metadata(wal(folder)).unwrap().len()
}

/// How often the log has begun anew: the checkpoint sequence number of its header ("WAL File Format" in "Database File
/// Format", SQLite's documentation). `None` while it is empty.
fn beginnings(folder: &Path) -> Option<u32> {
    let log = fs::read(wal(folder)).unwrap();
    log.get(12..16)
        .map(|number| u32::from_be_bytes(number.try_into().unwrap()))
}

/// Says so much, so many messages at a time, that the log would have several times the pages of a checkpoint.
async fn say_much(chat: &Arc<Chat>, at_a_time: u64) {
    let lobby = room("lobby");
    let text = "가".repeat(MESSAGE_CHARS_MAX);
    // Each is there twice, as an event and as a message, and a page has its text alone.
    let messages = 4 * u64::from(CHECKPOINT_PAGES) * PAGE_BYTES / (2 * text.len() as u64);
    let author = ids::user_id();
    for _ in 0..messages.div_ceil(at_a_time) {
        let outcomes: Vec<_> = (0..at_a_time)
            .map(|_| send(chat, post(author, &lobby, &text)))
            .collect();
        for outcome in outcomes {
            in_time("an outcome", outcome).await.unwrap().unwrap();
        }
    }
}

/// Reads all the time until `is_over`: the next one has always begun before the last one ends.
fn read_without_a_gap(folder: &Path, is_over: &AtomicBool) {
    let begin = |connection: &Connection| {
        connection
            .execute_batch("BEGIN; SELECT count(*) FROM meta;")
            .unwrap();
    };
    let (one, other) = (
        Connection::open(database(folder)).unwrap(),
        Connection::open(database(folder)).unwrap(),
    );
    begin(&one);
    while !is_over.load(Ordering::Relaxed) {
        for (next, last) in [(&other, &one), (&one, &other)] {
            begin(next);
            last.execute_batch("COMMIT").unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_short_though_somebody_always_reads_and_somebody_always_writes() {
    let folder = fast_folder();
    let chat = open(folder.path());
    fill(&chat, &room("lobby"), 1).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let reader = {
        let (path, is_over) = (folder.path().to_owned(), Arc::clone(&is_over));
        std::thread::spawn(move || read_without_a_gap(&path, &is_over))
    };
    // No moment passes without a commit, for as long as a long log takes.
    let talking: Vec<_> = (0..3)
        .map(|_| {
            let chat = Arc::clone(&chat);
            tokio::spawn(async move { say_much(&chat, 2).await })
        })
        .collect();
    for one in talking {
        in_time("somebody to have said much", one).await.unwrap();
    }
    let log = wal_bytes(folder.path());
    assert!(log < 5 * u64::from(CHECKPOINT_PAGES) * PAGE_BYTES, "{log} bytes");
    is_over.store(true, Ordering::Relaxed);
    reader.join().unwrap();
}

#[tokio::test]
async fn a_log_that_another_program_s_reading_made_long_begins_anew_when_that_is_over() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let other = read_by_another(folder.path());
    // From here on something is in the log that cannot leave it: it begins anew no more.
    fill(&chat, &room("lobby"), 1).await;
    let before = beginnings(folder.path()).unwrap();
    say_much(&chat, 8).await;
    assert!(wal_bytes(folder.path()) > 3 * u64::from(CHECKPOINT_PAGES) * PAGE_BYTES);
    assert_eq!(beginnings(folder.path()), Some(before), "it is being read");
    drop(other);
    in_time("the log to begin anew", async {
        while beginnings(folder.path()) == Some(before) {
            fill(&chat, &room("lobby"), 1).await;
        }
    })
    .await;
}

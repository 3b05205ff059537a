//! A folder whose database is broken, or is not there any more, is refused before anybody is served from it.

use std::fs;
use std::path::Path;

use crate::support::{
    database, edit, fast_folder, fill, folder, healthy_as, in_time, open, post, react, room, send,
};
use chat::limits::CHECKED_FIRST_BYTES_MAX;
use chat::{Chat, DataFolder, Error, Health, ids};
use protocol::limits::MESSAGE_CHARS_MAX;
use rusqlite::Connection;

/// What is done to the bytes of a file.
type Harm = fn(&mut Vec<u8>);

fn refusal(folder: &Path) -> Error {
    Chat::open(DataFolder::open(folder).unwrap()).unwrap_err()
}

async fn with_some_messages(folder: &Path) {
    let chat = open(folder);
    let (lobby, author) = (room("lobby"), ids::user_id());
    fill(&chat, &lobby, 300).await;
    let last = send(&chat, post(author, &lobby, "mine"))
        .await
        .unwrap()
        .unwrap()
        .seq;
    for command in [
        edit(author, &lobby, last, "ours"),
        react(author, &lobby, last, "👍", true),
    ] {
        in_time("an outcome", send(&chat, command))
            .await
            .unwrap()
            .unwrap();
    }
}

fn assert_damaged(folder: &Path, harm: &str) {
    let before = fs::read(database(folder)).unwrap();
    let error = refusal(folder);
    assert!(matches!(&error, Error::Damaged { .. }), "{harm}: {error}");
    for part in ["damaged", "backup", "madang.db"] {
        assert!(error.to_string().contains(part), "{harm}: {error}");
    }
    assert!(
        fs::read(database(folder)).unwrap() == before,
        "{harm}: it was touched"
    );
}

#[tokio::test]
async fn a_file_with_a_page_of_rubbish_or_without_its_end_is_refused() {
    let harms: [(&str, Harm); 3] = [
        ("a page of zeros", |bytes| bytes[5 * 4096..6 * 4096].fill(0)),
        ("a page of an older time", |bytes| {
            bytes.copy_within(3 * 4096..4 * 4096, 9 * 4096)
        }),
        ("cut short", |bytes| bytes.truncate(bytes.len() / 2 / 4096 * 4096)),
    ];
    for (name, harm) in harms {
        let folder = folder();
        with_some_messages(folder.path()).await;
        let mut bytes = fs::read(database(folder.path())).unwrap();
        harm(&mut bytes);
        fs::write(database(folder.path()), bytes).unwrap();
        assert_damaged(folder.path(), name);
    }
}

#[tokio::test]
async fn rows_that_contradict_one_another_are_refused() {
    for harm in [
        "DELETE FROM events WHERE seq = 7",
        "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
        "UPDATE rooms SET head = head + 1",
        "DELETE FROM rooms",
        "DELETE FROM messages WHERE seq = 7",
        "UPDATE messages SET event_id = x'00112233445566778899aabbccddeeff' WHERE seq = 7",
        "UPDATE edits SET seq = 9999",
        "UPDATE reactions SET seq = 9999",
    ] {
        let folder = folder();
        with_some_messages(folder.path()).await;
        let vandal = Connection::open(database(folder.path())).unwrap();
        vandal.execute_batch(harm).unwrap();
        drop(vandal);
        assert_damaged(folder.path(), harm);
    }
}

#[tokio::test]
async fn a_copy_of_a_folder_in_use_whose_files_are_of_different_moments_is_refused() {
    let (folder, copy) = (fast_folder(), fast_folder());
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 1_000).await;
    fs::copy(database(folder.path()), database(copy.path())).unwrap();
    // So many that the log has been begun anew, and is long again.
    fill(&chat, &lobby, 10_000).await;
    fs::copy(
        folder.path().join("madang.db-wal"),
        copy.path().join("madang.db-wal"),
    )
    .unwrap();
    let error = refusal(copy.path());
    assert!(matches!(&error, Error::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn a_large_database_is_served_at_once_and_given_up_when_it_turns_out_to_be_damaged() {
    let folder = fast_folder();
    let lobby = room("lobby");
    let chat = open(folder.path());
    let text = "가".repeat(MESSAGE_CHARS_MAX);
    while fs::metadata(database(folder.path())).unwrap().len() <= CHECKED_FIRST_BYTES_MAX {
        let sent: Vec<_> = (0..500)
            .map(|_| send(&chat, post(ids::user_id(), &lobby, &text)))
            .collect();
        for outcome in sent {
            in_time("an outcome", outcome).await.unwrap().unwrap();
        }
    }
    drop(chat);
    let vandal = Connection::open(database(folder.path())).unwrap();
    vandal
        .execute_batch("DELETE FROM messages WHERE seq = 7")
        .unwrap();
    drop(vandal);
    let chat = open(folder.path());
    healthy_as(&chat, Health::Failed).await;
}

#[tokio::test]
async fn a_database_that_is_expected_and_missing_or_empty_is_not_made_anew() {
    for make_empty in [false, true] {
        let folder = folder();
        if make_empty {
            fs::write(database(folder.path()), "").unwrap();
        }
        let mut data = DataFolder::open(folder.path()).unwrap();
        data.expect_database();
        let error = Chat::open(data).unwrap_err();
        assert!(
            matches!(&error, Error::DatabaseMissing { path } if *path == database(folder.path())),
            "{error}"
        );
        assert!(error.to_string().contains("backup"), "{error}");
        assert_eq!(database(folder.path()).exists(), make_empty);
    }
}

//! What is deleted is gone from every file of the folder, within seconds and without anybody doing anything, however the
//! process ended before.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::support::{
    Random, accept, after, database, delete, done, edit, events, fast_folder, fill, folder, in_time, join,
    open, open_with_gate, post, react, reply, room, send, submit, value, whole,
};
use chat::limits::ORDER_AUTHOR_COMMANDS_MAX;
use chat::{Chat, ids};
use protocol::limits::{EDITS_KEPT_MAX, MESSAGE_CHARS_MAX};
use rusqlite::Connection;
use serde_json::json;

/// Whether any file of the folder holds this text.
fn is_in_a_file(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        contains(&bytes, text.as_bytes())
    })
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

async fn gone(folder: &Path, text: &str) {
    in_time(&format!("{text:?} to be gone from the files"), async {
        while is_in_a_file(folder, text) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_deleted_text_is_in_no_file_a_moment_later_while_the_chat_goes_on() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "my-secret one")).await;
    done(&chat, edit(author, &lobby, 1, "my-secret two")).await;
    assert!(
        is_in_a_file(folder.path(), "my-secret"),
        "the search finds things"
    );
    done(&chat, delete(author, &lobby, 1)).await;
    gone(folder.path(), "my-secret").await;
    // Somebody else reads meanwhile, for as long as they like: it is gone when they are.
    done(&chat, post(author, &lobby, "my-secret three")).await;
    let other = Connection::open(database(folder.path())).unwrap();
    other
        .execute_batch("BEGIN; SELECT count(*) FROM messages;")
        .unwrap();
    done(&chat, delete(author, &lobby, 4)).await;
    fill(&chat, &lobby, 10).await;
    other.execute_batch("COMMIT").unwrap();
    gone(folder.path(), "my-secret").await;
}

#[tokio::test]
async fn what_a_killed_process_left_of_a_deleted_text_is_gone_after_the_next_start() {
    let (folder, killed) = (folder(), crate::support::folder());
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "my-secret")).await;
    // As a kill leaves them: the files with the text and its deletion in the log.
    let reading = Connection::open(database(folder.path())).unwrap();
    reading
        .execute_batch("BEGIN; SELECT count(*) FROM messages;")
        .unwrap();
    done(&chat, delete(author, &lobby, 1)).await;
    for name in ["madang.db", "madang.db-wal"] {
        fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
    }
    assert!(is_in_a_file(killed.path(), "my-secret"));
    let chat = open(killed.path());
    gone(killed.path(), "my-secret").await;
    assert!(whole(&chat, &lobby).await.messages[0].deleted);
}

#[tokio::test]
async fn of_texts_of_all_sizes_in_rooms_that_grow_into_one_another_nothing_is_left() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let rooms = ["가", "나", "다"].map(room);
    let author = ids::user_id();
    let mut random = Random::from_environment();
    let mut heads = [0_u64; 3];
    let mut secret: Vec<(usize, u64)> = Vec::new();
    let text = |random: &mut Random| {
        let long = if random.one_in(8) { 3_900 } else { 400 };
        let filler = "가".repeat(usize::try_from(random.below(long)).unwrap());
        format!("my-secret{filler}my-secret")
    };
    for _ in 0..3_000 {
        let place = usize::try_from(random.below(3)).unwrap();
        let name = &rooms[place];
        match random.below(10) {
            0..6 => {
                heads[place] = accept(&chat, &post(author, name, &text(&mut random))).await.seq;
                secret.push((place, heads[place]));
            }
            6..8 if !secret.is_empty() => {
                let (place, seq) = *random.pick(&secret);
                accept(&chat, &edit(author, &rooms[place], seq, &text(&mut random))).await;
            }
            8 if !secret.is_empty() => {
                let index = usize::try_from(random.below(secret.len() as u64)).unwrap();
                let (place, seq) = secret.swap_remove(index);
                accept(&chat, &delete(author, &rooms[place], seq)).await;
            }
            _ => {
                accept(&chat, &post(author, name, "what stays")).await;
            }
        }
    }
    for (place, seq) in secret {
        accept(&chat, &delete(author, &rooms[place], seq)).await;
    }
    gone(folder.path(), "my-secret").await;
    assert!(is_in_a_file(folder.path(), "what stays"));
    // Nor does it come back with what is written afterwards.
    for name in &rooms {
        for number in 0..200 {
            accept(&chat, &post(author, name, &format!("afterwards {number}"))).await;
            let seq = 1 + random.below(heads[0].min(heads[1]).min(heads[2]));
            let _ = submit(&chat, react(author, name, seq, "👍", number % 3 > 0)).await;
        }
    }
    assert!(!is_in_a_file(folder.path(), "my-secret"));
}

#[tokio::test]
async fn an_answer_in_the_same_commit_as_the_deletion_quotes_nothing() {
    let folder = folder();
    let (chat, gate) = open_with_gate(folder.path());
    let lobby = room("lobby");
    let (author, other) = (ids::user_id(), ids::user_id());
    let mut live = join(&chat, &lobby, after(&chat, 0)).await;
    let release = gate.shut(&chat);
    let batch = [
        post(author, &lobby, "regret"),
        reply(other, &lobby, "what?", 1),
        delete(author, &lobby, 1),
    ];
    let outcomes = batch.map(|command| send(&chat, command));
    drop(release);
    for outcome in outcomes {
        in_time("an outcome", outcome).await.unwrap().unwrap();
    }
    let heard: Vec<_> = live
        .read_to(&chat, 3)
        .await
        .iter()
        .map(|frame| value(frame))
        .collect();
    assert!(!json!(heard).to_string().contains("regret"), "{heard:?}");
    assert_eq!(heard[1]["replyTo"]["message"], "");

    // And an answer to what was said in a commit before.
    done(&chat, post(author, &lobby, "regret")).await;
    live.read_to(&chat, 4).await;
    let release = gate.shut(&chat);
    let batch = [reply(other, &lobby, "what?", 4), delete(author, &lobby, 4)];
    let outcomes = batch.map(|command| send(&chat, command));
    drop(release);
    for outcome in outcomes {
        in_time("an outcome", outcome).await.unwrap().unwrap();
    }
    let heard: Vec<_> = live
        .read_to(&chat, 6)
        .await
        .iter()
        .map(|frame| value(frame))
        .collect();
    assert!(!json!(heard).to_string().contains("regret"), "{heard:?}");
    let later = events(&chat, &lobby, 0).await;
    assert!(!json!(later).to_string().contains("regret"), "{later:?}");
}

/// Edits message 1 of the lobby so many times, as fast as it goes.
async fn edit_often(chat: &Arc<Chat>, author: protocol::UserId, times: usize, filler: &str) {
    let lobby = room("lobby");
    let all: Vec<_> = (1..=times)
        .map(|number| edit(author, &lobby, 1, &format!("<text {number}> {filler}")))
        .collect();
    for some in all.chunks(ORDER_AUTHOR_COMMANDS_MAX) {
        let outcomes: Vec<_> = some.iter().map(|command| send(chat, command.clone())).collect();
        for outcome in outcomes {
            in_time("an edit's outcome", outcome).await.unwrap().unwrap();
        }
    }
}

/// Texts in the table of events.
fn texts_of_events(folder: &Path) -> u64 {
    let connection = Connection::open(database(folder)).unwrap();
    connection
        .query_row("SELECT count(*) FROM events WHERE body <> ''", [], |row| {
            row.get(0)
        })
        .unwrap()
}

#[tokio::test]
async fn a_text_that_is_kept_no_more_is_nowhere_and_is_told_as_it_is_now() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "<text 0>")).await;
    edit_often(&chat, author, EDITS_KEPT_MAX, "").await;
    assert_eq!(
        events(&chat, &lobby, 0).await[0]["message"],
        "<text 0>",
        "kept still"
    );
    let times = EDITS_KEPT_MAX + 50;
    for number in EDITS_KEPT_MAX + 1..=times {
        done(&chat, edit(author, &lobby, 1, &format!("<text {number}> "))).await;
    }
    // The message and all of its texts: what is kept, and the text there is.
    assert_eq!(texts_of_events(folder.path()), EDITS_KEPT_MAX as u64 + 1);
    let told = events(&chat, &lobby, 0).await;
    let now = format!("<text {times}> ");
    assert_eq!(told.len(), times + 1);
    assert_eq!(
        (&told[0]["message"], &told[0]["deleted"]),
        (&json!(now), &json!(null))
    );
    assert_eq!(told[1]["message"], json!(now), "one of those that went");
    assert_eq!(told[50]["message"], "<text 50> ", "the first that is kept");
    assert_eq!(told[times]["message"], json!(now));
    let kept = chat.edits(&lobby, 1).await.unwrap().unwrap();
    assert_eq!(
        (kept.len(), kept[0].message.as_str()),
        (EDITS_KEPT_MAX, "<text 50> ")
    );
    done(&chat, delete(author, &lobby, 1)).await;
    assert_eq!(texts_of_events(folder.path()), 0);
    gone(folder.path(), "<text").await;
}

#[tokio::test]
async fn a_message_edited_five_thousand_times_leaves_little_to_be_deleted() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "<text 0>")).await;
    let filler = "가".repeat(MESSAGE_CHARS_MAX - 20);
    edit_often(&chat, author, 5_000, &filler).await;
    assert_eq!(texts_of_events(folder.path()), EDITS_KEPT_MAX as u64 + 1);
    let size = fs::metadata(database(folder.path())).unwrap().len();
    assert!(size < 20_000_000, "{size} bytes");
    submit(&chat, delete(author, &lobby, 1)).await.unwrap();
    gone(folder.path(), "<text").await;
}

#[tokio::test]
async fn what_an_older_version_kept_of_texts_that_are_kept_no_more_is_gone_with_the_first_start() {
    let folder = fast_folder();
    let lobby = room("lobby");
    let author = ids::user_id();
    let chat = open(folder.path());
    done(&chat, post(author, &lobby, "<text 0>")).await;
    edit_often(&chat, author, EDITS_KEPT_MAX + 50, "").await;
    done(&chat, post(author, &lobby, "what stays")).await;
    drop(chat);
    let old = Connection::open(database(folder.path())).unwrap();
    old.execute_batch(
        "UPDATE events SET body = '<text 0>' WHERE seq = 1;
         UPDATE events SET body = '<text ' || (seq - 1) || '>' WHERE kind = 2;
         PRAGMA user_version = 3;",
    )
    .unwrap();
    drop(old);
    let chat = open(folder.path());
    assert_eq!(texts_of_events(folder.path()), EDITS_KEPT_MAX as u64 + 2);
    let told = events(&chat, &lobby, 0).await;
    assert_eq!(told[50]["message"], "<text 50>");
    gone(folder.path(), "<text 49>").await;
    assert!(is_in_a_file(folder.path(), "<text 50>") && is_in_a_file(folder.path(), "what stays"));
}

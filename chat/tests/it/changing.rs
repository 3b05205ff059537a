//! Messages are edited, taken back and answered.

use std::fs;

use crate::support::{
    after, again, database, delete, done, edit, events, fast_folder, folder, join, open, open_with_gate,
    post, react, read, rename, reply, room, send, seqs, submit, topic, value, whole,
};
use chat::{Chat, Refusal, ids};
use protocol::RoomName;
use protocol::limits::{EDITS_KEPT_MAX, QUOTE_CHARS_MAX};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

async fn texts(chat: &Chat, room: &RoomName) -> Vec<String> {
    let page = whole(chat, room).await;
    page.messages.into_iter().map(|row| row.message).collect()
}

#[tokio::test]
async fn an_edited_message_reads_anew_and_its_former_texts_are_kept() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "frist")).await;
    let mut live = join(&chat, &lobby, after(&chat, 1)).await;
    assert_eq!(done(&chat, edit(author, &lobby, 1, "first")).await, 2);
    assert_eq!(done(&chat, edit(author, &lobby, 1, "First!")).await, 3);

    let page = whole(&chat, &lobby).await;
    let row = &page.messages[0];
    assert_eq!((page.seq, page.messages.len()), (3, 1));
    assert_eq!((row.message.as_str(), row.rev, row.seq), ("First!", 3, 1));
    assert!(row.edited_at.unwrap() >= row.at);
    let edits = chat.edits(&lobby, 1).await.unwrap().unwrap();
    let former: Vec<_> = edits
        .iter()
        .map(|former| (former.message.as_str(), former.at))
        .collect();
    assert_eq!(former[0], ("frist", row.at));
    assert_eq!(former[1].0, "first");
    assert_eq!(
        chat.edits(&lobby, 2).await.unwrap(),
        None,
        "an edit is no message"
    );

    let heard = live.read_to(&chat, 3).await;
    let heard: Vec<_> = heard.iter().map(|frame| value(frame)).collect();
    assert_eq!(heard, events(&chat, &lobby, 1).await);
    assert_eq!(heard[1]["type"], "edited");
    assert_eq!(
        (&heard[1]["target"], &heard[1]["message"]),
        (&json!(1), &json!("First!"))
    );
    assert_eq!(
        events(&chat, &lobby, 0).await[0]["message"],
        "frist",
        "an event is what happened"
    );
}

#[tokio::test]
async fn only_the_author_may_edit_and_delete_and_only_what_is_there() {
    let folder = folder();
    let chat = open(folder.path());
    let (lobby, other) = (room("lobby"), room("other"));
    let (author, somebody) = (ids::user_id(), ids::user_id());
    done(&chat, post(author, &lobby, "mine")).await;
    done(&chat, topic(author, &lobby, "a topic is no message")).await;
    for (command, refusal) in [
        (edit(somebody, &lobby, 1, "x"), Refusal::NotYours),
        (delete(somebody, &lobby, 1), Refusal::NotYours),
        (edit(author, &lobby, 2, "x"), Refusal::NoSuchMessage),
        (edit(author, &lobby, 0, "x"), Refusal::NoSuchMessage),
        (edit(author, &lobby, u64::MAX, "x"), Refusal::NoSuchMessage),
        (edit(author, &other, 1, "x"), Refusal::NoSuchMessage),
        (delete(author, &lobby, 3), Refusal::NoSuchMessage),
        (reply(author, &lobby, "x", 2), Refusal::NoSuchMessage),
        (reply(author, &lobby, "x", u64::MAX), Refusal::NoSuchMessage),
        (react(author, &lobby, 9, "👍", true), Refusal::NoSuchMessage),
    ] {
        assert_eq!(
            submit(&chat, command.clone()).await,
            Err(refusal),
            "{:?}",
            command.action
        );
    }
    done(&chat, delete(author, &lobby, 1)).await;
    for command in [
        edit(author, &lobby, 1, "x"),
        react(somebody, &lobby, 1, "👍", true),
        react(somebody, &lobby, 1, "👍", false),
    ] {
        assert_eq!(submit(&chat, command).await, Err(Refusal::Deleted));
    }
    assert_eq!(
        whole(&chat, &lobby).await.seq,
        3,
        "what was refused made no event"
    );
    assert_eq!(whole(&chat, &other).await.seq, 0, "what was refused made no room");
}

#[tokio::test]
async fn what_changes_nothing_is_acknowledged_and_makes_no_event() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "one")).await;
    done(&chat, post(author, &lobby, "two")).await;
    done(&chat, delete(author, &lobby, 2)).await;
    done(&chat, topic(author, &lobby, "talk")).await;
    let head = done(&chat, react(author, &lobby, 1, "👍", true)).await;
    for command in [
        edit(author, &lobby, 1, "one"),
        delete(author, &lobby, 2),
        topic(author, &lobby, " talk "),
        react(author, &lobby, 1, "👍", true),
        react(author, &lobby, 1, "❤️", false),
    ] {
        let accepted = submit(&chat, command.clone()).await.unwrap();
        assert_eq!((accepted.seq, accepted.repeated), (head, false));
        assert!(submit(&chat, again(&command)).await.unwrap().repeated);
    }
    assert_eq!(whole(&chat, &lobby).await.seq, head);
}

#[tokio::test]
async fn a_client_id_stands_for_one_command_of_any_kind() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    let first = post(author, &lobby, "one");
    done(&chat, first.clone()).await;
    let mut other = edit(author, &lobby, 1, "two");
    other.client_id = first.client_id;
    assert_eq!(submit(&chat, other).await, Err(Refusal::ClientIdReused));
    let edit = edit(author, &lobby, 1, "two");
    assert_eq!(done(&chat, edit.clone()).await, 2);
    done(&chat, post(author, &lobby, "later")).await;
    let repeated = submit(&chat, again(&edit)).await.unwrap();
    assert_eq!((repeated.seq, repeated.repeated), (2, true));
    let name = rename(author, "하나");
    done(&chat, name.clone()).await;
    let repeated = submit(&chat, again(&name)).await.unwrap();
    assert_eq!((repeated.seq, repeated.repeated), (0, true));
    // A read position has nothing to repeat.
    let position = read(author, &lobby, 1);
    for _ in 0..2 {
        assert!(!submit(&chat, position.clone()).await.unwrap().repeated);
    }
}

#[tokio::test]
async fn no_more_former_texts_are_kept_than_there_is_room_for() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "text 0")).await;
    for number in 1..=EDITS_KEPT_MAX + 5 {
        done(&chat, edit(author, &lobby, 1, &format!("text {number}"))).await;
    }
    let edits = chat.edits(&lobby, 1).await.unwrap().unwrap();
    assert_eq!(edits.len(), EDITS_KEPT_MAX);
    assert_eq!(edits[0].message, "text 5", "the oldest go");
    assert_eq!(
        edits.last().unwrap().message,
        format!("text {}", EDITS_KEPT_MAX + 4)
    );
}

#[tokio::test]
async fn a_deleted_message_s_text_is_nowhere_any_more() {
    const SECRET: &str = "my-secret-text";
    let folder = folder();
    let lobby = room("lobby");
    let (author, other) = (ids::user_id(), ids::user_id());
    {
        let chat = open(folder.path());
        done(&chat, post(author, &lobby, &format!("{SECRET} 1"))).await;
        done(
            &chat,
            edit(author, &lobby, 1, &format!("{SECRET} 2 {}", "x".repeat(3_000))),
        )
        .await;
        done(&chat, edit(author, &lobby, 1, &format!("{SECRET} 3"))).await;
        done(&chat, react(other, &lobby, 1, "👍", true)).await;
        done(&chat, reply(other, &lobby, "so it is", 1)).await;
        done(&chat, post(author, &lobby, "what stays")).await;
        let mut live = join(&chat, &lobby, after(&chat, 6)).await;
        done(&chat, delete(author, &lobby, 1)).await;

        let page = whole(&chat, &lobby).await;
        let row = &page.messages[0];
        assert_eq!((row.message.as_str(), row.deleted, row.rev), ("", true, 7));
        assert!(row.reactions.is_empty());
        assert_eq!(chat.edits(&lobby, 1).await.unwrap().unwrap(), []);
        assert_eq!(texts(&chat, &lobby).await, ["", "so it is", "what stays"]);
        assert_eq!(page.messages[1].reply_to.as_ref().unwrap().message, "");
        let frame = value(&live.read_to(&chat, 7).await[0]);
        assert_eq!((&frame["type"], &frame["target"]), (&json!("deleted"), &json!(1)));

        let read = events(&chat, &lobby, 0).await;
        assert!(!json!(read).to_string().contains(SECRET));
        assert_eq!(
            (&read[0]["message"], &read[0]["deleted"]),
            (&json!(""), &json!(true))
        );
        assert_eq!(read.len(), 7, "every event keeps its place");
        assert!(!rows_contain(folder.path(), SECRET));
        assert!(
            rows_contain(folder.path(), "what stays"),
            "the search finds things"
        );
    }
    let file = fs::read(database(folder.path())).unwrap();
    let found = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(
        !found(SECRET),
        "nor in the bytes of the file that no row uses any more"
    );
    assert!(found("what stays"));
}

/// Whether any row of any table holds this text.
fn rows_contain(folder: &std::path::Path, text: &str) -> bool {
    let connection = Connection::open_with_flags(database(folder), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut tables = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .unwrap();
    let tables: Vec<String> = tables
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(tables.len() >= 8);
    tables.iter().any(|table| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut found = false;
        while let Some(row) = rows.next().unwrap() {
            found |= (0..width).any(|column| match row.get(column).unwrap() {
                Value::Text(value) => value.contains(text),
                Value::Blob(value) => String::from_utf8_lossy(&value).contains(text),
                _ => false,
            });
        }
        found
    })
}

#[tokio::test]
async fn whoever_comes_after_a_deletion_hears_nothing_of_the_text_though_others_are_there() {
    let folder = folder();
    let (chat, gate) = open_with_gate(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    let mut there = join(&chat, &lobby, after(&chat, 0)).await;
    let own = post(author, &lobby, "regret");
    done(&chat, own).await;
    done(&chat, edit(author, &lobby, 1, "more regret")).await;
    done(&chat, delete(author, &lobby, 1)).await;
    assert!(
        !json!(events(&chat, &lobby, 0).await)
            .to_string()
            .contains("regret")
    );
    assert_eq!(seqs(&there.read_to(&chat, 3).await), [1, 2, 3]);

    // All of it in one commit.
    let release = gate.shut(&chat);
    let batch = [
        post(author, &lobby, "regret"),
        edit(author, &lobby, 4, "more regret"),
        delete(author, &lobby, 4),
    ];
    let outcomes = batch.map(|command| send(&chat, command));
    drop(release);
    for outcome in outcomes {
        outcome.await.unwrap().unwrap();
    }
    let heard = there.read_to(&chat, 6).await;
    assert_eq!(seqs(&heard), [4, 5, 6]);
    assert!(
        !json!(events(&chat, &lobby, 3).await)
            .to_string()
            .contains("regret")
    );
}

#[tokio::test]
async fn an_answer_quotes_what_it_answers_as_it_stands() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (author, other) = (ids::user_id(), ids::user_id());
    let long = "가".repeat(QUOTE_CHARS_MAX + 20);
    done(&chat, rename(author, "하나")).await;
    done(&chat, post(author, &lobby, &long)).await;
    let mut live = join(&chat, &lobby, after(&chat, 1)).await;
    done(&chat, reply(other, &lobby, "indeed", 1)).await;
    let quote = json!({
        "seq": 1, "userId": author, "name": "하나", "message": "가".repeat(QUOTE_CHARS_MAX)
    });
    assert_eq!(value(&live.read_to(&chat, 2).await[0])["replyTo"], quote);
    // With nobody there, the room's latest events are no more in memory.
    drop(live);
    done(&chat, edit(author, &lobby, 1, "short")).await;
    assert_eq!(events(&chat, &lobby, 1).await[0]["replyTo"]["message"], "short");
    let row = &whole(&chat, &lobby).await.messages[1];
    let quoted = row.reply_to.as_ref().unwrap();
    assert_eq!(
        (quoted.seq, quoted.user_id, quoted.message.as_str()),
        (1, author, "short")
    );
    done(&chat, delete(author, &lobby, 1)).await;
    assert_eq!(
        done(&chat, reply(other, &lobby, "what was it?", 1)).await,
        5,
        "what is deleted can be answered"
    );
    let answer = &events(&chat, &lobby, 4).await[0];
    assert_eq!(answer["replyTo"]["message"], "");
}

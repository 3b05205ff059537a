//! Another program's lock on the database: it passes, and so nothing ends for it.

use crate::support::{database, done, fill, folder, open, post, rename, room, submit, whole};
use chat::{Chat, DataFolder, Error, Health, PageQuery, Refusal, ids};
use rusqlite::Connection;

#[tokio::test]
async fn while_another_program_holds_the_database_posts_are_refused_as_busy_and_taken_again_afterwards() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "before")).await;
    let other = Connection::open(database(folder.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for _ in 0..2 {
        let refused = submit(&chat, post(author, &lobby, "meanwhile")).await;
        assert_eq!(refused, Err(Refusal::Busy));
        assert_eq!(*chat.health().borrow(), Health::Running);
    }
    assert_eq!(whole(&chat, &lobby).await.seq, 1, "it can be read");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(done(&chat, post(author, &lobby, "afterwards")).await, 2);
}

#[tokio::test]
async fn what_another_program_has_put_right_holds_from_the_next_message_on() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, rename(author, "하나")).await;
    done(&chat, post(author, &lobby, "before")).await;
    let other = Connection::open(database(folder.path())).unwrap();
    other.execute("UPDATE people SET name = '두리'", []).unwrap();
    drop(other);
    assert_eq!(done(&chat, post(author, &lobby, "afterwards")).await, 2);
    let page = whole(&chat, &lobby).await;
    let names: Vec<_> = page
        .messages
        .iter()
        .map(|message| message.name.as_deref())
        .collect();
    assert_eq!(names, [Some("하나"), Some("두리")]);
}

#[tokio::test]
async fn readers_that_are_locked_out_are_busy_and_read_again_afterwards() {
    let folder = folder();
    let lobby = room("lobby");
    let chat = open(folder.path());
    fill(&chat, &lobby, 1).await;
    drop(chat);
    let chat = open(folder.path());
    // Recovery of the log is what keeps even readers out: a stand-in for it is the lock that recovery takes.
    let other = Connection::open(database(folder.path())).unwrap();
    other.pragma_update(None, "locking_mode", "EXCLUSIVE").unwrap();
    let has_it = other.execute_batch("BEGIN EXCLUSIVE").is_ok();
    let query = PageQuery {
        limit: 1,
        ..PageQuery::default()
    };
    let read = chat.page(&lobby, query).await;
    assert!(matches!(read, Ok(_) | Err(Error::Busy)), "{read:?}");
    if has_it {
        other.execute_batch("COMMIT").unwrap();
    }
    drop(other);
    assert_eq!(chat.page(&lobby, query).await.unwrap().seq, 1);
    assert_eq!(*chat.health().borrow(), Health::Running);
}

#[test]
fn a_start_that_finds_the_database_locked_says_by_whom_it_is_kept() {
    let folder = folder();
    let other = Connection::open(database(folder.path())).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let refused = Chat::open(DataFolder::open(folder.path()).unwrap()).unwrap_err();
    assert!(
        matches!(&refused, Error::DatabaseLocked { path } if *path == database(folder.path())),
        "{refused}"
    );
    assert!(refused.to_string().contains("another program"), "{refused}");
    other.execute_batch("ROLLBACK").unwrap();
    open(folder.path());
}

//! A database that breaks under the running chat.

use crate::support::{
    after, database, fill, folder, healthy_as, in_time, join, open, post, room, send, submit,
};
use chat::{Health, Refusal, Reply, ids};
use rusqlite::Connection;

#[tokio::test]
async fn a_statement_that_fails_takes_its_whole_batch_with_it_and_nothing_is_published() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 3).await;
    let mut live = join(&chat, &lobby, after(&chat, 3)).await;
    // The first statements of a post go through, its last one fails.
    let vandal = Connection::open(database(folder.path())).unwrap();
    vandal
        .execute_batch(
            "CREATE TRIGGER broken BEFORE INSERT ON commands BEGIN SELECT RAISE(ABORT, 'broken'); END;",
        )
        .unwrap();
    let sent: Vec<_> = (0..8)
        .map(|_| send(&chat, post(ids::user_id(), &lobby, "lost?")))
        .collect();
    for outcome in sent {
        assert_eq!(
            in_time("an answer", outcome).await.unwrap(),
            Err(Refusal::Unavailable)
        );
    }
    healthy_as(&chat, Health::Failed).await;
    assert!(live.read_now(&chat).await.is_empty());
    assert_eq!(
        join(&chat, &lobby, after(&chat, 0)).await.head,
        3,
        "it can still be read"
    );
    let late = post(ids::user_id(), &lobby, "anybody there?");
    assert_eq!(submit(&chat, late).await, Err(Refusal::Unavailable));

    drop(chat);
    vandal.execute_batch("DROP TRIGGER broken").unwrap();
    let chat = open(folder.path());
    fill(&chat, &lobby, 1).await;
    assert_eq!(
        join(&chat, &lobby, after(&chat, 0)).await.head,
        4,
        "no place was lost"
    );
}

#[tokio::test]
async fn a_panic_on_the_writers_thread_is_told_and_everybody_is_answered() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let reply = Reply::new(|_| panic!("this panic is part of the test"));
    chat.submit(post(ids::user_id(), &lobby, "boom"), reply).unwrap();
    healthy_as(&chat, Health::Failed).await;
    let late = post(ids::user_id(), &lobby, "anybody there?");
    assert_eq!(submit(&chat, late).await, Err(Refusal::Unavailable));
    assert_eq!(
        join(&chat, &lobby, after(&chat, 0)).await.head,
        1,
        "it was on the disk before it was answered"
    );
    chat.close();
}

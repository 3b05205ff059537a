//! The way in is bounded, and all that was let in is answered.

use std::sync::Arc;

use crate::support::{
    after, folder, healthy_as, in_time, join, open, open_with_gate, post, room, send, submit, whole,
};
use chat::limits::{BATCH_COMMANDS_MAX, ORDER_AUTHOR_COMMANDS_MAX, ORDER_WAITING_COMMANDS_MAX};
use chat::{Accepted, Chat, Health, Outcome, Refusal, Reply, ids};
use tokio::sync::oneshot;

/// Fills the way in, each author's share; returns the outcomes to come and the one that found it full.
fn fill_up(chat: &Chat) -> (Vec<oneshot::Receiver<Outcome>>, oneshot::Receiver<Outcome>) {
    let authors = ORDER_WAITING_COMMANDS_MAX / ORDER_AUTHOR_COMMANDS_MAX;
    let authors: Vec<_> = (0..authors).map(|_| ids::user_id()).collect();
    let say = |author, number| send(chat, post(author, &room("lobby"), &format!("number {number}")));
    let sent = (0..ORDER_WAITING_COMMANDS_MAX).map(|number| say(authors[number % authors.len()], number));
    (sent.collect(), say(authors[0], 0))
}

#[tokio::test]
async fn a_full_way_in_refuses_as_busy_at_once_and_takes_again_when_there_is_room() {
    let folder = folder();
    let (chat, gate) = open_with_gate(folder.path());
    let release = gate.shut(&chat);
    let (waiting, mut refused) = fill_up(&chat);
    assert_eq!(
        refused.try_recv(),
        Ok(Err(Refusal::Busy)),
        "it is answered by `submit` itself"
    );
    let (answer, mut answered) = oneshot::channel();
    let reply = Reply::new(move |outcome| answer.send(outcome).unwrap());
    let command = post(ids::user_id(), &room("lobby"), "me too");
    assert_eq!(
        chat.submit(command.clone(), reply),
        Ok(()),
        "whoever has little waiting is let in"
    );
    assert!(answered.try_recv().is_err());

    drop(release);
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for outcome in waiting {
        match in_time("an outcome", outcome).await.unwrap() {
            Ok(outcome) => accepted.push(outcome.seq),
            Err(refusal) => refused.push(refusal),
        }
    }
    assert_eq!(refused, [Refusal::Busy], "in place of one of those who have much");
    assert_eq!(accepted.len(), ORDER_WAITING_COMMANDS_MAX - 1);
    let newcomer = in_time("an outcome", answered).await.unwrap().unwrap();
    let others = ORDER_WAITING_COMMANDS_MAX / ORDER_AUTHOR_COMMANDS_MAX;
    assert_eq!(newcomer.seq, 1 + others as u64, "after one of each of the others");
    assert_eq!(
        submit(&chat, command).await.unwrap(),
        Accepted {
            repeated: true,
            ..newcomer
        }
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn close_answers_all_that_was_let_in_and_afterwards_nothing_is_let_in() {
    let folder = folder();
    let (chat, gate) = open_with_gate(folder.path());
    let release = gate.shut(&chat);
    // The way in is full while it is closed: closing has to wait its turn and must not be lost.
    let (waiting, _) = fill_up(&chat);
    let closing = {
        let chat = Arc::clone(&chat);
        tokio::task::spawn_blocking(move || chat.close())
    };
    drop(release);
    in_time("the chat to close", closing).await.unwrap();
    for outcome in waiting {
        assert!(in_time("an outcome", outcome).await.unwrap().is_ok());
    }
    healthy_as(&chat, Health::Closed).await;
    let command = post(ids::user_id(), &room("lobby"), "too late");
    assert_eq!(submit(&chat, command).await, Err(Refusal::Unavailable));
    chat.close();

    let said = ORDER_WAITING_COMMANDS_MAX as u64;
    assert_eq!(
        join(&chat, &room("lobby"), after(&chat, 0)).await.head,
        said,
        "it can still be read"
    );
    drop(chat);
    let chat = open(folder.path());
    assert_eq!(join(&chat, &room("lobby"), after(&chat, 0)).await.head, said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_is_submitted_while_the_chat_closes_is_answered_and_the_answer_is_true() {
    let folder = folder();
    let chat = open(folder.path());
    let mut submitting = Vec::new();
    for _ in 0..4 {
        let chat = Arc::clone(&chat);
        submitting.push(tokio::spawn(async move {
            let mut accepted = 0_u64;
            loop {
                match submit(&chat, post(ids::user_id(), &room("lobby"), "quick")).await {
                    Ok(_) => accepted += 1,
                    Err(Refusal::Unavailable) => return accepted,
                    Err(refusal) => panic!("{refusal:?}"),
                }
            }
        }));
    }
    let mut reader = join(&chat, &room("lobby"), after(&chat, 0)).await;
    reader.read_to(&chat, BATCH_COMMANDS_MAX as u64).await;
    let closing = Arc::clone(&chat);
    in_time(
        "the chat to close",
        tokio::task::spawn_blocking(move || closing.close()),
    )
    .await
    .unwrap();
    let mut accepted = 0;
    for task in submitting {
        accepted += in_time("a submitter", task).await.unwrap();
    }
    assert_eq!(join(&chat, &room("lobby"), after(&chat, 0)).await.head, accepted);
}

#[tokio::test]
async fn what_comes_next_is_on_the_disk_before_the_last_is_told() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (release, released) = std::sync::mpsc::channel::<()>();
    let reply = Reply::new(move |_| {
        let _ = released.recv();
    });
    chat.submit(post(ids::user_id(), &lobby, "told slowly"), reply)
        .unwrap();
    let mut next = send(&chat, post(ids::user_id(), &lobby, "next"));
    in_time("the next one to be on the disk", async {
        while whole(&chat, &lobby).await.seq < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(next.try_recv().is_err(), "it is told in its turn");
    drop(release);
    assert_eq!(in_time("an outcome", next).await.unwrap().unwrap().seq, 2);
}

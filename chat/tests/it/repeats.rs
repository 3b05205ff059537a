//! A `clientId` that comes twice stands for the first one's result, for ever.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{
    after, again, database, delete, fill, folder, in_time, join, leave, open, parse, post, react, read, room,
    send, seqs, submit,
};
use chat::{Accepted, Action, Calls, Refusal, ids};
use protocol::{ClientId, MessageText};

#[tokio::test]
async fn the_same_client_id_twice_gives_the_first_result_also_after_a_restart() {
    let folder = folder();
    let lobby = room("lobby");
    let command = post(ids::user_id(), &lobby, "once");
    let repeated = Accepted {
        seq: 4,
        repeated: true,
    };
    {
        let chat = open(folder.path());
        fill(&chat, &lobby, 3).await;
        let first = Accepted {
            seq: 4,
            repeated: false,
        };
        assert_eq!(submit(&chat, command.clone()).await, Ok(first));
        fill(&chat, &lobby, 3).await;
        assert_eq!(submit(&chat, again(&command)).await, Ok(repeated));
    }
    let chat = open(folder.path());
    assert_eq!(submit(&chat, again(&command)).await, Ok(repeated));
    let known = chat
        .known(command.author, command.client_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((known.seq, known.digest), (4, command.action.digest()));
    let mut reader = join(&chat, &lobby, after(&chat, 0)).await;
    let frames = reader.read_now(&chat).await;
    assert_eq!(seqs(&frames), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(
        parse(&frames[3]).id,
        command.event_id,
        "the first one's event is the event"
    );
}

#[tokio::test]
async fn a_client_id_used_for_something_else_is_refused_and_its_neighbours_are_untouched() {
    let folder = folder();
    let chat = open(folder.path());
    let (lobby, other_room) = (room("lobby"), room("other"));
    let author = ids::user_id();
    let original = post(author, &lobby, "original");
    let mut other_text = again(&original);
    other_text.action = Action::Post {
        room: lobby.clone(),
        message: MessageText::parse("another text").unwrap(),
        reply_to: None,
        calls: Calls::default(),
    };
    let mut other_place = again(&original);
    other_place.action = Action::Post {
        room: other_room.clone(),
        message: MessageText::parse("original").unwrap(),
        reply_to: None,
        calls: Calls::default(),
    };
    let mut other_author = again(&original);
    other_author.author = ids::user_id();

    let batch = [
        original.clone(),
        other_text,
        post(author, &lobby, "a neighbour"),
        other_place,
        again(&original),
    ];
    let outcomes: Vec<_> = batch.into_iter().map(|command| send(&chat, command)).collect();
    let mut results = Vec::new();
    for outcome in outcomes {
        results.push(
            outcome
                .await
                .unwrap()
                .map(|accepted| (accepted.seq, accepted.repeated)),
        );
    }
    // By itself: authors take turns.
    let other = submit(&chat, other_author).await;
    results.push(other.map(|accepted| (accepted.seq, accepted.repeated)));
    let reused = Err(Refusal::ClientIdReused);
    let expected = [
        Ok((1, false)),
        reused,
        Ok((2, false)),
        reused,
        Ok((1, true)),
        Ok((3, false)),
    ];
    assert_eq!(results, expected);

    let mut reader = join(&chat, &lobby, after(&chat, 0)).await;
    let texts: Vec<_> = reader
        .read_now(&chat)
        .await
        .iter()
        .map(|frame| parse(frame).message)
        .collect();
    assert_eq!(texts, ["original", "a neighbour", "original"]);
    assert_eq!(
        join(&chat, &other_room, after(&chat, 0)).await.head,
        0,
        "the refused one made no room"
    );
}

#[tokio::test]
async fn a_repeat_is_known_before_it_is_put_in_order() {
    let folder = folder();
    let lobby = room("lobby");
    let author = ids::user_id();
    let now = post(author, &lobby, "just now");
    let mut old = post(author, &lobby, "by a laptop that was shut for a week");
    old.client_id = ClientId::from_parts(ids::unix_ms() - 7 * 24 * 3_600 * 1_000, [7; 10]);
    let chat = open(folder.path());
    assert_eq!(chat.recall(author, now.client_id).await.unwrap(), None);
    for command in [&now, &old] {
        let seq = submit(&chat, command.clone()).await.unwrap().seq;
        let known = chat.recall(author, command.client_id).await.unwrap().unwrap();
        assert_eq!((known.seq, known.digest), (seq, command.action.digest()));
    }
    drop(chat);
    let chat = open(folder.path());
    assert_eq!(
        chat.recall(author, now.client_id).await.unwrap(),
        None,
        "nobody is troubled for what is most likely new"
    );
    assert!(submit(&chat, again(&now)).await.unwrap().repeated);
    assert_eq!(chat.recall(author, old.client_id).await.unwrap().unwrap().seq, 2);
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    let command = post(author, &lobby, "once");
    submit(&chat, command.clone()).await.unwrap();
    let deletion = delete(author, &lobby, 2);
    submit(&chat, post(author, &lobby, "regret")).await.unwrap();
    submit(&chat, deletion.clone()).await.unwrap();
    let log = database(folder.path()).with_extension("db-wal");
    // What is deleted leaves the log, which then holds nothing until somebody writes.
    in_time("the log to be emptied", async {
        while fs::metadata(&log).unwrap().len() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    for _ in 0..3 {
        assert!(submit(&chat, again(&command)).await.unwrap().repeated);
        assert!(submit(&chat, again(&deletion)).await.unwrap().repeated);
        submit(&chat, read(author, &lobby, 1)).await.unwrap();
        let refused = submit(&chat, react(author, &lobby, 2, "👍", true)).await;
        assert_eq!(refused, Err(Refusal::Deleted));
        let unknown = submit(&chat, leave(author, &room("nowhere"))).await;
        assert_eq!(unknown.unwrap().seq, 0);
    }
    assert_eq!(fs::metadata(&log).unwrap().len(), 0);
    assert_eq!(submit(&chat, post(author, &lobby, "more")).await.unwrap().seq, 4);
    assert!(fs::metadata(&log).unwrap().len() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_submissions_of_one_command_at_once_make_one_message() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let command = post(ids::user_id(), &lobby, "all of us say this");
    let mut submitting = Vec::new();
    for _ in 0..64 {
        let (chat, command) = (Arc::clone(&chat), again(&command));
        submitting.push(tokio::spawn(async move { submit(&chat, command).await }));
    }
    let mut firsts = 0;
    for task in submitting {
        let accepted = task.await.unwrap().unwrap();
        assert_eq!(accepted.seq, 1);
        firsts += usize::from(!accepted.repeated);
    }
    assert_eq!(firsts, 1);
    assert_eq!(join(&chat, &lobby, after(&chat, 0)).await.head, 1);
}

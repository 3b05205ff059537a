//! A chat that is fed by a log: message by message, each once, each whole, from where it stands.

use std::fs;

use crate::support::{
    after, again, applied, database, delete, done, edit, events, fast_folder, folder, healthy_as, in_time,
    join, killed, message, open, open_log, payload, post, read_by_another, room, seqs, submit, try_open_log,
    whole,
};
use chat::limits::LOG_HASHES_KEPT;
use chat::{Command, Error, Health, LogPoint, Refusal, Reply, ids};
use rusqlite::Connection;
use tokio::sync::oneshot;

fn posts(count: usize) -> Vec<Command> {
    let author = ids::user_id();
    let text = |number| format!("number {number}");
    (0..count)
        .map(|number| post(author, &room("lobby"), &text(number)))
        .collect()
}

#[tokio::test]
async fn what_is_submitted_is_answered_when_the_log_delivers_it_and_the_hash_says_what_came() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    assert!(chat.is_log_fed());
    assert_eq!(*chat.applied().borrow(), LogPoint::default());
    let lobby = room("lobby");
    let mut live = join(&chat, &lobby, after(&chat, 0)).await;
    let first = post(ids::user_id(), &lobby, "here");
    assert_eq!(done(&chat, first.clone()).await, 1);
    let elsewhere = posts(3);
    let point = log.write_of_others(&elsewhere);
    applied(&chat, point).await;
    let expected = LogPoint::default()
        .then(&payload(&[first]))
        .then(&payload(&elsewhere));
    assert_eq!((point, point.position), (expected, 2));
    assert_eq!(chat.log_hash(2).await.unwrap(), Some(expected.hash));
    assert_eq!(chat.log_hash(0).await.unwrap(), Some([0; 32]));
    assert_eq!(chat.log_hash(3).await.unwrap(), None);
    assert_eq!(chat.log_hash(u64::MAX).await.unwrap(), None);
    assert_eq!(seqs(&live.read_to(&chat, 4).await), [1, 2, 3, 4]);
    assert_eq!(whole(&chat, &lobby).await.messages.len(), 4);
}

#[tokio::test]
async fn what_is_told_as_applied_can_be_read_and_is_heard_by_who_listens() {
    let folder = fast_folder();
    let (chat, log) = open_log(folder.path());
    let lobby = room("lobby");
    let mut live = join(&chat, &lobby, after(&chat, 0)).await;
    let mut told = chat.applied();
    for commands in posts(200).chunks(2) {
        log.write_of_others(commands);
    }
    while told.borrow_and_update().position < 100 {
        let position = told.borrow().position;
        assert!(whole(&chat, &lobby).await.seq >= 2 * position);
        live.read_now(&chat).await;
        assert!(live.feed.cursor() >= 2 * position);
        in_time("more to be applied", told.changed()).await.unwrap();
    }
}

#[tokio::test]
async fn a_chat_that_ends_between_two_messages_goes_on_after_the_last() {
    let folder = folder();
    let lobby = room("lobby");
    let mut point = LogPoint::default();
    let messages: Vec<_> = posts(30).chunks(3).map(<[Command]>::to_vec).collect();
    for commands in &messages {
        let (chat, log) = open_log(folder.path());
        assert_eq!((*chat.applied().borrow(), log.point()), (point, point));
        point = log.write_of_others(commands);
        applied(&chat, point).await;
        let killed = killed(folder.path());
        let (killed, _) = open_log(killed.path());
        assert_eq!(*killed.applied().borrow(), point);
        assert_eq!(whole(&killed, &lobby).await.seq, 3 * point.position);
    }
    let (chat, _) = open_log(folder.path());
    let events = events(&chat, &lobby, 0).await;
    let texts: Vec<_> = events
        .iter()
        .map(|event| event["message"].as_str().unwrap())
        .collect();
    let expected: Vec<_> = (0..30).map(|number| format!("number {number}")).collect();
    assert_eq!(texts, expected);
}

#[tokio::test]
async fn a_message_that_comes_again_changes_nothing() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let commands = posts(2);
    let whole_message = || commands.iter().map(|command| (command.clone(), None)).collect();
    let first = log.deliver(message(LogPoint::default(), whole_message()));
    let second = log.write_of_others(&posts(1));
    log.deliver(message(LogPoint::default(), whole_message()));
    log.deliver(message(first, whole_message()));
    // And what another node publishes twice, for it heard of no acknowledgement, is another message with the same commands.
    let third = log.deliver(message(
        second,
        commands.iter().map(|command| (again(command), None)).collect(),
    ));
    applied(&chat, third).await;
    assert_eq!((third.position, whole(&chat, &room("lobby")).await.seq), (3, 3));
}

#[tokio::test]
async fn a_message_without_commands_or_with_refused_ones_moves_the_point() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let point = log.write(Vec::new());
    applied(&chat, point).await;
    let (answer, answered) = oneshot::channel();
    let refused = edit(ids::user_id(), &room("lobby"), 7, "nothing there");
    let reply = Reply::new(move |outcome| {
        let _ = answer.send(outcome);
    });
    let said = posts(1).remove(0);
    let point = log.write(vec![(refused, Some(reply)), (said, None)]);
    assert_eq!(
        in_time("an answer", answered).await.unwrap(),
        Err(Refusal::NoSuchMessage)
    );
    applied(&chat, point).await;
    drop((chat, log));
    let (chat, _) = open_log(folder.path());
    assert_eq!(*chat.applied().borrow(), point);
    assert_eq!((point.position, whole(&chat, &room("lobby")).await.seq), (2, 1));
}

#[tokio::test]
async fn a_log_that_leaves_something_out_stops_the_chat_with_what_it_had() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let point = log.write_of_others(&posts(1));
    applied(&chat, point).await;
    let left_out = point.then(b"something");
    log.deliver(message(left_out, Vec::new()));
    healthy_as(&chat, Health::Failed).await;
    let refused = submit(&chat, posts(1).remove(0)).await;
    assert_eq!(refused, Err(Refusal::Unavailable));
    drop((chat, log));
    let (chat, _) = open_log(folder.path());
    assert_eq!(*chat.applied().borrow(), point);
}

#[tokio::test]
async fn of_the_hashes_the_last_are_kept() {
    let folder = fast_folder();
    let (chat, log) = open_log(folder.path());
    let mut points = vec![LogPoint::default()];
    for _ in 0..LOG_HASHES_KEPT + 10 {
        points.push(log.write(Vec::new()));
    }
    applied(&chat, log.point()).await;
    for (position, is_kept) in [(10, false), (11, true), (LOG_HASHES_KEPT + 10, true)] {
        let expected = is_kept.then(|| points[usize::try_from(position).unwrap()].hash);
        assert_eq!(chat.log_hash(position).await.unwrap(), expected, "{position}");
    }
}

#[tokio::test]
async fn a_message_waits_for_as_long_as_another_program_holds_the_database() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let other = Connection::open(database(folder.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let first = log.write_of_others(&posts(1));
    let second = log.write_of_others(&posts(1));
    // Longer than the applier waits with one try: nothing tells of those that failed.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(chat.applied().borrow().position, 0);
    other.execute_batch("ROLLBACK").unwrap();
    applied(&chat, second).await;
    assert_eq!(chat.log_hash(1).await.unwrap(), Some(first.hash));
    assert_eq!(whole(&chat, &room("lobby")).await.seq, 2);
}

#[tokio::test]
async fn a_chat_closes_while_a_message_waits_and_has_it_the_next_time() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let point = log.write_of_others(&posts(1));
    applied(&chat, point).await;
    let other = Connection::open(database(folder.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    log.write_of_others(&posts(1));
    let closing = tokio::task::spawn_blocking({
        let chat = std::sync::Arc::clone(&chat);
        move || chat.close()
    });
    in_time("the chat to close", closing).await.unwrap();
    assert_eq!(*chat.health().borrow(), Health::Closed);
    drop((other, chat, log));
    let (chat, _) = open_log(folder.path());
    assert_eq!(*chat.applied().borrow(), point);
}

#[tokio::test]
async fn a_database_that_was_changed_without_the_log_is_fed_by_it_no_more() {
    let folder = folder();
    let chat = open(folder.path());
    assert!(!chat.is_log_fed());
    drop(chat);
    // Nothing was said: it stands at the beginning of any log.
    let (chat, log) = open_log(folder.path());
    let author = ids::user_id();
    let point = log.write_of_others(&[post(author, &room("lobby"), "by the log")]);
    applied(&chat, point).await;
    drop((chat, log));
    let chat = open(folder.path());
    done(&chat, delete(author, &room("lobby"), 1)).await;
    drop(chat);
    let error = try_open_log(folder.path()).map(drop).unwrap_err();
    assert!(matches!(error, Error::NotOfALog { .. }), "{error}");
    assert!(error.to_string().contains("--rebuild"), "{error}");
}

#[tokio::test]
async fn a_point_that_another_program_moves_stops_the_chat() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let vandal = Connection::open(database(folder.path())).unwrap();
    vandal.execute_batch("UPDATE meta SET applied = 7").unwrap();
    log.write_of_others(&posts(1));
    healthy_as(&chat, Health::Failed).await;
    assert_eq!(whole(&chat, &room("lobby")).await.seq, 0);
}

#[tokio::test]
async fn deleted_texts_leave_the_files_of_a_chat_that_is_fed_by_a_log() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let author = ids::user_id();
    let lobby = room("lobby");
    let reading = read_by_another(folder.path());
    let point = log.write_of_others(&[post(author, &lobby, "my-secret"), post(author, &lobby, "stays")]);
    applied(&chat, point).await;
    drop(reading);
    let point = log.write_of_others(&[delete(author, &lobby, 1)]);
    applied(&chat, point).await;
    in_time("the text to be gone", async {
        while fs::read_dir(folder.path()).unwrap().any(|entry| {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(9).any(|window| window == b"my-secret")
        }) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

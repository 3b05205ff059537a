//! A message of a log that comes again, at another position.

use crate::deterministic::tables;
use crate::reading::position;
use crate::support::{
    LogWriter, again, applied, database, fast_folder, folder, leave, message, open_log, post, read, room,
    unread, whole,
};
use chat::limits::{LOG_NODES_KEPT, LOG_NUMBERS_KEPT};
use chat::{Command, LogMessage, LogOrigin, LogPoint, ids};
use rusqlite::Connection;

/// Delivers what a node says, with its number for it.
fn say(log: &LogWriter, node: u64, number: u64, commands: &[Command]) -> LogPoint {
    let commands = commands.iter().map(|command| (command.clone(), None)).collect();
    log.deliver(LogMessage {
        origin: Some(LogOrigin { node, number }),
        ..message(log.point(), commands)
    })
}

#[tokio::test]
async fn what_comes_again_later_does_not_undo_what_was_done_since() {
    let folder = folder();
    let (lobby, attic) = (room("lobby"), room("attic"));
    let (author, me) = (ids::user_id(), ids::user_id());
    let said: Vec<_> = (0..5)
        .map(|number| post(author, &lobby, &number.to_string()))
        .collect();
    let back = post(me, &attic, "back again");
    let (first, second) = ([unread(me, &lobby, 2)], [leave(me, &attic)]);
    {
        let (chat, log) = open_log(folder.path());
        say(&log, 1, 1, &said);
        say(&log, 2, 1, &first);
        let point = say(&log, 2, 2, &second);
        applied(&chat, point).await;
        chat.close();
    }
    // Also when the node was started anew in between.
    let (chat, log) = open_log(folder.path());
    say(&log, 1, 2, &[read(me, &lobby, 5)]);
    say(&log, 1, 3, &[back]);
    say(&log, 2, 1, &first);
    let point = say(&log, 2, 2, &second);
    applied(&chat, point).await;
    assert_eq!(position(&chat, me, "lobby").await, Some((5, 0)));
    assert!(position(&chat, me, "attic").await.is_some());
    // The same number of another node, and the same again by another message, are none.
    let point = say(&log, 3, 1, &[again(&first[0])]);
    applied(&chat, point).await;
    assert_eq!(position(&chat, me, "lobby").await, Some((2, 3)));
    assert_eq!(point.position, 8);
}

#[tokio::test]
async fn messages_of_a_node_are_each_applied_once_in_whichever_order_they_come() {
    let folder = fast_folder();
    let (chat, log) = open_log(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    let mut expected = 0;
    let mut say = |number: u64, is_new: bool| {
        expected += u64::from(is_new);
        // As if nothing else knew it again.
        say(&log, u64::MAX, number, &[post(author, &lobby, "again")])
    };
    for number in [1, 4, 3, LOG_NUMBERS_KEPT + 2] {
        say(number, true);
        say(number, false);
    }
    for (number, is_new) in [
        (1, false),
        (2, false),
        (3, false),
        (5, true),
        (5, false),
        (4, false),
    ] {
        say(number, is_new);
    }
    let far = 1_000 * LOG_NUMBERS_KEPT;
    let numbers = [far, far - 1, u64::MAX, u64::MAX - 1];
    for number in numbers {
        say(number, true);
    }
    let mut point = LogPoint::default();
    for number in numbers {
        point = say(number, false);
    }
    applied(&chat, point).await;
    assert_eq!(whole(&chat, &lobby).await.seq, expected);
}

#[tokio::test]
async fn of_the_nodes_those_heard_of_last_are_known() {
    let folder = fast_folder();
    let (chat, log) = open_log(folder.path());
    for node in 0..LOG_NODES_KEPT {
        say(&log, node, 1, &[]);
    }
    // The first is heard of again, so that the second makes room.
    say(&log, 0, 1, &[]);
    let point = say(&log, LOG_NODES_KEPT, 1, &[]);
    applied(&chat, point).await;
    let database = Connection::open(database(folder.path())).unwrap();
    let mut nodes = database
        .prepare("SELECT node FROM log_nodes ORDER BY node")
        .unwrap();
    let nodes: Vec<u64> = nodes
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        nodes,
        [0].into_iter().chain(2..=LOG_NODES_KEPT).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn messages_that_waited_together_leave_the_rows_they_would_have_left_one_by_one() {
    let lobby = room("lobby");
    let authors = [ids::user_id(), ids::user_id()];
    // New ones, the same again, one far ahead, and then ones that it left behind by just too much and by just not.
    let numbers = [
        1,
        2,
        2,
        1,
        LOG_NUMBERS_KEPT + 40,
        41,
        40,
        3,
        LOG_NUMBERS_KEPT + 40,
    ];
    let said: Vec<_> = (numbers.iter().zip([0, 1].iter().cycle()))
        .map(|(number, author)| (*number, [post(authors[*author], &lobby, &number.to_string())]))
        .collect();
    let (together, alone) = (folder(), folder());
    {
        let (chat, log) = open_log(together.path());
        let other = Connection::open(database(together.path())).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut point = LogPoint::default();
        for (number, commands) in &said {
            point = say(&log, 1, *number, commands);
        }
        other.execute_batch("ROLLBACK").unwrap();
        applied(&chat, point).await;
        chat.close();
    }
    {
        let (chat, log) = open_log(alone.path());
        for (number, commands) in &said {
            let point = say(&log, 1, *number, commands);
            applied(&chat, point).await;
        }
        assert_eq!(whole(&chat, &lobby).await.seq, 4);
        chat.close();
    }
    assert_eq!(tables(together.path()), tables(alone.path()));
}

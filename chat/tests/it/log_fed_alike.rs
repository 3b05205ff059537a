//! Apply is deterministic: what a log leads to is what the same commands lead to in one process, however they are cut into
//! messages and wherever the node ended meanwhile.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::deterministic::{ROOMS, commands, room_number, run, tables};
use crate::support::{Random, after, applied, fast_folder, join, open_log};
use chat::{Command, Outcome, Reply};

/// What of the tables does not depend on how commands came.
fn rows(folder: &Path) -> Vec<(String, Vec<Vec<rusqlite::types::Value>>)> {
    let tables = tables(folder).into_iter();
    tables
        .filter(|(name, _)| name != "meta" && name != "log_hashes")
        .collect()
}

/// Writes all of it into a log, cut by the dice, and ends now and then; the outcomes.
async fn feed(folder: &Path, commands: &[Command], mut dice: Random) -> Vec<Outcome> {
    let outcomes: Arc<Mutex<Vec<Outcome>>> = Arc::default();
    let mut rest = commands;
    while !rest.is_empty() {
        let (chat, log) = open_log(folder);
        for _ in 0..dice.below(40) {
            let count = usize::try_from(dice.below(400)).unwrap().min(rest.len());
            let (message, others) = rest.split_at(count);
            rest = others;
            let asked = message.iter().map(|command| {
                let outcomes = Arc::clone(&outcomes);
                let reply = Reply::new(move |outcome| outcomes.lock().unwrap().push(outcome));
                (command.clone(), Some(reply))
            });
            log.write(asked.collect());
        }
        applied(&chat, log.point()).await;
        chat.close();
    }
    std::mem::take(&mut *outcomes.lock().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_commands_leave_the_same_rows_by_a_log_as_in_one_process() {
    let mut random = Random::from_environment();
    let commands = commands(&mut random);
    let alone = run(&commands, Some(random.clone())).await;
    for _ in 0..2 {
        random.next();
        let folder = fast_folder();
        let outcomes = feed(folder.path(), &commands, random.clone()).await;
        assert_eq!(outcomes, alone.outcomes);
        for (table, rows) in rows(folder.path()) {
            assert!(rows == alone.tables[&table], "the rows of {table} differ");
        }
        let (chat, _) = open_log(folder.path());
        for name in (0..ROOMS).map(room_number) {
            let frames = join(&chat, &name, after(&chat, 0)).await.read_now(&chat).await;
            assert!(frames == alone.frames[&name], "the events of {name} differ");
        }
    }
}

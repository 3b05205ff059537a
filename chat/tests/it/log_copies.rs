//! Copies of a database in use: of one moment, compact, and without anything that was deleted.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::support::{
    LogWriter, Random, applied, database, delete, edit, fast_folder, folder, in_time, open, open_log, post,
    read_by_another, room, whole,
};
use chat::{Chat, DataFolder, Error, LogPoint, ids};

#[tokio::test]
async fn of_a_database_with_a_fault_there_is_no_copy() {
    let (folder, elsewhere) = (folder(), crate::support::folder());
    let (chat, log) = open_log(folder.path());
    let said = post(ids::user_id(), &room("lobby"), "hello");
    applied(&chat, log.write_of_others(&[said])).await;
    let copy = elsewhere.path().join("copy.db");
    chat.copy_to(&copy).await.unwrap();
    fs::remove_file(&copy).unwrap();
    // As a page of an older time does, which SQLite's own check does not see.
    let other = rusqlite::Connection::open(database(folder.path())).unwrap();
    other.execute_batch("DELETE FROM messages").unwrap();
    let error = chat.copy_to(&copy).await.unwrap_err();
    assert!(
        matches!(&error, Error::Damaged { path, .. } if *path == database(folder.path())),
        "{error}"
    );
    assert!(!copy.exists());
}

fn is_in(file: &Path, text: &str) -> bool {
    let bytes = fs::read(file).unwrap();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A chat on a copy, in a folder of its own.
fn open_copy(folder: &Path, copy: &Path) -> (Arc<Chat>, LogWriter) {
    DataFolder::open(folder).unwrap().replace_database(copy).unwrap();
    open_log(folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_chat_that_goes_on_stands_at_the_point_it_says() {
    let folder = fast_folder();
    let (chat, log) = open_log(folder.path());
    let lobby = room("lobby");
    let (end, mut ended) = tokio::sync::oneshot::channel::<()>();
    let talking = tokio::spawn({
        let (chat, log, lobby) = (Arc::clone(&chat), log.clone(), lobby.clone());
        async move {
            let mut points = vec![LogPoint::default()];
            while ended.try_recv().is_err() {
                // One message has one event: a copy's position is then its room's head.
                points.push(log.write_of_others(&[post(ids::user_id(), &lobby, "가".repeat(900).as_str())]));
                if points.len() % 32 == 0 {
                    applied(&chat, log.point()).await;
                }
            }
            points
        }
    });
    let mut copies = Vec::new();
    for number in 0..8 {
        in_time(
            "more to be said",
            chat.applied().wait_for(|point| point.position >= 200 * number),
        )
        .await
        .unwrap();
        let (place, copy) = (fast_folder(), folder.path().join(format!("{number}.db")));
        let point = chat.copy_to(&copy).await.unwrap();
        copies.push((place, copy, point));
    }
    end.send(()).unwrap();
    let points = talking.await.unwrap();
    for (place, copy, point) in copies {
        assert_eq!(point, points[usize::try_from(point.position).unwrap()]);
        let (copied, log) = open_copy(place.path(), &copy);
        assert_eq!(
            (copied.epoch(), *copied.applied().borrow()),
            (chat.epoch(), point)
        );
        assert_eq!(whole(&copied, &lobby).await.seq, point.position);
        let hash = copied.log_hash(point.position.saturating_sub(1)).await.unwrap();
        assert_eq!(
            hash,
            Some(points[usize::try_from(point.position.saturating_sub(1)).unwrap()].hash)
        );
        let next = log.write_of_others(&[post(ids::user_id(), &lobby, "on the copy")]);
        applied(&copied, next).await;
    }
}

#[tokio::test]
async fn nothing_of_what_was_deleted_before_is_in_a_copy_and_nothing_is_left_of_what_is_deleted_from_it() {
    let folder = fast_folder();
    let (chat, log) = open_log(folder.path());
    let rooms = ["가", "나", "다"].map(room);
    let author = ids::user_id();
    let mut random = Random::from_environment();
    let mut heads = [0_u64; 3];
    let mut present: Vec<(usize, u64)> = Vec::new();
    let text = |word: &str, random: &mut Random| {
        let long = if random.one_in(8) { 3_900 } else { 400 };
        let filler = "가".repeat(usize::try_from(random.below(long)).unwrap());
        format!("{word}{filler}{word}")
    };
    // Somebody reads: the log of the database has all of it still, and so has the database.
    let reading = read_by_another(folder.path());
    for number in 0..600 {
        let place = usize::try_from(random.below(3)).unwrap();
        let word = if number % 2 == 0 {
            "deleted-before"
        } else {
            "deleted-after"
        };
        let said = post(author, &rooms[place], &text(word, &mut random));
        heads[place] += 1;
        let seq = heads[place];
        let mut commands = vec![said];
        if number % 2 == 0 {
            heads[place] += 2;
            commands.push(edit(
                author,
                &rooms[place],
                seq,
                &format!("anew: {}", text(word, &mut random)),
            ));
            commands.push(delete(author, &rooms[place], seq));
        } else {
            present.push((place, seq));
        }
        for command in commands {
            let point = log.write_of_others(&[command]);
            if number == 0 {
                // What waits is applied together, and then a text may never be written that is deleted at once.
                applied(&chat, point).await;
            }
        }
    }
    applied(&chat, log.point()).await;
    assert!(is_in(&folder.path().join("madang.db-wal"), "deleted-before"));
    let copy = folder.path().join("copy.db");
    let point = chat.copy_to(&copy).await.unwrap();
    drop(reading);
    assert!(!is_in(&copy, "deleted-before") && is_in(&copy, "deleted-after"));

    let place = fast_folder();
    let (copied, log) = open_copy(place.path(), &copy);
    assert_eq!(log.point(), point);
    for (place, seq) in present {
        log.write_of_others(&[delete(author, &rooms[place], seq)]);
    }
    applied(&copied, log.point()).await;
    copied.close();
    assert!(!is_in(&place.path().join("madang.db"), "deleted-after"));
}

#[tokio::test]
async fn a_copy_is_made_into_a_new_file_by_one_at_a_time_and_by_none_after_the_end() {
    let (folder, elsewhere) = (folder(), crate::support::folder());
    let chat = open(folder.path());
    let copy = elsewhere.path().join("copy.db");
    fs::write(&copy, "what is there").unwrap();
    let error = chat.copy_to(&copy).await.unwrap_err();
    assert!(matches!(error, Error::DataFolder { .. }), "{error}");
    assert_eq!(fs::read(&copy).unwrap(), b"what is there");
    fs::remove_file(&copy).unwrap();
    // Of a chat without a log it stands at no point of one.
    assert_eq!(chat.copy_to(&copy).await.unwrap(), LogPoint::default());
    let error = chat
        .copy_to(&elsewhere.path().join("no/folder.db"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::DataFolder { .. }), "{error}");
    chat.close();
    let late = elsewhere.path().join("late.db");
    let error = chat.copy_to(&late).await.unwrap_err();
    assert!(matches!(error, Error::Closed) && !late.exists(), "{error}");
}

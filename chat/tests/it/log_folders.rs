//! Folders of nodes: what they hold, and how a database comes into them.

use std::fs;
use std::path::Path;

use crate::support::{
    again, applied, database, done, fill, folder, killed, open, open_log, post, read_by_another, room,
    submit, whole,
};
use chat::{DataFolder, Error, LogPoint, Standing, ids};
use rusqlite::Connection;

/// What is done to a file.
type Harm = fn(&Path);

fn data(folder: &Path) -> DataFolder {
    DataFolder::open(folder).unwrap()
}

fn standing(folder: &Path) -> Option<Standing> {
    chat::standing(&data(folder)).unwrap()
}

#[tokio::test]
async fn a_folder_says_what_its_database_is_before_it_is_served() {
    let folder = folder();
    assert_eq!(standing(folder.path()), None);
    let epoch = ids::epoch();
    chat::prepare(&data(folder.path()), epoch).unwrap();
    let mut expected = Standing {
        epoch,
        point: Some(LogPoint::default()),
        was_used: false,
    };
    assert_eq!(standing(folder.path()), Some(expected));
    // Once more, as after a crash in between.
    chat::prepare(&data(folder.path()), epoch).unwrap();
    let (chat, log) = open_log(folder.path());
    assert_eq!(chat.epoch(), epoch);
    let point = log.write_of_others(&[post(ids::user_id(), &room("lobby"), "here")]);
    applied(&chat, point).await;
    // Killed: its log is not in the database yet.
    let killed = killed(folder.path());
    drop((chat, log));
    (expected.point, expected.was_used) = (Some(point), true);
    assert_eq!(standing(killed.path()), Some(expected));
    assert_eq!(standing(folder.path()), Some(expected));
    chat::prepare(&data(folder.path()), epoch).unwrap();
    assert_eq!(standing(folder.path()), Some(expected), "it is left alone");
    let chat = open(folder.path());
    done(&chat, post(ids::user_id(), &room("lobby"), "alone")).await;
    drop(chat);
    expected.point = None;
    assert_eq!(standing(folder.path()), Some(expected));
}

#[tokio::test]
async fn an_epoch_takes_the_place_of_another_only_where_nobody_was() {
    let folder = folder();
    drop(open(folder.path()));
    let epoch = ids::epoch();
    chat::prepare(&data(folder.path()), epoch).unwrap();
    assert_eq!(standing(folder.path()).unwrap().epoch, epoch);
    let chat = open(folder.path());
    done(&chat, post(ids::user_id(), &room("lobby"), "here")).await;
    drop(chat);
    let before = fs::read(database(folder.path())).unwrap();
    let error = chat::prepare(&data(folder.path()), ids::epoch()).unwrap_err();
    assert!(matches!(error, Error::OtherEpoch { .. }), "{error}");
    assert!(error.to_string().contains("--data-dir"), "{error}");
    assert!(fs::read(database(folder.path())).unwrap() == before);
}

#[tokio::test]
async fn a_single_server_s_folder_becomes_the_first_state_and_so_does_its_copy() {
    let (folder, other) = (folder(), crate::support::folder());
    let lobby = room("lobby");
    let chat = open(folder.path());
    let said = post(ids::user_id(), &lobby, "from before");
    done(&chat, said.clone()).await;
    let epoch = chat.epoch();
    drop(chat);
    let copy = other.path().join("copy.db");
    let made = chat::make_first_state(&data(folder.path()), &copy).unwrap();
    let expected = Standing {
        epoch,
        point: Some(LogPoint::default()),
        was_used: true,
    };
    assert_eq!((made, chat::standing_of(&copy).unwrap()), (expected, expected));
    data(other.path()).replace_database(&copy).unwrap();
    assert!(!copy.exists());
    for place in [folder.path(), other.path()] {
        let (chat, _) = open_log(place);
        assert_eq!((chat.epoch(), chat.was_used()), (epoch, true));
        // What was said before there was a log is known still.
        assert!(submit(&chat, again(&said)).await.unwrap().repeated);
        assert_eq!(done(&chat, post(ids::user_id(), &lobby, "by the log")).await, 2);
        assert_eq!(chat.applied().borrow().position, 2);
    }
    // Others may have had more of that log: nobody is to take what comes now for it.
    let made = chat::make_first_state(&data(folder.path()), &copy).unwrap();
    assert_ne!(made.epoch, epoch);
    assert_eq!(made.point, Some(LogPoint::default()));
    assert_eq!(chat::standing_of(&copy).unwrap(), made);
    std::fs::remove_file(&copy).unwrap();
    let error = chat::make_first_state(&data(crate::support::folder().path()), &copy).unwrap_err();
    assert!(matches!(error, Error::DatabaseMissing { .. }), "{error}");
    assert!(!copy.exists());
}

#[tokio::test]
async fn a_database_that_is_not_whole_takes_the_place_of_none() {
    let (folder, other) = (folder(), crate::support::folder());
    let chat = open(other.path());
    fill(&chat, &room("lobby"), 300).await;
    drop(chat);
    let chat = open(folder.path());
    done(&chat, post(ids::user_id(), &room("lobby"), "mine")).await;
    drop(chat);
    let before = fs::read(database(folder.path())).unwrap();
    let good = fs::read(database(other.path())).unwrap();
    let file = folder.path().join("new.db");
    let harms: [(&str, Harm); 4] = [
        ("a page of zeros", |file| {
            let mut bytes = fs::read(file).unwrap();
            bytes[5 * 4096..6 * 4096].fill(0);
            fs::write(file, bytes).unwrap();
        }),
        ("cut short", |file| {
            let bytes = fs::read(file).unwrap();
            fs::write(file, &bytes[..bytes.len() / 2 / 4096 * 4096]).unwrap();
        }),
        ("rows that contradict one another", |file| {
            let vandal = Connection::open(file).unwrap();
            vandal.execute_batch("DELETE FROM events WHERE seq = 7").unwrap();
        }),
        ("no database", |file| fs::write(file, "hello, I am text").unwrap()),
    ];
    for (name, harm) in harms {
        fs::write(&file, &good).unwrap();
        harm(&file);
        let error = data(folder.path()).replace_database(&file).unwrap_err();
        let is_refused = matches!(error, Error::Damaged { .. } | Error::NotOurDatabase { .. });
        assert!(is_refused, "{name}: {error}");
        assert!(fs::read(database(folder.path())).unwrap() == before, "{name}");
    }
    fs::write(&file, &good).unwrap();
    data(folder.path()).replace_database(&file).unwrap();
    assert_eq!(whole(&open(folder.path()), &room("lobby")).await.seq, 300);
}

#[tokio::test]
async fn what_is_set_aside_stays_until_another_took_its_place_for_good() {
    let folder = folder();
    let aside = folder.path().join("madang.db.before-rebuild");
    data(folder.path()).set_database_aside().unwrap();
    assert!(!aside.exists(), "there was nothing");
    let chat = open(folder.path());
    // What another program reads keeps the write-ahead log from being emptied.
    let reading = read_by_another(folder.path());
    done(&chat, post(ids::user_id(), &room("lobby"), "the first")).await;
    drop(chat);
    data(folder.path()).set_database_aside().unwrap();
    drop(reading);
    assert_eq!(standing(folder.path()), None);
    // A rebuild that was not finished.
    let epoch = ids::epoch();
    chat::prepare(&data(folder.path()), epoch).unwrap();
    data(folder.path()).set_database_aside().unwrap();
    assert_eq!(standing(folder.path()), None);
    let kept = Connection::open(&aside).unwrap();
    let texts: u64 = kept
        .query_row(
            "SELECT count(*) FROM messages WHERE body = 'the first'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(texts, 1);
    drop(kept);
    chat::prepare(&data(folder.path()), epoch).unwrap();
    data(folder.path()).remove_database_aside().unwrap();
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "madang.lock")
        .collect();
    assert_eq!(names, ["madang.db"]);
}

#[test]
fn a_secret_from_elsewhere_takes_the_place_of_the_one_there_was() {
    let folder = folder();
    let data = data(folder.path());
    data.make_secret("key").unwrap();
    data.keep_secret("key", &[7; 32]).unwrap();
    data.keep_secret("other", &[8; 32]).unwrap();
    assert_eq!(data.secret("key").unwrap(), Some([7; 32]));
    assert_eq!(data.secret("other").unwrap(), Some([8; 32]));
}

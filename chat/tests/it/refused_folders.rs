//! What cannot be opened is refused with a clear error, and left as it was.

use std::fs;
use std::path::Path;

use crate::support::{after, database, fill, folder, join, open, room};
use chat::{Chat, DataFolder, Error};
use rusqlite::Connection;

fn refusal(folder: &Path) -> Error {
    Chat::open(DataFolder::open(folder).unwrap()).unwrap_err()
}

/// A database that something else made, in this journal mode.
fn make_foreign(folder: &Path, journal_mode: &str) {
    let connection = Connection::open(database(folder)).unwrap();
    connection
        .pragma_update(None, "journal_mode", journal_mode)
        .unwrap();
    connection
        .execute_batch("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('kimchi');")
        .unwrap();
}

#[test]
fn a_database_of_something_else_is_refused_and_not_touched() {
    for journal_mode in ["DELETE", "WAL"] {
        let folder = folder();
        make_foreign(folder.path(), journal_mode);
        let before = fs::read(database(folder.path())).unwrap();
        let error = refusal(folder.path());
        assert!(
            matches!(&error, Error::NotOurDatabase { path } if *path == database(folder.path())),
            "{error}"
        );
        assert!(error.to_string().contains("madang.db"), "{error}");
        assert!(
            fs::read(database(folder.path())).unwrap() == before,
            "{journal_mode}: it was touched"
        );
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_and_not_touched() {
    let folder = folder();
    let text = "Dear diary, this is not a database. ".repeat(100);
    fs::write(database(folder.path()), &text).unwrap();
    let error = refusal(folder.path());
    assert!(
        matches!(&error, Error::NotOurDatabase { path } if *path == database(folder.path())),
        "{error}"
    );
    assert!(
        fs::read_to_string(database(folder.path())).unwrap() == text,
        "it was touched"
    );
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_not_touched() {
    let folder = folder();
    let lobby = room("lobby");
    let chat = open(folder.path());
    fill(&chat, &lobby, 3).await;
    drop(chat);
    let connection = Connection::open(database(folder.path())).unwrap();
    let known: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    // Whatever the newer version has good reasons for must stay.
    connection.pragma_update(None, "journal_mode", "DELETE").unwrap();
    connection.pragma_update(None, "user_version", known + 1).unwrap();
    drop(connection);

    let before = fs::read(database(folder.path())).unwrap();
    let error = refusal(folder.path());
    assert!(matches!(error, Error::NewerDatabase { found, known: k } if found == known + 1 && k == known));
    assert!(error.to_string().contains("newer"), "{error}");
    assert!(
        fs::read(database(folder.path())).unwrap() == before,
        "it was touched"
    );

    let connection = Connection::open(database(folder.path())).unwrap();
    connection.pragma_update(None, "user_version", known).unwrap();
    drop(connection);
    let chat = open(folder.path());
    assert_eq!(join(&chat, &lobby, after(&chat, 0)).await.head, 3);
}

#[test]
fn a_folder_that_is_not_one_is_refused_by_its_name() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = DataFolder::open(&path).unwrap_err();
        assert!(
            matches!(&error, Error::DataFolder { path: named, .. } if *named == path),
            "{error}"
        );
        assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "not a folder");
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_by_its_name() {
    // Not even root can make a file there.
    let path = Path::new("/proc/self");
    if path.is_dir() {
        let error = DataFolder::open(path).unwrap_err();
        assert!(matches!(error, Error::DataFolder { .. }), "{error}");
    }
}

#[test]
fn a_folder_in_the_place_of_the_database_is_refused() {
    let folder = folder();
    fs::create_dir(database(folder.path())).unwrap();
    let error = refusal(folder.path());
    assert!(matches!(error, Error::Database(_)), "{error}");
}

#[tokio::test]
async fn a_database_keeps_its_epoch_and_two_have_two() {
    let (folder, other) = (folder(), crate::support::folder());
    let epoch = open(folder.path()).epoch();
    assert_eq!(open(folder.path()).epoch(), epoch);
    assert_ne!(open(other.path()).epoch(), epoch);
}

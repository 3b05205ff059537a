//! Files that are removed or replaced under the running chat: noticed, before anything false is said.

use std::fs;
use std::path::Path;

use crate::support::{
    database, done, fill, folder, healthy_as, open, post, read_by_another, room, submit, whole,
};
use chat::{Health, Refusal, ids};

/// A folder with so many messages in it, and nothing that runs.
async fn at_rest(folder: &Path, messages: usize) {
    let chat = open(folder);
    fill(&chat, &room("lobby"), messages).await;
}

#[tokio::test]
async fn a_post_after_a_file_was_removed_replaced_or_cut_short_is_not_acknowledged() {
    let other = folder();
    at_rest(other.path(), 2).await;
    let remove: fn(&Path, &Path) = |own, _| fs::remove_file(own).unwrap();
    let replace: fn(&Path, &Path) = |own, other| {
        let beside = own.with_extension("copy");
        fs::copy(other, &beside).unwrap();
        fs::rename(&beside, own).unwrap();
    };
    let empty: fn(&Path, &Path) = |own, _| {
        fs::File::create(own).unwrap();
    };
    for (name, harm) in [
        ("madang.db", remove),
        ("madang.db", replace),
        ("madang.db", empty),
        ("madang.db-wal", remove),
        ("madang.lock", remove),
    ] {
        let folder = folder();
        at_rest(folder.path(), 3).await;
        let chat = open(folder.path());
        done(&chat, post(ids::user_id(), &room("lobby"), "before")).await;
        harm(&folder.path().join(name), &database(other.path()));
        let late = submit(&chat, post(ids::user_id(), &room("lobby"), "after")).await;
        assert_eq!(late, Err(Refusal::Unavailable), "{name}");
        healthy_as(&chat, Health::Failed).await;
    }
}

#[tokio::test]
async fn it_is_noticed_though_nobody_posts() {
    let folder = folder();
    let chat = open(folder.path());
    let away = folder.path().join("away");
    fs::rename(database(folder.path()), away).unwrap();
    healthy_as(&chat, Health::Failed).await;
}

#[tokio::test]
async fn a_copy_that_was_put_in_the_place_of_open_files_is_left_as_it_is() {
    let (folder, copy) = (folder(), crate::support::folder());
    let lobby = room("lobby");
    let chat = open(copy.path());
    // With its log, as it is copied from under one that runs; what is copied one after the other stays where it is meanwhile.
    let other = read_by_another(copy.path());
    fill(&chat, &lobby, 5).await;
    for name in ["madang.db", "madang.db-wal"] {
        fs::copy(copy.path().join(name), copy.path().join(format!("{name}.copy"))).unwrap();
    }
    drop(other);
    let own = open(folder.path());
    fill(&own, &lobby, 2).await;
    for name in ["madang.db", "madang.db-wal"] {
        fs::rename(copy.path().join(format!("{name}.copy")), folder.path().join(name)).unwrap();
    }
    healthy_as(&own, Health::Failed).await;
    drop(own);
    let _ = fs::remove_file(folder.path().join("madang.db-shm"));
    assert_eq!(whole(&open(folder.path()), &lobby).await.seq, 5);
}

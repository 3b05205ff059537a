//! A node whose disk is full: it keeps the message that it could not apply, reads on, takes nothing in, and goes on by
//! itself when there is room.

use std::fs;
use std::time::Duration;

use crate::disk_full::{run_on_a_small_disk, small_disk};
use crate::support::{
    after, applied, events, fast_folder, healthy_as, in_time, join, open_log, post, room, submit,
};
use chat::limits::READ_ONLY_RETRY_MS;
use chat::{Command, Health, Refusal, ids};

const FILLER_BYTES: usize = 6 * 1024 * 1024;

#[test]
fn a_node_whose_disk_is_full_keeps_the_message_and_goes_on_when_there_is_room() {
    run_on_a_small_disk("log_fed_disk_full::on_a_small_disk");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test above, on a disk of its own"]
async fn on_a_small_disk() {
    let Some(disk) = small_disk() else {
        return;
    };
    let filler = disk.join("filler");
    fs::write(&filler, vec![1; FILLER_BYTES]).unwrap();
    let (chat, log) = open_log(&disk.join("data"));
    let lobby = room("lobby");
    let mut live = join(&chat, &lobby, after(&chat, 0)).await;
    let mut commands: Vec<Command> = Vec::new();
    let mut points = Vec::new();
    // Emptying the write-ahead log may make room once more.
    while *chat.health().borrow() != Health::ReadOnly {
        let some = [(); 3].map(|()| post(ids::user_id(), &lobby, &"x".repeat(2_000)));
        points.push(log.write_of_others(&some));
        commands.extend(some);
        let (mut applied, mut health) = (chat.applied(), chat.health());
        let is_full = in_time("the message to be applied, or not", async {
            tokio::select! {
                _ = applied.wait_for(|point| *point == log.point()) => false,
                _ = health.wait_for(|health| *health == Health::ReadOnly) => true,
            }
        });
        if is_full.await {
            // Over several tries.
            tokio::time::sleep(Duration::from_millis(3 * READ_ONLY_RETRY_MS)).await;
        }
    }
    for _ in 0..5 {
        let some = [(); 3].map(|()| post(ids::user_id(), &lobby, "behind it"));
        points.push(log.write_of_others(&some));
        commands.extend(some);
    }
    let stuck = *chat.applied().borrow();
    let refused = submit(&chat, post(ids::user_id(), &lobby, "refused")).await;
    assert_eq!(refused, Err(Refusal::ReadOnly));
    assert_eq!(Some(&log.point()), points.last(), "nothing of it is in the log");
    assert_eq!(
        stuck,
        points[points.len() - 7],
        "the last that there was room for"
    );
    live.read_now(&chat).await;
    assert_eq!(
        live.feed.cursor(),
        3 * stuck.position,
        "nothing is told of what waits"
    );
    let copy = disk.join("data/copy.db");
    chat.copy_to(&copy).await.unwrap_err();
    assert!(!copy.exists() && !disk.join("data/copy.db-journal").exists());

    fs::remove_file(filler).unwrap();
    applied(&chat, log.point()).await;
    in_time("it to be healthy again", healthy_as(&chat, Health::Running)).await;
    let told = events(&chat, &lobby, 0).await;
    let expected = commands.iter().map(|command| command.event_id.to_string());
    assert!(
        told.iter()
            .map(|event| event["id"].as_str().unwrap())
            .eq(expected)
    );
    let elsewhere = fast_folder();
    let point = chat.copy_to(&elsewhere.path().join("copy.db")).await.unwrap();
    assert_eq!(point, log.point());
}

//! Other programs and people at work in the data folder, and a system with no place for temporary files.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{FullClient, Setup, Visitor, client_id};
use rusqlite::Connection;
use serde_json::json;

/// Lets the test be skipped where no namespace can be made. Skipping proves nothing, so it has to be asked for.
const MAY_SKIP: &str = "MADANG_TEST_SKIP_NAMESPACES";

#[tokio::test]
async fn posts_are_refused_as_busy_while_another_program_holds_the_database_and_the_server_goes_on() {
    let server = Setup::new().without_rate().start().await;
    let mut author = FullClient::open(&server).await;
    author.post_acknowledged("lobby", "before").await;
    let other = Connection::open(server.data_dir().join("madang.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let post = json!({ "type": "post", "room": "lobby", "message": "meanwhile" });
    for _ in 0..3 {
        assert_eq!(author.ask_in_vain(post.clone()).await, "busy");
    }
    let visitor = Visitor::new(&server);
    assert_eq!(
        visitor.history("lobby", "limit=5").await["seq"],
        1,
        "it can be read"
    );
    assert_eq!(visitor.get("/readyz").await.status, 200);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(author.post_acknowledged("lobby", "afterwards").await, 2);
    server.logged(&["another program holds the database"]).await;
}

#[tokio::test]
async fn a_server_whose_database_is_taken_away_acknowledges_nothing_more_and_ends_with_a_sentence() {
    let mut server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    assert_eq!(visitor.post("lobby", &client_id(), "before").await.status, 200);
    fs::rename(server.data_dir(), server.data_dir().with_extension("away")).unwrap();
    let late = visitor.post("lobby", &client_id(), "after").await;
    assert_ne!(late.status, 200, "{}", late.text());
    assert!(!server.wait().await.success());
    let log = server.log().join("\n");
    assert!(log.contains("was removed, replaced or cut short"), "{log}");
}

#[tokio::test]
async fn nothing_is_written_beside_the_data_folder_so_a_system_without_temporary_files_does() {
    let setup = Setup::in_memory();
    let Some(unshare) = namespace() else {
        assert!(
            std::env::var_os(MAY_SKIP).is_some(),
            "no mount namespace can be made here; set {MAY_SKIP}=1 to skip"
        );
        return;
    };
    // What lies there stays in sight, for the program itself may: only nothing can be written.
    let read_only = "for folder in /tmp /var/tmp; do mount --bind $folder $folder && \
                     mount -o remount,bind,ro,nosuid,nodev $folder || exit; done; cd /proc";
    let server = setup.without_rate().after(unshare, read_only).start().await;
    let mut author = FullClient::open(&server).await;
    let target = author.has_a_long_text_deleted("lobby").await;
    assert_eq!(author.post_acknowledged("lobby", "it goes on").await, target + 8);
}

/// How a program is run that may mount things for itself.
fn namespace() -> Option<&'static [&'static str]> {
    const AS_ROOT: &[&str] = &["unshare", "--mount"];
    const AS_ANYONE: &[&str] = &["unshare", "--user", "--map-root-user", "--mount"];
    [AS_ROOT, AS_ANYONE].into_iter().find(|words| {
        Path::new("/var/tmp").is_dir()
            && Command::new(words[0])
                .args(&words[1..])
                .args(["mount", "-t", "tmpfs", "-o", "ro", "madang", "/var/tmp"])
                .output()
                .is_ok_and(|output| output.status.success())
    })
}

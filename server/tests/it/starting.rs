//! What a server is started with: what it cannot use it says, in one sentence, and what is empty is not there.

use std::fs;

use crate::support::{Server, Setup, Visitor, client_id, request};

/// The one sentence that a server ends with which cannot start.
async fn sentence(setup: Setup) -> String {
    let (status, log) = setup.fail().await;
    assert!(!status.success());
    log.join("\n")
}

async fn assert_says(setup: Setup, parts: &[&str]) {
    let said = sentence(setup).await;
    for part in parts {
        assert!(said.contains(part), "{part:?} in {said:?}");
    }
}

#[tokio::test]
async fn why_it_does_not_start_is_said_whatever_is_logged() {
    for filter in ["off", "error", "info", "chat=off", ""] {
        let setup = Setup::new().with(&["--log", filter, "--allowed-origin", "nonsense"]);
        assert_says(setup, &["is not an origin"]).await;
    }
}

#[tokio::test]
async fn a_level_that_there_is_not_is_refused_with_those_there_are() {
    let said = "off, error, warn, info, debug and trace";
    assert_says(Setup::new().with(&["--log", "warning"]), &["\"warning\"", said]).await;
    assert_says(
        Setup::new().with_variable("MADANG_LOG", "chatty"),
        &["\"chatty\"", said],
    )
    .await;
}

#[tokio::test]
async fn a_variable_that_is_set_and_empty_is_as_one_that_is_not_set() {
    let mut setup = Setup::new();
    for name in [
        "MADANG_ALLOWED_HOSTS",
        "MADANG_ALLOWED_ORIGINS",
        "MADANG_PUBLIC_URL",
        "MADANG_POST_RATE",
        "MADANG_DRAIN_SECONDS",
        "MADANG_LOG",
        "MADANG_LISTEN",
        "MADANG_DATA_DIR",
        "LEPTOS_SITE_ADDR",
        "LEPTOS_SITE_ROOT",
    ] {
        setup = setup.with_variable(name, "");
    }
    let server = setup.start().await;
    assert!(
        server.log()[0].contains("INFO"),
        "the level that holds when none is named"
    );
    Visitor::known(&server).await;
}

#[tokio::test]
async fn host_names_are_answered_to_as_browsers_send_them() {
    let server = Setup::new()
        .with_variable("MADANG_ALLOWED_HOSTS", " Chat.example.org, 채팅.한국,")
        .start()
        .await;
    server
        .logged(&["chat.example.org, xn--ou6bo7j.xn--3e0b707e"])
        .await;
    for (host, status) in [
        ("chat.example.org", 200),
        ("xn--ou6bo7j.xn--3e0b707e", 200),
        ("other.example.org", 421),
    ] {
        let answer = request(server.address(), "GET", "/", &[("Host", host)], b"").await;
        assert_eq!(answer.status, status, "{host}");
    }
    let wildcard = Setup::new().with(&["--allowed-host", "*.example.org"]);
    assert_says(wildcard, &["*.example.org", "wildcards are not supported"]).await;
}

#[tokio::test]
async fn it_listens_on_a_name_of_this_machine_and_says_what_is_none() {
    let server = Setup::new().listening_on("localhost:0").start().await;
    assert!(server.address().ip().is_loopback());
    for text in ["8080", ":8080", "*:8080", "127.0.0.1"] {
        assert_says(
            Setup::new().listening_on(text),
            &["127.0.0.1:8080", "0.0.0.0:8080"],
        )
        .await;
    }
}

/// A server that was used and has ended.
async fn at_rest() -> Server {
    let mut server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    assert_eq!(
        visitor.post("lobby", &client_id(), "what is kept").await.status,
        200
    );
    server.terminate();
    assert!(server.wait().await.success());
    server
}

#[tokio::test]
async fn without_the_key_beside_the_messages_it_does_not_start_unless_a_new_one_is_asked_for() {
    for content in [None, Some(&b""[..]), Some(&[1; 31])] {
        let server = at_rest().await;
        let key = server.data_dir().join("signing-key");
        match content {
            None => fs::remove_file(&key).unwrap(),
            Some(content) => fs::write(&key, content).unwrap(),
        }
        let (status, log) = server.start_again(&[]).await.unwrap_err();
        assert_eq!(status.code(), Some(1));
        let log = log.join("\n");
        for part in ["signing-key", "backup", "--new-signing-key"] {
            assert!(log.contains(part), "{part}: {log}");
        }
        assert_eq!(key.exists(), content.is_some(), "nothing was made");
        let _ = fs::remove_file(&key);
        server.start_again(&["--new-signing-key"]).await.unwrap();
        // Once.
        server.start_again(&[]).await.unwrap();
    }
}

#[tokio::test]
async fn without_the_database_beside_the_key_it_does_not_start_unless_the_key_goes_too() {
    for empty in [false, true] {
        let server = at_rest().await;
        let database = server.data_dir().join("madang.db");
        if empty {
            fs::write(&database, "").unwrap();
        } else {
            fs::remove_file(&database).unwrap();
        }
        let (status, log) = server.start_again(&[]).await.unwrap_err();
        assert_eq!(status.code(), Some(1));
        let log = log.join("\n");
        for part in ["madang.db", "backup", "remove the signing key too"] {
            assert!(log.contains(part), "{part}: {log}");
        }
        fs::remove_file(server.data_dir().join("signing-key")).unwrap();
        server.start_again(&[]).await.unwrap();
    }
}

#[tokio::test]
async fn a_folder_that_nobody_has_used_yet_is_begun_anew_as_it_is() {
    let mut server = Server::start().await;
    server.kill().await;
    fs::remove_file(server.data_dir().join("signing-key")).unwrap();
    server.start_again(&[]).await.unwrap();
}

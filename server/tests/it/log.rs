//! The log: nobody waits for it, and what others send cannot make it long.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use crate::support::{Setup, in_time, request, try_exchange};

/// A server whose log is read up to its first line and then no more.
fn start_unread(setup: &Setup) -> (Child, std::net::SocketAddr, BufReader<std::process::ChildStderr>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_madang"))
        .env_clear()
        .env("MADANG_SITE_DIR", setup.data_dir().with_file_name("site"))
        .args(["--listen", "127.0.0.1:0", "--log", "trace", "--data-dir"])
        .arg(setup.data_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening on http://") {
        line.clear();
        log.read_line(&mut line).unwrap();
    }
    let (_, address) = line.split_once("http://").unwrap();
    let address = address.trim().parse().unwrap();
    (child, address, log)
}

#[tokio::test]
async fn a_log_that_nobody_reads_holds_nobody_up_and_ends_with_the_server() {
    let setup = Setup::new();
    let (mut child, address, mut log) = start_unread(&setup);
    let host = format!("{}.example", "a".repeat(60_000));
    let refused = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    // Enough for any pipe, many times over.
    for _ in 0..300 {
        assert_eq!(
            try_exchange(address, refused.as_bytes()).await.unwrap().status,
            421
        );
        assert_eq!(request(address, "GET", "/healthz", &[], b"").await.status, 200);
    }
    let killed = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(killed.success());
    in_time("the end", async {
        while child.try_wait().unwrap().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
    assert!(child.wait().unwrap().success());
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(
        !rest.contains(&"a".repeat(1_000)),
        "a long header is logged in brief"
    );
}

#[tokio::test]
async fn what_a_request_says_is_cut_in_the_log() {
    let server = Setup::new().start().await;
    let host = "a".repeat(60_000);
    for _ in 0..5 {
        let answer = request(
            server.address(),
            "GET",
            "/",
            &[("Host", &host), ("Origin", &host[..2_000])],
            b"",
        )
        .await;
        assert_eq!(answer.status, 421);
    }
    server.logged_times(&["a request was refused", "…"], 5).await;
    assert!(
        server.log().iter().all(|line| line.len() < 2_000),
        "{:?}",
        server.log()
    );
}

//! Peers that fell silent without a goodbye: their connections end, and what they held is given back.
//!
//! These tests take as long as a silence may last. Peers whose machine is gone need a network that can be taken away:
//! a namespace of Linux, made as root. Where there is none, the test fails, unless `MADANG_TEST_WITHOUT_NETNS` is set.

use std::process::Command;
use std::time::Duration;

use crate::support::{FullClient, Server, Setup, Visitor, event_stream::EventStream};
use tokio::time::Instant;

const PEERS: usize = 1_000;
/// How long a silent peer may keep its connection, counted from its last sign of life.
const GONE_WITHIN: Duration = Duration::from_secs(40);
/// Files the server opens and closes as it works, its database's above all.
const OWN_FILES: usize = 16;

/// Waits until the server has given back the descriptors of those who are silent.
async fn assert_given_back(server: &Server, before: usize, silent_since: Instant) {
    loop {
        let open = server.open_files();
        if open <= before + OWN_FILES {
            return;
        }
        // The one thing promised here is a time, so a time is what is looked at.
        assert!(
            silent_since.elapsed() < GONE_WITHIN,
            "{} descriptors are still held after {} s",
            open - before,
            GONE_WITHIN.as_secs()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_sockets_whose_peers_fell_silent_are_gone_within_forty_seconds() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let before = server.open_files();
    let mut silent = Vec::new();
    for _ in 0..PEERS {
        // Joined, so that there is something to give back; from then on nothing is read, so no ping is answered.
        let mut client = FullClient::open_as(&server, &visitor).await;
        client.join("lobby").await;
        silent.push(client);
    }
    let silent_since = Instant::now();
    assert!(server.open_files() >= before + PEERS);
    assert_given_back(&server, before, silent_since).await;
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_streams_whose_peers_machine_is_gone_are_given_up_within_forty_seconds() {
    let Some(network) = Network::new() else {
        assert!(
            std::env::var_os("MADANG_TEST_WITHOUT_NETNS").is_some(),
            "a network namespace could not be made (it takes root and `ip`), so nothing was tested; \
             set MADANG_TEST_WITHOUT_NETNS=1 to pass by this test"
        );
        eprintln!(
            "NOT TESTED: event streams whose peer's machine is gone. There is no network namespace here."
        );
        return;
    };
    let server = Setup::new().listening_on("0.0.0.0:0").start().await;
    let visitor = Visitor::known(&server).await;
    // One stream on the network that stays, to see that it is not ended as well.
    let mut near = EventStream::open(&server, &visitor, "/api/v1/events", None).await;
    assert_eq!(near.next().await.frame["type"], "userId");
    let before = server.open_files();
    let peers = network.open_streams(&server, &visitor).await;
    network.take_away();
    let silent_since = Instant::now();
    assert_given_back(&server, before, silent_since).await;
    assert_eq!(
        near.next().await.frame["type"],
        "beat",
        "the stream that was there goes on"
    );
    drop(peers);
}

/// Streams of peers behind one cable.
const STREAMS: usize = 200;

/// A network of two machines, of which one can be taken away without a goodbye.
struct Network {
    name: String,
    /// The address of this side.
    near: String,
}

/// The peers, as one process on the other side; killed when dropped.
struct Peers(std::process::Child);

impl Network {
    /// `None` where this cannot be made.
    fn new() -> Option<Self> {
        let number = std::process::id() % 200;
        let name = format!("madang{}", std::process::id());
        let network = Self {
            near: format!("10.213.{number}.1"),
            name: name.clone(),
        };
        let far = format!("10.213.{number}.2");
        let (here, there) = (format!("md{number}a"), format!("md{number}b"));
        let made = ip(&["netns", "add", &name])
            && ip(&["link", "add", &here, "type", "veth", "peer", "name", &there])
            && ip(&["link", "set", &there, "netns", &name])
            && ip(&["addr", "add", &format!("{}/24", network.near), "dev", &here])
            && ip(&["link", "set", &here, "up"])
            && ip(&["-n", &name, "addr", "add", &format!("{far}/24"), "dev", &there])
            && ip(&["-n", &name, "link", "set", &there, "up"]);
        made.then_some(network)
    }

    /// Opens event streams from the other side, and waits until the server has greeted each.
    async fn open_streams(&self, server: &Server, visitor: &Visitor) -> Peers {
        let port = server.address().port();
        let cookie = visitor.cookie().unwrap();
        let script = format!(
            "for n in $(seq {STREAMS}); do exec {{peer}}<>/dev/tcp/{near}/{port} || exit 1
             printf 'GET /api/v1/events HTTP/1.1\\r\\nHost: {near}\\r\\nAccept: text/event-stream\\r\\nCookie: {cookie}\\r\\n\\r\\n' >&$peer
             read -r line <&$peer; case $line in *200*) ;; *) echo \"$line\"; exit 1;; esac
             done; echo ready; sleep 1000",
            near = self.near
        );
        let mut child = Command::new("ip")
            .args(["netns", "exec", &self.name, "bash", "-c", &script])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let peers = Peers(child);
        let reading = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            let _ = std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line);
            line
        });
        assert_eq!(
            crate::support::in_time("the streams", reading)
                .await
                .unwrap()
                .trim(),
            "ready"
        );
        peers
    }

    /// Cuts the cable: from now on nothing arrives, and nobody says so.
    fn take_away(&self) {
        let number = std::process::id() % 200;
        assert!(ip(&[
            "-n",
            &self.name,
            "link",
            "set",
            &format!("md{number}b"),
            "down"
        ]));
        // With its carrier gone this side would know that nobody can be reached; a far cable does not tell.
        assert!(ip(&[
            "neigh",
            "replace",
            &format!("10.213.{number}.2"),
            "lladdr",
            "02:00:00:00:00:01",
            "dev",
            &format!("md{number}a"),
            "nud",
            "permanent"
        ]));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        ip(&["netns", "del", &self.name]);
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn ip(arguments: &[&str]) -> bool {
    let output = Command::new("ip").args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

//! Clients that come from a node that is ahead of the one they come to.

use serde_json::{Value, json};

use crate::support::cluster::{address_of, node, node_by, ready};
use crate::support::event_stream::EventStream;
use crate::support::nats::Nats;
use crate::support::{FullClient, Received, Server, Valve, Visitor, client_id, is_ephemeral};

/// Two nodes, of which the second hears from NATS only while its valve is open.
struct Two {
    _nats: Nats,
    ahead: Server,
    behind: Server,
    valve: Valve,
    visitor: Visitor,
    /// The same at the node that is behind.
    there: Visitor,
}

/// What is said in the lobby before the valve is shut, and after it.
const BEFORE: u64 = 3;
const AFTER: u64 = 5;

impl Two {
    /// The second node has [`BEFORE`] messages and the first [`AFTER`].
    async fn start() -> Self {
        let nats = Nats::start(1);
        let valve = Valve::before(address_of(&nats)).await;
        let ahead = ready(node(&nats)).await;
        let behind = ready(node_by(&nats, valve.address())).await;
        let visitor = Visitor::known(&ahead).await;
        let there = Visitor::new(&behind);
        there.set_cookie(&visitor.cookie().unwrap());
        let mut witness = FullClient::open_as(&behind, &there).await;
        witness.join("lobby").await;
        for number in 1..=BEFORE {
            visitor.post("lobby", &client_id(), &number.to_string()).await;
        }
        witness.messages(3).await;
        valve.shut();
        for number in BEFORE + 1..=AFTER {
            visitor.post("lobby", &client_id(), &number.to_string()).await;
        }
        Self {
            _nats: nats,
            ahead,
            behind,
            valve,
            visitor,
            there,
        }
    }

    /// The cursor of a client that has polled everything at the first node.
    async fn cursor(&self) -> String {
        let epoch = self.visitor.get("/api/v1/me").await.json()["epoch"].clone();
        let join = json!({ "type": "join", "room": "lobby", "epoch": epoch, "after": AFTER });
        let answer = self.visitor.post_json("/api/v1/commands", &join).await.json();
        assert_eq!(answer["frames"][0]["type"], "joined", "{answer}");
        answer["cursor"].as_str().unwrap().to_owned()
    }

    async fn say_more(&self) {
        self.visitor.post("lobby", &client_id(), "more").await;
    }
}

fn seqs(frames: &[Value]) -> Vec<u64> {
    let frames = frames.iter().filter(|frame| !is_ephemeral(frame));
    frames.filter_map(|frame| frame["seq"].as_u64()).collect()
}

#[tokio::test]
async fn a_join_waits_while_the_rest_of_its_connection_goes_on_and_everything_comes_once() {
    let two = Two::start().await;
    let mut client = FullClient::open_as(&two.behind, &two.there).await;
    let epoch = client.epoch().to_owned();
    client
        .send(&json!({ "type": "join", "room": "lobby", "epoch": epoch, "after": AFTER }))
        .await;
    client.send(&json!({ "type": "ping" })).await;
    assert_eq!(client.next().await["type"], "beat");
    assert_eq!(client.join("elsewhere").await["head"], 0);
    two.say_more().await;
    two.valve.open();
    let joined = client.next().await;
    assert_eq!(
        (
            joined["type"].as_str(),
            joined["room"].as_str(),
            joined["seq"].as_u64()
        ),
        (Some("joined"), Some("lobby"), Some(AFTER)),
        "{joined}"
    );
    let more = client.next().await;
    assert_eq!(
        (more["type"].as_str(), more["seq"].as_u64()),
        (Some("message"), Some(AFTER + 1))
    );
}

#[tokio::test]
async fn a_join_that_waits_is_answered_as_busy_when_it_waited_for_nothing_or_another_takes_its_place() {
    let two = Two::start().await;
    let mut client = FullClient::open_as(&two.behind, &two.there).await;
    let epoch = client.epoch().to_owned();
    let ahead = json!({ "type": "join", "room": "lobby", "epoch": epoch, "after": AFTER });
    let refused = |frame: &Value| {
        assert_eq!(
            (
                frame["type"].as_str(),
                frame["code"].as_str(),
                frame["room"].as_str()
            ),
            (Some("error"), Some("busy"), Some("lobby")),
            "{frame}"
        );
    };
    client.send(&ahead).await;
    refused(&client.next().await);
    client.send(&ahead).await;
    client
        .send(&json!({ "type": "unsubscribe", "room": "lobby" }))
        .await;
    refused(&client.next().await);
    client.send(&ahead).await;
    client
        .send(&json!({ "type": "join", "room": "lobby", "epoch": epoch, "after": BEFORE }))
        .await;
    refused(&client.next().await);
    assert_eq!(client.next().await["seq"], BEFORE);
    two.valve.open();
    assert_eq!(seqs(&client.messages(2).await), [BEFORE + 1, AFTER]);
}

#[tokio::test]
async fn polls_streams_and_commands_from_a_node_that_is_ahead_wait_too() {
    let two = Two::start().await;
    let cursor = two.cursor().await;
    let path = format!("/api/v1/events?wait=20&cursor={cursor}");
    let refused = two.there.get(&path).await;
    refused.assert_refused(503, "busy");
    assert_eq!(refused.header("retry-after"), Some("2"));

    let epoch = two.there.get("/api/v1/me").await.json()["epoch"].clone();
    let join = json!({ "type": "join", "room": "lobby", "epoch": epoch, "after": AFTER });
    let poll = two.there.get(&path);
    let command = two.there.post_json("/api/v1/commands", &join);
    let stream_path = format!("/api/v1/events?cursor={cursor}");
    let stream = EventStream::open(&two.behind, &two.there, &stream_path, None);
    let go_on = async {
        two.say_more().await;
        two.valve.open();
    };
    let (poll, command, mut stream, ()) = tokio::join!(poll, command, stream, go_on);
    let poll = poll.json();
    assert_eq!(seqs(poll["frames"].as_array().unwrap()), [AFTER + 1], "{poll}");
    let command = command.json();
    assert_eq!(command["frames"][0]["seq"], AFTER, "{command}");
    assert_eq!(stream.next().await.frame["type"], "userId");
    assert_eq!(stream.next().await.frame["seq"], AFTER + 1);
}

#[tokio::test]
async fn a_page_of_history_is_no_older_than_its_reader_and_a_message_is_found_where_it_comes_late() {
    let two = Two::start().await;
    let address = "/api/v1/rooms/lobby/messages";
    for query in [format!("at={AFTER}&before=2"), format!("after={AFTER}")] {
        let refused = two.there.get(&format!("{address}?{query}")).await;
        refused.assert_refused(503, "busy");
        assert_eq!(refused.header("retry-after"), Some("2"), "{query}");
    }
    // Who says nothing of what they have is served at once.
    assert_eq!(two.there.history("lobby", "limit=1").await["seq"], BEFORE);
    let (by_at, by_after) = (
        format!("{address}?at={AFTER}&before=2"),
        format!("{address}?after={AFTER}"),
    );
    let page = format!("/rooms/lobby/{AFTER}");
    let go_on = async { two.valve.open() };
    let (by_at, by_after, page, ()) = tokio::join!(
        two.there.get(&by_at),
        two.there.get(&by_after),
        two.there.get(&page),
        go_on
    );
    assert_eq!(by_at.json()["seq"], AFTER);
    assert_eq!(by_after.json()["messages"], json!([]));
    assert_eq!(page.status, 200);
    assert_eq!(two.there.get("/rooms/lobby/99").await.status, 404);
}

#[tokio::test]
async fn a_node_that_is_asked_to_end_lets_nobody_wait() {
    let mut two = Two::start().await;
    let mut client = FullClient::open_as(&two.behind, &two.there).await;
    let epoch = client.epoch().to_owned();
    client
        .send(&json!({ "type": "join", "room": "lobby", "epoch": epoch, "after": AFTER }))
        .await;
    client.send(&json!({ "type": "ping" })).await;
    assert_eq!(client.next().await["type"], "beat");
    two.behind.terminate();
    assert_eq!(client.next_of("bye").await["code"], 1001);
    assert_eq!(client.hear().await, Received::Closed(1001));
    two.valve.open();
    assert!(two.behind.wait().await.success());
    // At the other it goes on where it is.
    let mut client = FullClient::open_as(&two.ahead, &two.visitor).await;
    assert_eq!(client.join_after("lobby", AFTER).await["head"], AFTER);
}

#[tokio::test]
async fn a_client_that_has_what_is_in_no_log_is_not_told_to_come_back_for_ever() {
    // As after a cluster was begun anew with an older copy of its database.
    let nats = Nats::start(1);
    let server = ready(node(&nats)).await;
    let visitor = Visitor::known(&server).await;
    visitor.post("lobby", &client_id(), "hello").await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    let join = json!({ "type": "join", "room": "lobby", "epoch": client.epoch(), "after": 100 });
    client.send(&join).await;
    let (answered, posted, page) = tokio::join!(
        client.next(),
        visitor.post_json("/api/v1/commands", &join),
        visitor.get("/api/v1/rooms/lobby/messages?at=100&before=2"),
    );
    assert_eq!(answered["type"], "resync", "{answered}");
    assert_eq!(answered["room"], "lobby");
    assert_eq!(posted.json()["frames"][0]["type"], "resync");
    assert_eq!(page.json()["seq"], 1);
}

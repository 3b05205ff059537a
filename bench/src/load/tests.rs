//! The generator against a broadcasting server in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, oneshot};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::*;

/// What the server does to the deliveries it makes, counted over all connections from 1.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Keeps back the one with this number.
    Lose(u64),
    /// Sends the one with this number twice.
    Double(u64),
}

/// A server that sends every text to everyone, with a ping after each; it lives until this is dropped.
struct Broadcaster {
    address: SocketAddr,
    delivered: Arc<AtomicU64>,
    _stop: oneshot::Sender<()>,
}

impl Broadcaster {
    fn start(fault: Fault) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let delivered = Arc::new(AtomicU64::new(0));
        let (stop, stopped) = oneshot::channel();
        let counter = delivered.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = accept(listener, fault, counter) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            address,
            delivered,
            _stop: stop,
        }
    }
}

async fn accept(listener: TcpListener, fault: Fault, delivered: Arc<AtomicU64>) {
    let (room, _) = broadcast::channel(10_000);
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, room.clone(), fault, delivered.clone()));
    }
}

async fn serve(
    stream: TcpStream,
    room: broadcast::Sender<Utf8Bytes>,
    fault: Fault,
    delivered: Arc<AtomicU64>,
) {
    // In the room first, so that every round of greetings is a whole one.
    let mut heard = room.subscribe();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    socket
        .send(Message::text(r#"{"type":"userId","userId":"x"}"#))
        .await
        .unwrap();
    loop {
        tokio::select! {
            received = socket.next() => match received {
                Some(Ok(Message::Text(text))) => drop(room.send(text)),
                Some(Ok(_)) => {}
                _ => return,
            },
            text = heard.recv() => {
                let text = Message::Text(text.unwrap());
                let number = delivered.fetch_add(1, Ordering::Relaxed) + 1;
                let times = match fault {
                    Fault::Lose(lost) if lost == number => 0,
                    Fault::Double(doubled) if doubled == number => 2,
                    _ => 1,
                };
                for _ in 0..times {
                    if socket.feed(text.clone()).await.is_err() {
                        return;
                    }
                }
                let ping = Message::Ping(Default::default());
                if socket.feed(ping).await.is_err() || socket.flush().await.is_err() {
                    return;
                }
            }
        }
    }
}

const LOAD: Load = Load {
    connections: 20,
    posters: 5,
    rate: 400,
    warm_up: Duration::from_millis(100),
    window: Duration::from_millis(400),
    habits: Habits {
        reads: false,
        types: false,
        visitors_per_second: 0,
    },
};

fn run(server: &Broadcaster) -> Outcome {
    LOAD.run(server.address, Speech::Plain, || Ok(Edge::default()))
        .unwrap()
}

#[test]
fn every_delivery_of_every_post_is_counted_once() {
    let server = Broadcaster::start(Fault::None);
    let outcome = run(&server);
    assert!(outcome.expected > 0);
    assert_eq!(outcome.delivered, outcome.expected);
    assert_eq!(outcome.expected % 20, 0);
    // What the server sent besides are the greetings: whole rounds of them.
    assert_eq!(
        (server.delivered.load(Ordering::Relaxed) - outcome.delivered) % 20,
        0
    );
    assert_eq!(
        outcome.expected / 20 + outcome.withheld,
        200,
        "400 a second for half a second"
    );
    assert!(outcome.p50_ms > 0.0 && outcome.p50_ms <= outcome.p99_ms);
    let frame = format!(r#"{{"userId":"bench","message":"{}"}}"#, crate::stamp::message(0));
    assert_eq!(outcome.frame_bytes, frame.len() as f64);
}

#[test]
fn a_lost_delivery_is_missed() {
    let outcome = run(&Broadcaster::start(Fault::Lose(1_000)));
    assert_eq!(outcome.delivered + 1, outcome.expected);
}

#[test]
fn a_delivery_made_twice_is_noticed() {
    let outcome = run(&Broadcaster::start(Fault::Double(1_000)));
    assert_eq!(outcome.delivered, outcome.expected + 1);
}

#[test]
fn a_server_that_closes_ends_the_run_with_a_sentence() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = LOAD
        .run(address, Speech::Plain, || Ok(Edge::default()))
        .unwrap_err();
    assert!(format!("{error:#}").contains("opening connection 1"), "{error:#}");
}

#[test]
fn a_post_that_never_comes_back_is_not_waited_for_once_a_later_one_has() {
    let mut on_their_way = OnTheirWay::new(2);
    for (poster, posted) in [(0, 10), (1, 11), (0, 12), (0, 14)] {
        on_their_way.add(poster, posted);
    }
    on_their_way.arrived(1, 12);
    on_their_way.arrived(7, 11);
    assert_eq!(on_their_way.total(), 4, "others' posts say nothing of one's own");
    on_their_way.arrived(0, 12);
    assert_eq!(on_their_way.total(), 2);
    on_their_way.arrived(0, 12);
    assert_eq!(on_their_way.total(), 2, "a second time changes nothing");
    on_their_way.arrived(0, 14);
    on_their_way.arrived(1, 11);
    assert_eq!(on_their_way.total(), 0);
}

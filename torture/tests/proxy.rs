//! The proxy does to a connection what its plan says, and nothing else.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use torture::proxy::{Direction, Ending, Fault, FaultPlan, Proxy};

const SOON: Duration = Duration::from_millis(20);

/// A server that sends back what it is sent.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
                let _ = writer.shutdown().await;
            });
        }
    });
    address
}

async fn proxy(plan: FaultPlan) -> Proxy {
    Proxy::start_with(echo().await, move |_| plan.clone())
        .await
        .unwrap()
}

/// Sends these bytes and reads until the end; what came, and whether the end was a good one.
async fn talk(proxy: &Proxy, bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut heard = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece).await {
            Ok(0) => return (heard, true),
            Ok(length) => heard.extend_from_slice(&piece[..length]),
            Err(_) => return (heard, false),
        }
        if heard.len() >= bytes.len() {
            let _ = stream.shutdown().await;
        }
    }
}

#[tokio::test]
async fn without_faults_everything_goes_through_whole_even_in_single_bytes_delayed_and_stalled() {
    let slow = FaultPlan {
        slice: Some((Direction::Down, 5_000)),
        delay: Some(Duration::from_millis(2)),
        stall: Some((Duration::ZERO, SOON)),
        is_narrow: true,
        ..FaultPlan::clean()
    };
    let bytes: Vec<u8> = (0..100_000_u32).map(|number| number as u8).collect();
    for plan in [FaultPlan::clean(), slow] {
        let proxy = proxy(plan).await;
        assert_eq!(talk(&proxy, &bytes).await, (bytes.clone(), true));
        assert_eq!(proxy.counts().cuts(), 0);
    }
}

#[tokio::test]
async fn a_connection_is_cut_after_exactly_so_many_bytes() {
    for direction in [Direction::Up, Direction::Down] {
        let proxy = proxy(FaultPlan {
            cut_after: Some((direction, 7)),
            ..FaultPlan::clean()
        })
        .await;
        let (heard, _) = talk(&proxy, b"0123456789").await;
        assert!(heard.len() <= 7 && b"0123456".starts_with(&heard), "{heard:?}");
        assert_eq!(proxy.counts().of(Fault::AfterBytes), 1);
    }
}

#[tokio::test]
async fn connections_end_by_reset_half_close_or_after_a_stall() {
    for (ending, fault) in [
        (Ending::Reset, Fault::Reset),
        (Ending::HalfClose(Direction::Down), Fault::HalfClose),
        (Ending::Stall(SOON), Fault::StalledToDeath),
    ] {
        let proxy = proxy(FaultPlan {
            ends: Some((SOON, ending)),
            ..FaultPlan::clean()
        })
        .await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        let ended = stream.read(&mut [0; 1]).await;
        let is_half_closed = matches!(ending, Ending::HalfClose(_));
        assert_eq!(matches!(ended, Ok(0)), is_half_closed, "{ending:?}: {ended:?}");
        assert_eq!(proxy.counts().of(fault), 1, "{ending:?}");
    }
}

#[tokio::test]
async fn what_goes_on_when_the_other_direction_is_closed_has_no_hole() {
    let bytes: Vec<u8> = (0..20_000_u32).flat_map(u32::to_be_bytes).collect();
    for direction in [Direction::Up, Direction::Down] {
        let proxy = proxy(FaultPlan {
            delay: Some(Duration::from_millis(2)),
            is_narrow: true,
            ends: Some((SOON, Ending::HalfClose(direction))),
            ..FaultPlan::clean()
        })
        .await;
        let (heard, _) = talk(&proxy, &bytes).await;
        assert!(!heard.is_empty() && bytes.starts_with(&heard), "{direction:?}");
        assert_eq!(proxy.counts().of(Fault::HalfClose), 1);
    }
}

#[tokio::test]
async fn only_upgrades_are_refused() {
    let proxy = proxy(FaultPlan {
        refuse_upgrade: Some(403),
        ..FaultPlan::clean()
    })
    .await;
    let upgrade = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    let (answer, _) = talk(&proxy, upgrade).await;
    assert!(
        answer.starts_with(b"HTTP/1.1 403 "),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(talk(&proxy, request).await, (request.to_vec(), true));
    assert_eq!(proxy.counts().of(Fault::RefusedUpgrade), 1);
}

#[tokio::test]
async fn what_stands_before_an_ack_arrives_and_the_ack_does_not() {
    let proxy = proxy(FaultPlan::before_first_ack()).await;
    let (heard, good_end) = talk(&proxy, br#"{"frames":[{"type":"ack","clientId":"c","seq":1}]}"#).await;
    assert!(
        br#"{"frames":[{"#.starts_with(&heard),
        "{}",
        String::from_utf8_lossy(&heard)
    );
    assert!(!good_end);
    assert_eq!(proxy.counts().of(Fault::BeforeAck), 1);
}

#[tokio::test]
async fn a_calm_proxy_cuts_nothing() {
    let proxy = proxy(FaultPlan {
        ends: Some((Duration::ZERO, Ending::Reset)),
        cut_after: Some((Direction::Up, 1)),
        cut_before_ack: Some(0),
        ..FaultPlan::clean()
    })
    .await;
    proxy.stop_faults();
    let bytes = br#"{"type":"ack"}"#;
    assert_eq!(talk(&proxy, bytes).await, (bytes.to_vec(), true));
    assert_eq!(proxy.counts().cuts(), 0);
}

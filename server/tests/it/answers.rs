//! What is answered: compressed for those who take it, and bounded in bytes and in time.

use crate::support::{Server, Setup, Visitor, client_id, in_time, until};
use futures_util::future::join_all;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

const KIB: usize = 1024;
/// The longest message there may be whose signs take four bytes each, and whose HTML is long as well.
fn long_message() -> String {
    "@𝐚 ".repeat(1_333)
}

async fn room_of_long_messages(server: &Server, count: usize) -> Visitor {
    let visitor = Visitor::known(server).await;
    for _ in 0..count {
        let posted = visitor.post("lobby", &client_id(), &long_message()).await;
        assert_eq!(posted.status, 200, "{}", posted.text());
    }
    visitor
}

#[tokio::test]
async fn a_page_of_long_messages_is_bounded_in_bytes_and_says_that_there_are_more() {
    let server = Setup::new().without_rate().start().await;
    let visitor = room_of_long_messages(&server, 60).await;
    for query in [
        "limit=500",
        "before=40&limit=500",
        "after=0&limit=500",
        "around=30&limit=500",
    ] {
        let page = visitor
            .get(&format!("/api/v1/rooms/lobby/messages?{query}"))
            .await;
        assert!(page.body.len() <= 320 * KIB, "{query}: {} bytes", page.body.len());
        let page = page.json();
        let messages = page["messages"].as_array().unwrap();
        assert!(messages.len() > 1, "{query}");
        let more = page["hasOlder"] == true || page["hasNewer"] == true;
        assert!(more, "{query} hides what it left out");
    }
    let around = visitor.history("lobby", "around=30&limit=500").await;
    assert!(
        around["messages"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["seq"] == 30)
    );
    assert_eq!(
        visitor.whole_history("lobby").await.len(),
        60,
        "page by page all of it can be had"
    );
    let page = visitor.get("/").await;
    assert!(page.body.len() <= 1024 * KIB, "{} bytes", page.body.len());
}

#[tokio::test]
async fn pages_and_json_are_compressed_for_those_who_take_it() {
    let server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    for number in 0..40 {
        visitor
            .post("lobby", &client_id(), &format!("{number}번째 메시지예요"))
            .await;
    }
    for path in [
        "/",
        "/parts/emoji",
        "/api/v1/rooms/lobby/messages",
        "/no-such-page",
    ] {
        let plain = visitor.get(path).await;
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        for (accepted, encoding) in [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip")] {
            let small = visitor
                .request("GET", path, &[("Accept-Encoding", accepted)], b"")
                .await;
            if plain.body.len() > KIB {
                assert_eq!(small.header("content-encoding"), Some(encoding), "{path}");
                assert!(
                    small.body.len() * 2 < plain.body.len(),
                    "{path}: {} bytes",
                    small.body.len()
                );
            }
            assert_eq!(small.status, plain.status, "{path}");
        }
        let vary = plain.header("vary").unwrap_or_default().to_ascii_lowercase();
        assert!(
            plain.body.len() <= KIB || vary.contains("accept-encoding"),
            "{path}: {vary}"
        );
    }
}

type Sender = hyper::client::conn::http2::SendRequest<Full<Bytes>>;

/// One HTTP/2 connection each of whose streams takes so many bytes until they are read, and whether it has ended.
async fn connect(server: &Server, window: u32) -> (Sender, JoinHandle<()>) {
    let stream = TokioIo::new(TcpStream::connect(server.address()).await.unwrap());
    let (sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(window)
        .handshake(stream)
        .await
        .unwrap();
    let connection = tokio::spawn(async {
        let _ = connection.await;
    });
    (sender, connection)
}

async fn get(sender: &Sender, server: &Server, path: &str, headers: &[(&str, &str)]) -> Response<Incoming> {
    let mut request = Request::get(format!("http://{}{path}", server.address()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::default()).unwrap();
    in_time("an answer's head", sender.clone().send_request(request))
        .await
        .unwrap()
}

/// Asks for the largest page there is.
async fn ask(sender: &Sender, server: &Server) -> Response<Incoming> {
    get(sender, server, "/api/v1/rooms/lobby/messages?limit=500", &[]).await
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answers_holds_a_bounded_share_for_a_bounded_time() {
    let server = Setup::new()
        .without_rate()
        .with(&["--log", "server=debug"])
        .start()
        .await;
    room_of_long_messages(&server, 40).await;
    let (sender, connection) = connect(&server, 1).await;
    let before = server.memory_bytes();
    let answers = join_all((0..16).map(|_| ask(&sender, &server))).await;
    let held = answers
        .iter()
        .filter(|answer| answer.status() == StatusCode::OK)
        .count();
    assert!(
        (1..16).contains(&held),
        "{held} of 16 large answers are held for one connection"
    );
    let others = answers.iter().filter(|answer| answer.status() != StatusCode::OK);
    for refused in others {
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.headers().contains_key("retry-after"));
    }
    until("what making the answers took to be given back", || {
        server.memory_bytes().saturating_sub(before) < 32 * KIB as u64 * KIB as u64
    })
    .await;
    Visitor::known(&server).await.history("lobby", "limit=500").await;
    streams_ended(&server, held).await;
    for answer in answers {
        let whole = answer.into_body().collect().await;
        assert!(whole.is_err() || whole.is_ok_and(|body| body.to_bytes().len() < KIB));
    }
    assert!(!connection.is_finished());
    let again = ask(&sender, &server).await;
    assert_eq!(again.status(), StatusCode::OK, "its share is free again");
}

#[tokio::test]
async fn of_many_on_one_connection_only_who_does_not_read_is_cut_off() {
    let server = Setup::new()
        .without_rate()
        .with(&["--log", "server=debug"])
        .start()
        .await;
    let visitor = room_of_long_messages(&server, 40).await;
    let cookie = visitor.cookie().unwrap();
    let window = 16 * 1_024;
    let (sender, connection) = connect(&server, window).await;
    let stream = [("cookie", cookie.as_str()), ("accept", "text/event-stream")];
    let mut events = get(&sender, &server, "/api/v1/events", &stream).await.into_body();
    let unread = ask(&sender, &server).await;
    assert_eq!(unread.status(), StatusCode::OK);
    let whole = ask(&sender, &server).await.into_body().collect();
    let whole = in_time("a page that is read", whole).await.unwrap().to_bytes();
    assert!(whole.len() > window as usize, "{} bytes", whole.len());
    streams_ended(&server, 1).await;
    assert!(
        unread.into_body().collect().await.is_err(),
        "it was not sent whole"
    );
    assert!(!connection.is_finished());
    for _ in 0..2 {
        let beat = in_time("what the event stream brings", events.frame()).await;
        assert!(beat.unwrap().is_ok(), "it goes on");
    }
    assert_eq!(ask(&sender, &server).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn whoever_writes_gets_a_text_that_was_refused_back_though_there_is_room_for_no_page() {
    let server = Setup::new().without_rate().start().await;
    let visitor = room_of_long_messages(&server, 40).await;
    let cookie = visitor.cookie().unwrap();
    let (sender, _connection) = connect(&server, 1_024).await;
    let unread = join_all((0..16).map(|_| ask(&sender, &server))).await;
    assert!(unread.iter().any(|answer| answer.status() != StatusCode::OK));
    let browser = [("cookie", cookie.as_str()), ("accept", "text/html")];
    let page = get(&sender, &server, "/", &browser).await;
    assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
    let page = in_time("why there is no page", page.into_body().collect())
        .await
        .unwrap();
    let page = String::from_utf8(page.to_bytes().to_vec()).unwrap();
    assert!(page.contains("data-code=\"busy\""), "{page}");

    let text = "\n<b>".repeat(1_001);
    let form = [("clientId", client_id()), ("message", text.clone())];
    let mut request = Request::post(format!("http://{}/rooms/lobby", server.address()))
        .header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in browser {
        request = request.header(name, value);
    }
    let form = serde_urlencoded::to_string(form).unwrap();
    let refused = sender.clone().send_request(request.body(form.into()).unwrap());
    let refused = in_time("a refusal", refused).await.unwrap();
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        refused.headers().get("link"),
        None,
        "it has no script to be fetched"
    );
    let page = in_time("its page", refused.into_body().collect()).await.unwrap();
    let page = String::from_utf8(page.to_bytes().to_vec()).unwrap();
    assert!(page.contains("data-code=\"tooLong\""), "{page}");
    assert!(page.contains(&text.replace('<', "&lt;").replace('>', "&gt;")));
    assert!(page.contains("action=\"/rooms/lobby\""));
    assert!(page.len() < 32 * KIB, "{} bytes", page.len());
}

/// Waits until so many streams were ended for not being read. Whoever reads them before makes room for more of them.
async fn streams_ended(server: &Server, count: usize) {
    let ended = || {
        let log = server.log();
        log.iter().filter(|line| line.contains("a stream ended")).count()
    };
    let all = async {
        while ended() < count {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), all)
        .await
        .expect("they are ended");
}

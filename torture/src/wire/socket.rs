//! A WebSocket of `madang.v1`.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::http::header::{COOKIE, HeaderValue, SEC_WEBSOCKET_PROTOCOL};

use super::{Event, Network};

/// How a socket ends that never opened or broke off (RFC 6455, section 7.1.5).
const ABNORMAL: u16 = 1006;
/// How it ends when the peer's close frame names no code.
const NO_CODE: u16 = 1005;

/// Runs a socket to its end; the close code.
pub(super) async fn run(network: &Network, id: u64, mut from_client: mpsc::Receiver<String>) -> u16 {
    let Some(stream) = connect(network).await else {
        return ABNORMAL;
    };
    let (mut sink, mut stream) = stream.split();
    network.report(id, Event::Opened).await;
    let sending = async {
        while let Some(text) = from_client.recv().await {
            if sink.send(Message::text(text)).await.is_err() {
                // Whatever was received before is still read; the reading side hears of the end.
                break;
            }
        }
        std::future::pending::<u16>().await
    };
    let receiving = async {
        loop {
            match stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    network
                        .report(id, Event::Text(text.as_str().to_owned(), None))
                        .await;
                }
                Some(Ok(Message::Close(frame))) => return frame.map_or(NO_CODE, |frame| frame.code.into()),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return ABNORMAL,
            }
        }
    };
    tokio::select! {
        code = sending => code,
        code = receiving => code,
    }
}

async fn connect(network: &Network) -> Option<tokio_tungstenite::WebSocketStream<TcpStream>> {
    let stream = TcpStream::connect(network.0.address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let request = request(network)?;
    client_async(request, stream).await.ok().map(|(stream, _)| stream)
}

fn request(network: &Network) -> Option<Request<()>> {
    let mut request = format!("ws://{}/ws?rooms=true", network.0.address)
        .into_client_request()
        .ok()?;
    let headers = request.headers_mut();
    headers.insert(
        SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(protocol::SUBPROTOCOL),
    );
    if let Some(cookie) = network.cookie() {
        headers.insert(COOKIE, HeaderValue::from_str(&cookie).ok()?);
    }
    Some(request)
}

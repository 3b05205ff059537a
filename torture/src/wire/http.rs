//! Requests over HTTP/1.1, on connections that are kept for the next one, as browsers keep them.

use std::sync::{Mutex, PoisonError};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Network;

/// Connections kept for the next request: what browsers have of one site.
const KEPT_MAX: usize = 6;
/// The largest body that is read, in bytes: a poll's answer may hold 5,000 events.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Connections on which a request could be made.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<SendRequest<Full<Bytes>>>>);

impl Pool {
    fn take(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|connection| !connection.is_closed());
        let ready = kept.iter().position(SendRequest::is_ready)?;
        Some(kept.swap_remove(ready))
    }

    fn keep(&self, connection: SendRequest<Full<Bytes>>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_MAX {
            kept.push(connection);
        }
    }
}

/// The body of a 200, as text.
pub(super) async fn fetch(network: &Network, path: &str, body: Option<String>) -> Option<String> {
    let (response, connection) = request(network, path, "application/json", body).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), BODY_BYTES_MAX)
        .collect()
        .await
        .ok()?;
    network.0.pool.keep(connection);
    if status != StatusCode::OK {
        return None;
    }
    String::from_utf8(body.to_bytes().into()).ok()
}

/// Makes a request; the response with its body still to be read, and the connection it comes by.
pub(super) async fn request(
    network: &Network,
    path: &str,
    accept: &str,
    body: Option<String>,
) -> Option<(Response<Incoming>, SendRequest<Full<Bytes>>)> {
    let mut connection = match network.0.pool.take() {
        Some(connection) => connection,
        None => connect(network).await?,
    };
    let mut request = Request::builder()
        .method(if body.is_some() { "POST" } else { "GET" })
        .uri(path)
        .header(HOST, network.0.address.to_string())
        .header(ACCEPT, accept)
        .header(CONTENT_TYPE, "application/json");
    if let Some(cookie) = network.cookie() {
        request = request.header(COOKIE, cookie);
    }
    let body = Full::new(Bytes::from(body.unwrap_or_default()));
    let response = connection.send_request(request.body(body).ok()?).await.ok()?;
    if let Some(cookie) = response
        .headers()
        .get(SET_COOKIE)
        .and_then(|value| value.to_str().ok())
    {
        network.keep_cookie(cookie);
    }
    Some((response, connection))
}

async fn connect(network: &Network) -> Option<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(network.0.address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    // It ends by itself when the sender is dropped or the peer is gone.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Some(sender)
}

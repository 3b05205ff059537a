//! Pages and JSON, compressed as they are made. What the page loads is compressed when it is built.
//!
//! Nothing that is secret stands in an answer beside what a stranger can choose, so that its length tells nothing
//! (BREACH): the cookie is in no body, and the nonce of a page's policy is another one in each answer.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

use crate::limits::SMALL_ANSWER_BYTES;

/// Brotli's and gzip's level: 57 kB of HTML become 8 kB in some 2 ms; the next level takes twice as long for 2 % less.
const LEVEL: i32 = 5;

/// The layer.
pub(crate) fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(LEVEL))
        .compress_when(SizeAbove::new(u16::try_from(SMALL_ANSWER_BYTES).unwrap_or(u16::MAX)).and(is_text))
}

/// An event stream is not among them: each event has to leave at once.
fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/json"))
}

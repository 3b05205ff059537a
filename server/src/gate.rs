//! The way in: what answers requests while the server cannot serve yet, or any more, and what does when it can.
//!
//! The port is bound before a node has joined its cluster, which may take minutes: whoever looks after it sees how far it is, and
//! everybody else is told to come back.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use app::page;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use protocol::ErrorCode;
use tower::ServiceExt as _;

use crate::error::ApiError;
use crate::error_page::wants_page;
use crate::limits::CLOSED_RETRY_AFTER_MS;
use crate::preferences;
use crate::response;

/// Where requests go. Closed at first.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    is_open: AtomicBool,
    /// Whether it opens no more by itself.
    is_stopped: AtomicBool,
    router: OnceLock<Router>,
    /// Why it is closed, in a few words for whoever looks after the server.
    why: Mutex<String>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inside {
            is_open: AtomicBool::new(false),
            is_stopped: AtomicBool::new(false),
            router: OnceLock::new(),
            why: Mutex::new("starting".to_owned()),
        }))
    }

    /// Requests go to this router from now on. There is one for the life of the process: only the first counts.
    pub(crate) fn open(&self, router: impl FnOnce() -> Router) {
        self.0.router.get_or_init(router);
        self.0.is_stopped.store(false, Ordering::Release);
        self.0.is_open.store(true, Ordering::Release);
    }

    /// Requests are answered with 503 from now on; those that are being answered go on. Whether it was open.
    pub(crate) fn close(&self, why: String) -> bool {
        *self.0.why.lock().unwrap_or_else(PoisonError::into_inner) = why;
        self.0.is_open.swap(false, Ordering::AcqRel)
    }

    /// The same, and it does not open again until somebody has looked: people are not told to wait.
    pub(crate) fn stop(&self, why: String) -> bool {
        self.0.is_stopped.store(true, Ordering::Release);
        self.close(why)
    }

    /// Answers a request.
    pub(crate) async fn answer(self, request: Request<Incoming>) -> Result<Response, Infallible> {
        match self.router() {
            Some(router) => router.oneshot(request).await,
            None => Ok(self.answer_closed(request.method(), request.uri().path(), request.headers())),
        }
    }

    /// What it answers where it is closed; `None` where it is open.
    #[cfg(test)]
    pub(crate) fn closed_answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
        let is_closed = self.router().is_none();
        is_closed.then(|| self.answer_closed(method, path, headers))
    }

    fn router(&self) -> Option<Router> {
        let is_open = self.0.is_open.load(Ordering::Acquire);
        self.0.router.get().filter(|_| is_open).cloned()
    }

    fn answer_closed(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let mut response = match path {
            "/healthz" if is_read => return "ok\n".into_response(),
            "/readyz" if is_read => {
                let why = self.0.why.lock().unwrap_or_else(PoisonError::into_inner);
                (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response()
            }
            _ if is_read && !path.starts_with("/api/") && wants_page(headers) => {
                let closed = if self.0.is_stopped.load(Ordering::Acquire) {
                    page::Closed::Stopped
                } else {
                    page::Closed::Waiting
                };
                let look = preferences::look_of_anybody(headers);
                let mut page = response::scriptless_page(page::closed(look, closed));
                // The style sheet is behind the gate, too.
                response::insert(&mut page, &[(header::CONTENT_SECURITY_POLICY, CLOSED_POLICY)]);
                *page.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                page
            }
            _ => ApiError {
                retry_after_ms: Some(CLOSED_RETRY_AFTER_MS),
                ..ErrorCode::Busy.into()
            }
            .into_response(),
        };
        let seconds = HeaderValue::from(CLOSED_RETRY_AFTER_MS.div_ceil(1000));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
        response
    }
}

/// What the page may do that is shown meanwhile. Nothing of anybody's is in it.
const CLOSED_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
                             frame-ancestors 'none'";

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(method: &Method, path: &str, accept: &str, language: &str) -> Response {
        let gate = Gate::new();
        gate.close("joining: fetching a snapshot, 42%".to_owned());
        let headers = HeaderMap::from_iter([
            (header::ACCEPT, HeaderValue::from_str(accept).unwrap()),
            (header::ACCEPT_LANGUAGE, HeaderValue::from_str(language).unwrap()),
        ]);
        gate.answer_closed(method, path, &headers)
    }

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 64 * 1024)
            .await
            .unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn whoever_looks_after_it_sees_that_it_runs_and_how_far_it_is() {
        let alive = closed(&Method::GET, "/healthz", "", "");
        assert_eq!(alive.status(), StatusCode::OK);
        let ready = closed(&Method::GET, "/readyz", "", "");
        assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(text(ready).await, "joining: fetching a snapshot, 42%\n");
    }

    #[tokio::test]
    async fn everybody_else_is_told_to_come_back_each_in_their_form() {
        for (method, path, accept, is_page) in [
            (Method::GET, "/", "text/html", true),
            (Method::GET, "/rooms/lobby", "text/html,*/*;q=0.8", true),
            (Method::POST, "/rooms/lobby", "text/html", false),
            (Method::GET, "/api/v1/me", "text/html", false),
            (Method::GET, "/ws", "", false),
            (Method::CONNECT, "/", "", false),
        ] {
            let response = closed(&method, path, accept, "en");
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert_eq!(response.headers()[header::RETRY_AFTER], "2", "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store", "{path}");
            let text = text(response).await;
            let is_json = text.starts_with('{') && text.contains("\"busy\"");
            assert_eq!(
                (text.starts_with("<!DOCTYPE html>"), is_json),
                (is_page, !is_page),
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn a_page_opens_by_itself_unless_somebody_has_to_look_first() {
        let gate = Gate::new();
        let headers = HeaderMap::from_iter([
            (header::ACCEPT, HeaderValue::from_static("text/html")),
            (header::ACCEPT_LANGUAGE, HeaderValue::from_static("en")),
        ]);
        let page = || text(gate.closed_answer(&Method::GET, "/", &headers).unwrap());
        assert!(page().await.contains("opens by itself"));
        gate.stop("stopped: it differs".to_owned());
        assert!(!page().await.contains("opens by itself"));
    }

    #[tokio::test]
    async fn a_browser_is_told_in_its_language() {
        let english = text(closed(&Method::GET, "/", "text/html", "en")).await;
        assert!(english.contains("lang=\"en\""), "{english}");
        let korean = text(closed(&Method::GET, "/", "text/html", "ko")).await;
        assert!(
            korean.contains("lang=\"ko\"") && korean.contains("잠시"),
            "{korean}"
        );
    }
}

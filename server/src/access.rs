//! Which hosts this server answers to, and which pages may act on it.
//!
//! A browser sends a victim's cookies wherever a page tells it to. `Host` keeps a name that was made to point here
//! (DNS rebinding) from being taken for ours; `Origin` keeps other sites' pages from opening sockets and posting
//! (RFC 6455, section 10.2; RFC 6454).

use std::net::IpAddr;
use std::str::FromStr as _;
use std::sync::LazyLock;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use protocol::ErrorCode;

use crate::error::ApiError;
use crate::state::AppState;
use crate::telemetry::LineQuota;
use crate::transport;

/// The rules, from the configuration.
#[derive(Debug)]
pub(crate) struct Access {
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Access {
    pub(crate) fn new(hosts: &[String], origins: &[String]) -> anyhow::Result<Self> {
        for origin in origins {
            anyhow::ensure!(
                origin_authority(origin).is_some(),
                "--allowed-origin {origin:?} is not an origin; write it like https://chat.example.org"
            );
        }
        for host in hosts {
            anyhow::ensure!(
                Authority::from_str(host.trim())
                    .is_ok_and(|host| host.port().is_none() && !host.as_str().contains('@')),
                "--allowed-host {host:?} is not a host name; write it like chat.example.org, without https:// or a port"
            );
        }
        let tidy = |text: &String| text.trim().trim_end_matches('/').to_ascii_lowercase();
        Ok(Self {
            hosts: hosts.iter().map(tidy).collect(),
            origins: origins.iter().map(tidy).collect(),
        })
    }

    fn check(&self, request: &Request) -> Result<(), ErrorCode> {
        let authority = request_authority(request.uri(), request.headers()).ok_or(ErrorCode::BadHost)?;
        if !self.is_our_host(authority.host()) {
            return Err(ErrorCode::BadHost);
        }
        if is_safe(request.method()) && !transport::asks_for_upgrade(request) {
            return Ok(());
        }
        match request.headers().get(header::ORIGIN) {
            None => Ok(()),
            Some(origin) => {
                let origin = origin
                    .to_str()
                    .map_err(|_| ErrorCode::BadOrigin)?
                    .to_ascii_lowercase();
                if self.is_our_origin(&origin, &authority) {
                    Ok(())
                } else {
                    Err(ErrorCode::BadOrigin)
                }
            }
        }
    }

    fn is_our_host(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        host == "localhost" || ip_literal(&host).is_some() || self.hosts.contains(&host)
    }

    fn is_our_origin(&self, origin: &str, authority: &Authority) -> bool {
        if self.origins.iter().any(|allowed| allowed == origin) {
            return true;
        }
        // An opaque origin is `null`, which has no authority and is refused.
        let Some(of_origin) = origin_authority(origin) else {
            return false;
        };
        of_origin.as_str().eq_ignore_ascii_case(authority.as_str())
            || (is_loopback(of_origin.host()) && is_loopback(authority.host()))
    }
}

/// The middleware: every request passes it first.
pub(crate) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match state.access.check(&request) {
        Ok(()) => next.run(request).await,
        Err(code) => {
            static QUOTA: LazyLock<LineQuota> = LazyLock::new(LineQuota::default);
            if let Some(left_out) = QUOTA.take() {
                let host = request.headers().get(header::HOST);
                let origin = request.headers().get(header::ORIGIN);
                tracing::info!(
                    code = code.as_str(),
                    ?host,
                    ?origin,
                    left_out,
                    "a request was refused"
                );
            }
            ApiError::from(code).into_response()
        }
    }
}

/// HTTP/2 carries the host in `:authority`, HTTP/1.1 in `Host`; exactly one `Host` may stand there (RFC 9112, 3.2).
fn request_authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return None;
    }
    match (uri.authority(), host) {
        (Some(authority), None) => Some(authority.clone()),
        (Some(authority), Some(host)) => host
            .as_bytes()
            .eq_ignore_ascii_case(authority.as_str().as_bytes())
            .then(|| authority.clone()),
        (None, Some(host)) => Authority::from_str(host.to_str().ok()?).ok(),
        (None, None) => None,
    }
}

fn origin_authority(origin: &str) -> Option<Authority> {
    let rest = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"))?;
    let authority = Authority::from_str(rest.trim_end_matches('/')).ok()?;
    (!authority.as_str().contains('@')).then_some(authority)
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn ip_literal(host: &str) -> Option<IpAddr> {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
        .parse()
        .ok()
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || ip_literal(host).is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access::new(
            &["Chat.example.org".to_owned()],
            &["https://other.example/".to_owned()],
        )
        .unwrap()
    }

    fn request(method: &str, host: &str, origin: Option<&str>, upgrade: bool) -> Request {
        let mut request = Request::builder().method(method).uri("/").header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if upgrade {
            request = request
                .header("connection", "Upgrade")
                .header("upgrade", "websocket");
        }
        request.body(axum::body::Body::empty()).unwrap()
    }

    #[test]
    fn only_addresses_localhost_and_named_hosts_are_answered() {
        for host in [
            "127.0.0.1:8080",
            "[::1]:8080",
            "192.168.0.7",
            "localhost:1",
            "chat.EXAMPLE.org",
            "localhost.",
        ] {
            assert_eq!(
                access().check(&request("GET", host, None, false)),
                Ok(()),
                "{host}"
            );
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "chat.example.org.evil",
            "127.0.0.1.evil",
        ] {
            let refused = access().check(&request("GET", host, None, false));
            assert_eq!(refused, Err(ErrorCode::BadHost), "{host}");
        }
    }

    #[test]
    fn a_socket_is_opened_by_our_own_pages_and_by_programs_only() {
        let allowed = [
            None,
            Some("http://127.0.0.1:8080"),
            Some("https://127.0.0.1:8080"),
            Some("http://localhost:8081"),
            Some("https://other.example"),
        ];
        for origin in allowed {
            assert_eq!(
                access().check(&request("GET", "127.0.0.1:8080", origin, true)),
                Ok(()),
                "{origin:?}"
            );
        }
        for origin in [
            "null",
            "https://evil.example",
            "http://127.0.0.1.evil:8080",
            "file://",
            "http://x@127.0.0.1:8080",
        ] {
            let refused = access().check(&request("GET", "127.0.0.1:8080", Some(origin), true));
            assert_eq!(refused, Err(ErrorCode::BadOrigin), "{origin}");
        }
    }

    #[test]
    fn other_loopback_pages_may_act_only_while_the_host_is_loopback_too() {
        let page = Some("http://localhost:8081");
        assert_eq!(
            access().check(&request("POST", "localhost:8080", page, false)),
            Ok(())
        );
        let refused = access().check(&request("POST", "192.168.0.7:8080", page, false));
        assert_eq!(refused, Err(ErrorCode::BadOrigin));
    }

    #[test]
    fn reading_asks_for_no_origin() {
        let request = request("GET", "localhost", Some("https://evil.example"), false);
        assert_eq!(access().check(&request), Ok(()));
    }
}

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
use crate::telemetry::{LineQuota, brief};
use crate::transport;

/// The rules, from the configuration.
#[derive(Debug)]
pub(crate) struct Access {
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Access {
    /// # Errors
    /// When one of them is not written as it should be.
    pub(crate) fn new(
        hosts: &[String],
        origins: &[String],
        public_url: Option<&str>,
    ) -> anyhow::Result<Self> {
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
        let tidy = |text: &str| text.trim().trim_end_matches('/').to_ascii_lowercase();
        let mut access = Self {
            hosts: hosts.iter().map(|host| tidy(host)).collect(),
            origins: origins.iter().map(|origin| tidy(origin)).collect(),
        };
        if let Some(url) = public_url.map(tidy) {
            let authority = origin_authority(&url).ok_or_else(|| {
                anyhow::anyhow!(
                    "--public-url {url:?} is not the address of a site's root; write it like https://chat.example.org \
                     or https://chat.example.org:8443: Madang cannot be served under a path"
                )
            })?;
            access.hosts.push(authority.host().to_owned());
            access.origins.push(url);
        }
        Ok(access)
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
        let host = canonical(host);
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
        if is_loopback(of_origin.host()) && is_loopback(authority.host()) {
            return true;
        }
        let host = canonical(authority.host());
        // Where a proxy stands between, the port of `Host` may be any or none. Nothing is lost by that: whoever serves a
        // page on another port of this host is sent its cookies anyway (RFC 6265, section 8.5).
        canonical(of_origin.host()) == host
            && (self.hosts.contains(&host)
                || authority
                    .port_u16()
                    .is_none_or(|port| port == origin_port(origin, &of_origin)))
    }
}

/// The middleware: every request passes it first.
pub(crate) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match state.access.check(&request) {
        Ok(()) => next.run(request).await,
        Err(code) => {
            static QUOTA: LazyLock<LineQuota> = LazyLock::new(LineQuota::default);
            if let Some(left_out) = QUOTA.take() {
                let host = brief(request.headers().get(header::HOST));
                let origin = brief(request.headers().get(header::ORIGIN));
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

/// A host's name as names are compared.
fn canonical(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// The port of an origin: that of its scheme, unless it says another (RFC 6454, section 4).
fn origin_port(origin: &str, authority: &Authority) -> u16 {
    let of_scheme = if origin.starts_with("https:") { 443 } else { 80 };
    authority.port_u16().unwrap_or(of_scheme)
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
            None,
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
    fn a_proxy_may_leave_out_or_change_the_port_of_the_host() {
        for (host, origin) in [
            ("chat.example.org", "https://chat.example.org:8443"),
            ("chat.example.org:443", "https://chat.example.org"),
            ("chat.example.org:80", "https://chat.example.org"),
            ("chat.example.org:8080", "https://chat.example.org:8443"),
            ("chat.example.org.", "https://Chat.example.org:8443"),
            ("192.168.0.7", "https://192.168.0.7:8443"),
            ("192.168.0.7:443", "https://192.168.0.7"),
            ("[fd00::1]", "http://[fd00::1]:9000"),
        ] {
            let checked = access().check(&request("POST", host, Some(origin), false));
            assert_eq!(checked, Ok(()), "{origin} at {host}");
        }
        for (host, origin) in [
            ("192.168.0.7:8080", "http://192.168.0.7:3000"),
            ("192.168.0.7:8080", "http://192.168.0.7"),
            ("192.168.0.7", "https://192.168.0.8"),
            ("chat.example.org", "https://example.org"),
            ("chat.example.org", "https://evil.chat.example.org:8443"),
        ] {
            let checked = access().check(&request("POST", host, Some(origin), false));
            assert_eq!(checked, Err(ErrorCode::BadOrigin), "{origin} at {host}");
        }
    }

    #[test]
    fn the_public_address_is_ours_whatever_host_the_proxy_says() {
        let access = Access::new(&[], &[], Some("https://Chat.example.org:8443/")).unwrap();
        for host in ["127.0.0.1:8080", "chat.example.org", "chat.example.org:8443"] {
            let origin = Some("https://chat.example.org:8443");
            assert_eq!(
                access.check(&request("POST", host, origin, false)),
                Ok(()),
                "{host}"
            );
        }
        let foreign = access.check(&request("GET", "other.example", None, false));
        assert_eq!(foreign, Err(ErrorCode::BadHost));
        for wrong in [
            "chat.example.org",
            "https://example.org/chat/",
            "ftp://example.org",
            "",
        ] {
            assert!(Access::new(&[], &[], Some(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn reading_asks_for_no_origin() {
        let request = request("GET", "localhost", Some("https://evil.example"), false);
        assert_eq!(access().check(&request), Ok(()));
    }
}

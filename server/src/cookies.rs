//! Cookies: what a request brings, and what a response sets.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::limits::COOKIE_DAYS;

/// The values of the cookies of this name, in the order they came.
///
/// Cookies are shared by everything on a host, whatever its port, and what others have set there may be any bytes
/// (RFC 6265, section 5.4: user agents send what they were given). So the header is taken apart as bytes, and what is not ours
/// is never looked at.
pub(crate) fn values<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .filter_map(move |pair| {
            let value = pair.trim_ascii().strip_prefix(name.as_bytes())?;
            let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii();
            std::str::from_utf8(value).ok()
        })
}

/// What sets a cookie of ours for as long as browsers allow; `None` when the value cannot stand in a header.
pub(crate) fn set(name: &str, value: &str) -> Option<HeaderValue> {
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::days(COOKIE_DAYS))
        .build();
    HeaderValue::from_str(&cookie.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(header: &[u8], name: &str) -> Vec<String> {
        let value = HeaderValue::from_bytes(header).unwrap();
        let headers = HeaderMap::from_iter([(header::COOKIE, value)]);
        values(&headers, name).map(str::to_owned).collect()
    }

    #[test]
    fn ours_is_found_among_whatever_others_have_set() {
        for others in [
            &b"nick=\xed\x95\x98\xeb\x82\x98"[..],
            b"latin=caf\xe9",
            b"half=\xed\x95",
            b"no pair at all",
            b"=nameless",
            b"; ;;",
            b"a=b=c=d",
            b"\xff\xfe=1",
            b"quoted=\"a",
            b"json={\"a\":[1,2],\"b\":\"c\"}",
            b"ours2=x; xours=x; our=x",
        ] {
            for header in [
                [others, b"; ours=mine"].concat(),
                [b"ours=mine; ", others].concat(),
                [others, b";ours = mine ;", others].concat(),
            ] {
                assert_eq!(found(&header, "ours"), ["mine"], "{}", header.escape_ascii());
            }
        }
    }

    #[test]
    fn each_of_ours_is_found_and_one_that_is_no_text_is_none() {
        assert_eq!(found(b"a=1; a=; b=2; a=\xff; a=3", "a"), ["1", "", "3"]);
        assert_eq!(found(b"b=2", "a"), [""; 0]);
    }
}

//! The names a server answers to, as its operator writes them and as browsers do.

use anyhow::{Context as _, ensure};

/// Host names in lower case and, where they are not ASCII, in Punycode, as a `Host` header has them (RFC 3492, UTS 46).
/// Empty ones are passed over: a comma at the end is no name.
///
/// # Errors
/// What is none, in a sentence that says how to write it.
pub(crate) fn hosts(names: &[String]) -> anyhow::Result<Vec<String>> {
    given(names).map(host).collect()
}

/// Origins, their hosts in the same way.
///
/// # Errors
/// As [`hosts`], for wildcards. What is no origin is left to [`crate::access`].
pub(crate) fn origins(origins: &[String]) -> anyhow::Result<Vec<String>> {
    given(origins)
        .map(|origin| {
            ensure!(
                !origin.contains('*'),
                "--allowed-origin {origin:?}: wildcards are not supported; name each origin, or several separated by commas"
            );
            Ok(in_ascii(origin))
        })
        .collect()
}

/// An origin or address with its host in ASCII; as it is where there is nothing to be done.
pub(crate) fn in_ascii(url: &str) -> String {
    let converted = || {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find([':', '/']).unwrap_or(rest.len());
        let (host, rest) = rest.split_at(end);
        if host.is_ascii() {
            return None;
        }
        Some(format!("{scheme}://{}{rest}", idna::domain_to_ascii(host).ok()?))
    };
    converted().unwrap_or_else(|| url.to_owned())
}

fn given(names: &[String]) -> impl Iterator<Item = &str> {
    names
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
}

fn host(name: &str) -> anyhow::Result<String> {
    ensure!(
        !name.contains('*'),
        "--allowed-host {name:?}: wildcards are not supported; name each host, or several separated by commas"
    );
    let like = || {
        format!(
            "--allowed-host {name:?} is not a host name; write it like chat.example.org, without https:// or a port"
        )
    };
    let is_name = |character: char| {
        !character.is_ascii() || character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_')
    };
    // An address is answered to anyway, but is no mistake.
    let is_address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    ensure!(is_address || name.chars().all(is_name), like());
    if is_address || name.is_ascii() {
        return Ok(name.trim_end_matches('.').to_ascii_lowercase());
    }
    idna::domain_to_ascii(name.trim_end_matches('.')).with_context(like)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn names_are_taken_as_browsers_send_them() {
        let names = owned(&[
            "Chat.Example.org",
            "",
            " ",
            "a.example.",
            "채팅.한국",
            "BÜCHER.example",
            "[::1]",
            "10.0.0.1",
        ]);
        assert_eq!(
            hosts(&names).unwrap(),
            [
                "chat.example.org",
                "a.example",
                "xn--ou6bo7j.xn--3e0b707e",
                "xn--bcher-kva.example",
                "[::1]",
                "10.0.0.1"
            ]
        );
        assert_eq!(
            origins(&owned(&["https://채팅.한국:8443", "", "https://other.example/"])).unwrap(),
            ["https://xn--ou6bo7j.xn--3e0b707e:8443", "https://other.example/"]
        );
    }

    #[test]
    fn what_is_not_supported_is_said() {
        let refused = |name: &str| hosts(&owned(&[name])).unwrap_err().to_string();
        assert!(refused("*.example.org").contains("wildcards are not supported"));
        for name in [
            "https://chat.example.org",
            "chat.example.org:8080",
            "a/b",
            "a b",
            "a@b",
            "a..b한국\u{fffd}",
        ] {
            assert!(
                refused(name).contains("write it like chat.example.org"),
                "{name}: {}",
                refused(name)
            );
        }
        let refused = origins(&owned(&["https://*.example.org"]))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("wildcards"), "{refused}");
    }
}

//! Who asks: a user id in a signed cookie.
//!
//! The value is `userId.day.signature`: the day it was set on, counted from 1970, and an HMAC-SHA256 (RFC 2104) of the id's 16
//! bytes and the day's 4 (big-endian) under a key made on first start and kept in the data folder. Nothing has to be looked
//! up to believe a cookie, and nothing else makes one believed. Former versions set `userId.signature`, signed without a day,
//! which is believed too.
//!
//! Browsers keep a cookie for 400 days at most, from when it was set. So it is set again while it is used: with a page (or
//! `GET /api/v1/me`) when it is [`COOKIE_RENEW_DAYS`] old, and not more often.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat::ids;
use hmac::{Hmac, KeyInit as _, Mac as _};
use protocol::{ErrorCode, UserId};
use sha2::{Digest as _, Sha256};

use crate::cookies;
use crate::limits::COOKIE_RENEW_DAYS;

/// A day, in milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Makes identities and believes those it made.
pub(crate) struct Identities {
    mac: Hmac<Sha256>,
    cookie_name: String,
}

/// An identity, and the cookie to send when it has just been made or has to be renewed.
pub(crate) struct Recognised {
    pub(crate) user_id: UserId,
    /// Whether it has just been made.
    pub(crate) is_new: bool,
    pub(crate) set_cookie: Option<HeaderValue>,
}

/// What a cookie of ours says.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    user_id: UserId,
    /// The day it was set on; `None` in the form of former versions.
    day: Option<u32>,
}

impl Identities {
    /// Those of this signing key.
    pub(crate) fn new(key: [u8; 32]) -> anyhow::Result<Self> {
        // Cookies ignore ports, so two installations on one host would overwrite each other's: the name carries a
        // piece of a digest of the key, from which nothing of the key can be learned.
        let digest = Sha256::new()
            .chain_update(b"madang cookie name\0")
            .chain_update(key)
            .finalize();
        let cookie_name = format!("madang_{}", URL_SAFE_NO_PAD.encode(&digest[..6]));
        Ok(Self {
            mac: Hmac::new_from_slice(&key)?,
            cookie_name,
        })
    }

    /// The name of another cookie of this installation.
    pub(crate) fn cookie_named(&self, what: &str) -> String {
        format!("{}_{what}", self.cookie_name)
    }

    /// The identity a request brings, if it brings one that is ours.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Option<UserId> {
        self.known(headers).map(|known| known.user_id)
    }

    /// Whether a request brings an identity in the form of former versions: nothing was set anew for it yet.
    pub(crate) fn is_of_former_version(&self, headers: &HeaderMap) -> bool {
        self.known(headers).is_some_and(|known| known.day.is_none())
    }

    fn known(&self, headers: &HeaderMap) -> Option<Known> {
        cookies::values(headers, &self.cookie_name).find_map(|value| self.verify(value))
    }

    /// The identity a request brings.
    ///
    /// # Errors
    /// [`ErrorCode::NoIdentity`].
    pub(crate) fn require(&self, headers: &HeaderMap) -> Result<UserId, ErrorCode> {
        self.of(headers).ok_or(ErrorCode::NoIdentity)
    }

    /// The identity a request brings, or a new one. Only the page and `GET /api/v1/me` may ask for this: two first
    /// requests side by side must not become two people.
    pub(crate) fn recognise(&self, headers: &HeaderMap) -> Recognised {
        self.recognise_on(headers, today())
    }

    fn recognise_on(&self, headers: &HeaderMap, today: u32) -> Recognised {
        let known = self.known(headers);
        let is_new = known.is_none();
        // A day that is to come is no less wrong than one long past: somebody's clock was ahead.
        let day = known.as_ref().and_then(|known| known.day);
        let is_fresh = day.is_some_and(|day| day.abs_diff(today) < COOKIE_RENEW_DAYS);
        let user_id = known.map_or_else(ids::user_id, |known| known.user_id);
        let set_cookie = if is_fresh {
            None
        } else {
            cookies::set(&self.cookie_name, &self.sign(user_id, today))
        };
        Recognised {
            user_id,
            is_new,
            set_cookie,
        }
    }

    fn sign(&self, user_id: UserId, day: u32) -> String {
        let signature = self.mac(user_id, Some(day)).finalize().into_bytes();
        format!("{user_id}.{day}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn mac(&self, user_id: UserId, day: Option<u32>) -> Hmac<Sha256> {
        let mac = self.mac.clone().chain_update(user_id.as_bytes());
        match day {
            Some(day) => mac.chain_update(day.to_be_bytes()),
            None => mac,
        }
    }

    fn verify(&self, value: &str) -> Option<Known> {
        let (user_id, rest) = value.split_once('.')?;
        let (day, signature) = match rest.split_once('.') {
            Some((written, signature)) => {
                let day: u32 = written.parse().ok()?;
                // One cookie is one text: no sign and no zeros before it.
                if day.to_string() != written {
                    return None;
                }
                (Some(day), signature)
            }
            None => (None, rest),
        };
        let user_id: UserId = user_id.parse().ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // Compares in constant time.
        self.mac(user_id, day).verify_slice(&signature).ok()?;
        Some(Known { user_id, day })
    }
}

/// Today, in days since 1970 (UTC).
fn today() -> u32 {
    u32::try_from(ids::unix_ms() / DAY_MS).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    fn cookie(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn an_identity_is_recognised_by_the_cookie_it_was_given() {
        let identities = Identities::new([1; 32]).unwrap();
        let first = identities.recognise(&HeaderMap::new());
        let set_cookie = first.set_cookie.unwrap();
        let set_cookie = set_cookie.to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
            assert!(set_cookie.contains(part), "{set_cookie}");
        }
        let pair = set_cookie.split(';').next().unwrap();
        let again = identities.recognise(&cookie(&format!("other=1; {pair}")));
        assert_eq!(again.user_id, first.user_id);
        assert!(again.set_cookie.is_none());
    }

    #[test]
    fn a_cookie_is_set_again_when_it_is_a_week_old_and_no_more_often() {
        let identities = Identities::new([1; 32]).unwrap();
        let user_id = ids::user_id();
        let day = 20_000;
        let headers = |day| {
            cookie(&format!(
                "{}={}",
                identities.cookie_name,
                identities.sign(user_id, day)
            ))
        };
        for (today, is_renewed) in [
            (day, false),
            (day + 1, false),
            (day + 6, false),
            (day + 7, true),
            (day + 399, true),
            (day - 6, false),
            (day - 7, true),
        ] {
            let recognised = identities.recognise_on(&headers(day), today);
            assert_eq!(recognised.user_id, user_id);
            assert!(!recognised.is_new);
            assert_eq!(recognised.set_cookie.is_some(), is_renewed, "{today}");
            if let Some(set) = recognised.set_cookie {
                let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
                let again = identities.recognise_on(&cookie(&pair), today);
                assert_eq!((again.user_id, again.set_cookie), (user_id, None));
            }
        }
    }

    #[test]
    fn a_cookie_is_one_text_and_no_other_way_to_write_it() {
        let identities = Identities::new([1; 32]).unwrap();
        let signed = identities.sign(ids::user_id(), 20_000);
        assert!(identities.verify(&signed).is_some());
        for written in [".+20000.", ".020000.", ".20001."] {
            assert!(
                identities.verify(&signed.replace(".20000.", written)).is_none(),
                "{written}"
            );
        }
    }

    #[test]
    fn a_cookie_of_a_former_version_is_believed_and_set_anew() {
        let identities = Identities::new([1; 32]).unwrap();
        let user_id = ids::user_id();
        let signature = identities.mac(user_id, None).finalize().into_bytes();
        let value = format!("{user_id}.{}", URL_SAFE_NO_PAD.encode(signature));
        let headers = cookie(&format!("{}={value}", identities.cookie_name));
        assert!(identities.is_of_former_version(&headers));
        let recognised = identities.recognise(&headers);
        assert_eq!((recognised.user_id, recognised.is_new), (user_id, false));
        let set = recognised.set_cookie.unwrap();
        let anew = cookie(set.to_str().unwrap().split(';').next().unwrap());
        assert!(!identities.is_of_former_version(&anew));
        assert_eq!(identities.of(&anew), Some(user_id));
    }

    #[test]
    fn what_another_key_signed_or_nobody_is_not_believed() {
        let identities = Identities::new([1; 32]).unwrap();
        let other = Identities::new([2; 32]).unwrap();
        let user_id = ids::user_id();
        let genuine = identities.sign(user_id, 20_000);
        let forged = [
            other.sign(user_id, 20_000),
            user_id.to_string(),
            format!("{user_id}."),
            format!("{user_id}.20000."),
            format!("{user_id}..{}", genuine.rsplit_once('.').unwrap().1),
            format!("{user_id}.20001.{}", genuine.rsplit_once('.').unwrap().1),
            format!("{}.{}", ids::user_id(), genuine.split_once('.').unwrap().1),
            String::new(),
        ];
        for value in forged {
            assert!(
                identities
                    .of(&cookie(&format!("{}={value}", identities.cookie_name)))
                    .is_none(),
                "{value}"
            );
        }
    }

    #[test]
    fn two_installations_on_one_host_do_not_share_a_cookie_name() {
        assert_ne!(
            Identities::new([1; 32]).unwrap().cookie_name,
            Identities::new([2; 32]).unwrap().cookie_name
        );
    }
}

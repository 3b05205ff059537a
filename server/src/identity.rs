//! Who asks: a user id in a signed cookie.
//!
//! The value is `userId.signature`, the signature an HMAC-SHA256 (RFC 2104) of the id's 16 bytes under a key made on
//! first start and kept in the data folder. Nothing has to be looked up to believe a cookie, and nothing else makes
//! one believed.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat::{DataFolder, ids};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use hmac::{Hmac, KeyInit as _, Mac as _};
use protocol::{ErrorCode, UserId};
use sha2::{Digest as _, Sha256};

use crate::limits::COOKIE_DAYS;

/// Makes identities and believes those it made.
pub(crate) struct Identities {
    mac: Hmac<Sha256>,
    cookie_name: String,
}

/// An identity, and the cookie to send when it has just been made.
pub(crate) struct Recognised {
    pub(crate) user_id: UserId,
    pub(crate) set_cookie: Option<HeaderValue>,
}

impl Identities {
    /// Reads the signing key, or makes it on first start.
    pub(crate) fn open(folder: &DataFolder) -> anyhow::Result<Self> {
        Self::new(folder.secret("signing-key")?)
    }

    fn new(key: [u8; 32]) -> anyhow::Result<Self> {
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

    /// The identity a request brings, if it brings one that is ours.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Option<UserId> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .filter(|cookie| cookie.name() == self.cookie_name)
            .find_map(|cookie| self.verify(cookie.value()))
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
        if let Some(user_id) = self.of(headers) {
            return Recognised {
                user_id,
                set_cookie: None,
            };
        }
        let user_id = ids::user_id();
        let cookie = Cookie::build((self.cookie_name.as_str(), self.sign(user_id)))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(Duration::days(COOKIE_DAYS))
            .build();
        Recognised {
            user_id,
            set_cookie: HeaderValue::from_str(&cookie.to_string()).ok(),
        }
    }

    fn sign(&self, user_id: UserId) -> String {
        let signature = self
            .mac
            .clone()
            .chain_update(user_id.as_bytes())
            .finalize()
            .into_bytes();
        format!("{user_id}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn verify(&self, value: &str) -> Option<UserId> {
        let (user_id, signature) = value.split_once('.')?;
        let user_id: UserId = user_id.parse().ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // Compares in constant time.
        self.mac
            .clone()
            .chain_update(user_id.as_bytes())
            .verify_slice(&signature)
            .ok()?;
        Some(user_id)
    }
}

#[cfg(test)]
mod tests {
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
    fn what_another_key_signed_or_nobody_is_not_believed() {
        let identities = Identities::new([1; 32]).unwrap();
        let other = Identities::new([2; 32]).unwrap();
        let user_id = ids::user_id();
        let forged = [
            other.sign(user_id),
            user_id.to_string(),
            format!("{user_id}."),
            format!(
                "{}.{}",
                ids::user_id(),
                identities.sign(user_id).split_once('.').unwrap().1
            ),
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

//! What makes several nodes one chat: the epoch their events are counted in, and the key their cookies are signed with.
//!
//! Made by the first node, or by [`crate::seed`], and kept under one key of the settings bucket. Every node takes it over into its
//! data folder. *The signing key is a secret: whoever can read the bucket can sign cookies, and be anybody.*

use async_nats::jetstream::stream::Stream;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chat::{DataFolder, LogPoint, Standing, ids};
use protocol::Epoch;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::nats::log_stream::{LogStream, is_missing};
use crate::settings::Settings;

/// Where the data folder and the bucket keep these.
const SIGNING_KEY: &str = "signing-key";
const KEY: &str = "identity";
/// Where a folder keeps which first state it began with.
const FIRST_STATE: &str = "first-state";
/// The newest form of what is in the bucket that this version knows.
const FORMAT: u32 = 1;

/// Of a cluster.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) epoch: Epoch,
    pub(crate) signing_key: [u8; 32],
    /// Whether there was something before the first message of the log: then no node begins with nothing but the log.
    pub(crate) is_seeded: bool,
    /// The id of the snapshot that is what there was before. Others may be there, of a seeding that was broken off, and no log says
    /// that they are of another history.
    pub(crate) first_state: Option<String>,
    /// When the stream was made that is its log, as [`LogStream::made`] has it.
    log_made: Option<i128>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    format: u32,
    epoch: Epoch,
    signing_key: String,
    #[serde(default)]
    is_seeded: bool,
    #[serde(default)]
    first_state: Option<String>,
    /// In digits: there are more than JSON's readers agree on.
    #[serde(default)]
    log_made: Option<String>,
}

/// Only its format, to be read of every version's.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Identity {
    /// The cluster's, if it has one.
    pub(crate) async fn read(settings: &Settings) -> Result<Option<Self>, Error> {
        let Some(setting) = settings.read(KEY).await? else {
            return Ok(None);
        };
        let Format { format } =
            serde_json::from_slice(&setting.value).map_err(|_| Error::IdentityUnreadable)?;
        if format > FORMAT {
            return Err(Error::NewerIdentity {
                found: format,
                known: FORMAT,
            });
        }
        let written: Written =
            serde_json::from_slice(&setting.value).map_err(|_| Error::IdentityUnreadable)?;
        let key = STANDARD.decode(written.signing_key).ok();
        let signing_key = key.and_then(|key| key.try_into().ok());
        Ok(Some(Self {
            epoch: written.epoch,
            signing_key: signing_key.ok_or(Error::IdentityUnreadable)?,
            is_seeded: written.is_seeded,
            first_state: written.first_state,
            log_made: written.log_made.and_then(|digits| digits.parse().ok()),
        }))
    }

    /// What the first node makes the cluster's: what its folder has, else something new.
    pub(crate) fn of_first(
        folder: &DataFolder,
        standing: Option<&Standing>,
        log: &LogStream,
    ) -> Result<Self, Error> {
        let was_used = standing.is_some_and(|standing| standing.was_used);
        Ok(Self {
            epoch: standing.map_or_else(ids::epoch, |standing| standing.epoch),
            signing_key: match folder.secret(SIGNING_KEY)? {
                Some(key) => key,
                None if was_used => {
                    return Err(Error::KeyMissing {
                        path: folder.path().join(SIGNING_KEY),
                    });
                }
                None => random_key()?,
            },
            is_seeded: false,
            first_state: None,
            log_made: Some(log.made()),
        })
    }

    /// Makes it the cluster's, unless that has one; whether it was made so.
    pub(crate) async fn create(&self, settings: &Settings) -> Result<bool, Error> {
        let written = Written {
            format: FORMAT,
            epoch: self.epoch,
            signing_key: STANDARD.encode(self.signing_key),
            is_seeded: self.is_seeded,
            first_state: self.first_state.clone(),
            log_made: self.log_made.map(|made| made.to_string()),
        };
        let value = Bytes::from(serde_json::to_vec(&written)?);
        Ok(settings.write(KEY, value, 0).await?.is_some())
    }

    /// Refuses a folder that holds something of another chat.
    pub(crate) fn refuse_other(&self, folder: &DataFolder, standing: Option<&Standing>) -> Result<(), Error> {
        match standing {
            Some(standing) if standing.epoch == self.epoch => Ok(()),
            Some(standing) if is_empty(standing) => Ok(()),
            Some(standing) => Err(Error::AnotherChat {
                folder: folder.path().to_owned(),
                found: standing.epoch,
                cluster: self.epoch,
            }),
            None => {
                // A key without a database: of this chat, or what is left of another one.
                match folder.secret(SIGNING_KEY)? {
                    Some(key) if key != self.signing_key => Err(Error::AnotherKey {
                        path: folder.path().join(SIGNING_KEY),
                    }),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Refuses a stream that is not the log that the cluster began with: what was acknowledged is not in it, and a snapshot that is
    /// older would be gone on from as if it had never been.
    pub(crate) fn refuse_other_log(&self, log: &LogStream) -> Result<(), Error> {
        match self.log_made {
            Some(made) if made != log.made() => Err(Error::LogReplaced {
                stream: log.name().to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Whether the cluster of this bucket has one, and so has had a log.
    pub(crate) async fn is_there(bucket: &Stream, name: &str) -> Result<bool, Error> {
        match bucket
            .get_last_raw_message_by_subject(&format!("$KV.{name}.{KEY}"))
            .await
        {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(Error::nats("read what the cluster is", &error)),
        }
    }

    /// Refuses a folder of which only its key says whose it is.
    pub(crate) fn refuse_unknown(&self, folder: &DataFolder) -> Result<(), Error> {
        if folder.secret(SIGNING_KEY)? == Some(self.signing_key) {
            return Ok(());
        }
        Err(Error::AnotherKey {
            path: folder.path().join(SIGNING_KEY),
        })
    }

    /// Whether a snapshot, or a database, of before the first message of the log is what this cluster began with.
    pub(crate) fn is_first_state(&self, id: &str) -> bool {
        self.first_state.as_deref().is_none_or(|first| first == id)
    }

    /// Whether this folder's database, to which nothing of the log was applied, is what this cluster began with.
    pub(crate) fn began_with(&self, folder: &DataFolder) -> Result<bool, Error> {
        let kept = folder.secret(FIRST_STATE)?;
        Ok(self.first_state_bytes().is_none_or(|first| kept == Some(first)))
    }

    /// Takes the key over into the folder, and which first state it is of.
    pub(crate) fn keep(&self, folder: &DataFolder) -> Result<(), Error> {
        let kept = [
            (SIGNING_KEY, Some(self.signing_key)),
            (FIRST_STATE, self.first_state_bytes()),
        ];
        for (name, value) in kept {
            if let Some(value) = value
                && folder.secret(name)? != Some(value)
            {
                folder.keep_secret(name, &value)?;
            }
        }
        Ok(())
    }

    /// An id is so many hexadecimal digits.
    fn first_state_bytes(&self) -> Option<[u8; 32]> {
        self.first_state.as_ref()?.as_bytes().try_into().ok()
    }
}

/// Whether nobody has said anything in this database, and no log has been applied to it.
pub(crate) fn is_empty(standing: &Standing) -> bool {
    !standing.was_used && standing.point.is_none_or(|point| point == LogPoint::default())
}

fn random_key() -> Result<[u8; 32], Error> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| Error::NoRandomness)?;
    Ok(key)
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

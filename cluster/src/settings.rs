//! The bucket of what the cluster is: small values under keys, each written on the condition that nobody else has meanwhile.
//!
//! What is read is read from the bucket's leader: any other replica may not have yet what somebody has just written.

use async_nats::jetstream::kv;
use bytes::Bytes;

use crate::error::Error;
use crate::nats::log_stream::is_missing;

/// The bucket.
#[derive(Clone, Debug)]
pub struct Settings {
    store: kv::Store,
}

/// What is under a key.
#[derive(Clone, Debug)]
pub struct Setting {
    pub value: Bytes,
    /// Another one with each write.
    pub revision: u64,
}

impl Settings {
    pub const fn new(store: kv::Store) -> Self {
        Self { store }
    }

    /// What is under this key.
    pub async fn read(&self, key: &str) -> Result<Option<Setting>, Error> {
        let subject = format!("{}{key}", self.store.prefix);
        match self.store.stream.get_last_raw_message_by_subject(&subject).await {
            Ok(message) => Ok(Some(Setting {
                value: message.payload,
                revision: message.sequence,
            })),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(Error::nats("read what the cluster is", &error)),
        }
    }

    /// Writes the value if the key still has this revision, 0 for none at all; the new revision, or `None` when somebody else
    /// was faster. No two writers may write the same value.
    pub async fn write(&self, key: &str, value: Bytes, revision: u64) -> Result<Option<u64>, Error> {
        match self.store.update(key, value.clone(), revision).await {
            Ok(revision) => Ok(Some(revision)),
            // Refused; or its answer was lost, or NATS was busy with another one. What is there now tells.
            Err(error) => match self.read(key).await? {
                Some(now) if now.revision > revision && now.value == value => Ok(Some(now.revision)),
                Some(now) if now.revision != revision => Ok(None),
                None if revision != 0 => Ok(None),
                _ => Err(Error::nats("write what the cluster is", &error)),
            },
        }
    }
}

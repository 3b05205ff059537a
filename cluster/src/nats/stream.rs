//! The stream and the buckets of a cluster: made as they must be, or checked.

use std::fmt::Debug;
use std::time::Duration;

use async_nats::jetstream::context::{
    CreateKeyValueError, CreateObjectStoreError, CreateStreamError, CreateStreamErrorKind, GetStreamErrorKind,
};
use async_nats::jetstream::stream::{DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType};
use async_nats::jetstream::{self, ErrorCode, kv, object_store};

use super::connection::Connection;
use super::log_stream::LogStream;
use super::patience::{Trouble, patiently};
use crate::config::Config;
use crate::error::Error;
use crate::identity::Identity;
use crate::limits::{ENVELOPE_ALONE_BYTES_MAX, LOG_KEPT_DAYS};
use crate::names::Names;

/// What a cluster has in NATS.
#[derive(Clone)]
pub struct Storage {
    pub log: LogStream,
    /// One value a key, no history.
    pub settings: kv::Store,
}

impl Storage {
    /// What is there is checked, and what is not is made. JetStream is waited for some while: `progress` is told of it.
    ///
    /// # Errors
    /// The first thing that is not as it must be, and what to do about it.
    pub async fn open(
        connection: &Connection,
        names: &Names,
        config: &Config,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<Self, Error> {
        Self::open_unless(|| None, connection, names, config, progress).await
    }

    /// The same, but where there is no log and whoever asks has a reason not to begin one, nothing is made.
    ///
    /// # Errors
    /// That reason, and those of [`Self::open`].
    pub(crate) async fn open_unless(
        refusal: impl Fn() -> Option<Error>,
        connection: &Connection,
        names: &Names,
        config: &Config,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<Self, Error> {
        patiently(progress, || {
            // Once a start, and too large for the stack of whoever waits for it.
            Box::pin(Self::try_to_open(&refusal, connection, names, config.replicas))
        })
        .await
    }

    async fn try_to_open(
        refusal: &impl Fn() -> Option<Error>,
        connection: &Connection,
        names: &Names,
        replicas: usize,
    ) -> Result<Self, Trouble> {
        let jetstream = connection.jetstream();
        let wanted = log_config(names, replicas);
        let log = match existing(connection, names.stream()).await? {
            Some(log) => log,
            None => {
                refuse_lost(connection, names).await?;
                if let Some(refusal) = refusal() {
                    return Err(Trouble::Lasting(refusal));
                }
                jetstream
                    .create_stream(wanted.clone())
                    .await
                    .map_err(|error| trouble(&error, names, replicas))?
            }
        };
        Checked::of(&log.cached_info().config, replicas).log(&wanted)?;

        let bucket = names.settings_bucket();
        let settings = match existing(connection, &format!("KV_{bucket}")).await? {
            Some(stream) => {
                Checked::of(&stream.cached_info().config, replicas).bucket(Some(1))?;
                jetstream
                    .get_key_value(bucket)
                    .await
                    .map_err(|error| passing("open a bucket", &error))?
            }
            None => jetstream
                .create_key_value(settings_config(bucket, replicas))
                .await
                .map_err(|error| bucket_trouble(&error, names, replicas))?,
        };

        // The bucket of snapshots is read by its stream.
        let bucket = names.snapshots_bucket();
        match existing(connection, &format!("OBJ_{bucket}")).await? {
            Some(stream) => {
                Checked::of(&stream.cached_info().config, replicas).bucket(None)?;
            }
            None => {
                jetstream
                    .create_object_store(snapshots_config(bucket, replicas))
                    .await
                    .map_err(|error: CreateObjectStoreError| bucket_trouble(&error, names, replicas))?;
            }
        }
        Ok(Self {
            log: LogStream::new(log, jetstream.clone()),
            settings,
        })
    }
}

/// Refuses a cluster that has an identity and no log: it had one, and a new one would not have what was acknowledged.
async fn refuse_lost(connection: &Connection, names: &Names) -> Result<(), Trouble> {
    let name = names.settings_bucket();
    let Some(bucket) = existing(connection, &format!("KV_{name}")).await? else {
        return Ok(());
    };
    if Identity::is_there(&bucket, &name)
        .await
        .map_err(Trouble::Passing)?
    {
        return Err(Trouble::Lasting(Error::LogGone {
            stream: names.stream().to_owned(),
        }));
    }
    Ok(())
}

fn log_config(names: &Names, replicas: usize) -> jetstream::stream::Config {
    jetstream::stream::Config {
        name: names.stream().to_owned(),
        description: Some("The log of a Madang chat: do not delete or purge anything in it".to_owned()),
        subjects: vec![names.log_subject()],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        max_age: Duration::from_secs(LOG_KEPT_DAYS * 24 * 60 * 60),
        max_message_size: i32::try_from(ENVELOPE_ALONE_BYTES_MAX).unwrap_or(i32::MAX),
        num_replicas: replicas,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        ..Default::default()
    }
}

fn settings_config(bucket: String, replicas: usize) -> kv::Config {
    kv::Config {
        bucket,
        description: "What a Madang chat's nodes have in common".to_owned(),
        history: 1,
        storage: StorageType::File,
        num_replicas: replicas,
        ..Default::default()
    }
}

fn snapshots_config(bucket: String, replicas: usize) -> object_store::Config {
    object_store::Config {
        bucket,
        description: Some("Copies of a Madang chat for new nodes".to_owned()),
        storage: StorageType::File,
        num_replicas: replicas,
        ..Default::default()
    }
}

async fn existing(connection: &Connection, name: &str) -> Result<Option<jetstream::stream::Stream>, Trouble> {
    match connection.jetstream().get_stream(name).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(inner) if inner.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                Ok(None)
            }
            _ => Err(passing("say whether it has a stream", &error)),
        },
    }
}

fn passing(what: &'static str, error: &impl ToString) -> Trouble {
    Trouble::Passing(Error::Nats {
        what,
        reason: error.to_string(),
    })
}

fn trouble(error: &CreateStreamError, names: &Names, replicas: usize) -> Trouble {
    let CreateStreamErrorKind::JetStream(inner) = error.kind() else {
        return passing("make a stream", error);
    };
    match inner.error_code() {
        ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED => Trouble::Lasting(Error::FewServers { replicas }),
        // The others may be about to start.
        ErrorCode::CLUSTER_NO_PEERS => Trouble::Passing(Error::FewServers { replicas }),
        ErrorCode::STREAM_SUBJECT_OVERLAP => Trouble::Lasting(Error::Overlap {
            stream: names.stream().to_owned(),
        }),
        _ => passing("make a stream", &inner),
    }
}

fn bucket_trouble(error: &CreateKeyValueError, names: &Names, replicas: usize) -> Trouble {
    let inner =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<CreateStreamError>());
    inner.map_or_else(
        || passing("make a bucket", error),
        |inner| trouble(inner, names, replicas),
    )
}

/// A stream's configuration that is looked at, field by field.
struct Checked<'a> {
    config: &'a jetstream::stream::Config,
    replicas: usize,
}

impl<'a> Checked<'a> {
    const fn of(config: &'a jetstream::stream::Config, replicas: usize) -> Self {
        Self { config, replicas }
    }

    /// Free are only where it is kept, whether compressed, and how many bytes and messages there may be: of more, the next is
    /// refused, and nothing is lost.
    fn log(&self, wanted: &jetstream::stream::Config) -> Result<(), Trouble> {
        let config = self.config;
        self.common()?;
        self.same("subjects", &config.subjects, &wanted.subjects)?;
        self.same("retention", &config.retention, &wanted.retention)?;
        self.same("discard", &config.discard, &wanted.discard)?;
        self.same("max_age", &config.max_age, &wanted.max_age)?;
        self.same("deny_delete", &config.deny_delete, &true)?;
        self.same("deny_purge", &config.deny_purge, &true)?;
        self.same("allow_rollup_hdrs", &config.allow_rollup, &false)?;
        self.same("allow_msg_ttl", &config.allow_message_ttl, &false)?;
        self.same("allow_msg_schedules", &config.allow_message_schedules, &false)?;
        self.same("allow_msg_counter", &config.allow_message_counter, &false)?;
        self.at_least("max_msgs_per_subject", config.max_messages_per_subject, i64::MAX)?;
        self.at_least(
            "max_msg_size",
            config.max_message_size.into(),
            wanted.max_message_size.into(),
        )?;
        self.at_least("max_consumers", config.max_consumers.into(), i64::MAX)?;
        self.same("first_seq", &config.first_sequence.unwrap_or_default().max(1), &1)?;
        self.same("subject_transform", &config.subject_transform, &None)
    }

    fn bucket(&self, history: Option<i64>) -> Result<(), Trouble> {
        self.common()?;
        self.same("max_age", &self.config.max_age, &Duration::ZERO)?;
        history.map_or(Ok(()), |history| {
            self.same(
                "max_msgs_per_subject",
                &self.config.max_messages_per_subject,
                &history,
            )
        })
    }

    fn common(&self) -> Result<(), Trouble> {
        let config = self.config;
        if config.num_replicas != self.replicas {
            return Err(Trouble::Lasting(Error::Replicas {
                stream: config.name.clone(),
                is: config.num_replicas,
                told: self.replicas,
            }));
        }
        self.same("storage", &config.storage, &StorageType::File)?;
        self.same("no_ack", &config.no_ack, &false)?;
        self.same("sealed", &config.sealed, &false)?;
        let persists = config.persist_mode.unwrap_or_default();
        self.same("persist_mode", &persists, &PersistenceMode::Default)?;
        self.same(
            "mirror",
            &config.mirror.as_ref().map(|mirror| &mirror.name),
            &None,
        )?;
        let sources = config.sources.iter().flatten().map(|source| source.name.as_str());
        self.same("sources", &sources.collect::<Vec<_>>(), &Vec::new())
    }

    fn same<T: PartialEq + Debug>(&self, field: &'static str, is: &T, must: &T) -> Result<(), Trouble> {
        if is == must {
            return Ok(());
        }
        Err(self.other(field, format!("{is:?}"), format!("{must:?}")))
    }

    /// Of a bound that is none where it is not positive. `i64::MAX`: there must be none.
    fn at_least(&self, field: &'static str, is: i64, must: i64) -> Result<(), Trouble> {
        if is <= 0 || is >= must {
            return Ok(());
        }
        let must = if must == i64::MAX {
            "no bound".to_owned()
        } else {
            format!("{must} or more")
        };
        Err(self.other(field, is.to_string(), must))
    }

    fn other(&self, field: &'static str, is: String, must: String) -> Trouble {
        Trouble::Lasting(Error::Stream {
            stream: self.config.name.clone(),
            field,
            is,
            must,
        })
    }
}

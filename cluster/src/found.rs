//! What a starting node's folder has, before anything in NATS is looked at.

use std::path::Path;

use chat::{DataFolder, Standing};

use crate::belonging;
use crate::error::Error;
use crate::identity::is_empty;
use crate::scratch::Scratch;

/// What a folder has for a database.
#[derive(Debug)]
pub(crate) enum Found {
    Nothing,
    Database(Standing),
    /// One that cannot be read.
    Damaged,
}

impl Found {
    /// What is in this folder, which is to be a node's of this stream.
    ///
    /// # Errors
    /// When it cannot be read, or is of a node of another stream.
    pub(crate) fn of(folder: &DataFolder, rebuild: bool, stream: &str) -> Result<Self, Error> {
        Scratch::clear(folder.path())?;
        let found = find(folder, rebuild)?;
        match belonging::read(folder.path())? {
            Some(kept) if kept != stream && found.has_anything() => Err(Error::OtherStream {
                folder: folder.path().to_owned(),
                kept,
                stream: stream.to_owned(),
            }),
            _ => Ok(found),
        }
    }

    pub(crate) const fn standing(&self) -> Option<&Standing> {
        match self {
            Self::Database(standing) => Some(standing),
            Self::Nothing | Self::Damaged => None,
        }
    }

    /// Whether there is something that a new cluster would not have.
    pub(crate) fn has_anything(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Database(standing) => !is_empty(standing),
            Self::Damaged => true,
        }
    }

    /// Why this folder does not begin a new cluster; `None` for one that may.
    pub(crate) fn refusal(&self, folder: &Path, stream: &str) -> Option<Error> {
        let (folder, stream) = (folder.to_owned(), stream.to_owned());
        match self {
            Self::Database(standing) if standing.point.is_some_and(|point| point.position > 0) => {
                Some(Error::NoLog { folder, stream })
            }
            Self::Database(standing) if !is_empty(standing) => Some(Error::NotSeeded { folder, stream }),
            Self::Damaged => Some(Error::NothingToRebuildFrom),
            Self::Nothing | Self::Database(_) => None,
        }
    }
}

fn find(folder: &DataFolder, rebuild: bool) -> Result<Found, Error> {
    match chat::standing(folder) {
        Ok(None) => Ok(Found::Nothing),
        Ok(Some(standing)) => Ok(Found::Database(standing)),
        Err(error) if rebuild && !matches!(error, chat::Error::DatabaseLocked { .. }) => {
            tracing::warn!(%error, "what the database holds cannot be read; it is built anew");
            Ok(Found::Damaged)
        }
        Err(error) => Err(error.into()),
    }
}

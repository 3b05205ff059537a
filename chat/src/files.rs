//! The files the chat has open, and whether they are still those that stand in its folder.
//!
//! SQLite writes on into files that were removed or replaced and says nothing: what is committed then is gone with the
//! process.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::file_identity;

/// The files that must stay as they are.
#[derive(Debug)]
pub(crate) struct Files {
    watched: Vec<Watched>,
}

#[derive(Debug)]
struct Watched {
    path: PathBuf,
    /// `None` while there was none yet.
    identity: Option<[u64; 2]>,
    /// Bytes it had and must not have fewer of; `None` for one that may shrink.
    length: Option<u64>,
}

impl Files {
    /// Those of this database, as they stand now. It has to be open.
    pub(crate) fn open(database: &Path) -> Result<Self, Error> {
        let mut wal = database.as_os_str().to_owned();
        wal.push("-wal");
        let watched = |path, length| Watched {
            path,
            identity: None,
            length,
        };
        let mut files = Self {
            watched: vec![
                watched(database.to_owned(), Some(0)),
                watched(PathBuf::from(wal), None),
                watched(database.with_file_name(crate::data_folder::LOCK), None),
            ],
        };
        files.check()?;
        Ok(files)
    }

    /// # Errors
    /// [`Error::FilesReplaced`] when one of them is another file now, is gone, or was cut short.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        self.watched.iter_mut().try_for_each(Watched::check)
    }
}

impl Watched {
    fn check(&mut self) -> Result<(), Error> {
        let replaced = || Error::FilesReplaced {
            path: self.path.clone(),
        };
        let metadata = match fs::metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return if self.identity.is_some() {
                    Err(replaced())
                } else {
                    Ok(())
                };
            }
            // The folder cannot be looked into now: what is open can still be written.
            Err(error) => {
                tracing::debug!(%error, path = %self.path.display(), "a file of the database could not be looked at");
                return Ok(());
            }
        };
        let identity = file_identity::of(&metadata);
        let is_shorter = self.length.is_some_and(|length| metadata.len() < length);
        if is_shorter || self.identity.is_some_and(|known| known != identity) {
            return Err(replaced());
        }
        self.identity = Some(identity);
        self.length = self.length.map(|_| metadata.len());
        Ok(())
    }
}

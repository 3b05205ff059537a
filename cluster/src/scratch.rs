//! Room in the data folder for what is only needed for a while: it has people's messages, so it is nowhere else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// What it is called.
const NAME: &str = "snapshot.tmp";

/// A folder of the data folder that is gone when this is dropped, with all that is in it.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes it. What is left of a former one, or of a process that was killed, is removed.
    pub(crate) fn make(folder: &Path) -> Result<Self, Error> {
        Self::clear(folder)?;
        let path = folder.join(NAME);
        fs::create_dir(&path).map_err(|source| Error::SnapshotFile {
            path: path.clone(),
            source,
        })?;
        Ok(Self(path))
    }

    /// Removes what is left of one.
    pub(crate) fn clear(folder: &Path) -> Result<(), Error> {
        let path = folder.join(NAME);
        match fs::remove_dir_all(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(Error::SnapshotFile { path, source }),
        }
    }

    /// A file in it that is not there yet.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "what was only needed for a while could not be removed; it is at the next start");
        }
    }
}

//! The folder that holds everything one installation must not lose.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::private_files as private;

/// What is locked.
pub(crate) const LOCK: &str = "madang.lock";

/// A data folder, locked for this process until it is dropped (or the process ends, however it ends).
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    expects_database: bool,
    // The lock is the open file's: the operating system lets go of it when the process dies.
    _lock: File,
}

impl DataFolder {
    /// Opens the folder, making it (mode 0700) if there is none, and locks it.
    ///
    /// # Errors
    /// [`Error::DataFolder`] when it cannot be made or written, [`Error::Locked`] when another process holds it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let unusable = |source| Error::DataFolder {
            path: path.to_owned(),
            source,
        };
        make_private_folder(path).map_err(unusable)?;
        let lock = private::file(&path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                expects_database: false,
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The secret kept under `name`, 32 bytes; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::DataFolder`] when it cannot be read, [`Error::BadSecret`] when it is not 32 bytes long.
    pub fn secret(&self, name: &str) -> Result<Option<[u8; 32]>, Error> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(bytes) => <[u8; 32]>::try_from(bytes.as_slice())
                .map(Some)
                .map_err(|_| Error::BadSecret {
                    path,
                    length: bytes.len(),
                }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::DataFolder { path, source }),
        }
    }

    /// Makes a new secret under `name` (mode 0600).
    ///
    /// # Errors
    /// [`Error::DataFolder`] when it cannot be written.
    pub fn make_secret(&self, name: &str) -> Result<[u8; 32], Error> {
        let path = self.path.join(name);
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)
            .map_err(io::Error::other)
            .and_then(|()| make_secret(&path, &secret))
            .map_err(|source| Error::DataFolder { path, source })?;
        Ok(secret)
    }

    /// Says that there is a database in this folder, so that none is made where it is missing.
    pub fn expect_database(&mut self) {
        self.expects_database = true;
    }

    pub(crate) const fn expects_database(&self) -> bool {
        self.expects_database
    }

    /// The database's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("madang.db")
    }
}

fn make_private_folder(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        Ok(())
    } else {
        private::folder(path)
    }
}

fn make_secret(path: &Path, secret: &[u8]) -> std::io::Result<()> {
    // Written whole under another name first: a crash in between must not leave half a secret.
    let unfinished = path.with_extension("new");
    let mut file = private::file(&unfinished)?;
    file.write_all(secret)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

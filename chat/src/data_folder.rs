//! The folder that holds everything one installation must not lose.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::file_identity;
use crate::private_files as private;
use crate::store;

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

    /// Keeps a secret that comes from elsewhere under `name` (mode 0600), in place of the one that is there.
    ///
    /// # Errors
    /// [`Error::DataFolder`] when it cannot be written.
    pub fn keep_secret(&self, name: &str, secret: &[u8; 32]) -> Result<(), Error> {
        let path = self.path.join(name);
        make_secret(&path, secret).map_err(|source| Error::DataFolder { path, source })
    }

    /// Which folder of this machine it is, wherever it stands: a copy is another one. Where the system does not tell, all are the
    /// same.
    ///
    /// # Errors
    /// [`Error::DataFolder`] when it cannot be looked at.
    pub fn place(&self) -> Result<[u64; 2], Error> {
        let metadata = fs::metadata(&self.path).map_err(|source| Error::DataFolder {
            path: self.path.clone(),
            source,
        })?;
        Ok(file_identity::of(&metadata))
    }

    /// Puts a file of the same file system in the place of the database, which no chat may have open: it is looked through
    /// first, and only its owner may read it. Whatever happens meanwhile, the folder has the one, the other or none.
    ///
    /// # Errors
    /// [`Error::Damaged`] and what [`crate::Chat::open`] has, when it is not a whole database; the one that is there is then
    /// left alone. [`Error::DataFolder`] when it cannot be moved.
    pub fn replace_database(&self, file: &Path) -> Result<(), Error> {
        store::settle(&store::open_whole(file)?)?;
        self.change(|| {
            private::restrict(file)?;
            File::options().write(true).open(file)?.sync_all()?;
            self.remove_files(&self.database())?;
            fs::rename(file, self.database())
        })
    }

    /// Moves the database, which no chat may have open, out of the way, until another has taken its place for good:
    /// [`DataFolder::remove_database_aside`]. Where one is there already it stays: what stands in its place is then what was
    /// not finished, and is removed.
    ///
    /// # Errors
    /// [`Error::DataFolder`] when it cannot be moved.
    pub fn set_database_aside(&self) -> Result<(), Error> {
        let (database, aside) = (self.database(), self.database_aside());
        self.change(|| {
            if !database.exists() || aside.exists() {
                return self.remove_files(&database);
            }
            self.each_file(&database, |file, place| fs::rename(file, &files(&aside)[place]))
        })
    }

    /// Removes what [`DataFolder::set_database_aside`] moved there, if there is anything.
    ///
    /// # Errors
    /// [`Error::DataFolder`] when it cannot be removed.
    pub fn remove_database_aside(&self) -> Result<(), Error> {
        self.change(|| self.remove_files(&self.database_aside()))
    }

    /// Removes the database, if there is one.
    pub(crate) fn remove_database(&self) -> Result<(), Error> {
        self.change(|| self.remove_files(&self.database()))
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

    fn database_aside(&self) -> PathBuf {
        self.path.join("madang.db.before-rebuild")
    }

    /// Changes what files there are, so that it stays so.
    fn change(&self, change: impl FnOnce() -> io::Result<()>) -> Result<(), Error> {
        change()
            .and_then(|()| private::sync_folder(&self.path))
            .map_err(|source| Error::DataFolder {
                path: self.path.clone(),
                source,
            })
    }

    fn remove_files(&self, database: &Path) -> io::Result<()> {
        self.each_file(database, |file, _| fs::remove_file(file))
    }

    /// Takes away what there is of a database's files. Its own goes first, and is gone on the disk before its log is: without its
    /// log it would be taken for what it is not.
    fn each_file(&self, database: &Path, take: impl Fn(&Path, usize) -> io::Result<()>) -> io::Result<()> {
        for (place, file) in files(database).iter().enumerate() {
            match take(file, place) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => private::sync_folder(&self.path)?,
            }
        }
        Ok(())
    }
}

/// The files of a database: its own, its write-ahead log and the index of that.
fn files(database: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| {
        let mut file = database.as_os_str().to_owned();
        file.push(end);
        PathBuf::from(file)
    })
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

//! What can go wrong in the chat beside a refusal.

use std::path::PathBuf;

/// The chat could not be opened, or something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data folder cannot be made or opened.
    #[error("the data folder {path} cannot be used: {source}; check that it exists and is yours to write")]
    DataFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process holds the data folder.
    #[error(
        "the data folder {path} is in use by another madang; stop that one, or give --data-dir another folder"
    )]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// The database was written by a newer version.
    #[error(
        "the database has format {found} and this madang knows {known}; run the newer madang that wrote it"
    )]
    NewerDatabase {
        /// The format found.
        found: i64,
        /// The newest format this version knows.
        known: i64,
    },
    /// The file is a database of something else, or no database at all.
    #[error("{path} is not one of madang's databases; give --data-dir another folder")]
    NotOurDatabase {
        /// The file.
        path: PathBuf,
    },
    /// A file of the database was removed or replaced while it was in use.
    #[error(
        "{path} was removed, replaced or cut short while madang was using it; what is acknowledged from now on would be lost, \
         so madang ends. Start it again when the folder holds what it should; the next time, stop it first"
    )]
    FilesReplaced {
        /// The file.
        path: PathBuf,
    },
    /// A secret is not one.
    #[error(
        "{path} is {length} bytes long and not 32: it is damaged; put it back from a backup. If there is none, remove it and \
         start once with --new-signing-key: everybody is then somebody new"
    )]
    BadSecret {
        /// The file.
        path: PathBuf,
        /// How many bytes it has.
        length: usize,
    },
    /// The folder was in use before, and its database is gone.
    #[error(
        "{path} is missing or empty, though the signing key beside it shows that there was one; put it back from a backup. To \
         begin anew, remove the signing key too: everybody is then somebody new"
    )]
    DatabaseMissing {
        /// The file.
        path: PathBuf,
    },
    /// The database does not hold what it should.
    #[error(
        "the database {path} is damaged ({what}), as a copy of one in use may be; put back a backup, or save what can be read \
         with `sqlite3 {path} .recover`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first fault that was found.
        what: String,
    },
    /// Another program holds the database.
    #[error("another program holds the database {path}; close that one, then start madang again")]
    DatabaseLocked {
        /// The file.
        path: PathBuf,
    },
    /// A log left something out.
    #[error(
        "the log went on at position {position} after {applied}: what lies between is missing; start madang again, and if that \
         does not help, once with --rebuild"
    )]
    LogGap {
        /// The last position that was applied.
        applied: u64,
        /// The one that came then.
        position: u64,
    },
    /// The database was changed by something else than the log it is to be fed by.
    #[error(
        "the database {path} was written by a madang that ran alone, so it is not what the cluster's log leads to; start once \
         with --rebuild to have the cluster's state instead, or give --data-dir another folder"
    )]
    NotOfALog {
        /// The file.
        path: PathBuf,
    },
    /// The database is of another history.
    #[error(
        "the database {path} holds another chat than the cluster does; give --data-dir another folder, so that nothing of it is \
         lost"
    )]
    OtherEpoch {
        /// The file.
        path: PathBuf,
    },
    /// A copy of the database was ended before it was whole.
    #[error(
        "the copy of the database was given up: it took too long, or the write-ahead log grew too long meanwhile, or the chat \
         was closed"
    )]
    CopyGivenUp,
    /// SQLite is given names of files as text.
    #[error("{path} is no Unicode text; give --data-dir a folder whose path is")]
    PathNotText {
        /// The file.
        path: PathBuf,
    },
    /// SQLite said no.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// What was committed could not be copied from the write-ahead log into the database.
    #[error(
        "the write-ahead log could not be copied into the database; it is kept and read at the next start"
    )]
    CheckpointFailed,
    /// A row does not hold what was written to it.
    #[error("the database holds something it should not: {0}")]
    Corrupt(&'static str),
    /// No reader was free in time.
    #[error("all readers of the database are busy")]
    Busy,
    /// The chat is closed.
    #[error("the chat is closed")]
    Closed,
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(std::io::Error),
}

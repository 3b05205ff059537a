//! Which of SQLite's failures pass by themselves.

use std::io;

use rusqlite::{Connection, ErrorCode, ffi};

/// A failure after which the database is as it was, and may work the next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    /// Another program holds the database.
    Locked,
    /// There is no room on the disk.
    DiskFull,
    /// There was no room for the shared index, which grows after the frames are in the WAL: the transaction may be whole
    /// there and come back after a crash. That it is not known is what is true, and harmless.
    DiskFullAfterwards,
}

/// How a failure of this connection passes; `None` for one that does not.
///
/// A full disk is the one I/O failure that passes. A write that found no room cannot have ended a transaction: its last
/// frame is missing.
pub(crate) fn passing(connection: &Connection, error: &rusqlite::Error) -> Option<Passing> {
    if is_locked(error) {
        return Some(Passing::Locked);
    }
    let rusqlite::Error::SqliteFailure(failure, _) = error else {
        return None;
    };
    let is_full = failure.code == ErrorCode::DiskFull
        || (failure.extended_code == ffi::SQLITE_IOERR_WRITE && is_over_quota(system_error(connection)));
    if is_full {
        Some(Passing::DiskFull)
    } else if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE {
        Some(Passing::DiskFullAfterwards)
    } else {
        None
    }
}

/// Whether another program's lock was in the way for longer than we wait.
pub(crate) fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed)
    )
}

/// Whether it was ended because the write-ahead log had grown far too long.
pub(crate) fn is_interrupted(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// SQLite calls a full disk by its name, but a full quota only a failed write.
fn is_over_quota(system_error: i32) -> bool {
    io::Error::from_raw_os_error(system_error).kind() == io::ErrorKind::QuotaExceeded
}

/// What the operating system said when SQLite last failed at reading or writing.
#[expect(unsafe_code, reason = "SQLite's C interface is the only way to ask")]
fn system_error(connection: &Connection) -> i32 {
    // SAFETY: the handle is that of an open connection, which this thread alone uses; the call only reads from it.
    unsafe { ffi::sqlite3_system_errno(connection.handle()) }
}

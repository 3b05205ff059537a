//! Opening the database, and bringing an older one up to date.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, params};

use super::check::{contradiction, damage, is_damage};
use super::failures::is_locked;
use super::people::fold_names;
use super::schema::{APPLICATION_ID, FORMAT_OF_FOLDED_NAMES, MIGRATIONS};
use super::scrub;
use super::write::close_without_checkpoint;
use crate::error::Error;
use crate::ids;
use crate::limits::CHECKED_FIRST_BYTES_MAX;
use crate::private_files as private;

/// How long a connection waits for another's lock. Only one of ours writes, so this is for other programs:
/// long enough for a short transaction of theirs, and not so long that everybody waits with it.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(2);

/// A database that can be written.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    /// Whether it was looked through.
    pub(crate) is_checked: bool,
}

/// Opens the one connection that writes, making the database if there is none.
///
/// WAL with `synchronous=FULL`: a commit that returned has been through fsync. (NORMAL would lose the latest commits
/// with the power; see "Write-Ahead Logging" and "PRAGMA synchronous" in SQLite's documentation.)
///
/// A database of up to [`CHECKED_FIRST_BYTES_MAX`] is looked through before it is touched.
pub(crate) fn open_writer(path: &Path, is_expected: bool) -> Result<Opened, Error> {
    open_and_migrate(path, is_expected).map_err(|error| match error {
        Error::Database(error) if is_locked(&error) => Error::DatabaseLocked {
            path: path.to_owned(),
        },
        Error::Database(error) if is_damage(&error) => Error::Damaged {
            path: path.to_owned(),
            what: error.to_string(),
        },
        error => error,
    })
}

fn open_and_migrate(path: &Path, is_expected: bool) -> Result<Opened, Error> {
    let is_checked = bytes(path) <= CHECKED_FIRST_BYTES_MAX;
    if !path.exists() {
        if is_expected {
            return Err(Error::DatabaseMissing {
                path: path.to_owned(),
            });
        }
        // Made before SQLite makes it by the umask; its -wal and -shm take the modes of the database.
        private::file(path).map_err(|source| Error::DataFolder {
            path: path.to_owned(),
            source,
        })?;
    }
    let (mut connection, is_scrubbed) = connect(path)?;
    if !is_scrubbed {
        tracing::warn!(
            "the database has pages of a kind that Madang does not make; unused bytes of it keep what was deleted, until \
             `PRAGMA auto_vacuum = 0; VACUUM;` while Madang is stopped"
        );
    }
    connection.set_prepared_statement_cache_capacity(64);
    // Before anything is set: what is refused stays as it is.
    refuse_foreign(&connection, path)?;
    let format = format(&connection)?;
    if format == 0 && is_expected {
        return Err(Error::DatabaseMissing {
            path: path.to_owned(),
        });
    }
    if is_checked {
        refuse_damaged(path, damage(&connection)?)?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    sync_fully(&connection)?;
    // What a burst has made of the WAL is given back at the next checkpoint that empties it.
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    // A file for it could be wanted when there is none to be had, or no folder for such files.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // What was deleted must not be read out of the file's unused bytes.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "max_page_count", scrub::PAGES_MAX)?;
    if format < MIGRATIONS.len() {
        migrate(&mut connection, format)?;
    }
    if is_checked {
        refuse_damaged(path, contradiction(&connection)?)?;
    }
    Ok(Opened {
        connection,
        is_checked,
    })
}

/// Leaves the copying of the write-ahead log into the database to others; how many pages the log has after this connection's
/// last commit.
pub(crate) fn count_wal_pages(connection: &mut Connection) -> rusqlite::Result<Arc<AtomicU32>> {
    let pages = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&pages);
    // In place of SQLite's own hook, which copies.
    connection.wal_hook(Some(move |_: &mut Wal, pages| {
        counted.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
        Ok(())
    }))?;
    Ok(pages)
}

/// Opens a connection that copies the write-ahead log into the database and writes nothing else.
pub(crate) fn open_checkpointer(path: &Path) -> Result<Connection, Error> {
    let (connection, _) = connect(path)?;
    sync_fully(&connection)?;
    close_without_checkpoint(&connection)?;
    // It has to have read something to know that there is a log.
    connection.query_row("SELECT count(*) FROM meta", [], |_| Ok(()))?;
    Ok(connection)
}

/// Opens a connection that writes, through the layer that writes no unused bytes unless the database has pages which that
/// does not know; whether it is so.
pub(super) fn connect(path: &Path) -> Result<(Connection, bool), Error> {
    let mut connection = if scrub::register() {
        Connection::open_with_flags_and_vfs(path, OpenFlags::default(), scrub::NAME)?
    } else {
        Connection::open(path)?
    };
    let is_scrubbed = scrub::knows_the_pages_of(&connection);
    if !is_scrubbed {
        connection = Connection::open(path)?;
    }
    connection.busy_timeout(BUSY_WAIT)?;
    plan_once(&connection)?;
    Ok((connection, is_scrubbed))
}

/// Has this connection's commits reach the disk with the next checkpoint and not with each (`synchronous=NORMAL`): for a
/// database that is fed by a log.
///
/// It is safe because the log is what is durable. With a write-ahead log, NORMAL keeps the database whole whatever happens: the
/// log is synced before it is copied and the database before the log begins anew, and what a power cut leaves of its end is
/// told by its checksums. What may be lost is the latest commits, each whole, with the points they led to; the log delivers
/// those messages again from the point that is left. A process that is killed loses nothing.
/// (<https://www.sqlite.org/pragma.html#pragma_synchronous>)
pub(crate) fn sync_at_checkpoints(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "NORMAL")
}

fn sync_fully(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    // On macOS fsync does not reach the platter; elsewhere these change nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)
}

/// Has statements planned when they are prepared and not with each value that is bound, in case a partial index fits that value
/// (<https://www.sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigenableqpsg>): that cost more than running them.
fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(drop)
}

/// Opens a connection that only reads.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    plan_once(&connection)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// How much there is to be looked through; 0 where there is nothing.
fn bytes(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn refuse_damaged(path: &Path, what: Option<String>) -> Result<(), Error> {
    what.map_or(Ok(()), |what| {
        Err(Error::Damaged {
            path: path.to_owned(),
            what,
        })
    })
}

fn refuse_foreign(connection: &Connection, path: &Path) -> Result<(), Error> {
    let is_ours = || -> rusqlite::Result<bool> {
        let application_id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok(tables == 0 || application_id == APPLICATION_ID)
    };
    let refused = match is_ours() {
        Ok(is_ours) => !is_ours,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => true,
        Err(error) => return Err(error.into()),
    };
    if refused {
        return Err(Error::NotOurDatabase {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// The database's format: how many of the migrations it has been through.
fn format(connection: &Connection) -> Result<usize, Error> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(Error::NewerDatabase { found, known });
    }
    usize::try_from(found).map_err(|_| Error::Corrupt("a negative format"))
}

/// Only for a database that needs it: one that is up to date opens without a write, so also on a full disk.
fn migrate(connection: &mut Connection, done: usize) -> Result<(), Error> {
    let is_old = done > 0;
    if is_old {
        tracing::info!(
            from = done,
            to = MIGRATIONS.len(),
            "the database is brought up to date before it is served; with millions of messages this takes minutes"
        );
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for script in &MIGRATIONS[done..] {
        transaction.execute_batch(script)?;
    }
    if done < FORMAT_OF_FOLDED_NAMES {
        fold_names(&transaction)?;
    }
    transaction.execute(
        "INSERT OR IGNORE INTO meta (id, epoch, applied) VALUES (1, ?1, 0)",
        params![ids::epoch().as_bytes()],
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
    transaction.commit()?;
    if is_old {
        tracing::info!("the database is up to date");
    }
    Ok(())
}

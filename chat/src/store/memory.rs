//! A database that is in memory alone, for simulations.

use protocol::Epoch;
use rusqlite::{Connection, params};

use super::schema::MIGRATIONS;
use crate::error::Error;

/// Makes one, of this epoch.
pub(crate) fn open_in_memory(epoch: Epoch) -> Result<Connection, Error> {
    let connection = Connection::open_in_memory()?;
    for script in MIGRATIONS {
        connection.execute_batch(script)?;
    }
    connection.execute(
        "INSERT OR IGNORE INTO meta (id, epoch, applied) VALUES (1, ?1, 0)",
        params![epoch.as_bytes()],
    )?;
    Ok(connection)
}

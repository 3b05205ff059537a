//! What people are called.

use protocol::{PersonName, UserId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::Name;
use crate::mentions::fold;

/// What somebody is called now.
pub(crate) fn name_of(connection: &Connection, user_id: &UserId) -> rusqlite::Result<Name> {
    let found = connection
        .prepare_cached("SELECT name FROM people WHERE user_id = ?1")?
        .query_row([user_id.as_bytes()], |row| name(row, 0))
        .optional()?;
    Ok(found.flatten())
}

/// Calls somebody something else.
pub(crate) fn set_name(connection: &Connection, user_id: &UserId, name: &PersonName) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO people (user_id, name, folded) VALUES (?1, ?2, ?3)
             ON CONFLICT (user_id) DO UPDATE SET name = ?2, folded = ?3",
        )?
        .execute(params![user_id.as_bytes(), name.as_str(), fold(name.as_str())])?;
    Ok(())
}

/// Folds the names that a database has from before names were folded.
pub(super) fn fold_names(connection: &Connection) -> rusqlite::Result<()> {
    let mut all = connection.prepare("SELECT user_id, name FROM people")?;
    let mut rows = all.query([])?;
    let mut set = connection.prepare("UPDATE people SET folded = ?2 WHERE user_id = ?1")?;
    while let Some(row) = rows.next()? {
        let (user_id, name): ([u8; 16], String) = (row.get(0)?, row.get(1)?);
        set.execute(params![user_id, fold(&name)])?;
    }
    Ok(())
}

/// A name from a column in which nobody's is empty; NULL where nothing was joined.
pub(super) fn name(row: &Row<'_>, column: usize) -> rusqlite::Result<Name> {
    let name: Option<Box<str>> = row.get(column)?;
    Ok(name.filter(|name| !name.is_empty()))
}

//! What nodes have to agree on: every table of their databases.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};

/// Tables that nodes may differ in: how far back a node knows the log's hash depends on when it began.
const OF_THE_NODE: &[&str] = &["log_hashes"];

/// A hash of each table's rows, by its name.
pub type Hashes = BTreeMap<String, [u8; 32]>;

/// Hashes the tables of the database in a data folder. Rows are taken in the order of all their columns, so that it does not
/// matter in which order they came to be there.
///
/// # Errors
/// When the database cannot be read.
pub fn hashes(data_dir: &Path) -> anyhow::Result<Hashes> {
    let file = data_dir.join("madang.db");
    let connection = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("opening {}", file.display()))?;
    let mut statement = connection.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let names = statement.query_map((), |row| row.get::<_, String>(0))?;
    let mut hashes = Hashes::new();
    for name in names {
        let name = name?;
        if !OF_THE_NODE.contains(&name.as_str()) {
            let hash = hash(&connection, &name).with_context(|| format!("reading the table {name}"))?;
            hashes.insert(name, hash);
        }
    }
    Ok(hashes)
}

/// The tables that are not the same in both.
#[must_use]
pub fn differing<'a>(one: &'a Hashes, other: &'a Hashes) -> Vec<&'a str> {
    let of_one = one.iter().filter(|(name, hash)| other.get(*name) != Some(hash));
    let of_other = other.keys().filter(|name| !one.contains_key(*name));
    of_one
        .map(|(name, _)| name)
        .chain(of_other)
        .map(String::as_str)
        .collect()
}

fn hash(connection: &Connection, table: &str) -> anyhow::Result<[u8; 32]> {
    let columns = connection
        .prepare(&format!("SELECT * FROM \"{table}\""))?
        .column_count();
    let order: Vec<String> = (1..=columns).map(|column| column.to_string()).collect();
    let mut statement = connection.prepare(&format!(
        "SELECT * FROM \"{table}\" ORDER BY {}",
        order.join(", ")
    ))?;
    let mut rows = statement.query(())?;
    let mut hash = Sha256::new();
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            let (kind, bytes) = match row.get_ref(column)? {
                ValueRef::Null => (0, Vec::new()),
                ValueRef::Integer(number) => (1, number.to_be_bytes().to_vec()),
                ValueRef::Real(number) => (2, number.to_be_bytes().to_vec()),
                ValueRef::Text(text) => (3, text.to_vec()),
                ValueRef::Blob(bytes) => (4, bytes.to_vec()),
            };
            hash.update([kind]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
    Ok(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = "CREATE TABLE messages (seq INTEGER PRIMARY KEY, body TEXT);
        CREATE TABLE people (name TEXT);
        CREATE TABLE log_hashes (position INTEGER, hash BLOB);
        INSERT INTO messages VALUES (1, 'one'), (2, 'two');
        INSERT INTO people VALUES ('하나'), ('두리');";

    fn of(statements: &str) -> Hashes {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("madang.db")).unwrap();
        connection.execute_batch(TABLES).unwrap();
        connection.execute_batch(statements).unwrap();
        drop(connection);
        hashes(folder.path()).unwrap()
    }

    #[test]
    fn a_changed_row_is_seen_and_which_table_it_is_in() {
        for change in [
            "UPDATE messages SET body = 'two ' WHERE seq = 2",
            "UPDATE messages SET body = NULL WHERE seq = 2",
            "UPDATE messages SET body = CAST(body AS BLOB) WHERE seq = 2",
            "DELETE FROM messages WHERE seq = 1",
            "INSERT INTO messages VALUES (3, '')",
            "DROP TABLE messages",
        ] {
            let (one, other) = (of(""), of(change));
            assert_eq!(differing(&one, &other), ["messages"], "{change}");
            assert_eq!(differing(&other, &one), ["messages"], "{change}");
        }
    }

    #[test]
    fn the_order_in_which_rows_came_and_the_kept_hashes_make_no_difference() {
        let turned = "DELETE FROM people; INSERT INTO people VALUES ('두리'), ('하나');
            INSERT INTO log_hashes VALUES (1, x'00')";
        assert_eq!(differing(&of(""), &of(turned)), Vec::<&str>::new());
    }

    #[test]
    fn what_moves_from_one_column_to_the_next_is_seen() {
        let one = of("CREATE TABLE pairs (a, b); INSERT INTO pairs VALUES ('ab', 'c')");
        let other = of("CREATE TABLE pairs (a, b); INSERT INTO pairs VALUES ('a', 'bc')");
        assert_eq!(differing(&one, &other), ["pairs"]);
    }
}

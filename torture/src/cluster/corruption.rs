//! A database that is changed by hand.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use async_nats::jetstream;
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

/// How often the log is asked for, while NATS is away for a while.
const TRIES_MAX: u32 = 60;
const PAUSE: Duration = Duration::from_millis(500);

/// The running hash of the log.
type Hash = [u8; 32];

/// Gives a node that has ended the history that it would have had it applied another message: a text is another one, and so is
/// the running hash. Nothing in the database disagrees with anything else in it or with the log's last message; that it is wrong
/// can only be found by comparing it with another node's.
///
/// # Errors
/// When the log's last message cannot be had, the database not be changed, or when it has no history yet.
pub async fn corrupt(data_dir: &Path, nats: &[SocketAddr], stream: &str) -> anyhow::Result<()> {
    let file = data_dir.join("madang.db");
    let applied = {
        let connection = open(&file)?;
        connection.query_row("SELECT applied FROM meta", (), |row| row.get(0))?
    };
    ensure!(applied > 1, "{} has no history to change", file.display());
    let payload = message(nats, stream, applied).await?;
    change(&open(&file)?, applied, &payload)
}

fn open(file: &Path) -> anyhow::Result<Connection> {
    Connection::open(file).with_context(|| format!("opening {}", file.display()))
}

fn change(connection: &Connection, applied: u64, payload: &[u8]) -> anyhow::Result<()> {
    let before: Hash = [0x5a; 32];
    for (position, hash) in [(applied - 1, before), (applied, then(&before, applied, payload))] {
        connection.execute(
            "INSERT OR REPLACE INTO log_hashes (position, hash) VALUES (?1, ?2)",
            params![position, hash],
        )?;
    }
    // An old one: the node may serve it for a moment before it hears of another.
    let place = "SELECT room_id, min(seq) FROM messages WHERE deleted_at IS NULL AND edited_at IS NULL GROUP BY room_id LIMIT 1";
    for table in ["events", "messages"] {
        let changed = connection.execute(
            &format!("UPDATE {table} SET body = body || '?' WHERE (room_id, seq) = ({place})"),
            (),
        )?;
        ensure!(changed == 1, "no row of {table} was changed");
    }
    Ok(())
}

/// The running hash after a message.
fn then(before: &Hash, position: u64, payload: &[u8]) -> Hash {
    let hash = Sha256::new()
        .chain_update(before)
        .chain_update(position.to_be_bytes());
    hash.chain_update(payload).finalize().into()
}

async fn message(nats: &[SocketAddr], stream: &str, position: u64) -> anyhow::Result<Vec<u8>> {
    let servers: Vec<String> = nats.iter().map(|server| format!("nats://{server}")).collect();
    let client = async_nats::connect(servers).await.context("reaching NATS")?;
    let stream = jetstream::new(client).get_stream_no_info(stream).await?;
    let mut tried = 0;
    loop {
        match stream.direct_get(position).await {
            Ok(message) => break Ok(message.payload.to_vec()),
            // A server is away, as likely as not.
            Err(_) if tried < TRIES_MAX => tried += 1,
            Err(error) => break Err(error).with_context(|| format!("reading message {position} of the log")),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_agrees_with_the_logs_last_message_and_with_itself() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE log_hashes (position INTEGER PRIMARY KEY, hash BLOB);
                 CREATE TABLE events (room_id, seq, body);
                 CREATE TABLE messages (room_id, seq, body, deleted_at, edited_at);
                 INSERT INTO log_hashes VALUES (7, x'07'), (8, x'08');
                 INSERT INTO events VALUES (1, 1, 'one'), (1, 2, 'two');
                 INSERT INTO messages VALUES (1, 1, 'one', NULL, NULL), (1, 2, 'two', NULL, NULL);",
            )
            .unwrap();
        change(&connection, 8, b"payload").unwrap();
        let hash = |position: u64| -> Hash {
            let query = "SELECT hash FROM log_hashes WHERE position = ?1";
            connection.query_row(query, [position], |row| row.get(0)).unwrap()
        };
        assert_eq!(hash(8), then(&hash(7), 8, b"payload"));
        for table in ["events", "messages"] {
            let query = format!("SELECT body FROM {table} ORDER BY seq");
            let body: String = connection.query_row(&query, (), |row| row.get(0)).unwrap();
            assert_eq!(body, "one?");
        }
    }
}

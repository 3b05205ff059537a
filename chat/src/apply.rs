//! Apply: what a command does to the database and which event it makes.
//!
//! Invariant: this is a function of the database and the command. It reads no clock, no configuration and no random
//! number, and it is total: a refusal is a result, so one bad command never rolls back its neighbours.

use protocol::RoomName;
use rusqlite::Connection;

use crate::command::{Accepted, Action, Command, Outcome, Refusal};
use crate::limits::AT_MAX_MS;
use crate::store::{self, MessageRow, PostWrite};

/// What came of one command.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) outcome: Outcome,
    /// The event it made, and the room it made it in. A repeat and a refusal make none.
    pub(crate) event: Option<(RoomName, MessageRow)>,
}

/// Applies a command inside the open transaction.
///
/// # Errors
/// When SQLite fails; the transaction must then be rolled back whole.
pub(crate) fn apply(connection: &Connection, command: &Command) -> rusqlite::Result<Applied> {
    let digest = command.action.digest();
    if let Some(known) = store::known(connection, &command.author, &command.client_id)? {
        let outcome = if known.digest == digest {
            Ok(Accepted {
                seq: known.seq,
                repeated: true,
            })
        } else {
            Err(Refusal::ClientIdReused)
        };
        return Ok(Applied { outcome, event: None });
    }
    match &command.action {
        Action::Post { room, message } => {
            let write = PostWrite {
                room,
                event_id: command.event_id,
                client_id: command.client_id,
                author: command.author,
                // A clock gone mad must not stop the writer: what a row cannot hold would be an error.
                at: command.at.min(AT_MAX_MS),
                message: message.as_str(),
                digest: &digest,
            };
            let store::AppliedPost { seq, at } = store::post(connection, &write)?;
            let row = MessageRow {
                seq,
                id: command.event_id,
                client_id: command.client_id,
                user_id: command.author,
                message: message.as_str().to_owned(),
                at,
            };
            Ok(Applied {
                outcome: Ok(Accepted { seq, repeated: false }),
                event: Some((room.clone(), row)),
            })
        }
    }
}

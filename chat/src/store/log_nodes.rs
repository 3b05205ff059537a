//! Which messages of a log have been applied, by the node that said them.
//!
//! A message may come twice, at two positions, and much may have been done in between that it must not undo. What is known of
//! it is a function of the log alone, so that every node that has applied the same log passes over the same messages.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::limits::{LOG_NODES_KEPT, LOG_NUMBERS_KEPT};
use crate::log::LogOrigin;

/// What came of one node.
struct Heard {
    /// The highest of its numbers.
    number: u64,
    /// Bit n: whether the one n before that came. Those before all of these came, or never will.
    numbers: u64,
}

impl Heard {
    fn has(&self, number: u64) -> bool {
        match self.number.checked_sub(number) {
            None => false,
            Some(before) => before >= LOG_NUMBERS_KEPT || self.numbers >> before & 1 == 1,
        }
    }

    const fn note(&mut self, number: u64) {
        if let Some(before) = self.number.checked_sub(number) {
            if before < LOG_NUMBERS_KEPT {
                self.numbers |= 1 << before;
            }
            return;
        }
        let further = number - self.number;
        let kept = if further < LOG_NUMBERS_KEPT {
            self.numbers << further
        } else {
            0
        };
        *self = Self {
            number,
            numbers: kept | 1,
        };
    }
}

/// Whether a message has been applied before. Of the [`LOG_NODES_KEPT`] nodes that were heard of last, that is known.
pub(crate) fn is_repeated(connection: &Connection, origin: LogOrigin) -> rusqlite::Result<bool> {
    Ok(heard(connection, origin.node)?.is_some_and(|heard| heard.has(origin.number)))
}

/// Records that a message is applied at this position, inside the transaction in which it is.
pub(crate) fn record_origin(
    connection: &Connection,
    origin: LogOrigin,
    position: u64,
) -> rusqlite::Result<()> {
    let LogOrigin { node, number } = origin;
    let known = heard(connection, node)?;
    let is_new = known.is_none();
    let mut heard = known.unwrap_or(Heard { number, numbers: 0 });
    heard.note(number);
    connection
        .prepare_cached("REPLACE INTO log_nodes (node, position, number, numbers) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            node.cast_signed(),
            position,
            heard.number.cast_signed(),
            heard.numbers.cast_signed()
        ])?;
    if is_new {
        connection
            .prepare_cached(
                "DELETE FROM log_nodes
                 WHERE node IN (SELECT node FROM log_nodes ORDER BY position DESC LIMIT -1 OFFSET ?1)",
            )?
            .execute([LOG_NODES_KEPT])?;
    }
    Ok(())
}

fn heard(connection: &Connection, node: u64) -> rusqlite::Result<Option<Heard>> {
    connection
        .prepare_cached("SELECT number, numbers FROM log_nodes WHERE node = ?1")?
        .query_row([node.cast_signed()], |row| {
            Ok(Heard {
                number: row.get::<_, i64>(0)?.cast_unsigned(),
                numbers: row.get::<_, i64>(1)?.cast_unsigned(),
            })
        })
        .optional()
}

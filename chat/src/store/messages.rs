//! Messages as they stand now: what the writer changes about them.

use protocol::limits::EDITS_KEPT_MAX;
use protocol::{Emoji, RoomName, UserId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::events::quote_row;
use super::mentions::{from_column, to_column};
use super::{Content, EventRow, QuoteRow};
use crate::limits::QUOTE_READ_CHARS;
use crate::mentions::Mention;

/// What a command has to know of the message it concerns.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) room_id: i64,
    pub(crate) seq: u64,
    pub(crate) author: UserId,
    pub(crate) is_deleted: bool,
    pub(crate) message: String,
    pub(crate) mentions: Vec<Mention>,
    /// When that text was written.
    written_at: u64,
}

/// A message of a room; `None` when there is none at this place.
pub(crate) fn target(connection: &Connection, room: &RoomName, seq: u64) -> rusqlite::Result<Option<Target>> {
    let Ok(place) = i64::try_from(seq) else {
        return Ok(None);
    };
    connection
        .prepare_cached(
            "SELECT room_id, author, deleted_at IS NOT NULL, body, coalesce(edited_at, at), mentions FROM messages
             WHERE room_id = (SELECT room_id FROM rooms WHERE name = ?1) AND seq = ?2",
        )?
        .query_row(params![room.as_str(), place], |row| {
            Ok(Target {
                room_id: row.get(0)?,
                seq,
                author: UserId::from_bytes(row.get(1)?),
                is_deleted: row.get(2)?,
                message: row.get(3)?,
                written_at: row.get(4)?,
                mentions: from_column(row, 5)?,
            })
        })
        .optional()
}

/// What is shown of a message in an answer to it; `None` when there is none at this place.
pub(crate) fn quote(
    connection: &Connection,
    room: &RoomName,
    seq: u64,
) -> rusqlite::Result<Option<Box<QuoteRow>>> {
    let Ok(place) = i64::try_from(seq) else {
        return Ok(None);
    };
    let found = connection
        .prepare_cached(
            "SELECT seq, author, name, substr(body, 1, ?3) FROM messages
             WHERE room_id = (SELECT room_id FROM rooms WHERE name = ?1) AND seq = ?2",
        )?
        .query_row(params![room.as_str(), place, QUOTE_READ_CHARS], |row| {
            quote_row(row, 0, 1)
        })
        .optional()?;
    Ok(found.flatten())
}

/// Writes the message of an event that is one.
pub(crate) fn insert_message(
    connection: &Connection,
    room_id: i64,
    event: &EventRow,
) -> rusqlite::Result<()> {
    let Content::Message {
        message,
        reply_to,
        mentions,
    } = &event.content
    else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "INSERT INTO messages (room_id, seq, event_id, client_id, author, name, at, body, reply_to, mentions)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            room_id,
            event.seq,
            event.id.as_bytes(),
            event.client_id.as_bytes(),
            event.user_id.as_bytes(),
            event.name.as_deref().unwrap_or_default(),
            event.at,
            message,
            reply_to.as_ref().map(|quote| quote.seq),
            to_column(mentions),
        ])?;
    Ok(())
}

/// Gives a message another text, by the event `rev`, and keeps the former one: [`EDITS_KEPT_MAX`] of them at most. The
/// oldest go, from the events that said them too: what nobody can read need not be there, and a deletion has little to do.
pub(crate) fn edit_message(
    connection: &Connection,
    target: &Target,
    message: &str,
    mentions: &[Mention],
    rev: u64,
    at: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO edits (room_id, seq, rev, at, body) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            target.room_id,
            target.seq,
            rev,
            target.written_at,
            target.message
        ])?;
    let dropped: Vec<u64> = connection
        .prepare_cached(
            "DELETE FROM edits WHERE room_id = ?1 AND seq = ?2 AND rev <=
                 (SELECT rev FROM edits WHERE room_id = ?1 AND seq = ?2 ORDER BY rev DESC LIMIT 1 OFFSET ?3)
             RETURNING rev",
        )?
        .query_map(params![target.room_id, target.seq, EDITS_KEPT_MAX], |row| {
            row.get(0)
        })?
        .collect::<rusqlite::Result<_>>()?;
    for rev in dropped {
        connection
            .prepare_cached(
                "UPDATE events SET body = '', mentions = '' WHERE room_id = ?1 AND seq = coalesce(
                     (SELECT max(seq) FROM events INDEXED BY events_edited
                      WHERE room_id = ?1 AND target = ?2 AND kind = 2 AND seq < ?3), ?2)",
            )?
            .execute(params![target.room_id, target.seq, rev])?;
    }
    connection
        .prepare_cached(
            "UPDATE messages SET body = ?3, edited_at = ?4, rev = ?5, mentions = ?6
             WHERE room_id = ?1 AND seq = ?2",
        )?
        .execute(params![
            target.room_id,
            target.seq,
            message,
            at,
            rev,
            to_column(mentions)
        ])?;
    Ok(())
}

/// Takes a message's text out of everything there is of it, by the event `rev`; its reactions and former texts go too.
pub(crate) fn delete_message(
    connection: &Connection,
    target: &Target,
    rev: u64,
    at: u64,
) -> rusqlite::Result<()> {
    for blank in [
        "UPDATE events SET body = '', mentions = '' WHERE room_id = ?1 AND seq = ?2",
        // The kind stands there as a number: a partial index is not used for a parameter.
        // Only from the first text that is kept on: those before it are empty already. Left to itself SQLite looks through
        // all events from there on.
        "UPDATE events INDEXED BY events_edited SET body = '', mentions = ''
         WHERE room_id = ?1 AND target = ?2 AND kind = 2 AND seq >= coalesce(
             (SELECT max(seq) FROM events INDEXED BY events_edited
              WHERE room_id = ?1 AND target = ?2 AND kind = 2 AND seq <
                  (SELECT min(rev) FROM edits WHERE room_id = ?1 AND seq = ?2)), 0)",
        "DELETE FROM edits WHERE room_id = ?1 AND seq = ?2",
        "DELETE FROM reactions WHERE room_id = ?1 AND seq = ?2",
    ] {
        connection
            .prepare_cached(blank)?
            .execute(params![target.room_id, target.seq])?;
    }
    connection
        .prepare_cached(
            "UPDATE messages SET body = '', mentions = '', deleted_at = ?3, rev = ?4
             WHERE room_id = ?1 AND seq = ?2",
        )?
        .execute(params![target.room_id, target.seq, at, rev])?;
    Ok(())
}

/// What a message's reactions leave room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReactionRoom {
    /// Whether this person has put this emoji to it.
    pub(crate) has_it: bool,
    /// Whether anybody has.
    pub(crate) has_emoji: bool,
    /// Different emoji.
    pub(crate) emoji: usize,
    /// Reactions in all.
    pub(crate) reactions: usize,
}

/// How a message stands to one more reaction. Emoji are compared without their variation selectors (U+FE0F): older rows
/// have them as they were typed.
pub(crate) fn reaction_room(
    connection: &Connection,
    target: &Target,
    emoji: &Emoji,
    user_id: UserId,
) -> rusqlite::Result<ReactionRoom> {
    connection
        .prepare_cached(
            "SELECT coalesce(sum(is_it AND user_id = ?4), 0), coalesce(sum(is_it), 0), count(DISTINCT bare), count(*)
             FROM (SELECT user_id, replace(emoji, char(65039), '') AS bare,
                          replace(emoji, char(65039), '') = replace(?3, char(65039), '') AS is_it
                   FROM reactions WHERE room_id = ?1 AND seq = ?2)",
        )?
        .query_row(
            params![target.room_id, target.seq, emoji.as_str(), user_id.as_bytes()],
            |row| {
                Ok(ReactionRoom {
                    has_it: row.get::<_, u64>(0)? > 0,
                    has_emoji: row.get::<_, u64>(1)? > 0,
                    emoji: row.get(2)?,
                    reactions: row.get(3)?,
                })
            },
        )
}

/// Puts an emoji to a message, by the event `rev`. `first` is when the emoji came to be there: it keeps its place among
/// the others as long as anybody's is left.
pub(crate) fn react(
    connection: &Connection,
    target: &Target,
    emoji: &Emoji,
    user_id: UserId,
    rev: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO reactions (room_id, seq, emoji, user_id, first, rev) VALUES (?1, ?2, ?3, ?4, coalesce(
                 (SELECT min(first) FROM reactions WHERE room_id = ?1 AND seq = ?2
                      AND replace(emoji, char(65039), '') = replace(?3, char(65039), '')), ?5), ?5)",
        )?
        .execute(params![
            target.room_id,
            target.seq,
            emoji.as_str(),
            user_id.as_bytes(),
            rev
        ])?;
    touch(connection, target, rev)
}

/// Takes an emoji back, by the event `rev`.
pub(crate) fn unreact(
    connection: &Connection,
    target: &Target,
    emoji: &Emoji,
    user_id: UserId,
    rev: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM reactions WHERE room_id = ?1 AND seq = ?2 AND user_id = ?4
                 AND replace(emoji, char(65039), '') = replace(?3, char(65039), '')",
        )?
        .execute(params![
            target.room_id,
            target.seq,
            emoji.as_str(),
            user_id.as_bytes()
        ])?;
    touch(connection, target, rev)
}

fn touch(connection: &Connection, target: &Target, rev: u64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE messages SET rev = ?3 WHERE room_id = ?1 AND seq = ?2")?
        .execute(params![target.room_id, target.seq, rev])?;
    Ok(())
}

//! Pages of history, bounded in messages and in bytes, and what a message said before.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{ClientId, EventId, RoomName, UserId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::events::quote_row;
use super::mentions::from_column;
use super::people::{name, name_of, namesakes};
use super::{FormerText, MessageRow, Name, Page, PageQuery, ReactionRow};
use crate::limits::{PAGE_BYTES_MAX, PAGE_PEOPLE_MAX, QUOTE_READ_CHARS, SEQ_MAX};
use crate::mentions::Mention;

/// Bytes that a message's ids, names and numbers are as JSON, at most.
const MESSAGE_BYTES: usize = 512;
/// Bytes that one person's reaction is as JSON, with a share of its emoji.
const REACTION_BYTES: usize = 64;
/// Bytes that the id of somebody who is mentioned is as JSON.
const MENTION_BYTES: usize = 39;

macro_rules! messages {
    ($order:literal) => {
        concat!(
            "SELECT m.seq, m.event_id, m.client_id, m.author, m.name, m.body, m.at, m.edited_at,
                    coalesce(m.rev, m.seq), m.deleted_at IS NOT NULL, m.reply_to,
                    q.author, q.name, substr(q.body, 1, ?5),
                    (SELECT count(*) FROM reactions r WHERE r.room_id = m.room_id AND r.seq = m.seq), m.mentions
             FROM messages m LEFT JOIN messages q ON q.room_id = m.room_id AND q.seq = m.reply_to
             WHERE m.room_id = ?1 AND m.seq > ?2 AND m.seq < ?3 ORDER BY m.seq ",
            $order,
            " LIMIT ?4"
        )
    };
}

const EARLIEST: &str = messages!("ASC");
const LATEST: &str = messages!("DESC");

/// A page of a room's history, in one read transaction. `html` says how a text looks, where that differs from it.
pub(crate) fn page(
    connection: &Connection,
    room: &RoomName,
    query: PageQuery,
    html: fn(&str, &[Mention]) -> Option<String>,
) -> rusqlite::Result<Page> {
    let transaction = connection.unchecked_transaction()?;
    let found = transaction
        .prepare_cached(
            "SELECT r.room_id, r.head, r.topic,
                    (SELECT e.event_id FROM events e WHERE e.room_id = r.room_id AND e.seq = r.head)
             FROM rooms r WHERE r.name = ?1",
        )?
        .query_row([room.as_str()], |row| {
            let event_id: Option<[u8; 16]> = row.get(3)?;
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                event_id.map(EventId::from_bytes),
            ))
        })
        .optional()?;
    let Some((room_id, seq, topic, event_id)) = found else {
        return Ok(Page::default());
    };
    let mut messages = between(&transaction, room_id, query, html)?;
    reactions(&transaction, room_id, &mut messages)?;
    let (has_older, has_newer) = match (messages.first(), messages.last()) {
        (Some(first), Some(last)) => (
            exists(&transaction, room_id, 0, first.seq)?,
            exists(&transaction, room_id, last.seq, SEQ_MAX)?,
        ),
        _ => (false, false),
    };
    let people = people(&transaction, room_id, &messages)?;
    Ok(Page {
        seq,
        event_id,
        topic,
        messages,
        people,
        has_older,
        has_newer,
    })
}

/// The texts a message had before, oldest first; `None` when there is no such message.
pub(crate) fn edits(
    connection: &Connection,
    room: &RoomName,
    seq: u64,
) -> rusqlite::Result<Option<Vec<FormerText>>> {
    let transaction = connection.unchecked_transaction()?;
    let Some(target) = super::target(&transaction, room, seq)? else {
        return Ok(None);
    };
    let mut statement = transaction
        .prepare_cached("SELECT body, at FROM edits WHERE room_id = ?1 AND seq = ?2 ORDER BY rev")?;
    let rows = statement.query_map(params![target.room_id, target.seq], |row| {
        Ok(FormerText {
            message: row.get(0)?,
            html: None,
            at: row.get(1)?,
        })
    })?;
    Ok(Some(rows.collect::<rusqlite::Result<_>>()?))
}

fn between(
    connection: &Connection,
    room_id: i64,
    query: PageQuery,
    html: fn(&str, &[Mention]) -> Option<String>,
) -> rusqlite::Result<Vec<MessageRow>> {
    let read = |sql, after: u64, before: u64, limit: usize| -> rusqlite::Result<Vec<MessageRow>> {
        // A number from outside may be larger than any seq.
        let (after, before) = (after.min(SEQ_MAX), before.min(SEQ_MAX));
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![room_id, after, before, limit, QUOTE_READ_CHARS])?;
        let mut messages = Vec::new();
        let mut bytes_left = PAGE_BYTES_MAX * limit / query.limit.max(1);
        while let Some(row) = rows.next()? {
            let mut message = message_row(row)?;
            message.html = html(&message.message, &message.mentions).map(String::into_boxed_str);
            let bytes = json_bytes(&message, row.get(14)?);
            // The first one comes whatever it weighs: it is what somebody asked for by its number.
            if bytes > bytes_left && !messages.is_empty() {
                break;
            }
            bytes_left = bytes_left.saturating_sub(bytes);
            messages.push(message);
        }
        Ok(messages)
    };
    if let Some(around) = query.around {
        let mut messages = read(LATEST, 0, around, query.limit / 2)?;
        messages.reverse();
        let left = query.limit - query.limit / 2;
        messages.extend(read(EARLIEST, around.saturating_sub(1), SEQ_MAX, left)?);
        return Ok(messages);
    }
    let before = query.before.unwrap_or(SEQ_MAX);
    match query.after {
        Some(after) => read(EARLIEST, after, before, query.limit),
        None => {
            let mut messages = read(LATEST, 0, before, query.limit)?;
            messages.reverse();
            Ok(messages)
        }
    }
}

/// What a message weighs as JSON, in bytes, rounded up.
fn json_bytes(message: &MessageRow, reactions: usize) -> usize {
    let text_bytes = |text: &str| {
        text.len()
            + text
                .bytes()
                .filter(|byte| matches!(byte, b'"' | b'\\' | ..b' '))
                .count()
    };
    text_bytes(&message.message)
        + message.html.as_deref().map_or(0, text_bytes)
        + message
            .reply_to
            .as_ref()
            .map_or(0, |quote| text_bytes(&quote.message) + 256)
        + message.mentions.len() * MENTION_BYTES
        + reactions * REACTION_BYTES
        + MESSAGE_BYTES
}

/// Puts the reactions to the messages of a page beneath them.
fn reactions(connection: &Connection, room_id: i64, messages: &mut [MessageRow]) -> rusqlite::Result<()> {
    let (Some(first), Some(last)) = (messages.first(), messages.last()) else {
        return Ok(());
    };
    let mut statement = connection.prepare_cached(
        "SELECT seq, emoji, user_id FROM reactions WHERE room_id = ?1 AND seq BETWEEN ?2 AND ?3
         ORDER BY seq, first, rev",
    )?;
    let mut rows = statement.query(params![room_id, first.seq, last.seq])?;
    let mut left = messages.iter_mut();
    let mut message = left.next();
    while let Some(row) = rows.next()? {
        let seq: u64 = row.get(0)?;
        while message.as_ref().is_some_and(|message| message.seq < seq) {
            message = left.next();
        }
        if let Some(message) = message.as_deref_mut().filter(|message| message.seq == seq) {
            // Older rows have the same emoji in several forms.
            let emoji = protocol::emoji::canonical(row.get_ref(1)?.as_str()?);
            let user_id = UserId::from_bytes(row.get(2)?);
            match message.reactions.iter_mut().rfind(|known| known.emoji == emoji) {
                Some(reaction) if reaction.user_ids.contains(&user_id) => {}
                Some(reaction) => reaction.user_ids.push(user_id),
                None => message.reactions.push(ReactionRow {
                    emoji,
                    user_ids: vec![user_id],
                }),
            }
        }
    }
    Ok(())
}

/// What those who appear in these messages are called now, where they said something in them under another name, or
/// nothing at all: [`PAGE_PEOPLE_MAX`] people at most, those who said something first. After them the others in the room
/// who are called as one of those who said something is, so that nobody is taken for somebody who is not in sight.
fn people(
    connection: &Connection,
    room_id: i64,
    messages: &[MessageRow],
) -> rusqlite::Result<Vec<(UserId, Box<str>)>> {
    let mut said: BTreeMap<UserId, BTreeSet<&Name>> = BTreeMap::new();
    for row in messages {
        said.entry(row.user_id).or_default().insert(&row.name);
    }
    let quoted = messages.iter().flat_map(|row| &row.reply_to);
    let reacted = messages.iter().flat_map(|row| &row.reactions);
    let mut others: BTreeSet<UserId> = quoted.map(|quote| quote.user_id).collect();
    others.extend(reacted.flat_map(|reaction| &reaction.user_ids));
    let others = others.into_iter().filter(|user_id| !said.contains_key(user_id));
    let mut people = Vec::new();
    for user_id in said.keys().copied().chain(others).take(PAGE_PEOPLE_MAX) {
        let name = name_of(connection, &user_id)?;
        let says_it = |said: &BTreeSet<&Name>| said.iter().all(|said| **said == name);
        let is_said = said.get(&user_id).is_some_and(says_it);
        people.extend(name.filter(|_| !is_said).map(|name| (user_id, name)));
    }
    let told: BTreeSet<UserId> = people.iter().map(|(user_id, _)| *user_id).collect();
    let authors: BTreeSet<UserId> = said.keys().copied().collect();
    let mut namesakes = namesakes(connection, room_id, &authors)?;
    namesakes.retain(|(user_id, _)| !authors.contains(user_id) && !told.contains(user_id));
    namesakes.truncate(PAGE_PEOPLE_MAX.saturating_sub(people.len()));
    people.append(&mut namesakes);
    Ok(people)
}

fn exists(connection: &Connection, room_id: i64, after: u64, before: u64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE room_id = ?1 AND seq > ?2 AND seq < ?3)",
        )?
        .query_row(params![room_id, after, before], |row| row.get(0))
}

fn message_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        seq: row.get(0)?,
        id: EventId::from_bytes(row.get(1)?),
        client_id: ClientId::from_bytes(row.get(2)?),
        user_id: UserId::from_bytes(row.get(3)?),
        name: name(row, 4)?,
        message: row.get(5)?,
        html: None,
        at: row.get(6)?,
        edited_at: row.get(7)?,
        rev: row.get(8)?,
        deleted: row.get(9)?,
        mentions: from_column(row, 15)?,
        reply_to: quote_row(row, 10, 11)?,
        reactions: Vec::new(),
    })
}

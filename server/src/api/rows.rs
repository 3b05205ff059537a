//! Rows of the database as they go over the wire: in the answers of the API, and in the page, which starts from the same.

use chat::{MessageRow, Page, ReactionRow, SeenRow};
use protocol::{Epoch, HistoryPage, MessageEvent, Person, Quote, Reaction, RoomName, SeenBy, ServerFrame};

/// A page of a room's history.
pub(crate) fn history<'a>(epoch: Epoch, room: &'a RoomName, page: &'a Page) -> HistoryPage<'a> {
    HistoryPage {
        epoch,
        seq: page.seq,
        event_id: page.event_id,
        topic: Some(page.topic.as_str()).filter(|topic| !topic.is_empty()),
        has_older: page.has_older,
        has_newer: page.has_newer,
        messages: page
            .messages
            .iter()
            .map(|row| ServerFrame::Message(message(room, row)))
            .collect(),
        people: page
            .people
            .iter()
            .map(|(user_id, name)| Person {
                user_id: *user_id,
                name: Some(name),
            })
            .collect(),
    }
}

/// How far a follower of a room has read.
pub(super) fn seen(row: &SeenRow) -> SeenBy<'_> {
    SeenBy {
        user_id: row.user_id,
        name: row.name.as_deref(),
        seq: row.seq,
    }
}

fn message<'a>(room: &'a RoomName, row: &'a MessageRow) -> MessageEvent<'a> {
    MessageEvent {
        room,
        seq: row.seq,
        id: row.id,
        client_id: row.client_id,
        user_id: row.user_id,
        name: row.name.as_deref(),
        message: &row.message,
        html: row.html.as_deref(),
        mentions: row.mentioned(),
        reply_to: row.reply_to.as_deref().map(|quote| Quote {
            seq: quote.seq,
            user_id: quote.user_id,
            name: quote.name.as_deref(),
            message: &quote.message,
        }),
        at: row.at,
        edited_at: row.edited_at,
        rev: Some(row.rev).filter(|rev| *rev != row.seq),
        deleted: row.deleted,
        reactions: row.reactions.iter().map(reaction).collect(),
    }
}

fn reaction(row: &ReactionRow) -> Reaction<'_> {
    Reaction {
        emoji: &row.emoji,
        user_ids: &row.user_ids,
    }
}

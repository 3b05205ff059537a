//! A room as a server has it, for the unit tests.

use protocol::{ClientId, EventId, UserId};

use super::{Random, epoch, message};
use crate::model::event::{Change, ChangeKind, Event};
use crate::model::message::{Details, Message, Quote, Reaction};
use crate::model::page::{HistoryPage, Part};

/// A room as a server has it: every event, and the messages as they stand.
pub(crate) struct Log {
    events: Vec<Event>,
    pub(crate) rows: Vec<Message>,
    pub(crate) topic: String,
}

impl Log {
    /// A room with so many messages.
    pub(crate) fn new(messages: u64) -> Self {
        let rows: Vec<Message> = (1..=messages).map(message).collect();
        Self {
            events: rows.iter().cloned().map(Event::Message).collect(),
            rows,
            topic: String::new(),
        }
    }

    pub(crate) fn head(&self) -> u64 {
        self.events.len() as u64
    }

    /// Something happens: mostly something is said, or something is done to one of the last messages.
    pub(crate) fn happen(&mut self, random: &mut Random) {
        let seq = self.head() + 1;
        let at = self.rows.len() - 1 - random.index(self.rows.len().min(120));
        let quote = random.below(4) == 0;
        let target = self.rows[at].seq;
        let row = &mut self.rows[at];
        let user_id = UserId::from_bytes([random.below(3) as u8; 16]);
        let details = row.details.get_or_insert_default();
        let kind = match random.below(12) {
            _ if details.is_deleted => None,
            0 | 1 => {
                let html = (random.below(2) == 0).then(|| Box::from("<b>html</b>"));
                row.message = format!("edited by {seq}");
                details.edited_at = Some(seq);
                details.html.clone_from(&html);
                row.rev = seq;
                let message = row.message.clone();
                Some(ChangeKind::Edited { message, html })
            }
            2 => {
                let reply_to = details.reply_to.take();
                let edited_at = details.edited_at;
                row.message = String::new();
                **details = Details {
                    reply_to,
                    edited_at,
                    is_deleted: true,
                    ..Details::default()
                };
                row.rev = seq;
                Some(ChangeKind::Deleted)
            }
            3..6 => {
                let emoji = ["👍", "🎉"][random.index(2)];
                let (list, on) = (&mut details.reactions, random.below(3) > 0);
                if !list.iter().any(|reaction| &*reaction.emoji == emoji) {
                    list.push(Reaction {
                        emoji: emoji.into(),
                        user_ids: Vec::new(),
                    });
                }
                for reaction in list.iter_mut().filter(|reaction| &*reaction.emoji == emoji) {
                    let has_it = reaction.user_ids.contains(&user_id);
                    match (has_it, on) {
                        (false, true) => reaction.user_ids.push(user_id),
                        (true, false) => reaction.user_ids.retain(|known| *known != user_id),
                        _ => {}
                    }
                }
                list.retain(|reaction| !reaction.user_ids.is_empty());
                row.rev = seq;
                let emoji = emoji.into();
                Some(ChangeKind::Reacted { emoji, on })
            }
            6 => {
                self.topic = format!("topic of {seq}");
                Some(ChangeKind::Topic(self.topic.clone()))
            }
            _ => None,
        };
        row.tidy();
        if let Some(kind) = kind {
            return self.events.push(Event::Change(Change {
                seq,
                id: EventId::from_parts(seq, [1; 10]),
                client_id: ClientId::from_parts(seq, [2; 10]),
                user_id,
                at: seq,
                target,
                kind,
            }));
        }
        if random.below(20) == 0 {
            return self.events.push(Event::Other { seq, id: None });
        }
        let mut said = message(seq);
        if quote {
            said.details.get_or_insert_default().reply_to = Some(Quote {
                seq: target,
                user_id: said.user_id,
                name: None,
                excerpt: Box::default(),
            });
        }
        self.rows.push(said.clone());
        self.events.push(Event::Message(self.as_it_stands(&said)));
    }

    /// An event as it is read now: of what was deleted since, nothing is left.
    pub(crate) fn event(&self, seq: u64) -> Event {
        let is_deleted = |seq: u64| {
            self.rows
                .iter()
                .any(|row| row.seq == seq && row.details.as_ref().is_some_and(|e| e.is_deleted))
        };
        match self.events[seq as usize - 1].clone() {
            Event::Message(mut message) if is_deleted(message.seq) => {
                message.message.clear();
                message.details.get_or_insert_default().is_deleted = true;
                Event::Message(message)
            }
            Event::Change(mut change) => {
                if let ChangeKind::Edited { message, html } = &mut change.kind
                    && is_deleted(change.target)
                {
                    message.clear();
                    *html = None;
                }
                Event::Change(change)
            }
            event => event,
        }
    }

    /// A page as it is read now.
    pub(crate) fn page(&self, part: Part) -> HistoryPage {
        let after = |seq: u64| self.rows.partition_point(|row| row.seq <= seq);
        let count = self.rows.len();
        let (from, to) = match part {
            Part::Latest => (count.saturating_sub(50), count),
            Part::Before(seq) => (after(seq - 1).saturating_sub(50), after(seq - 1)),
            Part::After(seq) => (after(seq), (after(seq) + 50).min(count)),
            Part::Around(seq) => {
                let middle = after(seq.saturating_sub(1));
                (middle.saturating_sub(25), (middle + 25).min(count))
            }
        };
        HistoryPage {
            epoch: epoch(),
            seq: self.head(),
            topic: self.topic.clone(),
            messages: self.rows[from..to]
                .iter()
                .map(|row| self.as_it_stands(row))
                .collect(),
            has_older: from > 0,
            has_newer: to < count,
        }
    }

    /// A row with what it quotes as that reads now.
    pub(crate) fn as_it_stands(&self, row: &Message) -> Message {
        let mut row = row.clone();
        let quote = row.details.as_mut().and_then(|details| details.reply_to.as_mut());
        if let Some(quote) = quote
            && let Some(quoted) = self.rows.iter().find(|row| row.seq == quote.seq)
        {
            quote.excerpt = quoted.message.clone().into();
        }
        row
    }
}

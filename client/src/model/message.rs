//! A message as the client keeps it, and what events change about it.

use protocol::{ClientId, EventId, UserId};

/// A message of a room, as it stands after the last event that was applied to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place in the room. Every event takes one, so those of messages grow, with gaps.
    pub seq: u64,
    /// The `seq` of the last event that was applied to it; at first its own.
    pub rev: u64,
    /// The event's id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    /// Who said it.
    pub user_id: UserId,
    /// What they were called then, if they had a name.
    pub name: Option<Box<str>>,
    /// The text, as it was written; empty when it was deleted.
    pub message: String,
    /// When the server took it, in Unix milliseconds.
    pub at: u64,
    /// What most messages do not have; `None` when it would say nothing.
    pub details: Option<Box<Details>>,
}

/// What most messages do not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// How it looks, where that is not just its text: HTML that the server made, of a few harmless elements.
    pub html: Option<Box<str>>,
    /// Whom it mentions.
    pub mentions: Vec<UserId>,
    /// What it answers.
    pub reply_to: Option<Quote>,
    /// When it was last edited, in Unix milliseconds.
    pub edited_at: Option<u64>,
    /// Whether its author took it back.
    pub is_deleted: bool,
    /// Who put which emoji to it, in the order in which each emoji came first.
    pub reactions: Vec<Reaction>,
}

/// What is shown of a message in an answer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its place in the room.
    pub seq: u64,
    /// Its author.
    pub user_id: UserId,
    /// What they were called then.
    pub name: Option<Box<str>>,
    /// How it begins; empty when it was deleted.
    pub excerpt: Box<str>,
}

/// An emoji under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    pub emoji: Box<str>,
    /// Those it is from, in the order in which they came.
    pub user_ids: Vec<UserId>,
}

/// Characters of a message that its answers quote.
const EXCERPT_CHARS: usize = 100;

impl Message {
    /// How it looks, where that is not just its text.
    #[must_use]
    pub fn html(&self) -> Option<&str> {
        self.details.as_ref()?.html.as_deref()
    }

    /// Whom it mentions.
    #[must_use]
    pub fn mentions(&self) -> &[UserId] {
        self.details.as_ref().map_or(&[], |details| &details.mentions)
    }

    /// What it answers.
    #[must_use]
    pub fn reply_to(&self) -> Option<&Quote> {
        self.details.as_ref()?.reply_to.as_ref()
    }

    /// When it was last edited, in Unix milliseconds.
    #[must_use]
    pub fn edited_at(&self) -> Option<u64> {
        self.details.as_ref()?.edited_at
    }

    /// Whether its author took it back.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.details.as_ref().is_some_and(|details| details.is_deleted)
    }

    /// Who put which emoji to it.
    #[must_use]
    pub fn reactions(&self) -> &[Reaction] {
        self.details.as_ref().map_or(&[], |details| &details.reactions)
    }

    pub(crate) fn edit(&mut self, text: &str, html: Option<Box<str>>, mentions: &[UserId], at: u64) {
        let details = self.details.get_or_insert_default();
        details.edited_at = Some(at);
        // A deletion is for good, though its events may be read before the one that says so.
        if !details.is_deleted {
            details.html = html;
            details.mentions = mentions.to_vec();
            self.message.clear();
            self.message.push_str(text);
        }
    }

    /// Removes text and reactions; the row stays.
    pub(crate) fn delete(&mut self) {
        let details = self.details.get_or_insert_default();
        details.html = None;
        details.mentions.clear();
        details.is_deleted = true;
        details.reactions.clear();
        self.message.clear();
    }

    /// Somebody put an emoji to it, or took theirs back. An emoji that nobody has there any more loses its place.
    pub(crate) fn react(&mut self, emoji: &str, user_id: UserId, on: bool) {
        let details = self.details.get_or_insert_default();
        let reactions = &mut details.reactions;
        let at = reactions.iter().position(|reaction| &*reaction.emoji == emoji);
        match at {
            _ if details.is_deleted => {}
            Some(at) => {
                let user_ids = &mut reactions[at].user_ids;
                if !on {
                    user_ids.retain(|known| *known != user_id);
                } else if !user_ids.contains(&user_id) {
                    user_ids.push(user_id);
                }
                if user_ids.is_empty() {
                    reactions.remove(at);
                }
            }
            None if on => reactions.push(Reaction {
                emoji: emoji.into(),
                user_ids: vec![user_id],
            }),
            None => {}
        }
        self.tidy();
    }

    /// Replaces the quoted excerpt, if the message of this `seq` is what it answers.
    pub(crate) fn requote(&mut self, seq: u64, text: &str) {
        let quote = self
            .details
            .as_mut()
            .and_then(|details| details.reply_to.as_mut());
        if let Some(quote) = quote.filter(|quote| quote.seq == seq) {
            quote.excerpt = excerpt(text).into();
        }
    }

    /// Drops empty details, so that equal messages compare equal.
    pub(crate) fn tidy(&mut self) {
        self.details.take_if(|details| **details == Details::default());
    }
}

/// The first [`EXCERPT_CHARS`] characters.
fn excerpt(text: &str) -> &str {
    let end = text.char_indices().nth(EXCERPT_CHARS);
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::message;

    fn user(number: u8) -> UserId {
        UserId::from_bytes([number; 16])
    }

    #[test]
    fn emoji_keep_their_places_until_nobody_has_them_there() {
        let mut row = message(1);
        for (emoji, number, on) in [
            ("👍", 1, true),
            ("🎉", 1, true),
            ("👍", 2, true),
            ("👍", 2, true),
            ("👍", 1, false),
            ("🎉", 2, false),
        ] {
            row.react(emoji, user(number), on);
        }
        let shown: Vec<(&str, &[UserId])> = row
            .reactions()
            .iter()
            .map(|reaction| (&*reaction.emoji, &*reaction.user_ids))
            .collect();
        assert_eq!(shown, [("👍", &[user(2)][..]), ("🎉", &[user(1)][..])]);
        row.react("👍", user(2), false);
        row.react("🎉", user(1), false);
        assert_eq!(row, message(1), "and then it is as it was");
    }

    #[test]
    fn nothing_of_a_deleted_message_is_left_and_nothing_comes_back() {
        let mut row = message(1);
        row.react("👍", user(1), true);
        row.edit("again", Some("<em>again</em>".into()), &[user(2)], 7);
        assert_eq!(
            (&*row.message, row.html(), row.edited_at()),
            ("again", Some("<em>again</em>"), Some(7))
        );
        row.delete();
        row.edit("and again", None, &[user(2)], 8);
        row.react("👍", user(1), true);
        assert_eq!((&*row.message, row.html(), row.reactions()), ("", None, &[][..]));
        assert!(row.is_deleted() && row.mentions().is_empty());
    }

    #[test]
    fn an_answer_quotes_how_a_message_begins() {
        let mut row = message(9);
        let details = row.details.get_or_insert_default();
        details.reply_to = Some(Quote {
            seq: 4,
            user_id: user(1),
            name: None,
            excerpt: "before".into(),
        });
        row.requote(5, "another");
        assert_eq!(&*row.reply_to().unwrap().excerpt, "before");
        row.requote(4, &"가".repeat(101));
        assert_eq!(&*row.reply_to().unwrap().excerpt, "가".repeat(100));
    }
}

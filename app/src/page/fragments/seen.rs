//! Who has read a message.

use maud::html;
use protocol::{ErrorCode, UserId};

use super::lines::{Around, Lines};
use super::title::titled;
use crate::page_words as words;
use crate::words::Lang;

/// Somebody who has read it.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Who.
    pub user_id: UserId,
    /// What they are called.
    pub name: Option<String>,
}

/// Who has read a message; `None` where so many follow its room that it is not told.
#[must_use]
pub fn seen(lang: Lang, around: &Around, readers: Option<&[Reader]>) -> String {
    let words = words::of(lang);
    let sentence = match readers {
        None => Some(lang.words().refusal(ErrorCode::TooManyPeople)),
        Some(readers) => readers.is_empty().then(|| words.nobody_read()),
    };
    let people = readers.unwrap_or_default().iter();
    let lines = Lines::new(
        lang,
        around,
        people.map(|reader| (reader.user_id, reader.name.as_deref())),
    );
    let fragment = html! {
        (titled(words.who_read()))
        @if let Some(sentence) = sentence {
            p .fragment-empty { (sentence) }
        }
        ul .people-list {
            @for Reader { user_id, name } in readers.unwrap_or_default() {
                (lines.item(*user_id, name.as_deref()))
            }
        }
    };
    fragment.into_string()
}

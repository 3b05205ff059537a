//! Who has read a message.

use leptos::prelude::*;
use protocol::{ErrorCode, UserId};

use super::title::titled;
use crate::components::avatar;
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
pub fn seen(lang: Lang, readers: Option<Vec<Reader>>) -> String {
    let words = words::of(lang);
    let sentence = match &readers {
        None => Some(lang.words().refusal(ErrorCode::TooManyPeople)),
        Some(readers) => readers.is_empty().then(|| words.nobody_read()),
    };
    let each = readers.unwrap_or_default().into_iter().map(|reader| {
        let signs = avatar::signs(reader.user_id, reader.name.as_deref());
        let name = lang.words().name(reader.name.as_deref(), reader.user_id);
        view! {
            <li class="person">
                <span class=avatar::class(reader.user_id) aria-hidden="true">
                    {signs}
                </span>
                <span class="person-name">{name}</span>
            </li>
        }
    });
    let part = view! {
        {titled(words.who_read())}
        {sentence.map(|sentence| view! { <p class="part-empty">{sentence}</p> })}
        <ul class="people-list">{each.collect_view()}</ul>
    };
    part.to_html()
}

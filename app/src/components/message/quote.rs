//! What a message answers: a way there.

use client::model::Quote;
use leptos::prelude::*;
use maud::{Markup, html};

use crate::state::Chat;

pub(super) fn draw(quote: &Quote, chat: Chat) -> Markup {
    let words = chat.words;
    let room = chat.room.get_untracked();
    let text = if quote.excerpt.is_empty() {
        words.deleted_message().to_owned()
    } else {
        let line = |char| if char == '\n' { ' ' } else { char };
        quote.excerpt.chars().map(line).collect()
    };
    html! {
        a .message-quote href=(client::wire::endpoints::place(room.as_str(), quote.seq)) {
            b { (chat.called(quote.user_id, quote.name.as_deref()).draw()) }
            " " (text)
        }
    }
}

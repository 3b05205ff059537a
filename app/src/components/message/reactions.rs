//! The emoji under a message: each is a button that puts one's own to it, or takes it back.

use client::model::Reaction;
use leptos::prelude::*;
use maud::{Markup, html};
use protocol::UserId;

use crate::shared::joined;
use crate::state::Chat;

/// Names that are told of those who put an emoji to a message.
const NAMES_MAX: usize = 10;

pub(super) fn draw(reactions: &[Reaction], chat: Chat) -> Markup {
    html! {
        @if !reactions.is_empty() {
            div .reactions {
                @for reaction in reactions { (button(reaction, chat)) }
            }
        }
    }
}

/// Those whose names are told.
pub(super) fn named(reactions: &[Reaction]) -> impl Iterator<Item = &UserId> {
    let named = |reaction: &'_ Reaction| reaction.user_ids.len().min(NAMES_MAX);
    reactions
        .iter()
        .flat_map(move |reaction| &reaction.user_ids[..named(reaction)])
}

fn button(reaction: &Reaction, chat: Chat) -> Markup {
    let user_ids = &reaction.user_ids;
    let me = chat.user_id.get_untracked();
    let is_mine = user_ids.iter().any(|user_id| me == Some(*user_id));
    let names = user_ids.iter().take(NAMES_MAX);
    let names: Vec<String> = names.map(|user_id| chat.name_of(*user_id)).collect();
    html! {
        button
            type="button"
            class="reaction"
            data-act="react"
            data-emoji=(reaction.emoji)
            aria-pressed=(if is_mine { "true" } else { "false" })
            title=(joined(&names, ", "))
        { (reaction.emoji) " " (user_ids.len().to_string()) }
    }
}

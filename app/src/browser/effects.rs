//! Carries out what the client asks for.

use std::time::Duration;

use client::effect::Effect;
use client::tab::Input;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::RequestInit;

use super::composer;
use super::driver::{self, step};
use super::io::tab_channel::TabChannel;
use super::io::{self, fetch, local_storage};
use super::render::{connection, frame, jumps, people};
use crate::words::Words;

/// How long a plain request may take, in milliseconds.
const FETCH_MAX_MS: u64 = 15_000;

pub(super) fn carry_out(effect: Effect) {
    match effect {
        Effect::Socket { id } => {
            io::with(|io| io.channels.open_socket(id));
        }
        Effect::Stream { id, address } => {
            io::with(|io| io.channels.open_stream(id, &address));
        }
        Effect::Request { id, address, body } => {
            io::with(|io| io.channels.request(id, address, body.as_deref()));
        }
        Effect::Send { id, text } => {
            io::with(|io| io.channels.send(id, text));
        }
        Effect::Close { id } => {
            io::with(|io| io.channels.close(id));
        }
        Effect::Fetch { id, address } => get(id, address),
        Effect::Timer(ms) => {
            io::with(|io| io.timer.set(ms));
        }
        Effect::Load => {
            io::with(|io| io.outbox_db.load());
        }
        Effect::Store { client_id, row } => {
            io::with(|io| io.outbox_db.put(client_id, row));
        }
        Effect::Update { client_id, row } => {
            io::with(|io| io.outbox_db.update(client_id, row));
        }
        Effect::Remove(client_id) => {
            io::with(|io| io.outbox_db.remove(client_id));
        }
        Effect::Discard(client_id) => {
            io::with(|io| io.outbox_db.discard(client_id));
        }
        Effect::RememberTransport(transport, beat_ms) => local_storage::set_transport(transport, beat_ms),
        Effect::RequestLock => tab_channel(|tabs| tabs.request_lock(false)),
        Effect::StealLock => tab_channel(|tabs| tabs.request_lock(true)),
        Effect::ReleaseLock => tab_channel(TabChannel::release_lock),
        Effect::Broadcast(text) => tab_channel(|tabs| tabs.send(&text)),
        Effect::TimelineChanged | Effect::RoomsChanged => frame::soon(),
        Effect::StatusChanged => connection::show(),
        Effect::StorageChanged(stores) => connection::show_stores(stores),
        Effect::ScrollTo(seq) => jumps::arrive(seq),
        Effect::PeopleChanged => people::show(),
        Effect::Accepted(operation) => composer::accepted(operation),
        Effect::UserId(user_id) => {
            if let Some(chat) = driver::chat() {
                chat.user_id.set(Some(user_id));
                composer::change_person(chat);
            }
        }
        Effect::Refused(code) => refuse(|words| words.refusal(code)),
        Effect::OutboxFull => refuse(Words::outbox_full),
    }
}

/// Says why what was written was not taken.
fn refuse(why: impl FnOnce(&Words) -> &'static str) {
    if let Some(chat) = driver::chat() {
        chat.refusal.set(why(chat.words).to_owned());
    }
}

fn tab_channel(tell: impl FnOnce(&mut TabChannel)) {
    io::with(|io| io.tab_channel.as_mut().map(tell));
}

fn get(id: u32, address: String) {
    set_timeout(
        move || step(Input::Fetched(id, None)),
        Duration::from_millis(FETCH_MAX_MS),
    );
    spawn_local(async move {
        let text = fetch::text(&address, &RequestInit::new()).await;
        step(Input::Fetched(id, text.as_deref()));
    });
}

//! Carrying out what the tabs of a browser ask for.

use protocol::ClientId;

use super::{QueuedInput, TabLock};
use crate::effect::Effect;

/// How long a [`Host`] waits for the answer to a fetch before it reports that there is none, in milliseconds.
pub const FETCH_TIMEOUT_MS: u64 = 15_000;

/// What a browser and its network do for tabs, which are known by their indices. Time, storage and network are the
/// host's own: virtual in `client/tests`, real in `torture`.
pub trait Host {
    /// Has the tab take this input, soon and never within this call.
    fn queue(&mut self, tab: usize, input: QueuedInput);
    /// The lock that this tab shares with the others of its browser.
    fn lock_of(&mut self, tab: usize) -> &mut TabLock;
    /// The other open tabs of this tab's browser.
    fn siblings(&self, tab: usize) -> Vec<usize>;

    fn open_socket(&mut self, tab: usize, id: u32);
    fn open_stream(&mut self, tab: usize, id: u32, address: String);
    fn request(&mut self, tab: usize, id: u32, address: String, body: Option<String>);
    fn fetch(&mut self, tab: usize, id: u32, address: String);
    fn send(&mut self, tab: usize, id: u32, text: String);
    fn close(&mut self, tab: usize, id: u32);
    fn set_timer(&mut self, tab: usize, ms: u64);

    fn load(&mut self, tab: usize);
    fn store(&mut self, tab: usize, client_id: ClientId, row: String);
    fn update(&mut self, tab: usize, client_id: ClientId, row: String);
    fn remove(&mut self, tab: usize, client_id: ClientId);
    fn discard(&mut self, tab: usize, client_id: ClientId);

    /// Notes an effect that tells the page something and asks for nothing.
    fn notice(&mut self, tab: usize, effect: &Effect);
}

/// Carries out one effect of a tab.
pub fn carry_out(host: &mut impl Host, tab: usize, effect: Effect) {
    match effect {
        Effect::Socket { id } => host.open_socket(tab, id),
        Effect::Stream { id, address } => host.open_stream(tab, id, address),
        Effect::Request { id, address, body } => host.request(tab, id, address, body),
        Effect::Fetch { id, address } => host.fetch(tab, id, address),
        Effect::Send { id, text } => host.send(tab, id, text),
        Effect::Close { id } => host.close(tab, id),
        Effect::Timer(ms) => host.set_timer(tab, ms),
        Effect::Load => host.load(tab),
        Effect::Store { client_id, row } => host.store(tab, client_id, row),
        Effect::Update { client_id, row } => host.update(tab, client_id, row),
        Effect::Remove(client_id) => host.remove(tab, client_id),
        Effect::Discard(client_id) => host.discard(tab, client_id),
        Effect::RequestLock | Effect::StealLock if host.lock_of(tab).is_missing() => {
            host.queue(tab, QueuedInput::NoLock);
        }
        Effect::RequestLock => {
            let granted = host.lock_of(tab).request(tab);
            grant(host, granted);
        }
        Effect::StealLock => {
            if let Some(loser) = host.lock_of(tab).steal(tab) {
                host.queue(loser, QueuedInput::LockLost);
            }
            grant(host, Some(tab));
        }
        Effect::ReleaseLock => release_lock(host, tab),
        Effect::Broadcast(text) => {
            for sibling in host.siblings(tab) {
                host.queue(sibling, QueuedInput::TabMessage(text.clone()));
            }
        }
        Effect::RememberTransport(..)
        | Effect::TimelineChanged
        | Effect::ScrollTo(_)
        | Effect::RoomsChanged
        | Effect::PeopleChanged
        | Effect::StatusChanged
        | Effect::UserId(_)
        | Effect::Accepted(_)
        | Effect::Refused(_)
        | Effect::OutboxFull
        | Effect::StorageChanged(_) => host.notice(tab, &effect),
    }
}

/// Gives a tab's lock, or its place in the queue, back: on [`Effect::ReleaseLock`], and when the tab is gone.
pub fn release_lock(host: &mut impl Host, tab: usize) {
    let granted = host.lock_of(tab).release(tab);
    grant(host, granted);
}

fn grant(host: &mut impl Host, tab: Option<usize>) {
    if let Some(tab) = tab {
        host.queue(tab, QueuedInput::LockGranted);
    }
}

//! Input and output: transports, storage, other tabs, the timer. What comes in is reported as the client's inputs; nothing here
//! knows the page.

mod channels;
pub(crate) mod fetch;
pub(crate) mod local_storage;
mod outbox_db;
mod report;
mod socket;
mod stream;
pub(crate) mod tab_channel;
mod timer;

#[cfg(feature = "hydrate")]
mod same_origin;
#[cfg(feature = "csr")]
mod trunk_origin;

#[cfg(feature = "hydrate")]
use same_origin as origin;
#[cfg(feature = "csr")]
use trunk_origin as origin;

use std::cell::RefCell;

use channels::Channels;
use outbox_db::OutboxDb;
pub(crate) use report::Report;
use tab_channel::TabChannel;
use timer::Timer;

/// Everything that is open.
pub(crate) struct Io {
    pub(crate) channels: Channels,
    pub(crate) outbox_db: OutboxDb,
    /// `None` until the tab takes part, and where the browser has no `BroadcastChannel`.
    pub(crate) tab_channel: Option<TabChannel>,
    pub(crate) timer: Timer,
    report: Report,
}

thread_local! {
    static IO: RefCell<Option<Io>> = const { RefCell::new(None) };
}

/// Gets ready; `report` takes all that comes in.
pub(crate) fn open(report: Report) {
    IO.set(Some(Io {
        channels: Channels::new(report),
        outbox_db: OutboxDb::new(report),
        tab_channel: None,
        timer: Timer::new(report),
        report,
    }));
}

/// Closes everything.
pub(crate) fn close() {
    IO.set(None);
}

/// Joins the channel of this browser's tabs. Whether there is one.
pub(crate) fn open_tab_channel() -> bool {
    let is_open = with(|io| {
        io.tab_channel = io.tab_channel.take().or_else(|| TabChannel::open(io.report));
        io.tab_channel.is_some()
    });
    is_open == Some(true)
}

/// Leaves the channel of this browser's tabs, and gives up its lock.
pub(crate) fn close_tab_channel() {
    with(|io| io.tab_channel = None);
}

pub(crate) fn with<T>(use_it: impl FnOnce(&mut Io) -> T) -> Option<T> {
    IO.with_borrow_mut(|io| io.as_mut().map(use_it))
}

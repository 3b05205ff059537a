//! How the connection is.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;

use super::focus;
use crate::browser::{driver, system};
use crate::connection::Connection;

thread_local! {
    /// Whether the seconds until the next attempt are being counted down.
    static IS_COUNTING: Cell<bool> = const { Cell::new(false) };
    /// Whether this browser stores nothing.
    static IS_UNSTORED: Cell<bool> = const { Cell::new(false) };
}

/// Begins anew with a client that has not failed to store anything yet.
pub(crate) fn begin() {
    IS_UNSTORED.set(false);
}

/// Shows whether this browser stores what is written: otherwise, what waits here might not outlive the tab.
pub(crate) fn show_stores(stores: bool) {
    IS_UNSTORED.set(!stores);
    show();
}

/// Shows how the connection is, and goes on doing so while there are seconds to count down.
pub(crate) fn show() {
    let known = driver::with(|driver| {
        let (tab, now) = (&driver.tab, system::now().ms);
        let status = tab.status();
        let connection = Connection {
            phase: status.phase,
            transport: status.transport,
            role: tab.role(),
            held_by: tab.held_by(),
            seconds: status
                .next_try
                .map_or(0, |at| at.saturating_sub(now).div_ceil(1_000)),
            is_unstored: IS_UNSTORED.get(),
            refused: status.refused,
            stuck: tab.stuck_len() as u64,
        };
        (driver.chat.connection, connection)
    });
    let Some((signal, connection)) = known else {
        return;
    };
    if signal.get_untracked() != connection {
        focus::keep(|| signal.set(connection));
    }
    if connection.seconds > 0 && !IS_COUNTING.replace(true) {
        let count = || {
            IS_COUNTING.set(false);
            show();
        };
        set_timeout(count, Duration::from_secs(1));
    }
}

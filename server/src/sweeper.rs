//! What passes by itself: those who left are gone, those who stopped typing type no more.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::limits::SWEEP_INTERVAL_MS;
use crate::state::AppState;

/// Lets time pass for the chat until the server goes away.
pub(crate) async fn run(state: AppState) {
    let started = Instant::now();
    let mut sweep = interval(Duration::from_millis(SWEEP_INTERVAL_MS));
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = sweep.tick() => {
                let now_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                state.chat.tick(now_ms);
            }
            () = state.shutdown.begun() => return,
        }
    }
}

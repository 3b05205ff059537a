//! SIGTERM, as service managers send it, and SIGHUP, as a terminal does that is closed.
//!
//! There is nothing to be read anew that a daemon's SIGHUP could be for, and the system would end the process at once.

use std::fs;

use tokio::signal::unix::{SignalKind, signal};

pub(super) async fn requested() {
    tokio::select! {
        () = one(SignalKind::terminate()) => {}
        () = one(SignalKind::hangup()), if !ignores_hangup() => {}
    }
}

async fn one(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(error) => {
            tracing::warn!(%error, ?kind, "a signal cannot be listened to; use Ctrl-C");
            std::future::pending::<()>().await;
        }
    }
}

/// Whether whoever started the process wants it to outlive its terminal, as nohup(1) does: to listen would undo that.
/// Linux says so (proc(5)); elsewhere the signal is listened to.
fn ignores_hangup() -> bool {
    let Ok(status) = fs::read_to_string("/proc/self/status") else {
        return false;
    };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit is that of signal 1, which is SIGHUP.
    ignored
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

//! Where I/O reports what came in.

use client::tab::Input;

/// Takes an input. Called from a task or a callback of its own, never from within a call into `io`.
pub(crate) type Report = fn(Input<'_>);

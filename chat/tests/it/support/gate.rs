//! A gate before the writer: while it is shut, what is submitted gathers behind the one command that the writer has taken,
//! and is then written in one batch.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use chat::order::{Entry, InProcessOrdered, Next, Ordered, in_process};
use chat::{Chat, DataFolder, ids};

use super::{PATIENCE, post, room, send};

#[derive(Default)]
struct State {
    is_shut: bool,
    has_arrived: bool,
}

/// The gate of a chat.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<State>, Condvar)>);

/// A gate that is shut until this is dropped.
pub(crate) struct Shut(Gate);

/// A chat in this folder, with a gate before its writer.
pub(crate) fn open_with_gate(folder: &Path) -> (Arc<Chat>, Gate) {
    let gate = Gate::default();
    let chat = Chat::open_with(DataFolder::open(folder).unwrap(), |applied| {
        let (order, ordered) = in_process(applied);
        let gated = Gated {
            ordered,
            gate: gate.clone(),
        };
        (Box::new(order), gated)
    });
    (Arc::new(chat.unwrap()), gate)
}

impl Gate {
    /// Shuts it, and lets the writer come to it with a message to a room of its own.
    pub(crate) fn shut(&self, chat: &Chat) -> Shut {
        let (state, changed) = &*self.0;
        *state.lock().unwrap() = State {
            is_shut: true,
            has_arrived: false,
        };
        drop(send(
            chat,
            post(ids::user_id(), &room("elsewhere"), "wait for me"),
        ));
        let is_awaited = |state: &mut State| !state.has_arrived;
        let (_state, waited) = changed
            .wait_timeout_while(state.lock().unwrap(), PATIENCE, is_awaited)
            .unwrap();
        assert!(!waited.timed_out(), "the writer does not come");
        Shut(self.clone())
    }

    fn pass(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap();
        state.has_arrived = true;
        changed.notify_all();
        drop(changed.wait_while(state, |state| state.is_shut).unwrap());
    }
}

impl Drop for Shut {
    fn drop(&mut self) {
        let (state, changed) = &*self.0.0;
        state.lock().unwrap().is_shut = false;
        changed.notify_all();
    }
}

struct Gated {
    ordered: InProcessOrdered,
    gate: Gate,
}

impl Ordered for Gated {
    fn next(&mut self, deadline: Instant) -> Next {
        let next = self.ordered.next(deadline);
        if matches!(next, Next::Entry(_)) {
            self.gate.pass();
        }
        next
    }

    fn next_before(&mut self, deadline: Instant, expected: usize) -> Option<Entry> {
        self.ordered.next_before(deadline, expected)
    }

    fn rewind(&mut self, applied: u64) {
        self.ordered.rewind(applied);
    }
}

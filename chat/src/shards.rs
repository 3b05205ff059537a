//! The threads that hand out what is published, one for each core: the writer wakes these few, and not every connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::error::Error;
use crate::rooms::Room;

/// The threads. They end when nobody can wake them any more.
#[derive(Debug)]
pub(crate) struct Shards(Box<[Sender<Arc<Room>>]>);

impl Shards {
    /// Starts as many as there are cores for this process.
    pub(crate) fn start() -> Result<Self, Error> {
        let count = thread::available_parallelism().map_or(1, usize::from);
        let shards: Result<Box<[_]>, Error> = (0..count).map(start).collect();
        Ok(Self(shards?))
    }

    pub(crate) const fn count(&self) -> usize {
        self.0.len()
    }

    /// Has a thread hand out what is new in a room. A room waits once in each thread's queue, so that is bounded by the
    /// number of rooms.
    pub(crate) fn wake(&self, shard: usize, room: Arc<Room>) {
        if let Some(sender) = self.0.get(shard) {
            let _ = sender.send(room);
        }
    }
}

fn start(shard: usize) -> Result<Sender<Arc<Room>>, Error> {
    let (sender, rooms) = channel::<Arc<Room>>();
    thread::Builder::new()
        .name(format!("madang-shard-{shard}"))
        .spawn(move || {
            for room in rooms {
                // A defect that concerns one room must not silence all others.
                if catch_unwind(AssertUnwindSafe(|| room.hand_out(shard))).is_err() {
                    tracing::error!("what is new in a room could not be handed out");
                }
            }
        })
        .map_err(Error::Thread)?;
    Ok(sender)
}

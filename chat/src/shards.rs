//! The threads that hand out what is published, one for each core: the publisher wakes these few, and not every connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::limits::{HAND_OUT_REST_FROM_MS, HAND_OUT_REST_MS_MAX};
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
        .spawn(move || Thread::new(shard).run(&rooms))
        .map_err(Error::Thread)?;
    Ok(sender)
}

/// A room that was handed out a moment ago. What is published in it meanwhile is handed out together: to a crowd that costs
/// hardly more than one message.
struct Rest {
    room: Arc<Room>,
    until: Instant,
    /// Whether something was published since.
    is_awaited: bool,
}

struct Thread {
    shard: usize,
    /// Each of them took [`HAND_OUT_REST_FROM_MS`] of this thread within the last [`HAND_OUT_REST_MS_MAX`], so there are few.
    resting: Vec<Rest>,
}

impl Thread {
    const fn new(shard: usize) -> Self {
        Self {
            shard,
            resting: Vec::new(),
        }
    }

    fn run(mut self, rooms: &Receiver<Arc<Room>>) {
        loop {
            let room = match self.next_due() {
                None => rooms.recv().map_err(RecvTimeoutError::from),
                Some(due) => rooms.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match room {
                Ok(room) => self.take(room),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.end_rests();
        }
    }

    fn next_due(&self) -> Option<Instant> {
        self.resting.iter().map(|rest| rest.until).min()
    }

    /// Something was published in a room.
    fn take(&mut self, room: Arc<Room>) {
        match self
            .resting
            .iter_mut()
            .find(|rest| Arc::ptr_eq(&rest.room, &room))
        {
            Some(rest) => rest.is_awaited = true,
            None => self.hand_out(room),
        }
    }

    fn end_rests(&mut self) {
        let now = Instant::now();
        while let Some(at) = self.resting.iter().position(|rest| rest.until <= now) {
            let rest = self.resting.swap_remove(at);
            if rest.is_awaited {
                self.hand_out(rest.room);
            }
        }
    }

    fn hand_out(&mut self, room: Arc<Room>) {
        let begun = Instant::now();
        let enough = Duration::from_millis(HAND_OUT_REST_FROM_MS);
        // A defect that concerns one room must not silence all others.
        let handed_out = catch_unwind(AssertUnwindSafe(|| room.hand_out(self.shard, enough)));
        if handed_out.is_err() {
            tracing::error!("what is new in a room could not be handed out");
            room.wake(self.shard);
        }
        let ended = Instant::now();
        let took = ended - begun;
        if took >= enough {
            let rest = (took + took / 4).min(Duration::from_millis(HAND_OUT_REST_MS_MAX));
            self.resting.push(Rest {
                room,
                until: ended + rest,
                is_awaited: handed_out.unwrap_or_default(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use protocol::RoomName;

    use super::*;
    use crate::feed::Signal;
    use crate::outlet::{News, Offered, Outlet, Place, Wants};
    use crate::rooms::Rooms;
    use crate::store::Content;
    use crate::testing;

    /// A connection to which writing takes as long as to a crowd.
    #[derive(Debug, Default)]
    struct Slow(Mutex<Vec<u64>>);

    impl Outlet for Slow {
        fn offer(&self, _: &News, place: &Place, _: Wants) -> Offered {
            thread::sleep(Duration::from_millis(HAND_OUT_REST_FROM_MS));
            let mut offered = self.0.lock().unwrap();
            offered.push(place.seq());
            // All that was published so far.
            place.set(place.seq() + 1);
            Offered::Settled
        }
    }

    fn publish(room: &Arc<Room>, seq: u64) {
        room.publish(testing::segment(seq, [Content::Deleted { target: 1 }]));
    }

    #[test]
    fn what_is_published_right_after_a_crowd_was_told_is_told_together() {
        let (sender, published) = channel();
        let rooms = Arc::new(Rooms::handed_out_by(Shards(Box::new([sender]))));
        let outlet = Arc::new(Slow::default());
        let subscription = rooms.subscribe(&RoomName::lobby(), Signal::default());
        subscription.attach(Arc::clone(&outlet) as _, Wants::Everything);
        let room = rooms.get(&RoomName::lobby()).unwrap();
        let mut thread = Thread::new(0);
        publish(&room, 1);
        thread.take(published.try_recv().unwrap());
        assert_eq!(thread.resting.len(), 1);
        // As after a round that found nothing more.
        thread.resting[0].is_awaited = false;
        thread.resting[0].until += Duration::from_secs(3_600);
        publish(&room, 2);
        thread.take(published.try_recv().unwrap());
        publish(&room, 3);
        assert!(published.try_recv().is_err(), "it waits already");
        thread.end_rests();
        assert_eq!(outlet.0.lock().unwrap().len(), 1, "the crowd rests");
        thread.resting[0].until = Instant::now();
        thread.end_rests();
        assert_eq!(outlet.0.lock().unwrap().len(), 2, "both were told at once");
        assert_eq!(thread.resting.len(), 1);
    }
}

//! Waiting for what another node has already: a client that comes from there may stand further ahead than this node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::RoomName;
use tokio::sync::{OnceCell, watch};
use tokio::time::Instant;

use crate::error::Error;
use crate::limits::{AHEAD_WAIT_MS, AHEAD_WAITERS_MAX};

/// Those who wait for a room to come as far as their client has it: [`AHEAD_WAITERS_MAX`] at most.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    inside: Mutex<Inside>,
    is_awaited: watch::Sender<bool>,
    /// The last moment whose log this node is known to have applied all of.
    level: watch::Sender<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Inside {
    by_room: HashMap<RoomName, Awaited>,
    waiters: usize,
}

/// A room that somebody waits for.
#[derive(Debug)]
struct Awaited {
    progress: Arc<Progress>,
    waiters: usize,
}

#[derive(Debug, Default)]
struct Progress {
    /// The room's last seq, as far as it is known here.
    head: watch::Sender<u64>,
    /// Whether it was read; once for all who wait.
    read: OnceCell<()>,
}

impl Ahead {
    /// Waits until a room's last seq is `seq` or later, [`AHEAD_WAIT_MS`] at most; true also when it is not after that and this
    /// node has applied all that the log had since the wait began: it never will be. False when that is not known, when too
    /// many wait, or when `head`, which is asked once for all who wait for the room, does not say how far it is. Cancel-safe.
    ///
    /// Invariant: whoever waits is registered first and asks for the head afterwards. What is published after that is told by
    /// [`Ahead::happened`].
    pub(crate) async fn reached(
        &self,
        room: &RoomName,
        seq: u64,
        head: impl AsyncFnOnce() -> Result<u64, Error>,
    ) -> bool {
        let began = Instant::now();
        let Some(waiter) = self.register(room) else {
            return false;
        };
        let progress = &waiter.progress;
        let mut heads = progress.head.subscribe();
        let wait = async {
            let read = async || {
                raise(&progress.head, head().await?);
                Ok::<_, Error>(())
            };
            progress.read.get_or_try_init(read).await?;
            // The sender is the room's own: it lives as long as this waits.
            Ok::<_, Error>(heads.wait_for(|head| *head >= seq).await.is_ok())
        };
        match tokio::time::timeout(Duration::from_millis(AHEAD_WAIT_MS), wait).await {
            Ok(reached) => reached.unwrap_or(false),
            Err(_) => self.level.borrow().is_some_and(|level| level > began),
        }
    }

    /// Whether anybody waits, and how that changes.
    pub(crate) fn is_awaited(&self) -> watch::Receiver<bool> {
        self.is_awaited.subscribe()
    }

    /// This node has applied all that the log had at this moment.
    pub(crate) fn is_level(&self, at: Instant) {
        self.level.send_modify(|level| *level = (*level).max(Some(at)));
    }

    /// A room's last seq is this now. Called by the publisher alone, after the room has it.
    pub(crate) fn happened(&self, room: &RoomName, head: u64) {
        let progress = self
            .lock()
            .by_room
            .get(room)
            .map(|awaited| Arc::clone(&awaited.progress));
        if let Some(progress) = progress {
            raise(&progress.head, head);
        }
    }

    fn register(&self, room: &RoomName) -> Option<Waiter<'_>> {
        let mut inside = self.lock();
        if inside.waiters >= AHEAD_WAITERS_MAX {
            return None;
        }
        inside.waiters += 1;
        self.tell(&inside);
        let awaited = inside.by_room.entry(room.clone()).or_insert_with(|| Awaited {
            progress: Arc::default(),
            waiters: 0,
        });
        awaited.waiters += 1;
        Some(Waiter {
            ahead: self,
            room: room.clone(),
            progress: Arc::clone(&awaited.progress),
        })
    }

    fn tell(&self, inside: &Inside) {
        let is_awaited = inside.waiters > 0;
        self.is_awaited
            .send_if_modified(|before| std::mem::replace(before, is_awaited) != is_awaited);
    }

    /// A panic while it is held cannot leave the counts wrong: each change is one call.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits, until this is dropped.
struct Waiter<'a> {
    ahead: &'a Ahead,
    room: RoomName,
    progress: Arc<Progress>,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut inside = self.ahead.lock();
        inside.waiters -= 1;
        self.ahead.tell(&inside);
        if let Some(awaited) = inside.by_room.get_mut(&self.room) {
            awaited.waiters -= 1;
            if awaited.waiters == 0 {
                inside.by_room.remove(&self.room);
            }
        }
        if inside.by_room.is_empty() {
            // A crowd that waited must not leave its places behind.
            inside.by_room.shrink_to_fit();
        }
    }
}

fn raise(head: &watch::Sender<u64>, to: u64) {
    head.send_if_modified(|known| {
        let is_news = to > *known;
        *known = to.max(*known);
        is_news
    });
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn those_who_wait_for_one_room_read_its_head_once_and_go_on_when_it_has_come_so_far() {
        let ahead = Arc::new(Ahead::default());
        let reads = Arc::new(AtomicUsize::new(0));
        let lobby = RoomName::lobby();
        let waiting: Vec<_> = (1..=50)
            .map(|seq| {
                let (ahead, reads, lobby) = (Arc::clone(&ahead), Arc::clone(&reads), lobby.clone());
                tokio::spawn(async move {
                    let head = async || {
                        reads.fetch_add(1, Ordering::Relaxed);
                        tokio::task::yield_now().await;
                        Ok(10)
                    };
                    ahead.reached(&lobby, seq, head).await
                })
            })
            .collect();
        while ahead.lock().waiters != 40 {
            tokio::task::yield_now().await;
        }
        ahead.happened(&RoomName::parse("other").unwrap(), 100);
        ahead.happened(&lobby, 49);
        while ahead.lock().waiters != 1 {
            tokio::task::yield_now().await;
        }
        ahead.happened(&lobby, 50);
        for waiting in waiting {
            assert!(waiting.await.unwrap());
        }
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        assert!(ahead.lock().by_room.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_come_is_waited_for_so_long_and_no_longer() {
        let ahead = Ahead::default();
        let begun = tokio::time::Instant::now();
        assert!(!ahead.reached(&RoomName::lobby(), 2, async || Ok(1)).await);
        assert_eq!(begun.elapsed(), Duration::from_millis(AHEAD_WAIT_MS));
        assert!(
            !ahead
                .reached(&RoomName::lobby(), 2, async || Err(Error::Busy))
                .await
        );
        assert_eq!(ahead.lock().waiters, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_in_a_log_that_was_looked_at_meanwhile_never_comes() {
        let ahead = Ahead::default();
        let lobby = RoomName::lobby();
        let second = Duration::from_secs(1);
        ahead.is_level(Instant::now());
        tokio::time::advance(second).await;
        assert!(!ahead.reached(&lobby, 2, async || Ok(1)).await, "it was before");
        let mut awaited = ahead.is_awaited();
        assert!(!*awaited.borrow_and_update());
        let looking = async {
            awaited.wait_for(|is_awaited| *is_awaited).await.unwrap();
            tokio::time::advance(second).await;
            ahead.is_level(Instant::now());
            // What is later known of an earlier moment changes nothing.
            ahead.is_level(Instant::now() - 2 * second);
        };
        let (reached, ()) = tokio::join!(ahead.reached(&lobby, 2, async || Ok(1)), looking);
        assert!(reached);
        assert!(!*ahead.is_awaited().borrow());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_wait_than_may() {
        let ahead = Ahead::default();
        let waiters: Vec<_> = (0..AHEAD_WAITERS_MAX)
            .map(|number| ahead.register(&RoomName::parse(&format!("room-{}", number % 100)).unwrap()))
            .collect();
        assert!(waiters.iter().all(Option::is_some));
        let begun = tokio::time::Instant::now();
        assert!(!ahead.reached(&RoomName::lobby(), 1, async || Ok(1)).await);
        assert!(begun.elapsed().is_zero(), "at once");
        drop(waiters);
        assert!(ahead.reached(&RoomName::lobby(), 1, async || Ok(1)).await);
    }
}

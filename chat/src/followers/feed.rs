//! One session's hearing of how the rooms are that its person follows and it has not joined.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use protocol::{RoomName, ServerFrame, UserId};
use tokio::task::AbortHandle;

use super::{Followers, lock};
use crate::error::Error;
use crate::feed::Signal;
use crate::limits::{FOLLOWED_AGAIN_MS, ROOMS_PER_FRAME_MAX};
use crate::readers::{Lane, Readers};
use crate::reading::Reading;
use crate::segment::encode;
use crate::store::{self, RoomRow};

/// The hearing. It ends when this is dropped.
pub struct RoomsFeed {
    followers: Arc<Followers>,
    readers: Arc<Readers>,
    reading: Arc<Reading>,
    user_id: UserId,
    key: usize,
    news: Arc<News>,
    /// What asks which rooms the person follows: for nobody, once the session has ended.
    following: AbortHandle,
}

/// What a session has to be told.
#[derive(Debug)]
pub(super) struct News {
    signal: Signal,
    /// Lets a session pass by without a lock.
    is_new: AtomicBool,
    pub(super) inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
pub(super) struct Inside {
    /// Rooms in which something changed.
    pub(super) marks: Vec<RoomName>,
    /// How some of them are, ready to be told.
    frame: Option<Bytes>,
    /// The database is being asked, or is to be asked again after a while.
    pub(super) is_reading: bool,
    /// It is not known yet which rooms are followed.
    is_beginning: bool,
}

impl RoomsFeed {
    /// Begins to hear, for a session that has joined these rooms; `signal` is woken when it has to be told something. What
    /// happens from now on is heard, though it takes a moment until it is known which rooms are followed.
    pub(crate) fn begin(
        followers: &Arc<Followers>,
        readers: &Arc<Readers>,
        reading: &Arc<Reading>,
        user_id: UserId,
        joined: Vec<RoomName>,
        signal: Signal,
    ) -> Self {
        let news = News::new(signal);
        let key = followers.begin(user_id, joined, &news);
        let following = tokio::spawn(follow(
            Arc::clone(followers),
            Arc::clone(readers),
            user_id,
            key,
            Arc::clone(&news),
        ));
        Self {
            followers: Arc::clone(followers),
            readers: Arc::clone(readers),
            reading: Arc::clone(reading),
            user_id,
            key,
            news,
            following: following.abort_handle(),
        }
    }

    /// The session has joined a room.
    pub fn joined(&self, room: &RoomName) {
        lock(&self.followers.inside).places.joined(self.key, room);
    }

    /// The session has unsubscribed from a room: it is told how that is, and hears of it from now on.
    pub fn unsubscribed(&self, room: &str) {
        lock(&self.followers.inside).places.unsubscribed(self.key, room);
    }

    /// Appends a frame with how rooms are in which something changed, [`ROOMS_PER_FRAME_MAX`] of them, and has the next
    /// read; nothing of what else the session has to tell waits for that.
    pub fn pull(&self, out: &mut Vec<Bytes>) {
        if !self.news.is_new.swap(false, Ordering::AcqRel) {
            return;
        }
        let rooms = {
            let mut inside = lock(&self.news.inside);
            out.extend(inside.frame.take());
            if inside.is_reading || inside.marks.is_empty() {
                return;
            }
            inside.is_reading = true;
            let count = inside.marks.len().min(ROOMS_PER_FRAME_MAX);
            inside.marks.drain(..count).collect::<Vec<_>>()
        };
        let (asked, waiting) = (rooms.clone(), self.reading.waiting(self.user_id));
        let (readers, news, user_id) = (Arc::clone(&self.readers), Arc::clone(&self.news), self.user_id);
        tokio::spawn(async move {
            let read = readers.read(Lane::Followed, move |connection| {
                Ok(store::rooms_of(connection, &user_id, &asked, &waiting)?)
            });
            news.answered(rooms, read.await).await;
        });
    }
}

impl Drop for RoomsFeed {
    fn drop(&mut self) {
        self.following.abort();
        self.followers.end(self.user_id, self.key, &self.news);
    }
}

impl std::fmt::Debug for RoomsFeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoomsFeed")
            .field("user_id", &self.user_id)
            .field("news", &self.news)
            .finish_non_exhaustive()
    }
}

/// Asks the database which rooms a person follows, again after a while where it does not answer.
async fn follow(
    followers: Arc<Followers>,
    readers: Arc<Readers>,
    user_id: UserId,
    key: usize,
    news: Arc<News>,
) {
    loop {
        let read = readers.read(Lane::Followed, move |connection| {
            Ok(store::followed_names(connection, &user_id)?)
        });
        let followed = match read.await {
            Ok(followed) => followed,
            Err(Error::Busy) if lock(&news.inside).is_beginning => {
                tokio::time::sleep(Duration::from_millis(FOLLOWED_AGAIN_MS)).await;
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, "which rooms somebody follows could not be read");
                Vec::new()
            }
        };
        followers.begun(key, &news, &followed);
        return;
    }
}

impl News {
    pub(super) fn new(signal: Signal) -> Arc<Self> {
        Arc::new(Self {
            signal,
            is_new: AtomicBool::new(false),
            inside: Mutex::new(Inside {
                is_beginning: true,
                ..Inside::default()
            }),
        })
    }

    /// Has the session told how a room is.
    pub(super) fn mark(&self, room: &RoomName) {
        let is_reading = {
            let mut inside = lock(&self.inside);
            if !inside.marks.contains(room) {
                inside.marks.push(room.clone());
            }
            inside.is_reading
        };
        if !is_reading {
            self.wake();
        }
    }

    pub(super) fn unmark(&self, room: &RoomName) {
        lock(&self.inside).marks.retain(|known| known != room);
    }

    /// Whether it was still beginning: it is no more.
    pub(super) fn begun(&self) -> bool {
        std::mem::take(&mut lock(&self.inside).is_beginning)
    }

    fn wake(&self) {
        self.is_new.store(true, Ordering::Release);
        self.signal.wake();
    }

    /// Takes how these rooms are. Where the database did not answer they are asked for again after a while, and nothing
    /// before that.
    pub(super) async fn answered(&self, rooms: Vec<RoomName>, rows: Result<Vec<RoomRow>, Error>) {
        let frame = match rows {
            Ok(rows) => frame(&rows),
            Err(error) => {
                tracing::debug!(%error, "a client could not be told how its rooms are");
                for room in rooms {
                    self.mark(&room);
                }
                tokio::time::sleep(Duration::from_millis(FOLLOWED_AGAIN_MS)).await;
                None
            }
        };
        let mut inside = lock(&self.inside);
        inside.is_reading = false;
        inside.frame = frame;
        if inside.frame.is_some() || !inside.marks.is_empty() {
            self.wake();
        } else {
            inside.marks = Vec::new();
        }
    }
}

fn frame(rows: &[RoomRow]) -> Option<Bytes> {
    if rows.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    let rooms = rows.iter().map(RoomRow::summary).collect();
    encode(&ServerFrame::Rooms { rooms }, &mut bytes);
    Some(Bytes::from(bytes))
}

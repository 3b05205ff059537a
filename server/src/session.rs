//! A session: one client's conversation with the chat, whatever carries it.
//!
//! It keeps no message: it holds a cursor in each room it follows and asks for what comes after. What goes out is
//! gathered into the transport's hands in whole frames, and only when the transport is ready for more.

mod encoding;
mod full;
mod gather;
mod inbox;
mod parked;
mod plain;
mod reads;

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use chat::{Feed, Here, JoinCursor, Joined, Outlet, PersonFeed, ReadTo, RoomsFeed, Signal, Wants};
use protocol::{CloseCode, ErrorCode, RoomName, ServerFrame, UserId};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::ahead;
use crate::cursor::{Cursor, Place};
use crate::error::ApiError;
use crate::limits::POSTS_IN_FLIGHT_MAX;
use crate::state::AppState;
pub(crate) use encoding::{encode, encode_raw};
pub(crate) use full::unreadable;
use inbox::Inbox;
use parked::Parked;
use reads::Reads;

/// How the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// No subprotocol: `userId` once, then the lobby's messages.
    Plain,
    /// `madang.v1`.
    Full,
}

/// Which ephemeral state is gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ephemeral {
    /// All that has changed.
    News,
    /// Only of rooms of which the client was told nothing yet.
    First,
}

/// What a session is made of. Nothing in it grows with what others do.
pub(crate) struct Session {
    /// What carries it, for the log.
    transport: &'static str,
    state: AppState,
    user_id: UserId,
    dialect: Dialect,
    signal: Signal,
    subscriptions: Vec<Subscription>,
    parked: Vec<Parked>,
    /// What concerns the person alone. A plain client knows nothing of that.
    personal: Option<PersonFeed>,
    /// Whether the person was made up for this session, and so is called nothing.
    is_nameless: bool,
    /// How the rooms are that the person follows, where the client asked for that.
    followed: Option<Box<RoomsFeed>>,
    reads: Reads,
    inbox: Arc<Inbox>,
    /// Where what is published is written to past the session.
    outlet: Option<Arc<dyn Outlet>>,
    _permit: OwnedSemaphorePermit,
}

/// A room the session has joined.
struct Subscription {
    feed: Feed,
    /// The person's being there; `None` for one that only counts what comes.
    here: Option<Here>,
    /// The version of who is here and who is typing that was told last; 0 for none.
    told: u64,
    /// Whether it is known that nothing newer was there since: what happened while nobody was subscribed woke nobody.
    is_up_to_date: bool,
}

impl Subscription {
    fn is_of(&self, room: &str) -> bool {
        self.feed.room().as_str() == room
    }

    /// Whether who is here or who is typing has to be told. Costs no lock.
    fn has_ephemeral_news(&self) -> bool {
        let has_news = |here: &Here| !self.is_up_to_date || here.version() > self.told;
        self.here.as_ref().is_some_and(has_news)
    }
}

/// Why a session ends from the server's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended(pub(crate) CloseCode);

impl Session {
    /// A session of this identity; `transport` names the transport in the log.
    ///
    /// # Errors
    /// [`ErrorCode::Busy`] when there are as many sessions as there may be connections: one HTTP/2 connection can
    /// carry many.
    pub(crate) fn begin(
        transport: &'static str,
        state: AppState,
        user_id: UserId,
        dialect: Dialect,
    ) -> Result<Self, ErrorCode> {
        let permit = Arc::clone(&state.session_permits)
            .try_acquire_owned()
            .map_err(|_| ErrorCode::Busy)?;
        tracing::debug!(transport, %user_id, ?dialect, "a session began");
        let signal = Signal::default();
        let personal = match dialect {
            Dialect::Plain => None,
            Dialect::Full => Some(state.chat.hear_personally(user_id, signal.clone())),
        };
        Ok(Self {
            transport,
            state,
            user_id,
            dialect,
            signal,
            subscriptions: Vec::new(),
            parked: Vec::new(),
            personal,
            is_nameless: false,
            followed: None,
            reads: Reads::default(),
            inbox: Arc::default(),
            outlet: None,
            _permit: permit,
        })
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) const fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Says that the person was made up for this session: what they are called need not be asked for.
    pub(crate) fn is_of_a_newcomer(&mut self) {
        self.is_nameless = true;
    }

    /// Has what is published in the rooms that are joined from now on written to `outlet`, while that is open. Whoever
    /// carries the session closes it before anything else is asked of the session.
    pub(crate) fn write_past(&mut self, outlet: Arc<dyn Outlet>) {
        self.outlet = Some(outlet);
    }

    /// The first frame, after everything that has to come before it is done.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn greet(&mut self, out: &mut Vec<Utf8Bytes>) -> Result<(), Ended> {
        match self.dialect {
            Dialect::Plain => {
                // Joined before the greeting: whoever has been greeted misses nothing from then on.
                self.follow_lobby().await?;
                out.push(plain::greeting(self.user_id));
            }
            Dialect::Full => {
                let name = match &self.personal {
                    Some(personal) => personal.name(&self.state.chat).await,
                    None => Ok(None),
                };
                let name = name.map_err(|error| {
                    tracing::warn!(%error, "a client could not be told its name");
                    Ended(CloseCode::Overloaded)
                })?;
                out.push(encode(&ServerFrame::UserId {
                    user_id: self.user_id,
                    name: name.as_deref(),
                    epoch: self.state.chat.epoch(),
                    limits: self.state.limits,
                }));
            }
        }
        Ok(())
    }

    /// Takes up the places of a cursor. One that means nothing here any more is answered with `resync` and left out; one that
    /// this node has not come to yet is waited for.
    ///
    /// # Errors
    /// When the database does not answer, or the node does not come there in time.
    pub(crate) async fn resume(&mut self, cursor: &Cursor, out: &mut Vec<Utf8Bytes>) -> Result<(), ApiError> {
        let known = |place: &Place| JoinCursor {
            epoch: Some(cursor.epoch),
            after: Some(place.seq),
            event_id: place.event_id,
        };
        let places = cursor.places.iter();
        let joins: Vec<_> = places
            .clone()
            .map(|place| (place.room.clone(), known(place)))
            .collect();
        let mut joined = self.state.chat.join_all(joins.clone(), &self.signal).await?;
        let is_ahead = |(_, joined): &(&Place, &Joined)| matches!(joined, Joined::Behind);
        let ahead = places.clone().zip(&joined).filter(is_ahead);
        let ahead: Vec<_> = ahead.map(|(place, _)| (place.room.clone(), place.seq)).collect();
        if !ahead.is_empty() {
            // Boxed, because hardly anybody ever waits.
            Box::pin(ahead::reached(&self.state, ahead)).await?;
            joined = self.state.chat.join_all(joins, &self.signal).await?;
        }
        for (place, joined) in places.zip(joined) {
            match joined {
                Joined::Feed { feed, .. } => self.sit_down(feed, place.quiet, place.told).await?,
                // It was waited for.
                Joined::Behind | Joined::Resync => {
                    out.push(encode(&ServerFrame::Resync { room: &place.room }))
                }
            }
        }
        Ok(())
    }

    /// Where the client stands when it has everything that was gathered.
    pub(crate) fn cursor(&self) -> Cursor {
        let mut cursor = Cursor::new(self.state.chat.epoch());
        cursor
            .places
            .extend(self.subscriptions.iter().map(|subscription| Place {
                room: subscription.feed.room().clone(),
                seq: subscription.feed.cursor(),
                event_id: subscription.feed.event_id(),
                quiet: subscription.here.is_none(),
                told: subscription.told,
            }));
        cursor
    }

    /// Waits until there may be something to gather.
    pub(crate) async fn woken(&self) {
        self.signal.woken().await;
    }

    /// Whether the transport should read on: not while too many posts are on their way to the disk.
    pub(crate) fn takes_more(&self) -> bool {
        self.inbox.in_flight() < POSTS_IN_FLIGHT_MAX
    }

    /// Whether there is something to gather now. Costs no lock.
    pub(crate) fn has_more(&self) -> bool {
        self.subscriptions
            .iter()
            .any(|subscription| subscription.feed.lag() > 0)
    }

    /// Whether posts are on their way to the disk whose outcome has not been gathered yet. From here on the session is woken for
    /// each of them.
    pub(crate) fn awaits_outcomes(&self) -> bool {
        self.inbox.await_all() > 0
    }

    /// Whether what the client said has to wait until [`AppState::takes_plain_posts`], and nothing is to be read behind it.
    /// A plain client cannot be told that the server is busy, so while it is, what such a client sends is left where it is: TCP
    /// tells it.
    pub(crate) fn is_held_back(&self) -> bool {
        self.dialect == Dialect::Plain && (self.state.chat.is_crowded() || self.state.is_apart())
    }

    /// Takes one text frame from the client. What has to be said about it at once goes to `out`. Says whether it was within a
    /// rate of its own: then it does not count among the frames of its connection.
    pub(crate) async fn take(&mut self, text: &str, out: &mut Vec<Utf8Bytes>) -> bool {
        match self.dialect {
            Dialect::Plain => self.take_plain(text).await,
            Dialect::Full => self.take_full(text, out).await,
        }
    }

    /// Says that something could not even be read as text.
    pub(crate) fn refuse(&self, code: ErrorCode, out: &mut Vec<Utf8Bytes>) {
        match self.dialect {
            Dialect::Plain => plain::log_refusal(self.user_id, code),
            Dialect::Full => out.push(encode(&ApiError::from(code).to_frame())),
        }
    }

    async fn join(&self, room: &RoomName, cursor: JoinCursor) -> Result<Joined, chat::Error> {
        self.state.chat.join(room, cursor, self.signal.clone()).await
    }

    /// Subscribes to the room of a feed, in place of the subscription the session had there.
    async fn sit_down(&mut self, feed: Feed, quiet: bool, told: u64) -> Result<(), chat::Error> {
        let here = if quiet {
            None
        } else {
            let (chat, signal) = (&self.state.chat, self.signal.clone());
            Some(if self.is_nameless {
                chat.enter_nameless(feed.room(), self.user_id, signal)
            } else {
                chat.enter(feed.room(), self.user_id, signal).await?
            })
        };
        if let Some(outlet) = &self.outlet {
            let wants = match self.dialect {
                Dialect::Plain => Wants::Messages,
                Dialect::Full => Wants::Everything,
            };
            feed.attach(Arc::clone(outlet), wants);
        }
        // What was joined before ends only now: nobody sees the person leave and come.
        self.stand_up(feed.room().as_str());
        if let Some(followed) = &self.followed {
            followed.joined(feed.room());
        }
        // Most are in one room: the room that a Vec makes for four is not needed.
        self.subscriptions.reserve_exact(1);
        self.subscriptions.push(Subscription {
            feed,
            here,
            told,
            is_up_to_date: false,
        });
        Ok(())
    }

    /// Ends the subscription to this room, if there is one.
    fn stand_up(&mut self, room: &str) {
        self.subscriptions
            .retain(|subscription| !subscription.is_of(room));
        if let Some(followed) = &self.followed {
            followed.unsubscribed(room);
        }
    }

    /// Hears how the rooms are that the person follows, from now on. A plain client knows nothing of that.
    pub(crate) fn hear_rooms(&mut self) {
        if self.dialect == Dialect::Full && self.followed.is_none() {
            let rooms = self.subscriptions.iter();
            let joined = rooms.map(|subscription| subscription.feed.room().clone());
            let (joined, signal) = (joined.collect(), self.signal.clone());
            let followed = self.state.chat.hear_rooms(self.user_id, joined, signal);
            self.followed = Some(Box::new(followed));
        }
    }

    /// Drops the read positions that wait and were said before their room was marked as unread in another session.
    fn drop_marked_reads(&mut self) {
        for room in self.personal.iter_mut().flat_map(PersonFeed::marked) {
            self.reads.forget(&room);
        }
    }

    /// Hands on the read positions that have waited long enough.
    fn hand_on_due_reads(&mut self) {
        self.drop_marked_reads();
        let now = Instant::now();
        while let Some((room, seq)) = self.reads.next_due(now) {
            self.hand_on_read(room, seq);
        }
    }

    /// Hands on a read position, whatever the person's rate: it has a rate of its own.
    fn hand_on_read(&self, room: RoomName, seq: u64) {
        self.state.chat.read(ReadTo {
            user_id: self.user_id,
            room,
            seq,
            session: self.personal.as_ref().map_or(0, PersonFeed::number),
        });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.drop_marked_reads();
        for (room, seq) in std::mem::take(&mut self.reads).drain() {
            self.hand_on_read(room, seq);
        }
        self.state.chat.hasten_reading(self.user_id);
        tracing::debug!(transport = self.transport, user_id = %self.user_id, "a session ended");
    }
}

//! A plain TCP connection that speaks WebSocket, as those see it who write to it: the session when it has something to say,
//! and the threads that hand out what is published while it has not.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Buf as _, Bytes};
use chat::{News, Next, Offered, Place, Wants};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::direct;

/// The connection and all that is on its way to it. Every byte is owned here from the moment somebody wants it written:
/// nothing is ever written before what was begun has ended, and no write can be cancelled half-way.
#[derive(Debug)]
pub(crate) struct Outlet {
    stream: TcpStream,
    outbound: Mutex<Outbound>,
}

#[derive(Debug)]
struct Outbound {
    /// What was not written yet. Empty while the outlet is open.
    waiting: VecDeque<Bytes>,
    /// Whether those who hand out may write: the session has nothing to say and has looked whether it missed anything.
    is_open: bool,
    /// When something was last written.
    last_said: Instant,
}

impl Outlet {
    /// A closed one.
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            outbound: Mutex::new(Outbound {
                waiting: VecDeque::new(),
                is_open: false,
                last_said: Instant::now(),
            }),
        }
    }

    pub(crate) const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Lets those who hand out write, unless something waits still. Whoever opens has to look afterwards whether something
    /// was published before.
    pub(crate) fn open(&self) {
        let mut outbound = self.lock();
        outbound.is_open = outbound.waiting.is_empty();
    }

    /// From here on nobody writes but the caller.
    pub(crate) fn close(&self) {
        self.lock().is_open = false;
    }

    /// When something was last written.
    pub(crate) fn last_said(&self) -> Instant {
        self.lock().last_said
    }

    /// Whether something waits to be written.
    pub(crate) fn has_waiting(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    /// Puts bytes behind what waits. The outlet has to be closed.
    pub(crate) fn put(&self, bytes: Bytes) {
        self.lock().waiting.push_back(bytes);
    }

    /// Writes what waits, as far as the system takes it now; true when nothing waits any more. The outlet has to be closed.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) fn write(&self) -> io::Result<bool> {
        let mut outbound = self.lock();
        while let Some(bytes) = outbound.waiting.front_mut() {
            match self.stream.try_write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => bytes.advance(written),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
            if bytes.is_empty() {
                outbound.waiting.pop_front();
            }
        }
        // A burst's places are not kept.
        outbound.waiting = VecDeque::new();
        outbound.last_said = Instant::now();
        Ok(true)
    }

    /// A panic while the lock is held cannot leave this half-changed: each change is one call.
    fn lock(&self) -> MutexGuard<'_, Outbound> {
        self.outbound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl chat::Outlet for Outlet {
    fn offer(&self, news: &News, place: &Place, wants: Wants) -> Offered {
        let mut outbound = self.lock();
        if !outbound.is_open {
            // It looks for itself when it opens.
            return Offered::Settled;
        }
        let (mut bytes, last) = match news.after(place.seq(), wants) {
            Next::Nothing => return Offered::Settled,
            Next::Elsewhere => return Offered::Wake,
            Next::Bytes(bytes, last) => (bytes, last),
        };
        if bytes.is_empty() {
            place.set(last);
            return Offered::Settled;
        }
        match direct::write(&self.stream, &bytes) {
            Ok(written) => {
                place.set(last);
                bytes.advance(written);
            }
            // Nothing of it was written: the session takes it from the cursor.
            Err(_) => {
                outbound.is_open = false;
                return Offered::Wake;
            }
        }
        if bytes.is_empty() {
            outbound.last_said = Instant::from_std(news.at());
            return Offered::Settled;
        }
        outbound.waiting.push_back(bytes);
        outbound.is_open = false;
        Offered::Wake
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chat::command::COMMAND_FORMAT;
    use chat::{Action, Calls, Chat, Command, DataFolder, Feed, JoinCursor, Joined, Reply, Signal, ids};
    use protocol::{MessageText, RoomName};
    use tokio::io::AsyncReadExt as _;
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    /// A connection that has joined the lobby, and its two ends.
    struct Joint {
        folder: Arc<tempfile::TempDir>,
        chat: Arc<Chat>,
        signal: Signal,
        feed: Feed,
        outlet: Arc<Outlet>,
        peer: TcpStream,
    }

    impl Joint {
        async fn new(wants: Wants) -> Self {
            let folder = Arc::new(tempfile::tempdir().unwrap());
            let chat = Arc::new(Chat::open(DataFolder::open(folder.path()).unwrap()).unwrap());
            Self::beside(folder, chat, wants).await
        }

        async fn beside(folder: Arc<tempfile::TempDir>, chat: Arc<Chat>, wants: Wants) -> Self {
            let signal = Signal::default();
            let cursor = JoinCursor::default();
            let joined = chat.join(&RoomName::lobby(), cursor, signal.clone()).await;
            let Joined::Feed { feed, .. } = joined.unwrap() else {
                panic!("asked to resync");
            };
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4 * 1024).unwrap();
            let peer = socket.connect(listener.local_addr().unwrap()).await.unwrap();
            let outlet = Arc::new(Outlet::new(listener.accept().await.unwrap().0));
            feed.attach(Arc::clone(&outlet) as _, wants);
            Self {
                folder,
                chat,
                signal,
                feed,
                outlet,
                peer,
            }
        }

        async fn act(&self, action: Action) {
            let (answer, outcome) = tokio::sync::oneshot::channel();
            let command = Command {
                format: COMMAND_FORMAT,
                client_id: ids::client_id(),
                author: ids::user_id(),
                event_id: ids::event_id(),
                at: ids::unix_ms(),
                action,
            };
            let reply = Reply::new(|outcome| answer.send(outcome).unwrap());
            self.chat.submit(command, reply).unwrap();
            outcome.await.unwrap().unwrap();
        }

        async fn post(&self, text: &str) {
            self.act(Action::Post {
                room: RoomName::lobby(),
                message: MessageText::parse(text).unwrap(),
                reply_to: None,
                calls: Calls::default(),
            })
            .await;
        }

        /// The `seq` of the next frame the peer reads.
        async fn hear(&mut self) -> u64 {
            let mut header = [0; 2];
            self.peer.read_exact(&mut header).await.unwrap();
            assert_eq!(header[0], 0x81, "a frame begins here");
            let length = match header[1] {
                126 => usize::from(self.peer.read_u16().await.unwrap()),
                length => usize::from(length),
            };
            let mut frame = vec![0; length];
            self.peer.read_exact(&mut frame).await.unwrap();
            let frame: serde_json::Value = serde_json::from_slice(&frame).unwrap();
            frame["seq"].as_u64().unwrap()
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_published_reaches_an_open_connection_though_nobody_carries_its_session() {
        let mut joint = Joint::new(Wants::Everything).await;
        joint.outlet.open();
        for seq in 1..=3 {
            joint.post("hello").await;
            assert_eq!(joint.hear().await, seq);
        }
        // The peer may have read it before the one who wrote it has noted that.
        joint.outlet.close();
        assert_eq!(joint.feed.cursor(), 3);
        assert_eq!(joint.feed.lag(), 0);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_no_message_moves_one_who_wants_messages_and_is_not_written() {
        let mut joint = Joint::new(Wants::Messages).await;
        joint.outlet.open();
        joint
            .act(Action::SetTopic {
                room: RoomName::lobby(),
                topic: protocol::Topic::parse("something else").unwrap(),
            })
            .await;
        joint.post("hello").await;
        assert_eq!(joint.hear().await, 2);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_closed_connection_is_passed_by_and_has_missed_nothing_when_it_opens() {
        let mut joint = Joint::new(Wants::Everything).await;
        let (folder, chat) = (Arc::clone(&joint.folder), Arc::clone(&joint.chat));
        let mut later = Joint::beside(folder, chat, Wants::Everything).await;
        later.outlet.open();
        joint.post("hello").await;
        assert_eq!(later.hear().await, 1, "whoever joined later has it");
        assert_eq!(joint.feed.cursor(), 0);
        joint.outlet.open();
        assert_eq!(joint.feed.lag(), 1, "whoever opens it looks, and finds this");
        joint.outlet.close();
        let mut frames = Vec::new();
        joint.feed.pull(&joint.chat, &mut frames).await.unwrap();
        assert_eq!(frames.len(), 1);
        joint.outlet.open();
        joint.post("again").await;
        assert_eq!(joint.hear().await, 2, "what was pulled is not written as well");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_the_system_did_not_take_comes_before_all_else_and_nothing_twice() {
        let mut joint = Joint::new(Wants::Everything).await;
        let text = "가".repeat(4_000);
        joint.outlet.open();
        let mut said = 0;
        // Nobody reads: sooner or later the system takes no more.
        while joint.outlet.lock().is_open {
            joint.post(&text).await;
            said += 1;
        }
        joint.signal.woken().await;
        for _ in 0..3 {
            joint.post(&text).await;
            said += 1;
        }
        let begun = joint.feed.cursor();
        assert!(begun < said, "what is published meanwhile waits in the ring");
        let outlet = Arc::clone(&joint.outlet);
        let writing = tokio::spawn(async move {
            while !outlet.write().unwrap() {
                outlet.stream().writable().await.unwrap();
            }
        });
        for seq in 1..=begun {
            assert_eq!(joint.hear().await, seq);
        }
        writing.await.unwrap();
        let mut frames = Vec::new();
        while joint.feed.lag() > 0 {
            joint.feed.pull(&joint.chat, &mut frames).await.unwrap();
        }
        assert_eq!(frames.len() as u64, said - begun);
        joint.outlet.open();
        joint.post("at last").await;
        assert_eq!(joint.hear().await, said + 1);
    }
}

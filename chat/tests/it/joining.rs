//! Whoever joins while others post, and while the ring evicts, misses nothing and sees nothing twice.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use crate::support::{Random, accept, after, in_time, join, open, parse, post, room, send, seqs};
use chat::limits::RING_BYTES_MAX;
use chat::{Chat, JoinCursor, Joined, PageQuery, Signal, ids};
use protocol::{ClientId, EventId, RoomName};
use tokio::sync::watch;

const POSTERS: u64 = 4;
const MESSAGES_EACH: u64 = 250;
const MESSAGES: u64 = POSTERS * MESSAGES_EACH;
const JOINERS: u64 = 8;
/// Messages in flight at a time, of one poster: batches of several commands form.
const IN_FLIGHT: u64 = 10;
const TEXT_BYTES: u64 = 8_000;

/// What any reader saw at a place: all must have seen the same bytes.
type Seen = Arc<Mutex<HashMap<u64, u64>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn joining_while_others_post_and_the_ring_evicts_misses_nothing_and_doubles_nothing() {
    let mut random = Random::from_environment();
    let folder = crate::support::folder();
    let chat = open(folder.path());
    let busy = room("busy");
    let (posted, acknowledged) = watch::channel(0);
    let posted = Arc::new(posted);
    let seen = Seen::default();

    let mut joiners = Vec::new();
    for _ in 0..JOINERS {
        let joiner = Joiner {
            chat: Arc::clone(&chat),
            room: busy.clone(),
            random: Random::from_seed(random.next()),
            acknowledged: acknowledged.clone(),
            seen: Arc::clone(&seen),
            cursor: 0,
            last_event: None,
        };
        joiners.push(tokio::spawn(joiner.run()));
    }
    let mut posters = Vec::new();
    for _ in 0..POSTERS {
        let random = Random::from_seed(random.next());
        posters.push(tokio::spawn(poster(
            Arc::clone(&chat),
            busy.clone(),
            random,
            Arc::clone(&posted),
        )));
    }
    let mut by_seq = HashMap::new();
    for poster in posters {
        by_seq.extend(in_time("the posters", poster).await.unwrap());
    }
    for joiner in joiners {
        in_time("a joiner", joiner).await.unwrap();
    }
    assert_eq!(
        by_seq.len() as u64,
        MESSAGES,
        "every ack named a place of its own"
    );
    expect_the_database_to_agree(&chat, &busy, &by_seq, &seen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_while_a_join_is_under_way_needs_no_later_message_to_be_seen() {
    let folder = crate::support::folder();
    let chat = open(folder.path());
    let quiet = room("quiet");
    for cursor in [JoinCursor::default(), after(&chat, 1)] {
        let signal = Signal::default();
        // The join has asked the database for the head; it has the answer, but has not gone on with it yet.
        let (answered, has_answered) = std::sync::mpsc::channel();
        let waker = Waker::from(Arc::new(Answered(answered)));
        let joining = loop {
            let mut joining = Box::pin(chat.join(&quiet, cursor, signal.clone()));
            // The answer may have been there before it was waited for; that join was too quick for this test.
            if joining
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
            {
                break joining;
            }
        };
        has_answered.recv_timeout(crate::support::PATIENCE).unwrap();
        let seq = accept(&chat, &post(ids::user_id(), &quiet, "now")).await.seq;
        let Joined::Feed { feed, head } = joining.await.unwrap() else {
            panic!("asked to resync at {cursor:?}");
        };
        assert_eq!(head, seq - 1, "the head was read before");
        let mut reader = crate::support::Reader { feed, signal, head };
        assert_eq!(seqs(&reader.read_to(&chat, seq).await), [seq]);
    }
}

struct Answered(std::sync::mpsc::Sender<()>);

impl Wake for Answered {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(());
    }
}

/// Posts its share, several at a time, and returns which `clientId` was acknowledged at which seq.
async fn poster(
    chat: Arc<Chat>,
    room: RoomName,
    mut random: Random,
    posted: Arc<watch::Sender<u64>>,
) -> Vec<(u64, ClientId)> {
    let author = ids::user_id();
    let mut acknowledged = Vec::new();
    for round in 0..MESSAGES_EACH / IN_FLIGHT {
        let sent: Vec<_> = (0..IN_FLIGHT)
            .map(|number| {
                let padding = usize::try_from(random.below(TEXT_BYTES / 2)).unwrap();
                let text = format!("{round} {number} {}", "가".repeat(padding / 3 + 1_000));
                let command = post(author, &room, &text);
                (command.client_id, send(&chat, command))
            })
            .collect();
        for (client_id, outcome) in sent {
            let accepted = in_time("an ack", outcome).await.unwrap().unwrap();
            assert!(!accepted.repeated);
            acknowledged.push((accepted.seq, client_id));
            posted.send_modify(|count| *count += 1);
        }
    }
    acknowledged
}

struct Joiner {
    chat: Arc<Chat>,
    room: RoomName,
    random: Random,
    acknowledged: watch::Receiver<u64>,
    seen: Seen,
    /// The last event it has, over all its joins from where it left off.
    cursor: u64,
    last_event: Option<EventId>,
}

impl Joiner {
    /// Joins, reads a while, leaves, joins again: until everything has been said and read.
    async fn run(mut self) {
        while self.cursor < MESSAGES {
            match self.random.below(3) {
                0 => self.look_in_from_now_on().await,
                1 => self.look_in_at_any_place().await,
                _ => self.go_on().await,
            }
        }
    }

    async fn look_in_from_now_on(&mut self) {
        let before = *self.acknowledged.borrow();
        let reader = join(&self.chat, &self.room, JoinCursor::default()).await;
        assert!(
            reader.head >= before,
            "what was acknowledged before the join lies before its head"
        );
        assert_eq!(reader.feed.cursor(), reader.head);
        self.read_some(reader).await;
    }

    async fn look_in_at_any_place(&mut self) {
        let place = self.random.below(*self.acknowledged.borrow() + 1);
        let reader = join(&self.chat, &self.room, after(&self.chat, place)).await;
        assert_eq!(reader.feed.cursor(), place);
        self.read_some(reader).await;
    }

    /// Joins where it left off, with the id of the event it has there.
    async fn go_on(&mut self) {
        let cursor = JoinCursor {
            event_id: self.last_event,
            ..after(&self.chat, self.cursor)
        };
        let reader = join(&self.chat, &self.room, cursor).await;
        assert_eq!(reader.feed.cursor(), self.cursor);
        if let Some((cursor, last_event)) = self.read_some(reader).await {
            self.cursor = cursor;
            self.last_event = Some(last_event);
        }
    }

    /// Reads up to some place between here and the end; now and then it first sleeps through more than a ring.
    async fn read_some(&mut self, mut reader: crate::support::Reader) -> Option<(u64, EventId)> {
        let mut expected = reader.feed.cursor() + 1;
        let until = (reader.feed.cursor() + 1 + self.random.below(MESSAGES / 4)).min(MESSAGES);
        if self.random.one_in(3) {
            let missed = RING_BYTES_MAX as u64 / (TEXT_BYTES / 2) + self.random.below(50);
            let wake_at = (*self.acknowledged.borrow() + missed).min(MESSAGES);
            self.acknowledged
                .wait_for(|count| *count >= wake_at)
                .await
                .unwrap();
        }
        let mut last = None;
        for bytes in reader.read_to(&self.chat, until).await {
            let frame = parse(&bytes);
            assert_eq!(frame.seq, expected, "in order, without a gap, nothing twice");
            expected += 1;
            let mut hash = DefaultHasher::new();
            bytes.hash(&mut hash);
            let hash = hash.finish();
            let known = *self.seen.lock().unwrap().entry(frame.seq).or_insert(hash);
            assert_eq!(known, hash, "every reader sees the same bytes at {}", frame.seq);
            last = Some((frame.seq, frame.id));
        }
        last
    }
}

async fn expect_the_database_to_agree(
    chat: &Chat,
    room: &RoomName,
    by_seq: &HashMap<u64, ClientId>,
    seen: &Seen,
) {
    let mut cursor = 0;
    while cursor < MESSAGES {
        let query = PageQuery {
            after: Some(cursor),
            limit: 200,
            ..PageQuery::default()
        };
        let page = chat.page(room, query).await.unwrap();
        assert_eq!(page.seq, MESSAGES);
        for row in &page.messages {
            cursor += 1;
            assert_eq!(row.seq, cursor);
            assert_eq!(
                by_seq[&row.seq], row.client_id,
                "what was acknowledged at {cursor} stands there"
            );
        }
    }
    assert_eq!(seen.lock().unwrap().len() as u64, MESSAGES);
}

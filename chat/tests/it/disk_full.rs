//! A full disk, for real: a small file system of our own, in a mount namespace that nobody else sees.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::{
    PATIENCE, Random, after, healthy_as, in_time, join, open, post, room, send, seqs, submit,
};
use chat::limits::READ_ONLY_RETRY_MS;
use chat::{Chat, Command, Health, PageQuery, Refusal, ids};
use protocol::RoomName;

/// Where the inner test finds its small disk.
const DISK: &str = "MADANG_TEST_SMALL_DISK";
/// Lets the test be skipped where no namespace can be made. Skipping proves nothing, so it has to be asked for.
const MAY_SKIP: &str = "MADANG_TEST_SKIP_DISK_FULL";
/// Twice the filler: beside the database there has to be room for a write-ahead log of as many pages as one comes to have.
const DISK_SIZE: &str = "12m";
const FILLER_BYTES: usize = 6 * 1024 * 1024;

#[test]
fn a_full_disk_acknowledges_nothing_false_and_the_chat_reads_on_and_takes_messages_again() {
    run_on_a_small_disk("disk_full::on_a_small_disk");
}

/// Runs an ignored test of this program where [`small_disk`] is one, and expects it to pass.
pub(crate) fn run_on_a_small_disk(test: &str) {
    let mount_point = crate::support::folder();
    let Some(namespace) = namespace(mount_point.path()) else {
        let sentence = "no mount namespace with a tmpfs can be made here (unshare(1), mount(8)): \
                        what happens when the disk is full stays UNTESTED";
        assert!(
            std::env::var_os(MAY_SKIP).is_some(),
            "{sentence}; set {MAY_SKIP}=1 to skip"
        );
        println!("SKIPPED: {sentence}");
        return;
    };
    let script = format!(r#"mount -t tmpfs -o size={DISK_SIZE} madang "${DISK}" && exec "$@""#);
    let mut inner = Process::new("unshare");
    inner.args(namespace).args(["sh", "-c", &script, "sh"]);
    inner.arg(std::env::current_exe().unwrap());
    inner.args(["--exact", test, "--ignored", "--nocapture"]);
    let output = inner.env(DISK, mount_point.path()).output().unwrap();
    let (told, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    println!("{told}");
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}{errors}"
    );
}

/// The small disk, of 12 MB, in a test that is run on one.
pub(crate) fn small_disk() -> Option<PathBuf> {
    std::env::var_os(DISK).map(PathBuf::from)
}

/// The options of `unshare` with which a file system can be mounted here.
fn namespace(mount_point: &Path) -> Option<&'static [&'static str]> {
    const AS_ROOT: &[&str] = &["--mount"];
    const AS_ANYONE: &[&str] = &["--user", "--map-root-user", "--mount"];
    [AS_ROOT, AS_ANYONE].into_iter().find(|options| {
        let mut probe = Process::new("unshare");
        probe
            .args(*options)
            .args(["mount", "-t", "tmpfs", "-o", "size=1m", "madang"]);
        probe
            .arg(mount_point)
            .output()
            .is_ok_and(|output| output.status.success())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test above, on a disk of its own"]
async fn on_a_small_disk() {
    let Some(disk) = small_disk() else {
        return;
    };
    let filler = disk.join("filler");
    fs::write(&filler, vec![1; FILLER_BYTES]).unwrap();
    let mut story = Story::begin(&disk.join("data"));

    story.post_until_the_disk_is_full().await;
    story.expect_only_what_was_acknowledged().await;
    story.expect_reading_to_go_on().await;
    story.expect_a_crash_now_to_keep_the_promises().await;
    story.restart_with_the_disk_still_full().await;

    fs::remove_file(filler).unwrap();
    story.post_what_was_refused().await;
    story.expect_only_what_was_acknowledged().await;
    story.restart().await;
    story.expect_only_what_was_acknowledged().await;
}

struct Story {
    folder: PathBuf,
    chat: Arc<Chat>,
    lobby: RoomName,
    random: Random,
    acknowledged: BTreeMap<u64, Command>,
    refused: Vec<Command>,
}

impl Story {
    fn begin(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            chat: open(folder),
            lobby: room("lobby"),
            random: Random::from_environment(),
            acknowledged: BTreeMap::new(),
            refused: Vec::new(),
        }
    }

    /// Posts, in batches, until the disk has been full over several of the writer's tries to write again.
    async fn post_until_the_disk_is_full(&mut self) {
        let mut live = join(&self.chat, &self.lobby, after(&self.chat, 0)).await;
        let long_enough = Duration::from_millis(READ_ONLY_RETRY_MS * 3);
        let given_up = Instant::now() + PATIENCE;
        let mut full_since = None;
        while full_since.is_none_or(|since: Instant| since.elapsed() < long_enough) {
            assert!(Instant::now() < given_up, "the disk does not fill up");
            let batch: Vec<_> = (0..1 + self.random.below(16)).map(|_| self.message()).collect();
            let before = self.acknowledged.len();
            self.post_all(batch).await;
            if self.acknowledged.len() > before {
                full_since = None;
            } else if full_since.is_none() {
                full_since = Some(Instant::now());
            }
            if full_since.is_some() {
                // A client that was refused waits before it tries again.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        assert!(!self.acknowledged.is_empty(), "the disk was full from the start");
        healthy_as(&self.chat, Health::ReadOnly).await;
        let delivered = seqs(&live.read_now(&self.chat).await);
        let acknowledged: Vec<_> = self.acknowledged.keys().copied().collect();
        assert_eq!(
            delivered, acknowledged,
            "what was published is what was acknowledged"
        );
    }

    /// Of any size, so that the disk is full in the middle of a statement, of a batch, of a commit.
    fn message(&mut self) -> Command {
        let bytes = if self.random.one_in(2) {
            4_000
        } else {
            1 + self.random.below(4_000)
        };
        let text = "x".repeat(usize::try_from(bytes).unwrap());
        post(ids::user_id(), &self.lobby, &text)
    }

    async fn post_all(&mut self, batch: Vec<Command>) {
        let sent: Vec<_> = batch
            .iter()
            .map(|command| send(&self.chat, command.clone()))
            .collect();
        for (command, outcome) in batch.into_iter().zip(sent) {
            match in_time("an outcome", outcome).await.unwrap() {
                Ok(accepted) => {
                    assert!(!accepted.repeated, "it had been refused, or never been sent");
                    assert!(self.acknowledged.insert(accepted.seq, command).is_none());
                }
                Err(Refusal::ReadOnly) => self.refused.push(command),
                Err(refusal) => panic!("{refusal:?}"),
            }
        }
    }

    async fn expect_only_what_was_acknowledged(&self) {
        self.expect_only_what_was_acknowledged_in(&self.chat).await;
    }

    async fn expect_only_what_was_acknowledged_in(&self, chat: &Chat) {
        let mut reader = join(chat, &self.lobby, after(chat, 0)).await;
        let frames = reader.read_now(chat).await;
        assert_eq!(frames.len(), self.acknowledged.len());
        for (frame, (seq, command)) in frames.iter().zip(&self.acknowledged) {
            let frame = crate::support::parse(frame);
            assert_eq!((frame.seq, frame.client_id), (*seq, command.client_id));
            assert_eq!(frame.id, command.event_id);
            let known = chat.known(command.author, command.client_id).await.unwrap();
            assert_eq!(known.map(|known| known.seq), Some(*seq));
        }
        for command in &self.refused {
            let known = chat.known(command.author, command.client_id).await.unwrap();
            assert_eq!(known, None, "what was refused is not there");
        }
    }

    /// Many readers at a time: more of the pool's connections have to be opened, on a full disk.
    async fn expect_reading_to_go_on(&self) {
        let mut reading = Vec::new();
        for _ in 0..16 {
            let (chat, lobby) = (Arc::clone(&self.chat), self.lobby.clone());
            let query = PageQuery {
                limit: 50,
                ..PageQuery::default()
            };
            reading.push(tokio::spawn(async move { chat.page(&lobby, query).await }));
        }
        for page in reading {
            let page = in_time("a page", page).await.unwrap().unwrap();
            assert_eq!(page.seq, self.acknowledged.len() as u64);
        }
    }

    /// The files as they stand are what a power cut would leave; SQLite's shared index does not survive one.
    async fn expect_a_crash_now_to_keep_the_promises(&self) {
        let elsewhere = tempfile::tempdir_in("/var/tmp").unwrap();
        for file in ["madang.db", "madang.db-wal"] {
            fs::copy(self.folder.join(file), elsewhere.path().join(file)).unwrap();
        }
        let restored = open(elsewhere.path());
        self.expect_only_what_was_acknowledged_in(&restored).await;
    }

    /// A restart empties the WAL, so that there may be a little room again.
    async fn restart_with_the_disk_still_full(&mut self) {
        self.restart().await;
        self.expect_only_what_was_acknowledged().await;
        self.post_until_the_disk_is_full().await;
        self.expect_only_what_was_acknowledged().await;
    }

    async fn restart(&mut self) {
        self.chat.close();
        let elsewhere = crate::support::folder();
        // The folder's lock goes with the chat, so that one has to go before the next comes.
        self.chat = open(elsewhere.path());
        self.chat = open(&self.folder);
    }

    async fn post_what_was_refused(&mut self) {
        let given_up = Instant::now() + PATIENCE;
        while let Some(command) = self.refused.first() {
            assert!(
                Instant::now() < given_up,
                "it takes no messages though there is room"
            );
            match submit(&self.chat, command.clone()).await {
                Ok(accepted) => {
                    assert!(!accepted.repeated, "what was refused had not been applied");
                    self.acknowledged.insert(accepted.seq, self.refused.remove(0));
                    healthy_as(&self.chat, Health::Running).await;
                    // A few hundred tell as much as all of them.
                    self.refused.truncate(200);
                }
                Err(Refusal::ReadOnly) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(refusal) => panic!("{refusal:?}"),
            }
        }
    }
}

//! One process at a time, and what a killed one leaves behind.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command as Process, Stdio};

use crate::support::{after, folder, in_time, join, open, post, room, send, seqs};
use chat::{Chat, DataFolder, Error, PageQuery, ids};
use protocol::ClientId;

/// Where the other process finds the folder.
const FOLDER: &str = "MADANG_TEST_FOLDER";
/// What stands before each line that is meant for us among the test harness' own.
const MARK: &str = "@";
const KILLS: usize = 5;
const ACKS_BEFORE_A_KILL: usize = 200;

#[tokio::test]
async fn a_second_process_is_refused_and_the_folder_is_free_again_when_the_first_is_killed() {
    let folder = folder();
    let mut acknowledged = BTreeMap::new();
    for round in 1..=KILLS {
        let mut other = OtherProcess::start(folder.path());
        let mut lines = other.lines();
        note(&lines.next().unwrap(), &mut acknowledged);
        let refused = DataFolder::open(folder.path()).unwrap_err();
        assert!(
            matches!(&refused, Error::Locked { path } if path == folder.path()),
            "{refused}"
        );
        lines
            .by_ref()
            .take(ACKS_BEFORE_A_KILL)
            .for_each(|line| note(&line, &mut acknowledged));
        other.kill();
        // What it had written to the pipe before it died was acknowledged too.
        lines.for_each(|line| note(&line, &mut acknowledged));
        assert!(acknowledged.len() > round * ACKS_BEFORE_A_KILL);

        let chat = open(folder.path());
        expect_all_there(&chat, &acknowledged).await;
    }
}

#[test]
fn the_same_process_cannot_open_a_folder_twice_either() {
    let folder = folder();
    let first = DataFolder::open(folder.path()).unwrap();
    let refused = DataFolder::open(folder.path()).unwrap_err().to_string();
    assert!(
        refused.contains("in use") && refused.contains(&*folder.path().to_string_lossy()),
        "{refused}"
    );
    drop(first);
    DataFolder::open(folder.path()).unwrap();
}

#[tokio::test]
async fn a_chat_holds_its_folder_until_it_is_dropped() {
    let folder = folder();
    let chat = open(folder.path());
    chat.close();
    assert!(
        matches!(DataFolder::open(folder.path()), Err(Error::Locked { .. })),
        "a closed chat still reads"
    );
    drop(chat);
    DataFolder::open(folder.path()).unwrap();
}

/// Nothing acknowledged is missing, nothing is there twice, and no seq is left out. More may be there: what was
/// committed when the process died before it could say so.
async fn expect_all_there(chat: &Chat, acknowledged: &BTreeMap<u64, ClientId>) {
    let lobby = room("lobby");
    let query = PageQuery {
        limit: 1,
        ..PageQuery::default()
    };
    let head = chat.page(&lobby, query).await.unwrap().seq;
    let frames = join(chat, &lobby, after(chat, 0)).await.read_now(chat).await;
    assert_eq!(seqs(&frames), Vec::from_iter(1..=head));
    let mut client_ids: Vec<_> = frames
        .iter()
        .map(|frame| crate::support::parse(frame).client_id)
        .collect();
    for (seq, client_id) in acknowledged {
        let place = usize::try_from(*seq).unwrap() - 1;
        assert_eq!(client_ids.get(place), Some(client_id), "acknowledged at {seq}");
    }
    client_ids.sort_unstable();
    client_ids.dedup();
    assert_eq!(client_ids.len(), frames.len(), "nothing is there twice");
}

fn note(line: &str, acknowledged: &mut BTreeMap<u64, ClientId>) {
    let (seq, client_id) = line.split_once(' ').unwrap();
    let before = acknowledged.insert(seq.parse().unwrap(), client_id.parse().unwrap());
    assert_eq!(before, None, "a place is given once");
}

/// This very program, run again to do nothing but [`post_until_killed`].
struct OtherProcess(Child);

impl OtherProcess {
    fn start(folder: &Path) -> Self {
        let child = Process::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "one_process::post_until_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        Self(child.unwrap())
    }

    /// The lines it says, until it dies. The last may have been cut off by its death.
    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        let lines: Lines<BufReader<ChildStdout>> = BufReader::new(self.0.stdout.take().unwrap()).lines();
        lines.map_while(Result::ok).filter_map(|line| {
            let said = line.strip_prefix(MARK)?.strip_suffix('.')?;
            Some(said.to_owned())
        })
    }

    /// SIGKILL: it gets no chance to tidy up.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for OtherProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
#[ignore = "run by the test above, in a process of its own"]
async fn post_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let chat = open(&folder);
    let author = ids::user_id();
    let mut stdout = std::io::stdout();
    // An end that comes by itself if whoever was to kill this one is gone.
    for round in 0..10_000 {
        let sent: Vec<_> = (0..8)
            .map(|number| {
                let command = post(author, &room("lobby"), &format!("{round} {number}"));
                (command.client_id, send(&chat, command))
            })
            .collect();
        for (client_id, outcome) in sent {
            let seq = in_time("an ack", outcome).await.unwrap().unwrap().seq;
            writeln!(stdout, "\n{MARK}{seq} {client_id}.").unwrap();
        }
    }
}

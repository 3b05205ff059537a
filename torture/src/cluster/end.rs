//! The comparison at the end, when nothing fails any more: every client has everything, and every node has the same.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use rusqlite::{Connection, OpenFlags};
use tokio::time::Instant;

use super::node::Nodes;
use super::tables;
use crate::browser::Progress;
use crate::checker::{self, Client, Violation, ViolationKind};
use crate::database;
use crate::run::heads;

/// How long the nodes' position has to stay the same: longer than anything is held back that is still to be said.
const STEADY: Duration = Duration::from_secs(8);
/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(250);

/// Waits until every browser has sent and shown everything on every node; how long that took.
pub(super) async fn settled(
    nodes: &Nodes,
    progress: &[Arc<Progress>],
    longest: Duration,
) -> Option<Duration> {
    heads::settled(&nodes.addresses(), progress, longest).await
}

/// Waits until all nodes have stood at the same position for a while; the position, or nothing when that did not come.
pub(super) async fn same_position(nodes: &Nodes, longest: Duration) -> Option<u64> {
    let began = Instant::now();
    let mut steady = (None, Instant::now());
    while began.elapsed() < longest {
        let positions: Vec<Option<u64>> = nodes
            .data_dirs()
            .map(|(_, folder)| position(&folder).ok())
            .collect();
        let first = positions.first().copied().flatten();
        let same = first.filter(|_| positions.iter().all(|position| *position == first));
        if same.is_none() || same != steady.0 {
            steady = (same, Instant::now());
        } else if steady.1.elapsed() >= STEADY {
            return same;
        }
        tokio::time::sleep(PAUSE).await;
    }
    None
}

/// Compares what the nodes, which have ended, have with what was said and shown, and with one another; what is wrong, and the
/// database of the first.
pub(super) fn compare(
    nodes: &Nodes,
    clients: &[Client],
) -> anyhow::Result<(Vec<Violation>, checker::Database)> {
    let mut found = Vec::new();
    let mut first: Option<(String, tables::Hashes, checker::Database)> = None;
    for (name, folder) in nodes.data_dirs() {
        let hashes = tables::hashes(&folder).with_context(|| name.to_owned())?;
        let database = database::read(&folder).with_context(|| name.to_owned())?;
        let wrong = checker::check(clients, &database);
        let Some((first, of_first, _)) = &first else {
            found.extend(wrong);
            first = Some((name.to_owned(), hashes, database));
            continue;
        };
        // What clients saw was held against the first; the others are to be like it, to the last byte that is left.
        let of_node = wrong
            .into_iter()
            .filter(|wrong| wrong.location.starts_with("database"));
        found.extend(of_node.map(|wrong| Violation {
            location: format!("{name}: {}", wrong.location),
            ..wrong
        }));
        for table in tables::differing(of_first, &hashes) {
            let what = format!("the table {table} is another than that of {first}");
            found.push(Violation::new(ViolationKind::Database, name, what));
        }
    }
    let (_, _, database) = first.context("there is no node")?;
    Ok((found, database))
}

/// Clients that were told that history is another one: there is but one, however far behind the node is that they come to.
pub(super) fn sent_to_the_beginning(progress: &[Arc<Progress>]) -> Option<Violation> {
    let times: u64 = progress
        .iter()
        .map(|client| client.resyncs.load(Ordering::Relaxed))
        .sum();
    let what = format!("they were told to begin anew {times} times, and all nodes have one history");
    (times > 0).then(|| Violation::new(ViolationKind::Unexpected, "clients", what))
}

/// The position that a node has applied, read past it.
fn position(data_dir: &Path) -> anyhow::Result<u64> {
    let file = data_dir.join("madang.db");
    let connection = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(connection.query_row("SELECT applied FROM meta", (), |row| row.get(0))?)
}

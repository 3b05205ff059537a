//! Whether every node has what was acknowledged, once and in its place.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::sockets::Sockets;
use crate::speech::{self, Person, Place};
use crate::stamp::Finder;

/// How long a node may take to say what it has.
const HEARD_MAX: Duration = Duration::from_secs(30);

/// What is wrong, over all nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Audit {
    /// Acknowledged, and not there.
    pub(crate) lost: u64,
    /// There more than once.
    pub(crate) doubled: u64,
    /// In another place than was acknowledged.
    pub(crate) misplaced: u64,
}

/// Has every node say what came after this place, and compares it with what was acknowledged: when each was posted, and its
/// place.
///
/// # Errors
/// When a node does not let anybody join from there.
pub(super) fn run(nodes: &[SocketAddr], from: &Place, acknowledged: &[(u64, u64)]) -> Result<Audit> {
    let mut audit = Audit::default();
    for &node in nodes {
        let heard = hear(node, from, acknowledged.len())?;
        audit.compare(acknowledged, &heard);
    }
    Ok(audit)
}

/// When each message after this place was posted, and its own place; ends when there are so many and no more come.
fn hear(node: SocketAddr, from: &Place, count: usize) -> Result<Vec<(u64, u64)>> {
    let mut sockets = Sockets::new()?;
    sockets.open(node, Person::new(node)?.introduction())?;
    sockets.send_text(0, from.join().as_bytes())?;
    let (mut heard, mut finder, began) = (Vec::new(), Finder::default(), Instant::now());
    let (mut head, mut is_refused) = (None, false);
    loop {
        let is_over = |head: u64| heard.last().is_some_and(|(_, seq)| *seq >= head);
        if head.is_some_and(is_over) || (heard.len() >= count && count > 0) || began.elapsed() > HEARD_MAX {
            break;
        }
        sockets.poll(Duration::from_millis(50), |_, text| {
            is_refused |= speech::refused(text).is_some() || text.starts_with(br#"{"type":"resync""#);
            if text.starts_with(br#"{"type":"joined""#) {
                head = speech::number_of(text, br#""head":"#);
            }
            if let (Some(posted), Some(seq)) = (finder.find(text), speech::seq_of(text)) {
                heard.push((posted, seq));
            }
        })?;
        ensure!(!is_refused, "a node has nothing to say from there on");
    }
    Ok(heard)
}

impl Audit {
    fn compare(&mut self, acknowledged: &[(u64, u64)], heard: &[(u64, u64)]) {
        let mut places: HashMap<u64, Vec<u64>> = HashMap::new();
        for (posted, seq) in heard {
            places.entry(*posted).or_default().push(*seq);
        }
        for (posted, seq) in acknowledged {
            match places.get(posted).map(Vec::as_slice) {
                None => self.lost += 1,
                Some([place]) => self.misplaced += u64::from(place != seq),
                Some(_) => self.doubled += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_doubled_or_elsewhere_is_counted_and_what_was_not_acknowledged_is_not() {
        let acknowledged = [(10, 1), (20, 2), (30, 3), (40, 4)];
        let mut audit = Audit::default();
        audit.compare(&acknowledged, &[(10, 1), (20, 2), (30, 3), (40, 4), (50, 5)]);
        assert_eq!(audit, Audit::default());
        audit.compare(&acknowledged, &[(10, 1), (20, 2), (20, 3), (40, 5)]);
        let expected = Audit {
            lost: 1,
            doubled: 1,
            misplaced: 1,
        };
        assert_eq!(audit, expected);
    }
}

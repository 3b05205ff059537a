//! How long after its author had the acknowledgement a post is heard on the other nodes.

use std::collections::HashMap;

use crate::histogram::Histogram;

/// The posts that not everybody elsewhere has heard, and how long the others took. One process hears all, with one clock.
pub(super) struct Elsewhere {
    /// By when they were posted, which is another time for each.
    posts: HashMap<u64, Post>,
    /// How many listen on each node.
    listeners: Vec<usize>,
    pub(super) delays: Histogram,
}

struct Post {
    node: usize,
    acknowledged: Option<u64>,
    /// Those on other nodes who have not heard it.
    left: usize,
}

impl Elsewhere {
    /// `listeners`: how many listen on each node.
    pub(super) fn new(listeners: Vec<usize>) -> Self {
        Self {
            posts: HashMap::new(),
            listeners,
            delays: Histogram::new(),
        }
    }

    /// Somebody on this node posts.
    pub(super) fn posted(&mut self, posted: u64, node: usize) {
        let others = self.listeners.iter().enumerate();
        let left = others.filter(|(other, _)| *other != node).map(|(_, count)| count);
        let post = Post {
            node,
            acknowledged: None,
            left: left.sum(),
        };
        self.posts.insert(posted, post);
    }

    /// The author has the acknowledgement.
    pub(super) fn acknowledged(&mut self, posted: u64, now: u64) {
        if let Some(post) = self.posts.get_mut(&posted) {
            post.acknowledged = Some(now);
            self.forget_if_heard(posted);
        }
    }

    /// Somebody on this node hears the post. Before its author's acknowledgement, that is after no time at all.
    pub(super) fn heard(&mut self, posted: u64, node: usize, now: u64) {
        let Some(post) = self.posts.get_mut(&posted).filter(|post| post.node != node) else {
            return;
        };
        post.left = post.left.saturating_sub(1);
        let delay = post.acknowledged.map_or(0, |acknowledged| now - acknowledged);
        self.delays.record(delay);
        self.forget_if_heard(posted);
    }

    fn forget_if_heard(&mut self, posted: u64) {
        let is_over = |post: &Post| post.left == 0 && post.acknowledged.is_some();
        if self.posts.get(&posted).is_some_and(is_over) {
            self.posts.remove(&posted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn only_those_on_other_nodes_count_and_from_the_ack_on() {
        let mut elsewhere = Elsewhere::new(vec![2, 1, 1]);
        elsewhere.posted(5 * MS, 0);
        elsewhere.heard(5 * MS, 0, 6 * MS);
        assert_eq!(
            elsewhere.delays.percentile_ms(100.0),
            None,
            "the author's own node"
        );
        elsewhere.heard(5 * MS, 1, 7 * MS);
        elsewhere.acknowledged(5 * MS, 8 * MS);
        elsewhere.heard(5 * MS, 2, 18 * MS);
        assert_eq!(elsewhere.delays.percentile_ms(50.0), Some(0.0), "before the ack");
        let longest = elsewhere.delays.percentile_ms(100.0).unwrap();
        assert!((longest - 10.0).abs() < 0.1, "{longest}");
        assert!(elsewhere.posts.is_empty(), "all have heard it");
    }

    #[test]
    fn what_was_never_posted_is_not_counted() {
        let mut elsewhere = Elsewhere::new(vec![1, 1]);
        elsewhere.heard(1, 1, 2);
        elsewhere.acknowledged(1, 2);
        assert_eq!(elsewhere.delays.percentile_ms(50.0), None);
    }

    #[test]
    fn a_post_that_all_have_heard_before_its_ack_is_forgotten_with_the_ack() {
        let mut elsewhere = Elsewhere::new(vec![1, 1]);
        elsewhere.posted(1, 0);
        elsewhere.heard(1, 1, 2);
        assert_eq!(elsewhere.posts.len(), 1);
        elsewhere.acknowledged(1, 3);
        assert!(elsewhere.posts.is_empty());
    }
}

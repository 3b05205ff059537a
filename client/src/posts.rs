//! The posts that are on their way: written and taken from the input, not yet seen in the room.

use protocol::ClientId;

use crate::limits::PENDING_POSTS_MAX;

/// A post that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Our id for it; sending it again under the same id doubles nothing.
    pub client_id: ClientId,
    /// The text.
    pub text: String,
    /// Its place in the room, once the server has it on disk.
    pub acked: Option<u64>,
}

/// The posts on their way, in the order they were written; at most [`PENDING_POSTS_MAX`].
#[derive(Debug, Default)]
pub struct Posts {
    list: Vec<Post>,
}

impl Posts {
    /// The posts, oldest first.
    #[must_use]
    pub fn list(&self) -> &[Post] {
        &self.list
    }

    /// Whether there is no room for another.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.list.len() >= PENDING_POSTS_MAX
    }

    /// Takes one more.
    pub fn push(&mut self, client_id: ClientId, text: String) {
        self.list.push(Post {
            client_id,
            text,
            acked: None,
        });
    }

    /// The server has it on disk, at this place. It stays in the list until it is seen there, so that it does not
    /// vanish from the screen in between.
    pub fn ack(&mut self, client_id: ClientId, seq: u64) {
        if let Some(post) = self.list.iter_mut().find(|post| post.client_id == client_id) {
            post.acked = Some(seq);
        }
    }

    /// Its own message was seen in the room. Whether it was one of ours.
    pub fn settle(&mut self, client_id: ClientId) -> bool {
        self.take(client_id).is_some()
    }

    /// The room is known up to `seq`: what was acknowledged up to there is done. Whether anything was.
    pub fn settle_to(&mut self, seq: u64) -> bool {
        let before = self.list.len();
        self.list.retain(|post| post.acked.is_none_or(|at| at > seq));
        self.list.len() < before
    }

    /// Takes a post out of the list, to be given back to whoever wrote it.
    pub fn take(&mut self, client_id: ClientId) -> Option<Post> {
        let at = self.list.iter().position(|post| post.client_id == client_id)?;
        Some(self.list.remove(at))
    }
}

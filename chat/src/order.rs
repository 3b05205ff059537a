//! The one place where commands get their order.
//!
//! Two halves behind two small traits: [`Order`], which every session offers commands to, and [`Ordered`], from
//! which the one writer takes them. [`in_process`] joins the halves by a bounded queue in which authors take turns. Where
//! a log has the order, an [`Order`] hands to it what waits in a [`Queue`], the same but for its way out, and a
//! [`crate::Log`] stands in place of [`Ordered`].

mod fullness;
mod in_process;
mod queue;
mod turns;

use std::time::Instant;

use tokio::sync::watch;

use crate::command::{Command, ContentDigest, Refusal, Reply};
pub use in_process::{InProcessOrder, InProcessOrdered, in_process};
pub use queue::Queue;
pub use turns::Waiting;

/// The way in. Shared by all sessions; never blocks.
pub trait Order: Send + Sync {
    /// Offers a command. Its reply comes when it has been applied or refused; until the command comes out of
    /// [`Ordered`] it has changed nothing.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when the way in is full, [`Refusal::Unavailable`] when the writer is gone. The reply has
    /// then been answered with the same refusal.
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal>;

    /// Whether so many commands are waiting that the next may soon be refused, and how that changes. For those who would
    /// rather wait than be refused.
    fn crowd(&self) -> watch::Receiver<bool>;

    /// Lets nothing more in. What was let in before still comes out.
    fn close(&self);
}

/// The way out, in order. Owned by the writer; blocks its thread.
pub trait Ordered: Send {
    /// The next command as soon as there is one, waited for until `deadline`.
    fn next(&mut self, deadline: Instant) -> Next;

    /// One more command for a batch that is being gathered until `deadline`; it may come as late as that. Where none is
    /// there, so many are waited for: they may as well come out together.
    fn next_before(&mut self, deadline: Instant, expected: usize) -> Option<Entry>;

    /// The writer could not apply what it took after `applied`. A log that keeps its entries delivers them again
    /// from there; one that does not has nothing to do but to number on from there.
    fn rewind(&mut self, applied: u64);
}

/// What came of waiting for a command.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it is moved once, into the batch")]
pub enum Next {
    Entry(Entry),
    /// Nothing has come yet.
    Nothing,
    /// There will be no more.
    End,
}

/// A command with its place in the order.
#[derive(Debug)]
pub struct Entry {
    /// 1, 2, 3, … over the life of the database.
    pub position: u64,
    pub command: Command,
    /// Of its action: made where it comes in, not where all of them are waited for.
    pub digest: ContentDigest,
    /// Where the outcome goes, if this node was the one that was asked.
    pub reply: Option<Reply>,
}

//! Defects that can be put into the world, to see that each is found.

use clap::ValueEnum;

use crate::judge::Invariant;

/// A defect, in what the world does around the cluster's own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// A command is acknowledged once it was handed to NATS
    AckBeforeApply,
    /// A repeat is taken for a new command
    SkipDedup,
    /// An author's next command goes out while the last one is on its way
    NoHold,
    /// What the log delivers is taken for the next message, whatever its position
    NoContinuityCheck,
    /// A node writes its own time into what it applies
    ClockInApply,
    /// A snapshot is said to stand a little further on than it does
    SnapshotInTwoReads,
    /// Whoever comes to a node is told what happens from now on, wherever they were
    SkipCatchUp,
    /// Whoever is ahead of a node is told to begin anew
    ResyncWhenBehind,
    /// A node serves before it has what the log had when it came
    ServeWhileJoining,
    /// A former text outlives the deletion of its message
    KeepDeletedText,
    /// Nodes do not compare their histories
    NoComparison,
    /// A node does not look whether the log still has what it applied
    NoRewriteCheck,
    /// What was published once is not published again
    PublishOnce,
}

impl Fault {
    /// What it breaks.
    pub(crate) const fn breaks(self) -> Invariant {
        match self {
            Self::AckBeforeApply => Invariant::AcknowledgedIsKept,
            Self::SkipDedup => Invariant::AtMostOnce,
            Self::NoHold => Invariant::AuthorOrder,
            Self::NoContinuityCheck | Self::ClockInApply | Self::SnapshotInTwoReads => Invariant::SameHistory,
            Self::SkipCatchUp => Invariant::CursorIsContinued,
            Self::ResyncWhenBehind => Invariant::ResyncOnlyAfterLoss,
            Self::ServeWhileJoining => Invariant::ServedWhenCaughtUp,
            Self::KeepDeletedText => Invariant::DeletedIsGone,
            Self::NoComparison => Invariant::DifferenceIsFound,
            Self::NoRewriteCheck => Invariant::LostLogIsFound,
            Self::PublishOnce => Invariant::GoesOn,
        }
    }
}

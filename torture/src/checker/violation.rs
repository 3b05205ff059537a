//! What the checker reports.

use std::fmt;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ViolationKind {
    /// A message that was written is nowhere, or one that was shown or acknowledged is gone.
    Lost,
    /// A message is there twice.
    Doubled,
    /// Messages are in another order than they were written or numbered in.
    OutOfOrder,
    /// A message is not what was written, or not the same everywhere.
    WrongBody,
    /// A message is shown as it was before something changed it.
    Stale,
    /// A text that was taken back still stands somewhere.
    Undeleted,
    /// Something was acknowledged that is not stored there, or that changes nothing where it would have.
    FalseAck,
    /// Something was refused for good and stored all the same, or refused without a reason.
    FalseRefusal,
    /// A number is missing.
    Gap,
    /// A client did not come to have everything.
    Incomplete,
    /// The database's own tables disagree.
    Database,
    /// A client met something that no fault of the run explains.
    Unexpected,
    /// A program ended that should not have.
    Crash,
}

impl ViolationKind {
    /// Every kind, in the order of reporting.
    pub const ALL: &[Self] = &[
        Self::Lost,
        Self::Doubled,
        Self::OutOfOrder,
        Self::WrongBody,
        Self::Stale,
        Self::Undeleted,
        Self::FalseAck,
        Self::FalseRefusal,
        Self::Gap,
        Self::Incomplete,
        Self::Database,
        Self::Unexpected,
        Self::Crash,
    ];

    /// The kind in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::OutOfOrder => "out of order",
            Self::WrongBody => "wrong bodies",
            Self::Stale => "stale rows",
            Self::Undeleted => "deleted texts left",
            Self::FalseAck => "false acks",
            Self::FalseRefusal => "false refusals",
            Self::Gap => "gaps",
            Self::Incomplete => "incomplete",
            Self::Database => "tables at odds",
            Self::Unexpected => "unexpected",
            Self::Crash => "crashes",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What kind of thing.
    pub kind: ViolationKind,
    /// Where: a client's name, or what else there is.
    pub location: String,
    /// The thing itself, in a sentence.
    pub description: String,
}

impl Violation {
    /// A violation.
    #[must_use]
    pub fn new(kind: ViolationKind, location: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            kind,
            location: location.into(),
            description: description.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.kind.name(), self.location, self.description)
    }
}

//! What a row of the outbox asks for.

/// What a row asks for. The numbers are those of rows that are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Operation {
    /// To say this.
    #[default]
    Post,
    /// To say this instead.
    Edit,
    /// To take back what was said.
    Delete,
    /// To put this emoji to what was said.
    React,
    /// To take this emoji back.
    Unreact,
    /// That this is what the room is about.
    Topic,
    /// That this is what we are called.
    Rename,
}

impl Operation {
    /// All of them, each at its number.
    pub(crate) const ALL: [Self; 7] = [
        Self::Post,
        Self::Edit,
        Self::Delete,
        Self::React,
        Self::Unreact,
        Self::Topic,
        Self::Rename,
    ];
}

//! The list of rooms, as the server or the leading tab tells it.

use protocol::Epoch;

/// Rooms of a person, from the server or from the leading tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Of a whole list, the database; a list of some rooms has none.
    pub epoch: Option<Epoch>,
    pub rooms: Vec<ListedRoom>,
}

/// A room in a [`Listing`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedRoom {
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// Its last `seq`: the listing is true up to here.
    pub head: u64,
    /// The last `seq` that was read.
    pub read: u64,
    /// Messages of others after that.
    pub unread: u64,
    /// The last message that mentions this person, read or not; 0 for none.
    pub mention: u64,
    /// Whether the person follows it; of one that is followed no more only the name is said.
    pub is_followed: bool,
}

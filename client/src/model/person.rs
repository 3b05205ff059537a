//! People.

use protocol::UserId;

/// A person, as they are called now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    /// Who it is.
    pub user_id: UserId,
    /// Their name, if they have one.
    pub name: Option<Box<str>>,
}

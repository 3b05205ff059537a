//! A person, as others see them.

use protocol::UserId;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    pub user_id: UserId,
    /// Their name, if they have one.
    pub name: Option<Box<str>>,
}

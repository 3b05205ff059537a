//! What the page starts from.

use client::Message;
use protocol::{Epoch, ErrorCode, RoomName, UserId};

use crate::words::Words;

/// What is known when the page is first rendered, on the server and again in the browser that takes it over.
#[derive(Clone, Debug)]
pub struct Start {
    /// The words of the page's language.
    pub words: &'static Words,
    /// The room.
    pub room: RoomName,
    /// The database's epoch; `None` in a browser that was given no page (Trunk) and has to load everything.
    pub epoch: Option<Epoch>,
    /// The room's last `seq` when the page was read: what it shows is true up to here.
    pub seq: u64,
    /// Whether there are messages before the first of [`Start::messages`].
    pub has_older: bool,
    /// Who is looking.
    pub user_id: Option<UserId>,
    /// The room's last messages, in order of `seq`.
    pub messages: Vec<Message>,
    /// The `clientId` in the form, for a post without JavaScript.
    pub form_client_id: String,
    /// What the server refused in the post that this page answers.
    pub refusal: Option<Refusal>,
}

/// A post that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why; `None` for a reason this page does not know.
    pub code: Option<ErrorCode>,
    /// What was written, to be given back. Empty in the browser, where it stands in the input already.
    pub text: String,
}

impl Refusal {
    /// The reason; one that is not known reads as the server's failure.
    pub(crate) fn reason(&self) -> ErrorCode {
        self.code.unwrap_or(ErrorCode::Internal)
    }
}

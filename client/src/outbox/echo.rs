//! Local echo: messages with what we asked to be changed about them.

use std::sync::Arc;

use protocol::ClientId;

use crate::model::message::Message;
use crate::model::page::HistoryPage;

/// A message as it is to be shown: with what we asked to be changed about it and was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EchoedMessage {
    /// The message.
    pub message: Arc<Message>,
    /// The last change of ours that it shows although the server has not told of it yet. Together with the message's
    /// `seq` and `rev` it stands for what is shown: where all three are the same, nothing is different.
    pub echo_of: Option<ClientId>,
}

impl EchoedMessage {
    /// The messages of a page, of which nothing is to be changed.
    #[must_use]
    pub fn all(page: &HistoryPage) -> Vec<Self> {
        let show = |message: &Message| Self {
            message: Arc::new(message.clone()),
            echo_of: None,
        };
        page.messages.iter().map(show).collect()
    }
}

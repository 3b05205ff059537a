//! What the page starts from.

use client::model::HistoryPage;
use client::rooms::{self, FollowedRoom};
use client::wire::json::Value;
use protocol::{ErrorCode, RoomName, UserId};

use crate::words::Words;

/// What is known when the page is first rendered, on the server and again in the browser that takes it over.
///
/// Both read it from the same text, which stands in the page: `{"room", "place"?, "userId"?, "name"?, "clientId",
/// "refusal"?, "page", "rooms"}`. `page` is what `GET /api/v1/rooms/{room}/messages` answers, `rooms` the list in what
/// `GET /api/v1/rooms` does.
#[derive(Clone, Debug)]
pub struct Start {
    /// The words of the page's language.
    pub words: &'static Words,
    pub room: RoomName,
    /// The message whose address this is, if it is one's.
    pub place: Option<u64>,
    /// A part of the room's messages; `None` in a browser that was given no page (Trunk) and has to load everything.
    pub page: Option<HistoryPage>,
    /// The rooms that are followed.
    pub rooms: Vec<FollowedRoom>,
    /// Who is looking.
    pub user_id: Option<UserId>,
    /// What they are called.
    pub name: Option<Box<str>>,
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

impl Start {
    /// Reads the text; `None` when it is not one of ours.
    #[must_use]
    pub fn read(words: &'static Words, text: &str) -> Option<Self> {
        let value = Value::read(text)?;
        Some(Self {
            words,
            room: RoomName::given_out(value.text("room")?),
            place: value.number("place"),
            page: Some(HistoryPage::of(value.get("page")?)?),
            rooms: rooms::followed(&value),
            user_id: value.text("userId").and_then(|id| id.parse().ok()),
            name: value.text("name").map(Box::from),
            form_client_id: value.text("clientId")?.to_owned(),
            refusal: value.text("refusal").map(|code| Refusal {
                code: ErrorCode::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str() == code),
                text: String::new(),
            }),
        })
    }

    /// How far the room was read, where something in it is unread.
    #[must_use]
    pub(crate) fn read_line(&self) -> Option<u64> {
        let here = self.rooms.iter().find(|room| room.name == self.room.as_str())?;
        (here.unread > 0).then_some(here.read)
    }
}

impl Refusal {
    /// The reason; one that is not known reads as the server's failure.
    pub(crate) fn reason(&self) -> ErrorCode {
        self.code.unwrap_or(ErrorCode::Internal)
    }
}

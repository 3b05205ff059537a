//! What a page starts from, as the text that both the server and the browser read it from.

use app::{Lang, Refusal, Start};
use chat::{Visit, ids};
use protocol::{Epoch, ErrorCode, HistoryPage, RoomName, RoomSummary, UserId};
use serde::Serialize;

use crate::api::rows;

/// What is to be shown: where, to whom, and after what.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) room: RoomName,
    /// The message whose address this is, if it is one's.
    pub(crate) place: Option<u64>,
    pub(crate) user_id: UserId,
    /// A post that was refused, and the `clientId` it shall be sent again with.
    pub(crate) refused: Option<(Refusal, Option<String>)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Text<'a> {
    room: &'a RoomName,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<u64>,
    user_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<ErrorCode>,
    page: HistoryPage<'a>,
    rooms: Vec<RoomSummary<'a>>,
}

/// What the page starts from and the text it was read from; `None` if that cannot be read, which would be a fault of ours.
pub(crate) fn start(lang: Lang, epoch: Epoch, scene: Scene, visit: &Visit) -> Option<(Start, String)> {
    let (refusal, client_id) = scene
        .refused
        .map_or((None, None), |(refusal, id)| (Some(refusal), id));
    let text = Text {
        room: &scene.room,
        place: scene.place,
        user_id: scene.user_id,
        name: visit.name.as_deref(),
        client_id: &client_id.unwrap_or_else(|| ids::client_id().to_string()),
        refusal: refusal.as_ref().and_then(|refusal| refusal.code),
        page: rows::history(epoch, &scene.room, &visit.page),
        rooms: visit.rooms.iter().map(chat::RoomRow::summary).collect(),
    };
    // A `</script>` or `<!--` in what somebody wrote would end the element it stands in, or hide its end.
    let text = serde_json::to_string(&text).ok()?.replace('<', "\\u003c");
    let mut start = Start::read(lang.words(), &text)?;
    if let (Some(read), Some(refused)) = (&mut start.refusal, refusal) {
        read.text = refused.text;
    }
    Some((start, text))
}

//! What a room holds, and how the chat is.

use super::*;
use crate::command::{Action, COMMAND_FORMAT};
use crate::ids;
use crate::mentions::Calls;
use crate::ring::Pull;
use protocol::MessageText;

async fn say(chat: &Chat, room: &RoomName) {
    let (answer, outcome) = tokio::sync::oneshot::channel();
    let command = Command {
        format: COMMAND_FORMAT,
        client_id: ids::client_id(),
        author: ids::user_id(),
        event_id: ids::event_id(),
        at: ids::unix_ms(),
        action: Action::Post {
            room: room.clone(),
            message: MessageText::parse("hello").unwrap(),
            reply_to: None,
            calls: Calls::default(),
        },
    };
    chat.submit(command, Reply::new(|outcome| answer.send(outcome).unwrap()))
        .unwrap();
    outcome.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_room_nobody_is_subscribed_to_holds_no_ring() {
    let folder = tempfile::tempdir().unwrap();
    let chat = Chat::open(DataFolder::open(folder.path()).unwrap()).unwrap();
    let lobby = RoomName::lobby();
    say(&chat, &lobby).await;
    assert!(chat.rooms.get(&lobby).is_none(), "a post makes none");

    let joined = chat
        .join(&lobby, JoinCursor::default(), Signal::default())
        .await
        .unwrap();
    say(&chat, &lobby).await;
    let room = chat.rooms.get(&lobby).unwrap();
    let pulled = room.pull(1, &mut Vec::new());
    assert!(matches!(pulled, Pull::Moved(2, _)), "a subscriber makes one");
    drop(room);
    drop(joined);
    assert!(
        chat.rooms.get(&lobby).is_none(),
        "it goes with the last subscriber"
    );

    let elsewhere = JoinCursor {
        after: Some(1),
        ..JoinCursor::default()
    };
    let resync = chat.join(&lobby, elsewhere, Signal::default()).await.unwrap();
    assert!(matches!(resync, Joined::Resync));
    assert!(
        chat.rooms.get(&lobby).is_none(),
        "a refused join leaves none behind"
    );
}

//! Who is mentioned, and until when it is known of them.

use crate::support::{
    calling, delete, done, edit, events, folder, leave, open, post, read, rename, room, value, whole,
};
use bytes::Bytes;
use chat::{Calls, Chat, Signal, ids};
use protocol::{RoomName, UserId};
use serde_json::json;

/// The last message of the room that mentions this person; `None` when they do not follow it.
async fn mention(chat: &Chat, user_id: UserId, room: &RoomName) -> Option<u64> {
    let rooms = chat.rooms(user_id).await.unwrap();
    let row = rooms.into_iter().find(|row| row.room == *room)?;
    row.position.map(|position| position.mention)
}

/// Somebody of this name who follows the room.
async fn follower(chat: &Chat, name: &str, room: &RoomName) -> UserId {
    let user_id = ids::user_id();
    done(chat, rename(user_id, name)).await;
    done(chat, post(user_id, room, "여기 있어요")).await;
    user_id
}

#[tokio::test]
async fn who_is_called_by_name_finds_the_message_in_their_list_of_rooms_though_they_were_not_there() {
    let folder = folder();
    let (author, lobby) = (ids::user_id(), room("lobby"));
    let (hana, ada, kim);
    {
        let chat = open(folder.path());
        hana = follower(&chat, "하나", &lobby).await;
        ada = follower(&chat, "Ada", &lobby).await;
        kim = follower(&chat, "김 철수", &lobby).await;
        done(&chat, post(author, &lobby, "@하나님, (@ada), `@김 철수`")).await;
    }
    let chat = open(folder.path());
    assert_eq!(mention(&chat, hana, &lobby).await, Some(4));
    assert_eq!(mention(&chat, ada, &lobby).await, Some(4));
    assert_eq!(mention(&chat, kim, &lobby).await, Some(0));
    let last = done(&chat, post(author, &lobby, "@김 철수님")).await;
    assert_eq!(mention(&chat, kim, &lobby).await, Some(last));
    done(&chat, read(kim, &lobby, last)).await;
    assert_eq!(
        mention(&chat, kim, &lobby).await,
        Some(last),
        "it says which, not whether it is read"
    );
    let page = whole(&chat, &lobby).await;
    let html = page.messages[4].html.as_deref();
    assert_eq!(html, Some("<span class=\"mention\">@김 철수</span>님"));
    assert_eq!(page.messages[3].mentioned(), [hana, ada]);
    let heard = events(&chat, &lobby, 3).await;
    assert_eq!(heard[0]["mentions"], json!([hana, ada]));
    assert_eq!(heard[1]["mentions"], json!([kim]));
}

#[tokio::test]
async fn a_name_stands_for_the_only_follower_of_that_name_and_an_id_for_whoever_has_it() {
    let folder = folder();
    let chat = open(folder.path());
    let (author, lobby, attic) = (ids::user_id(), room("lobby"), room("attic"));
    let one = follower(&chat, "하나", &lobby).await;
    let elsewhere = follower(&chat, "하나", &attic).await;
    let seq = done(&chat, post(author, &lobby, "@하나")).await;
    assert_eq!(mention(&chat, one, &lobby).await, Some(seq));
    assert_eq!(mention(&chat, elsewhere, &attic).await, Some(0));
    let other = follower(&chat, "하나", &lobby).await;
    let seq = done(&chat, post(author, &lobby, "@하나 둘 중에?")).await;
    assert_eq!(mention(&chat, other, &lobby).await, Some(0), "which of the two?");
    let seq = done(&chat, calling(post(author, &lobby, "@하나"), &[other]))
        .await
        .max(seq);
    assert_eq!(mention(&chat, other, &lobby).await, Some(seq));
    // Chosen, and called something else by the time it arrives.
    done(&chat, rename(other, "두리")).await;
    let seq = done(&chat, calling(post(author, &lobby, "@하나"), &[other])).await;
    assert_eq!(
        mention(&chat, other, &lobby).await,
        Some(seq),
        "the only one of the name is the other"
    );
    // Nobody is called without a sign of it, nor by who is nobody.
    let stranger = ids::user_id();
    let seqs = done(&chat, calling(post(author, &lobby, "하나"), &[other, stranger])).await;
    assert_eq!(mention(&chat, other, &lobby).await, Some(seq));
    assert_eq!(
        whole(&chat, &lobby).await.messages.last().map(|row| row.seq),
        Some(seqs)
    );
    // One does not call oneself, and who left is none of the room's.
    let own = done(&chat, calling(post(other, &lobby, "@두리"), &[other])).await;
    assert_eq!(
        (own > seq, mention(&chat, other, &lobby).await),
        (true, Some(seq))
    );
    done(&chat, leave(other, &lobby)).await;
    done(&chat, post(author, &lobby, "@두리")).await;
    done(&chat, read(other, &lobby, 0)).await;
    assert_eq!(mention(&chat, other, &lobby).await, Some(seq));
}

#[tokio::test]
async fn a_mention_goes_with_its_message_and_comes_with_an_edit() {
    let folder = folder();
    let chat = open(folder.path());
    let (author, lobby) = (ids::user_id(), room("lobby"));
    let hana = follower(&chat, "하나", &lobby).await;
    let signal = Signal::default();
    let mut feed = chat.hear_personally(hana, signal.clone());
    let mut heard = async || {
        let mut out: Vec<Bytes> = Vec::new();
        while out.is_empty() {
            signal.woken().await;
            feed.pull(&chat, &mut out).await.unwrap();
        }
        let frame = value(&out[0]);
        assert_eq!(
            (&frame["type"], &frame["room"]),
            (&json!("mention"), &json!("lobby"))
        );
        (frame["mention"].as_u64().unwrap(), frame["rev"].as_u64().unwrap())
    };
    let first = done(&chat, post(author, &lobby, "@하나")).await;
    assert_eq!(heard().await, (first, first));
    let second = done(&chat, post(author, &lobby, "안녕")).await;
    let edited = done(&chat, edit(author, &lobby, second, "안녕, @하나")).await;
    assert_eq!(heard().await, (second, edited));
    assert_eq!(mention(&chat, hana, &lobby).await, Some(second));
    // An edit of something else leaves it.
    let again = done(&chat, edit(author, &lobby, second, "안녕, @하나야")).await;
    assert_eq!(heard().await, (second, again));
    let deleted = done(&chat, delete(author, &lobby, second)).await;
    assert_eq!(heard().await, (first, deleted));
    assert_eq!(
        mention(&chat, hana, &lobby).await,
        Some(first),
        "the one before is still there"
    );
    let unsaid = done(&chat, edit(author, &lobby, first, "하나")).await;
    assert_eq!(heard().await, (0, unsaid));
    assert_eq!(mention(&chat, hana, &lobby).await, Some(0));
    let page = whole(&chat, &lobby).await;
    assert!(page.messages.iter().all(|row| row.mentioned().is_empty()));
}

#[tokio::test]
async fn who_was_chosen_by_id_stays_so_when_the_text_around_it_is_edited() {
    let folder = folder();
    let chat = open(folder.path());
    let (author, lobby) = (ids::user_id(), room("lobby"));
    let one = follower(&chat, "하나", &lobby).await;
    let other = follower(&chat, "하나", &lobby).await;
    let seq = done(&chat, calling(post(author, &lobby, "@하나 안뇽"), &[other])).await;
    done(&chat, rename(other, "두리")).await;
    done(&chat, edit(author, &lobby, seq, "@하나 안녕")).await;
    let mentioned = whole(&chat, &lobby).await.messages[2].mentioned();
    assert_eq!(mentioned, [other], "and not {one}");
}

#[tokio::test]
async fn too_many_ids_are_cut_off() {
    let folder = folder();
    let chat = open(folder.path());
    let (author, lobby) = (ids::user_id(), room("lobby"));
    let many: Vec<UserId> = (0..1_000).map(|_| ids::user_id()).collect();
    let seq = done(&chat, calling(post(author, &lobby, &"@x ".repeat(1_000)), &many)).await;
    assert_eq!((seq, Calls::of(many).words.len()), (1, 0));
}

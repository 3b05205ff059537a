//! Reactions.

use crate::support::{
    database, done, edit, events, fast_folder, folder, open, post, react, reply, room, submit, whole,
};
use chat::{Chat, Refusal, ids};
use protocol::limits::{REACTION_EMOJI_MAX, REACTIONS_MAX};
use protocol::{RoomName, UserId};
use serde_json::json;

async fn reactions(chat: &Chat, room: &RoomName, seq: u64) -> Vec<(String, Vec<UserId>)> {
    let page = whole(chat, room).await;
    let row = page.messages.iter().find(|row| row.seq == seq).unwrap();
    row.reactions
        .iter()
        .map(|reaction| (reaction.emoji.clone(), reaction.user_ids.clone()))
        .collect()
}

#[tokio::test]
async fn an_emoji_is_one_with_and_without_its_selector_also_where_older_rows_have_both() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (a, b, c) = (ids::user_id(), ids::user_id(), ids::user_id());
    done(&chat, post(a, &lobby, "what do you think?")).await;
    for (who, emoji) in [(a, "❤"), (b, "❤\u{fe0f}"), (a, "❤\u{fe0f}")] {
        done(&chat, react(who, &lobby, 1, emoji, true)).await;
    }
    let both = [("❤\u{fe0f}".to_owned(), vec![a, b])];
    assert_eq!(reactions(&chat, &lobby, 1).await, both);
    let old = rusqlite::Connection::open(database(folder.path())).unwrap();
    for (who, emoji, rev) in [(a, "❤", 10), (c, "❤", 11), (c, "❤\u{fe0f}", 12)] {
        let row = rusqlite::params![emoji, who.as_bytes(), rev];
        old.execute(
            "INSERT INTO reactions (room_id, seq, emoji, user_id, first, rev)
             SELECT room_id, 1, ?1, ?2, ?3, ?3 FROM rooms WHERE name = 'lobby'",
            row,
        )
        .unwrap();
    }
    let all = [("❤\u{fe0f}".to_owned(), vec![a, b, c])];
    assert_eq!(reactions(&chat, &lobby, 1).await, all);
    for who in [a, c] {
        done(&chat, react(who, &lobby, 1, "❤\u{fe0f}", false)).await;
    }
    let left = [("❤\u{fe0f}".to_owned(), vec![b])];
    assert_eq!(reactions(&chat, &lobby, 1).await, left);
}

#[tokio::test]
async fn a_quotation_is_in_plain_words_also_once_what_it_quotes_was_edited() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "**공지** 👨‍👩‍👧")).await;
    done(&chat, reply(author, &lobby, "답", 1)).await;
    let quoted = async || {
        let page = whole(&chat, &lobby).await;
        page.messages[1].reply_to.as_ref().unwrap().message.clone()
    };
    assert_eq!(quoted().await, "공지 👨‍👩‍👧");
    assert_eq!(events(&chat, &lobby, 1).await[0]["replyTo"]["message"], "공지 👨‍👩‍👧");
    done(&chat, edit(author, &lobby, 1, "*다른* 말")).await;
    assert_eq!(events(&chat, &lobby, 2).await[0]["excerpt"], "다른 말");
    assert_eq!(quoted().await, "다른 말");
    done(&chat, edit(author, &lobby, 1, "그냥 말")).await;
    assert!(events(&chat, &lobby, 3).await[0].get("excerpt").is_none());
}

#[tokio::test]
async fn emoji_stand_in_the_order_they_came_until_the_last_person_takes_theirs_back() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (a, b, c) = (ids::user_id(), ids::user_id(), ids::user_id());
    done(&chat, post(a, &lobby, "what do you think?")).await;
    done(&chat, post(a, &lobby, "and of this?")).await;
    for (who, target, emoji, on) in [
        (c, 1, "👍", true),
        (a, 1, "❤️", true),
        (b, 1, "👍", true),
        (a, 2, "😀", true),
        (c, 1, "👍", false),
        (a, 1, "👍", true),
    ] {
        done(&chat, react(who, &lobby, target, emoji, on)).await;
    }
    let expected = [("👍".to_owned(), vec![b, a]), ("❤️".to_owned(), vec![a])];
    assert_eq!(reactions(&chat, &lobby, 1).await, expected);
    assert_eq!(reactions(&chat, &lobby, 2).await, [("😀".to_owned(), vec![a])]);
    for who in [a, b] {
        done(&chat, react(who, &lobby, 1, "👍", false)).await;
    }
    done(&chat, react(c, &lobby, 1, "👍", true)).await;
    let expected = [("❤️".to_owned(), vec![a]), ("👍".to_owned(), vec![c])];
    assert_eq!(
        reactions(&chat, &lobby, 1).await,
        expected,
        "one that was gone comes last"
    );

    let event = &events(&chat, &lobby, 2).await[0];
    let what = json!([
        event["type"],
        event["target"],
        event["emoji"],
        event["on"],
        event["userId"]
    ]);
    assert_eq!(what, json!(["reacted", 1, "👍", true, c]));
    let row = &whole(&chat, &lobby).await.messages[0];
    assert_eq!(row.rev, 11, "a reaction changes a message");
    assert_eq!(row.edited_at, None, "but not its text");
}

#[tokio::test]
async fn a_message_has_no_more_reactions_than_there_is_room_for() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "well?")).await;
    let emoji: Vec<String> = ('😀'..).take(REACTION_EMOJI_MAX + 1).map(String::from).collect();
    for emoji in &emoji[..REACTION_EMOJI_MAX] {
        done(&chat, react(author, &lobby, 1, emoji, true)).await;
    }
    let one_more = react(author, &lobby, 1, &emoji[REACTION_EMOJI_MAX], true);
    assert_eq!(
        submit(&chat, one_more.clone()).await,
        Err(Refusal::TooManyReactions)
    );
    for _ in REACTION_EMOJI_MAX..REACTIONS_MAX {
        done(&chat, react(ids::user_id(), &lobby, 1, &emoji[0], true)).await;
    }
    let another_person = react(ids::user_id(), &lobby, 1, &emoji[0], true);
    assert_eq!(
        submit(&chat, another_person.clone()).await,
        Err(Refusal::TooManyReactions)
    );
    done(&chat, react(author, &lobby, 1, &emoji[0], false)).await;
    done(&chat, another_person).await;
    done(&chat, react(author, &lobby, 1, &emoji[1], false)).await;
    done(&chat, one_more).await;
}

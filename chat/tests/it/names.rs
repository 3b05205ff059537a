//! What people are called now, wherever they appear.

use std::sync::Arc;

use crate::support::{delete, done, folder, join, open, post, react, rename, reply, room, whole};
use chat::{JoinCursor, ids};

#[tokio::test]
async fn a_page_says_what_those_are_called_now_of_whom_its_messages_do_not_say_it() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (nameless, renamed, same, reacting, gone) = (
        ids::user_id(),
        ids::user_id(),
        ids::user_id(),
        ids::user_id(),
        ids::user_id(),
    );
    for (user_id, name) in [(renamed, "하나"), (same, "두리"), (reacting, "세찬")] {
        done(&chat, rename(user_id, name)).await;
    }
    for user_id in [nameless, renamed, same, gone] {
        done(&chat, post(user_id, &lobby, "안녕")).await;
    }
    done(&chat, react(reacting, &lobby, 1, "👍", true)).await;
    done(&chat, rename(nameless, "네나")).await;
    done(&chat, rename(renamed, "하나둘")).await;
    let page = whole(&chat, &lobby).await;
    let mut expected = vec![(nameless, "네나"), (renamed, "하나둘"), (reacting, "세찬")];
    expected.sort();
    let mut people = page.people.clone();
    people.sort();
    let people: Vec<_> = people.iter().map(|(user_id, name)| (*user_id, &**name)).collect();
    assert_eq!(people, expected);
    assert_eq!(
        page.messages[1].name.as_deref(),
        Some("하나"),
        "what they were called then stays"
    );
    // Whose messages all say it is not told again; who is only quoted is.
    done(&chat, post(renamed, &lobby, "이제 이렇게 불러요")).await;
    done(&chat, reply(same, &lobby, "누구?", 1)).await;
    let query = chat::PageQuery {
        limit: 2,
        ..chat::PageQuery::default()
    };
    let page = chat.page(&lobby, query).await.unwrap();
    let people: Vec<_> = page
        .people
        .iter()
        .map(|(user_id, name)| (*user_id, &**name))
        .collect();
    assert_eq!(people, [(nameless, "네나")]);
}

#[tokio::test]
async fn a_page_tells_of_those_in_the_room_who_are_called_as_one_who_speaks_in_it() {
    let folder = folder();
    let chat = open(folder.path());
    let (lobby, elsewhere) = (room("lobby"), room("elsewhere"));
    let (real, taker, stranger) = (ids::user_id(), ids::user_id(), ids::user_id());
    for (user_id, name) in [(real, "Mina"), (taker, "mina"), (stranger, "MINA")] {
        done(&chat, rename(user_id, name)).await;
    }
    done(&chat, post(real, &lobby, "먼저")).await;
    done(&chat, post(stranger, &elsewhere, "다른 방")).await;
    done(&chat, post(taker, &lobby, "나중")).await;
    let last = chat::PageQuery {
        limit: 1,
        ..chat::PageQuery::default()
    };
    let page = chat.page(&lobby, last).await.unwrap();
    assert_eq!(page.messages[0].user_id, taker);
    assert_eq!(page.people, [(real, "Mina".into())]);
    let person = chat.person(&lobby, taker).await.unwrap();
    assert_eq!(person.namesakes, [(real, "Mina".into())]);
    assert_eq!(person.said.map(|(seq, _)| seq), Some(2));
    let spoken = chat.spoken(&lobby).await.unwrap();
    let spoke: Vec<_> = spoken.people.iter().map(|row| row.user_id).collect();
    assert_eq!(spoke, [taker, real], "who spoke last comes first");
    assert_eq!(spoken.namesakes.len(), 2);
    assert_eq!(chat.spoken(&room("empty")).await.unwrap().people, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_spoke_is_read_once_for_all_who_ask_until_it_changes() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "one")).await;
    let _reader = join(&chat, &lobby, JoinCursor::default()).await;
    for change in [
        rename(author, "하나"),
        post(ids::user_id(), &lobby, "two"),
        delete(author, &lobby, 1),
    ] {
        done(&chat, change).await;
        let before = chat.reads();
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let (chat, lobby) = (Arc::clone(&chat), lobby.clone());
            asking.spawn(async move { chat.spoken(&lobby).await.unwrap() });
        }
        let all = asking.join_all().await;
        assert!(all.iter().all(|one| *one == all[0]));
        assert_eq!(chat.reads() - before, 1);
    }
    let spoken = chat.spoken(&lobby).await.unwrap();
    assert_eq!(spoken.people.len(), 1, "what was deleted was not said");
}

#[tokio::test]
async fn people_who_share_a_name_are_told_once_and_whoever_has_one_alone_is_not() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let named = [("Mina", 3), ("Juno", 1)];
    let mut ids_of = Vec::new();
    for (name, count) in named {
        for _ in 0..count {
            let user_id = ids::user_id();
            done(&chat, rename(user_id, name)).await;
            done(&chat, post(user_id, &lobby, "여기")).await;
            ids_of.push(user_id);
        }
    }
    let asked = [ids_of[1], ids_of[2], ids_of[3]].into();
    let namesakes = chat.namesakes(&lobby, asked).await.unwrap();
    let mut told: Vec<_> = namesakes.iter().map(|(user_id, _)| *user_id).collect();
    told.sort_unstable();
    let mut minas = ids_of[..3].to_vec();
    minas.sort_unstable();
    assert_eq!(told, minas);
}

//! Who is here and who is typing, on sockets, streams and by polling.

use crate::support::{
    FullClient, PlainClient, Response, Server, Visitor, event_stream::EventStream, in_time,
};
use serde_json::{Value, json};

fn ids(frame: &Value) -> Vec<&str> {
    let people = frame["people"].as_array().unwrap();
    people
        .iter()
        .map(|person| person["userId"].as_str().unwrap())
        .collect()
}

/// The next word on who is here that says so many are.
async fn count_of(client: &mut FullClient, count: usize) -> Value {
    loop {
        let presence = client.next_soft("presence").await;
        if presence["count"] == count {
            return presence;
        }
    }
}

async fn typing(client: &mut FullClient, on: bool) {
    client
        .send(&json!({ "type": "typing", "room": "lobby", "on": on }))
        .await;
}

#[tokio::test]
async fn whoever_joins_is_told_who_is_here_and_the_others_that_they_came_and_went() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut one = FullClient::open_as(&server, &visitor).await;
    one.ask(json!({ "type": "rename", "name": "하나" })).await;
    one.join("lobby").await;
    let presence = one.next_soft("presence").await;
    let me = json!([{ "userId": one.user_id(), "name": "하나" }]);
    assert_eq!(
        presence,
        json!({ "type": "presence", "room": "lobby", "people": me, "count": 1 })
    );
    let mut other = FullClient::open(&server).await;
    other.join("lobby").await;
    let seen = count_of(&mut other, 2).await;
    assert_eq!(ids(&seen), [one.user_id(), other.user_id()]);
    assert_eq!(count_of(&mut one, 2).await, seen);
    // A second tab of somebody who is here, and a reload, are not seen.
    let mut tab = FullClient::open_as(&server, &visitor).await;
    tab.join("lobby").await;
    drop(tab);
    let plain = PlainClient::open(&server).await;
    let three = count_of(&mut other, 3).await;
    assert_eq!(ids(&three)[2], plain.user_id);
    other.ask(json!({ "type": "rename", "name": "두리" })).await;
    let renamed = count_of(&mut other, 3).await;
    assert_eq!(renamed["people"][1]["name"], "두리");
    drop((one, plain));
    let left = count_of(&mut other, 1).await;
    assert_eq!(ids(&left), [other.user_id()]);
}

#[tokio::test]
async fn typing_is_told_to_the_room_and_is_over_by_itself() {
    let server = Server::start().await;
    let mut one = FullClient::open(&server).await;
    let mut other = FullClient::open(&server).await;
    one.join("lobby").await;
    other.join("lobby").await;
    typing(&mut one, true).await;
    assert_eq!(ids(&other.next_soft("typing").await), [one.user_id()]);
    typing(&mut one, false).await;
    assert_eq!(ids(&other.next_soft("typing").await), [""; 0]);
    typing(&mut other, true).await;
    assert_eq!(ids(&other.next_soft("typing").await), [other.user_id()]);
    assert_eq!(
        ids(&other.next_soft("typing").await),
        [""; 0],
        "nobody said it again"
    );
}

#[tokio::test]
async fn one_who_only_counts_is_not_here_and_is_not_told_who_is() {
    let server = Server::start().await;
    let mut one = FullClient::open(&server).await;
    one.join("lobby").await;
    let mut quiet = FullClient::open(&server).await;
    quiet
        .send(&json!({ "type": "join", "room": "lobby", "quiet": true }))
        .await;
    assert_eq!(quiet.next().await["type"], "joined");
    typing(&mut quiet, true).await;
    typing(&mut one, true).await;
    one.post_acknowledged("lobby", "counted").await;
    // The message is the first thing it hears.
    assert_eq!(quiet.socket.frame().await["message"], "counted");
    let mut third = FullClient::open(&server).await;
    third.join("lobby").await;
    let presence = count_of(&mut third, 2).await;
    assert!(!ids(&presence).contains(&quiet.user_id()));
    quiet.join("lobby").await;
    count_of(&mut third, 3).await;
    quiet
        .send(&json!({ "type": "join", "room": "lobby", "quiet": true }))
        .await;
    assert_eq!(quiet.next_of("joined").await["room"], "lobby");
    count_of(&mut third, 2).await;
}

/// As a browser that speaks this language gets it.
async fn in_language(visitor: &Visitor, path: &str, language: &str) -> Response {
    let headers = [("Accept", "text/html"), ("Accept-Language", language)];
    visitor.request("GET", path, &headers, b"").await
}

/// What those are called who are in a list.
fn listed(html: &str) -> Vec<&str> {
    let names = html.split("class=\"person-name\">").skip(1);
    names.map(|rest| rest.split('<').next().unwrap()).collect()
}

#[tokio::test]
async fn whoever_asks_gets_the_list_of_those_who_are_here_as_a_part_and_as_a_page() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let nobody = in_language(&visitor, "/parts/here/lobby", "ko").await;
    assert!(
        nobody.text().contains("지금은 아무도 없습니다."),
        "{}",
        nobody.text()
    );
    let mut clients = Vec::new();
    for name in ["Zoe", "다은", "<b>", "가람"] {
        let mut client = FullClient::open(&server).await;
        client.ask(json!({ "type": "rename", "name": name })).await;
        client.join("lobby").await;
        clients.push(client);
    }
    let mut own = FullClient::open_as(&server, &visitor).await;
    own.join("lobby").await;
    let part = in_language(&visitor, "/parts/here/lobby", "ko").await;
    assert_eq!(part.status, 200);
    let part = part.text();
    assert!(
        part.starts_with("<h2 id=\"dialog-title\">지금 있는 사람 <span"),
        "{part}"
    );
    assert!(listed(part)[0].starts_with("손님"), "{part}");
    assert_eq!(listed(part)[1..], ["가람", "다은", "Zoe", "&lt;b&gt;"]);
    assert_eq!(part.matches("class=\"person-me\"").count(), 1);
    let card = format!("href=\"/people/lobby/{}\"", clients[0].user_id());
    assert!(part.contains(&card), "{part}");
    assert!(!part.contains("fragment-hint"), "nobody is left out: {part}");

    let page = in_language(&visitor, "/here/lobby", "en").await;
    assert_eq!(
        (page.status, page.header("cache-control")),
        (200, Some("no-store"))
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let page = page.text();
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    assert!(page.contains("Here now <span"), "{page}");
    assert_eq!(listed(page)[1..], ["Zoe", "가람", "다은", "&lt;b&gt;"]);
    // Each page about a room leads there.
    let others = in_language(&visitor, "/people/lobby", "en").await;
    assert!(
        others.text().contains("href=\"/here/lobby\""),
        "{}",
        others.text()
    );

    let elsewhere = in_language(&visitor, "/parts/here/nobody-has-ever-been-here", "en").await;
    assert!(
        elsewhere.text().contains("Nobody is here right now."),
        "{}",
        elsewhere.text()
    );
    for address in ["/here/NO", "/parts/here/NO"] {
        let refused = in_language(&visitor, address, "en").await;
        assert_eq!(refused.status, 400, "{address}");
    }
    assert_eq!(visitor.request("POST", "/here/lobby", &[], b"").await.status, 405);
}

#[tokio::test]
async fn of_a_large_crowd_the_list_has_those_who_came_first_and_says_how_many_more_there_are() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut crowd = Vec::new();
    for _ in 0..chat::limits::PRESENCE_LISTED_PEOPLE + 3 {
        crowd.push(PlainClient::open(&server).await);
    }
    let part = in_language(&visitor, "/parts/here/lobby", "ko").await;
    let part = part.text();
    assert_eq!(listed(part).len(), chat::limits::PRESENCE_LISTED_PEOPLE);
    for text in ["먼저 들어온 200명만 보여 드립니다.", "외 3명", ">203</span>"] {
        assert!(part.contains(text), "{text} in {part}");
    }
    for (number, client) in crowd.iter().enumerate() {
        let is_listed = part.contains(&client.user_id);
        assert_eq!(
            is_listed,
            number < chat::limits::PRESENCE_LISTED_PEOPLE,
            "{number}"
        );
    }
    let page = in_language(&visitor, "/here/lobby", "en").await;
    let page = page.text();
    for text in ["Showing the 200 who came first.", "and 3 more"] {
        assert!(page.contains(text), "{text} in {page}");
    }
}

#[tokio::test]
async fn a_stream_tells_who_is_here_and_goes_on_from_what_it_told() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let joined = json!({ "type": "join", "room": "lobby" });
    let answer = visitor.post_json("/api/v1/commands", &joined).await.json();
    let path = format!("/api/v1/events?cursor={}", answer["cursor"].as_str().unwrap());
    let mut stream = EventStream::open(&server, &visitor, &path, None).await;
    assert_eq!(stream.next_of_all().await.frame["type"], "userId");
    let alone = stream.next_of_all().await;
    assert_eq!(
        json!([alone.frame["type"], alone.frame["count"]]),
        json!(["presence", 1])
    );
    assert!(alone.id.is_some(), "the cursor knows what was told");
    let mut other = FullClient::open(&server).await;
    other.join("lobby").await;
    in_time("the other one", async {
        while stream.next_of_all().await.frame["count"] != 2 {}
    })
    .await;
    typing(&mut other, true).await;
    in_time("their typing", async {
        while stream.next_of_all().await.frame["type"] != "typing" {}
    })
    .await;
}

async fn poll(visitor: &Visitor, cursor: &Value, wait: u32) -> Value {
    let cursor = cursor.as_str().unwrap();
    visitor
        .get(&format!("/api/v1/events?cursor={cursor}&wait={wait}"))
        .await
        .json()
}

#[tokio::test]
async fn by_polling_one_is_here_and_hears_who_is_only_when_that_is_new() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let joined = json!({ "type": "join", "room": "lobby" });
    let answer = visitor.post_json("/api/v1/commands", &joined).await.json();
    let first = poll(&visitor, &answer["cursor"], 25).await;
    assert_eq!(
        first["frames"][0]["count"], 1,
        "the first answer comes at once: {first}"
    );
    let mut cursor = first["cursor"].clone();
    in_time("nothing new", async {
        loop {
            let answer = poll(&visitor, &cursor, 0).await;
            cursor = answer["cursor"].clone();
            // What was told before its first tick is told once more after it.
            let frames = answer["frames"].as_array().unwrap();
            assert!(frames.iter().all(|frame| frame["count"] == 1), "{answer}");
            if !frames.is_empty() {
                break;
            }
        }
    })
    .await;
    assert_eq!(poll(&visitor, &cursor, 0).await["frames"], json!([]));

    let mut other = FullClient::open(&server).await;
    other.join("lobby").await;
    count_of(&mut other, 2).await;
    let command = json!({ "type": "typing", "room": "lobby", "on": true });
    visitor.post_json("/api/v1/commands", &command).await;
    assert_eq!(
        ids(&other.next_soft("typing").await),
        [visitor.user_id().await],
        "between two polls one is here"
    );
    in_time("the other one, without a wait", async {
        loop {
            let answer = poll(&visitor, &cursor, 0).await;
            cursor = answer["cursor"].clone();
            let frames = answer["frames"].as_array().unwrap();
            if frames.iter().any(|frame| frame["count"] == 2) {
                break;
            }
        }
    })
    .await;
    // Of a room that is only counted there is nothing to tell.
    let joined = json!({ "type": "join", "room": "lobby", "quiet": true });
    let answer = visitor.post_json("/api/v1/commands", &joined).await.json();
    assert_eq!(poll(&visitor, &answer["cursor"], 0).await["frames"], json!([]));
}

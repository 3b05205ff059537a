//! What the page fetches when somebody asks for it, and the page of rooms.

use crate::support::{FullClient, Response, Server, Setup, Visitor, client_id};
use serde_json::json;

/// A fragment in Korean.
async fn fragment(visitor: &Visitor, path: &str) -> Response {
    in_language(visitor, path, "ko").await
}

async fn in_language(visitor: &Visitor, path: &str, language: &str) -> Response {
    let headers = [("Accept-Language", language)];
    visitor.request("GET", path, &headers, b"").await
}

fn assert_shows(fragment: &Response, texts: &[&str]) {
    assert_eq!(fragment.status, 200, "{}", fragment.text());
    for text in texts {
        assert!(fragment.text().contains(text), "{text} in {}", fragment.text());
    }
}

fn assert_hides(fragment: &Response, texts: &[&str]) {
    for text in texts {
        assert!(!fragment.text().contains(text), "{text} in {}", fragment.text());
    }
}

/// A refusal that the page can put into its dialog.
fn assert_refused(fragment: &Response, status: u16, code: &str) {
    assert_eq!(fragment.status, status, "{}", fragment.text());
    let code = format!("data-code=\"{code}\"");
    for text in ["<h2 id=\"dialog-title\">", &code] {
        assert!(fragment.text().contains(text), "{text} in {}", fragment.text());
    }
}

#[tokio::test]
async fn every_fragment_has_a_title_and_is_kept_by_nobody_and_does_nothing_by_itself() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    visitor.post("lobby", &client_id(), "hello").await;
    for path in [
        "/parts/help",
        "/parts/emoji",
        "/parts/rooms",
        "/parts/edits/lobby/1",
        "/parts/seen/lobby/1",
        "/parts/reactions/lobby/1",
        "/parts/room/lobby",
        "/parts/people/lobby",
        "/parts/people/lobby/01a222ea-3c45-7328-8404-cfc7a5611e8a",
        "/parts/people/lobby/nobody",
        "/parts/here/lobby",
        "/parts/edits/lobby/2",
        "/parts/nothing",
    ] {
        let fragment = fragment(&visitor, path).await;
        assert!(
            fragment.text().starts_with("<h2 id=\"dialog-title\">"),
            "{path}: {}",
            fragment.text()
        );
        assert_eq!(fragment.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(fragment.header("cache-control"), Some("no-store"));
        assert_eq!(fragment.header("x-content-type-options"), Some("nosniff"));
        let policy = fragment.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        for forbidden in ["<script", "style=", " onclick"] {
            assert!(!fragment.text().contains(forbidden), "{path} {forbidden}");
        }
    }
    visitor
        .request("POST", "/parts/help", &[], b"")
        .await
        .assert_refused(405, "methodNotAllowed");
}

#[tokio::test]
async fn the_help_and_the_emoji_are_in_the_language_of_the_page() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    let help = fragment(&visitor, "/parts/help").await;
    assert_shows(
        &help,
        &[
            "도움말",
            "<kbd>Shift</kbd>",
            "줄 바꾸기",
            "**굵게**",
            "<strong>굵게",
        ],
    );
    assert_shows(
        &in_language(&visitor, "/parts/help", "en").await,
        &["New line", "**bold**"],
    );
    let emoji = fragment(&visitor, "/parts/emoji").await;
    assert_shows(
        &emoji,
        &[
            "data-act=\"react\" data-emoji=\"🎉\" data-find=\"🎉 축하 party popper\" title=\"축하\" aria-label=\"축하\">🎉",
        ],
    );
    assert!(emoji.text().matches("data-emoji=").count() > 100);
    assert_shows(
        &in_language(&visitor, "/parts/emoji", "en").await,
        &["party popper"],
    );
    let form = [("language", "en")];
    assert_eq!(visitor.post_form("/me/language", &form).await.status, 303);
    assert_shows(&fragment(&visitor, "/parts/help").await, &["New line"]);
    assert_eq!(
        help.header("set-cookie"),
        None,
        "only pages make somebody of a visitor"
    );
}

#[tokio::test]
async fn rooms_that_are_followed_are_offered_and_others_are_found_or_made() {
    let server = Server::start().await;
    let (visitor, somebody) = (Visitor::known(&server).await, Visitor::known(&server).await);
    visitor.post("개발", &client_id(), "mine").await;
    somebody.post("개발", &client_id(), "theirs").await;
    somebody.post("개발-후기", &client_id(), "theirs").await;
    let mut client = FullClient::open_as(&server, &somebody).await;
    client
        .ask(json!({ "type": "topic", "room": "개발", "topic": "<img src=x onerror=alert(1)>" }))
        .await;

    let rooms = fragment(&visitor, "/parts/rooms").await;
    assert_shows(
        &rooms,
        &[
            "data-act=\"find\"",
            "role=\"search\"",
            "<div id=\"found\"",
            "href=\"/\"",
            "href=\"/rooms/%EA%B0%9C%EB%B0%9C\"",
            "읽지 않은 메시지 1개",
            "&lt;img src=x",
        ],
    );
    assert_shows(&rooms, &["다른 방", "# 개발-후기<", "마지막 활동"]);
    assert_hides(&rooms, &["<img"]);
    let same = fragment(&visitor, "/parts/found").await;
    assert_shows(&same, &["읽지 않은 메시지 1개"]);
    assert_hides(&same, &["dialog-title", "<form"]);
    assert_shows(
        &fragment(&visitor, "/parts/found?find=%20%23%20").await,
        &["읽지 않은 메시지 1개"],
    );

    // 개발, decomposed, as some keyboards type it.
    let typed = "%E1%84%80%E1%85%A2%E1%84%87%E1%85%A1%E1%86%AF";
    let found = fragment(&visitor, &format!("/parts/found?find={typed}")).await;
    assert_shows(&found, &["# 개발<", "# 개발-후기<"]);
    assert_hides(&found, &["방 만들기"]);
    let new = fragment(&visitor, "/parts/found?find=New%20Room").await;
    assert_shows(&new, &["href=\"/rooms/new-room\"", "‘new-room’ 방 만들기"]);
    assert_shows(
        &fragment(&visitor, "/parts/found?find=%EB%A1%9C%EB%B9%84").await,
        &["href=\"/\""],
    );
    let none = fragment(&visitor, "/parts/found?find=%3Cb%3E%F0%9F%98%80").await;
    assert_shows(&none, &["그런 방이 없습니다.", "1~32자"]);
    assert_hides(&none, &["<b>", "방 만들기"]);
    let long = fragment(&visitor, &format!("/parts/found?find={}", "a".repeat(10_000))).await;
    assert_shows(&long, &["그런 방이 없습니다."]);
    assert_refused(
        &fragment(&visitor, "/parts/found?find=a&find=b").await,
        400,
        "badFrame",
    );
    assert_eq!(
        visitor.history("new-room", "").await["seq"],
        0,
        "looking makes no room"
    );
}

#[tokio::test]
async fn a_room_of_the_name_looked_for_comes_first_however_many_others_are_newer() {
    let server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    visitor.post("a", &client_id(), "first").await;
    for number in 0..60 {
        visitor.post(&format!("a-{number}"), &client_id(), "later").await;
    }
    let found = fragment(&visitor, "/parts/found?find=a").await;
    assert_shows(&found, &["# a<", "# a-59<"]);
    assert_hides(&found, &["방 만들기", "# a-0<"]);
}

#[tokio::test]
async fn what_a_message_said_before_is_shown_as_it_looked() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    client.post_acknowledged("lobby", "first <i>text</i>").await;
    assert_shows(
        &fragment(&visitor, "/parts/edits/lobby/1").await,
        &["수정한 적이 없는 메시지입니다."],
    );
    for text in ["**second**", "third"] {
        client
            .ask(json!({ "type": "edit", "room": "lobby", "target": 1, "message": text }))
            .await;
    }
    let edits = fragment(&visitor, "/parts/edits/lobby/1").await;
    assert_shows(
        &edits,
        &[
            "first &lt;i&gt;text&lt;/i&gt;",
            "<strong>second</strong>",
            "data-at=\"",
            " UTC<",
        ],
    );
    assert_hides(&edits, &["third", "<i>"]);
    let (first, second) = (edits.text().find("first"), edits.text().find("second"));
    assert!(first < second, "{}", edits.text());
    for path in [
        "lobby/2",
        "lobby/9",
        "lobby/0",
        "lobby/x",
        "nobody/1",
        "lobby/99999999999999999999",
    ] {
        let refused = fragment(&visitor, &format!("/parts/edits/{path}")).await;
        assert_refused(&refused, 404, "noSuchMessage");
    }
    assert_refused(&fragment(&visitor, "/parts/edits/A%20B/1").await, 400, "badRoom");
}

#[tokio::test]
async fn who_has_read_a_message_is_told_without_its_author() {
    let server = Setup::new().without_rate().start().await;
    let author = Visitor::known(&server).await;
    author.post("lobby", &client_id(), "hello").await;
    let nobody = fragment(&author, "/parts/seen/lobby/1").await;
    assert_shows(&nobody, &["아직 아무도 읽지 않았습니다."]);

    let reader = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &reader).await;
    client.ask(json!({ "type": "rename", "name": "<b>하나" })).await;
    client
        .send(&json!({ "type": "read", "room": "lobby", "seq": 1 }))
        .await;
    client.next_soft("read").await;
    let seen = fragment(&author, "/parts/seen/lobby/1").await;
    assert_shows(&seen, &["&lt;b&gt;하나", "class=\"avatar "]);
    assert_eq!(seen.text().matches("<li").count(), 1);
    assert_hides(&seen, &["<b>", "아직"]);
    assert_refused(
        &fragment(&author, "/parts/seen/lobby/2").await,
        404,
        "noSuchMessage",
    );

    for _ in 0..50 {
        let visitor = Visitor::known(&server).await;
        visitor.post("lobby", &client_id(), "me too").await;
    }
    let crowd = fragment(&author, "/parts/seen/lobby/1").await;
    assert_shows(&crowd, &["읽은 사람이 많아"]);
    assert_hides(&crowd, &["하나"]);
    // The crowd has not read on, and keeps nobody from being told.
    author.post("lobby", &client_id(), "the latest").await;
    let latest = fragment(&author, "/parts/seen/lobby/52").await;
    assert_shows(&latest, &["아직 아무도 읽지 않았습니다."]);
}

#[tokio::test]
async fn who_put_which_emoji_to_a_message_is_told_by_the_names_they_have_now() {
    let server = Setup::new().without_rate().start().await;
    let author = Visitor::known(&server).await;
    author.post("lobby", &client_id(), "hello").await;
    let nobody = fragment(&author, "/parts/reactions/lobby/1").await;
    assert_shows(&nobody, &["아직 아무도 반응하지 않았습니다."]);

    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    for emoji in ["👍", "🎉"] {
        client
            .ask(json!({ "type": "react", "room": "lobby", "target": 1, "emoji": emoji, "on": true }))
            .await;
    }
    client.ask(json!({ "type": "rename", "name": "<b>하나" })).await;
    let told = fragment(&author, "/parts/reactions/lobby/1").await;
    assert_shows(&told, &["👍 1", "🎉 1", "&lt;b&gt;하나"]);
    assert_eq!(told.text().matches("<li").count(), 2);
    assert_hides(&told, &["<b>", "아직"]);
    let nothing = fragment(&author, "/parts/reactions/lobby/2").await;
    assert_refused(&nothing, 404, "noSuchMessage");
}

#[tokio::test]
async fn a_room_tells_what_it_is_about_and_the_way_out_to_those_who_are_in_it() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let address = "/parts/room/%EA%B0%9C%EB%B0%9C";
    let outside = fragment(&visitor, address).await;
    assert_shows(
        &outside,
        &["# 개발", "data-act=\"topic\"", "maxlength=\"200\"", "/rooms/개발"],
    );
    assert_hides(&outside, &["data-act=\"leave\""]);
    let mut client = FullClient::open_as(&server, &visitor).await;
    client
        .ask(json!({ "type": "topic", "room": "개발", "topic": "\"><script>alert(1)</script>" }))
        .await;
    client.post_acknowledged("개발", "hello").await;
    let inside = fragment(&visitor, address).await;
    assert_shows(
        &inside,
        &[
            "value=\"&quot;&gt;&lt;script&gt;",
            "data-act=\"leave\"",
            "이 방에서 나가기",
        ],
    );
    assert_hides(&inside, &["<script"]);
    assert_refused(&fragment(&visitor, "/parts/room/A%20B").await, 400, "badRoom");
    assert_refused(&fragment(&visitor, "/parts/room/%FF").await, 400, "badRoom");
}

#[tokio::test]
async fn without_a_script_rooms_are_found_on_a_page_of_their_own() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    visitor.post("개발", &client_id(), "hello").await;
    let page = in_language(&visitor, "/rooms", "en").await;
    assert_shows(
        &page,
        &[
            "<html lang=\"en\"",
            "Find or create a room",
            "action=\"/rooms\"",
            "# 개발<",
            "href=\"/\"",
        ],
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let found = in_language(&visitor, "/rooms?find=%22%3E%3Cb%3Enew", "en").await;
    assert_hides(&found, &["<b>", "Create the room"]);
    let new = in_language(&visitor, "/rooms?find=new", "en").await;
    assert_shows(
        &new,
        &["value=\"new\"", "href=\"/rooms/new\"", "Create the room “new”"],
    );
    visitor
        .get("/rooms?find=a&find=b")
        .await
        .assert_refused(400, "badFrame");
}

#[tokio::test]
async fn somebody_s_card_says_what_tells_them_from_others_of_their_name_and_so_do_the_lists() {
    let server = Server::start().await;
    let (mina, other, juno) = (
        Visitor::known(&server).await,
        Visitor::known(&server).await,
        Visitor::known(&server).await,
    );
    for (visitor, name) in [(&mina, "민아"), (&other, "민아"), (&juno, "<b>준호")] {
        assert_eq!(visitor.post_form("/me/name", &[("name", name)]).await.status, 303);
        visitor.post("lobby", &client_id(), "여기 있어요").await;
    }
    let spoke = fragment(&juno, "/parts/spoke/lobby").await;
    assert_shows(
        &spoke,
        &["이 방에 글을 쓴 사람", "&lt;b&gt;준호", "class=\"called-end\">#"],
    );
    assert_eq!(spoke.text().matches("class=\"called-end\"").count(), 2);
    assert_hides(&spoke, &["<b>준호"]);
    let cards: Vec<String> = spoke
        .text()
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(cards.len(), 3);
    // Who spoke last comes first.
    let card = fragment(&juno, &format!("/parts{}", cards[1])).await;
    assert_shows(
        &card,
        &[
            "민아</h2>",
            "이 방에서 이름이 같은 사람",
            &cards[2],
            "data-act=\"call\"",
            "/rooms/lobby/2",
        ],
    );
    let own = fragment(&juno, &format!("/parts{}", cards[0])).await;
    assert_shows(&own, &["&lt;b&gt;준호", "나입니다."]);
    assert_hides(&own, &["<b>준호", "data-act=\"call\"", "이름이 같은 사람"]);
    let page = juno
        .request("GET", &cards[1], &[("Accept", "text/html")], b"")
        .await;
    assert_shows(&page, &["<!DOCTYPE html>", "민아</h2>"]);
    assert_shows(&fragment(&juno, "/parts/people/empty").await, &["아직 아무도"]);
    assert_eq!(fragment(&juno, "/parts/spoke/empty").await.text(), "");
    assert_refused(
        &fragment(&juno, "/parts/people/lobby/nobody").await,
        404,
        "notFound",
    );
    assert_refused(&fragment(&juno, "/parts/people/NO").await, 400, "badRoom");
}

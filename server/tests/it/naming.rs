//! Saying what one is called, by a form.

use crate::support::{Response, Server, Visitor, client_id};
use serde_json::Value;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

async fn rename(visitor: &Visitor, form: &str, headers: &[(&str, &str)]) -> Response {
    let headers: Vec<_> = [FORM].iter().chain(headers).copied().collect();
    visitor
        .request("POST", "/me/name", &headers, form.as_bytes())
        .await
}

async fn name(visitor: &Visitor) -> Value {
    visitor.get("/api/v1/me").await.json()["name"].clone()
}

#[tokio::test]
async fn a_name_is_taken_and_leads_back_to_the_page() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let from = format!("http://{}/rooms/%EA%B0%9C%EB%B0%9C?before=7", server.address());
    let named = rename(&visitor, "name=%20%ED%95%98%EB%82%98%20", &[("Referer", &from)]).await;
    assert_eq!(named.status, 303, "{}", named.text());
    assert_eq!(
        named.header("location"),
        Some("/rooms/%EA%B0%9C%EB%B0%9C?before=7")
    );
    assert_eq!(named.header("cache-control"), Some("no-store"));
    assert_eq!(name(&visitor).await, "하나");
    let away = rename(
        &visitor,
        "name=b",
        &[("Referer", "https://evil.example//evil.example/")],
    )
    .await;
    assert_eq!(away.header("location"), Some("/"));
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_change() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let form = format!("name=first&clientId={}", client_id());
    assert_eq!(rename(&visitor, &form, &[]).await.status, 303);
    assert_eq!(rename(&visitor, "name=second", &[]).await.status, 303);
    assert_eq!(rename(&visitor, &form, &[]).await.status, 303);
    assert_eq!(name(&visitor).await, "second");
}

#[tokio::test]
async fn what_is_no_name_is_refused_with_a_sentence_and_a_way_back() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    for (form, status, code) in [
        ("name=", 422, "badName"),
        ("name=%E2%80%AEx", 422, "badName"),
        ("name=a%0Ab", 422, "badName"),
        ("name=a&clientId=x", 400, "badId"),
        ("other=a", 400, "badFrame"),
        ("%ff=&&", 400, "badFrame"),
    ] {
        let refused = rename(&visitor, form, &[]).await;
        refused.assert_refused(status, code);
    }
    let long = format!("name={}", "a".repeat(300 * 1_024));
    rename(&visitor, &long, &[]).await.assert_refused(413, "tooBig");
    let from = format!("http://{}/rooms/a", server.address());
    let headers = [
        ("Accept", "text/html"),
        ("Accept-Language", "ko"),
        ("Referer", &*from),
    ];
    let page = rename(&visitor, "name=", &headers).await;
    assert_eq!(page.status, 422);
    for part in ["쓸 수 없는 이름입니다.", "href=\"/rooms/a\"", "돌아가기"] {
        assert!(page.text().contains(part), "{}", page.text());
    }
    assert_eq!(name(&visitor).await, Value::Null);
}

#[tokio::test]
async fn nobody_is_named_by_a_page_of_another_site_or_without_an_identity() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    rename(&visitor, "name=evil", &[("Origin", "https://evil.example")])
        .await
        .assert_refused(403, "badOrigin");
    rename(&Visitor::new(&server), "name=nobody", &[])
        .await
        .assert_refused(401, "noIdentity");
    visitor
        .get("/me/name?name=a")
        .await
        .assert_refused(405, "methodNotAllowed");
    assert_eq!(name(&visitor).await, Value::Null);
}

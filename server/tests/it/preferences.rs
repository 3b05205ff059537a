//! How someone wants the page to look, and the pages that show it.

use crate::support::{Response, Server, Visitor};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

async fn choose(visitor: &Visitor, path: &str, form: &str, from: &str) -> Response {
    let headers = [FORM, ("Referer", from), ("Accept", "text/html")];
    visitor.request("POST", path, &headers, form.as_bytes()).await
}

#[tokio::test]
async fn what_is_chosen_is_remembered_by_the_browser_and_leads_back_to_the_page() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let identity = visitor.cookie();
    let room = format!("http://{}/rooms/%EA%B0%9C%EB%B0%9C", server.address());
    for (path, form, cookie) in [
        ("/me/language", "language=en", "_lang=en"),
        ("/me/theme", "theme=dark", "_theme=dark"),
    ] {
        let chosen = choose(&visitor, path, form, &room).await;
        assert_eq!(chosen.status, 303, "{}", chosen.text());
        assert_eq!(chosen.header("location"), Some("/rooms/%EA%B0%9C%EB%B0%9C"));
        let set = chosen.header("set-cookie").unwrap();
        for part in [cookie, "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
            assert!(set.contains(part), "{set}");
        }
    }
    let identity = identity.unwrap();
    let (name, _) = identity.split_once('=').unwrap();
    visitor.set_cookie(&format!("{identity}; {name}_lang=en; {name}_theme=dark"));
    let page = visitor.get("/").await;
    for part in ["<html lang=\"en\" data-theme=\"dark\"", "Write a message"] {
        assert!(page.text().contains(part), "{part}");
    }
}

#[tokio::test]
async fn what_others_on_the_host_call_so_is_not_ours() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let identity = visitor.cookie().unwrap();
    visitor.set_cookie(&format!("lang=en; theme=dark; {identity}"));
    let page = visitor.get("/").await;
    assert!(page.text().contains("<html lang=\"ko\" data-theme=\"system\""));
}

#[tokio::test]
async fn what_cannot_be_chosen_is_refused_and_nothing_is_remembered() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    for (path, form) in [
        ("/me/language", "language=xx"),
        ("/me/language", "theme=dark"),
        ("/me/theme", "theme=pink"),
        ("/me/theme", ""),
        ("/me/theme", "%ff=&&"),
    ] {
        let refused = choose(&visitor, path, form, "").await;
        assert_eq!(refused.status, 400, "{path} {form}");
        assert_eq!(refused.header("set-cookie"), None);
        assert!(refused.text().contains("badFrame"), "{}", refused.text());
    }
    visitor
        .get("/me/theme")
        .await
        .assert_refused(405, "methodNotAllowed");
}

#[tokio::test]
async fn an_address_with_nothing_behind_it_is_a_page_for_browsers_in_their_language() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    for (language, words) in [("ko", "없는 주소입니다"), ("en-GB", "Page not found")] {
        let headers = [("Accept", "text/html"), ("Accept-Language", language)];
        let page = visitor.request("GET", "/nothing", &headers, b"").await;
        assert_eq!(page.status, 404);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.text().contains(words), "{}", page.text());
        assert!(
            page.header("content-security-policy")
                .is_some_and(|policy| policy.contains("default-src 'none'"))
        );
    }
    visitor.get("/nothing").await.assert_refused(404, "notFound");
}

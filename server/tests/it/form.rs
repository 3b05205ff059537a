//! The page without its script: it is read, and its form posts.

use crate::support::{Server, Setup, Visitor, client_id};

/// The value of the form's hidden `clientId`.
fn form_client_id(html: &str) -> String {
    let (_, rest) = html
        .split_once("name=\"clientId\"")
        .expect("a form with a clientId");
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Where the form sends to.
fn form_action(html: &str) -> String {
    let (_, rest) = html
        .split_once("action=\"/rooms/")
        .expect("a form that sends to a room");
    format!("/rooms/{}", rest.split('"').next().unwrap())
}

#[tokio::test]
async fn a_message_is_posted_and_the_room_is_shown_again() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    for path in ["/", "/rooms/%EA%B0%9C%EB%B0%9C"] {
        let page = visitor.get(path).await;
        let id = form_client_id(page.text());
        let posted = visitor
            .post_form(
                &form_action(page.text()),
                &[("clientId", &id), ("message", "한글 <b>&amp;")],
            )
            .await;
        assert_eq!(posted.status, 303, "{}", posted.text());
        let location = posted.header("location").unwrap();
        assert_eq!(location, path);
        let shown = visitor.get(location).await;
        assert!(
            shown.text().contains("한글 &lt;b&gt;&amp;amp;"),
            "{}",
            shown.text()
        );
        assert_ne!(
            form_client_id(shown.text()),
            id,
            "the next message is another one"
        );
    }
    let history = visitor.history("개발", "").await;
    assert_eq!(history["messages"][0]["message"], "한글 <b>&amp;");
}

#[tokio::test]
async fn back_and_send_again_doubles_nothing() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let id = client_id();
    for _ in 0..3 {
        let posted = visitor
            .post_form("/rooms/lobby", &[("clientId", &id), ("message", "once")])
            .await;
        assert_eq!(posted.status, 303);
    }
    assert_eq!(visitor.history("lobby", "").await["seq"], 1);
}

#[tokio::test]
async fn what_is_refused_is_given_back_in_the_form() {
    let server = Setup::new().with(&["--post-rate", "1"]).start().await;
    let visitor = Visitor::known(&server).await;
    let marked = format!("<i>long</i>{}", " & more".repeat(1_000));
    let cases: [(&str, String, &str, u16); 3] = [
        (&client_id(), marked, "&lt;i&gt;long", 413),
        ("not an id", "keep this".to_owned(), "keep this", 400),
        (&client_id(), "long".repeat(2_000), "longlonglong", 413),
    ];
    for (id, text, shown, status) in cases {
        let refused = visitor
            .post_form("/rooms/lobby", &[("clientId", id), ("message", &text)])
            .await;
        assert_eq!(refused.status, status, "{}", refused.text());
        assert!(refused.text().contains(shown), "{}", refused.text());
        assert!(!form_client_id(refused.text()).is_empty());
    }
    let first = [("clientId", &*client_id()), ("message", "first")];
    assert_eq!(visitor.post_form("/rooms/lobby", &first).await.status, 303);
    let second = visitor
        .post_form(
            "/rooms/lobby",
            &[("clientId", &client_id()), ("message", "too soon")],
        )
        .await;
    assert_eq!(second.status, 429);
    assert!(second.text().contains("too soon"));
    assert_eq!(visitor.history("lobby", "").await["seq"], 1);
}

#[tokio::test]
async fn who_has_no_cookie_yet_loses_nothing_of_what_was_written() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    let refused = visitor
        .post_form(
            "/rooms/lobby",
            &[("clientId", &client_id()), ("message", "no cookie")],
        )
        .await;
    assert_eq!(refused.status, 401);
    assert!(refused.text().contains("no cookie"));
    let id = form_client_id(refused.text());
    let posted = visitor
        .post_form("/rooms/lobby", &[("clientId", &id), ("message", "no cookie")])
        .await;
    assert_eq!(posted.status, 303, "the page that refused has brought the cookie");
}

#[tokio::test]
async fn line_breaks_are_kept_as_they_were_typed() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let id = client_id();
    let posted = visitor
        .post_form(
            "/rooms/lobby",
            &[("clientId", &id), ("message", "one\r\ntwo\r\n\r\nthree")],
        )
        .await;
    assert_eq!(posted.status, 303);
    let page = visitor.history("lobby", "").await;
    assert_eq!(page["messages"][0]["message"], "one\ntwo\n\nthree");
}

#[tokio::test]
async fn the_page_holds_the_last_fifty_messages_in_order() {
    let server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    for number in 1..=60 {
        let posted = visitor
            .post("lobby", &client_id(), &format!("<message {number}>"))
            .await;
        assert_eq!(posted.status, 200);
    }
    let page = visitor.get("/").await;
    let seqs: Vec<u64> = page
        .text()
        .split("data-seq=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next()?.parse().ok())
        .collect();
    let rows: Vec<u64> = seqs.into_iter().rev().take(50).rev().collect();
    assert_eq!(rows, (11..=60).collect::<Vec<_>>());
    assert!(page.text().contains("&lt;message 60&gt;"));
    assert!(!page.text().contains("&lt;message 10&gt;"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'self'") && policy.contains("'strict-dynamic'"),
        "{policy}"
    );
}

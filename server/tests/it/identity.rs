//! Who somebody is, and what is not believed.

use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use protocol::UserId;
use sha2::Sha256;

use crate::support::{FullClient, Server, Visitor, client_id, request};

#[tokio::test]
async fn an_identity_survives_a_restart_of_the_server() {
    let mut server = Server::start().await;
    let visitor = Visitor::new(&server);
    let user_id = visitor.user_id().await;
    assert_eq!(visitor.user_id().await, user_id, "the cookie came back");
    server.kill().await;
    server.restart().await;
    assert_eq!(visitor.user_id().await, user_id);
    assert_eq!(FullClient::open_as(&server, &visitor).await.user_id(), user_id);
}

#[tokio::test]
async fn the_page_makes_an_identity_and_hides_it_from_scripts() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    let page = visitor.get("/").await;
    let set = page.header("set-cookie").unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(set.contains(part), "{set}");
    }
    assert!(
        page.text().contains(&visitor.user_id().await),
        "the page knows whose it is"
    );
    assert_eq!(
        visitor.get("/").await.header("set-cookie"),
        None,
        "once is enough"
    );
}

#[tokio::test]
async fn whatever_others_have_set_on_the_host_one_stays_who_one_is() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let (user_id, own) = (visitor.user_id().await, visitor.cookie().unwrap());
    for others in [
        "nick=하나",
        "a=\"; b=c; =; nothing; 이름=값",
        "lang=\u{ff}; theme=\u{ff}",
    ] {
        for cookies in [format!("{others}; {own}"), format!("{own}; {others}")] {
            visitor.set_cookie(&cookies);
            let page = visitor.get("/").await;
            assert_eq!(page.header("set-cookie"), None, "{cookies}");
            assert!(page.text().contains(&user_id), "{cookies}");
            assert_eq!(visitor.user_id().await, user_id, "{cookies}");
            let sent = visitor.post("lobby", &client_id(), "나야").await;
            assert_eq!(sent.status, 200, "{cookies}: {}", sent.text());
        }
    }
}

/// An identity's cookie as the server set it on that day; without one as its former versions did.
fn signed(server: &Server, cookie: &str, day: Option<u32>) -> String {
    let key = std::fs::read(server.data_dir().join("signing-key")).unwrap();
    let (name, value) = cookie.split_once('=').unwrap();
    let id = value.split('.').next().unwrap();
    let user_id: UserId = id.parse().unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(&key)
        .unwrap()
        .chain_update(user_id.as_bytes());
    let (said, mac) = match day {
        Some(day) => (format!("{id}.{day}"), mac.chain_update(day.to_be_bytes())),
        None => (id.to_owned(), mac),
    };
    format!(
        "{name}={said}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}

#[tokio::test]
async fn who_comes_back_in_time_stays_who_they_are_for_ever() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let (user_id, cookie) = (visitor.user_id().await, visitor.cookie().unwrap());
    let (name, _) = cookie.split_once('=').unwrap();
    let day: u32 = cookie.split('.').nth(1).unwrap().parse().unwrap();
    for (old, path) in [
        (Some(day - 399), "/"),
        (Some(day - 7), "/rooms/%EA%B0%9C"),
        (Some(day - 8), "/api/v1/me"),
        (None, "/"),
    ] {
        let old = signed(&server, &cookie, old);
        visitor.set_cookie(&old);
        let answer = visitor.get(path).await;
        let set = answer.header("set-cookie").unwrap();
        assert!(set.starts_with(&format!("{name}={user_id}.{day}.")), "{set}");
        assert!(set.contains("Max-Age=34560000"), "400 days: {set}");
        assert_eq!(visitor.get(path).await.header("set-cookie"), None, "once a week");
        assert_eq!(visitor.user_id().await, user_id);
    }
    visitor.set_cookie(&signed(&server, &cookie, Some(day - 6)));
    assert_eq!(visitor.get("/").await.header("set-cookie"), None);
}

#[tokio::test]
async fn only_the_page_and_me_make_an_identity() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    visitor
        .post("lobby", &client_id(), "who am I?")
        .await
        .assert_refused(401, "noIdentity");
    for path in ["/api/v1/rooms/lobby/messages", "/healthz", "/nothing", "/ws"] {
        assert_eq!(visitor.get(path).await.header("set-cookie"), None, "{path}");
    }
    assert_eq!(visitor.cookie(), None);
}

#[tokio::test]
async fn a_full_client_has_to_bring_an_identity() {
    let server = Server::start().await;
    let known = Visitor::known(&server).await;
    let genuine = known.cookie().unwrap();
    let (name, value) = genuine.split_once('=').unwrap();
    let (user_id, signature) = value.split_once('.').unwrap();
    let (day, seal) = signature.split_once('.').unwrap();
    let somebody_else = client_id();
    let cookies = [
        String::new(),
        format!("{name}="),
        format!("{name}={user_id}"),
        format!("{name}={user_id}."),
        format!("{name}={somebody_else}.{signature}"),
        format!(
            "{name}={user_id}.{day}.{}",
            seal.chars().rev().collect::<String>()
        ),
        format!("{name}={user_id}.1.{seal}"),
        format!("{name}={user_id}.{seal}"),
        format!("other{name}={value}"),
    ];
    for cookie in cookies {
        for path in ["/", "/ws"] {
            let headers = [
                ("Connection", "Upgrade"),
                ("Upgrade", "websocket"),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
                ("Sec-WebSocket-Protocol", protocol::SUBPROTOCOL),
                ("Cookie", &cookie),
            ];
            let refused = request(server.address(), "GET", path, &headers, b"").await;
            refused.assert_refused(401, "noIdentity");
        }
    }
    FullClient::open_as(&server, &known).await;
}

#[tokio::test]
async fn another_installation_s_cookie_means_nothing_here() {
    let (here, there) = (Server::start().await, Server::start().await);
    let visitor = Visitor::new(&here);
    let user_id = visitor.user_id().await;
    let of_there = Visitor::known(&there).await.cookie().unwrap();
    let (name, _) = visitor
        .cookie()
        .unwrap()
        .split_once('=')
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .unwrap();
    let (name_there, value_there) = of_there.split_once('=').unwrap();
    assert_ne!(name, name_there, "cookies ignore ports, so the names must differ");
    visitor.set_cookie(&format!("{name}={value_there}"));
    assert_ne!(visitor.user_id().await, user_id, "a new identity was made");
}

#[tokio::test]
async fn what_a_post_says_about_its_author_is_not_read() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let body = serde_json::json!({ "userId": client_id(), "message": "me" });
    let path = "/api/v1/rooms/lobby/messages";
    assert_eq!(visitor.post_json(path, &body).await.status, 200);
    let page = visitor.history("lobby", "").await;
    assert_eq!(page["messages"][0]["userId"], visitor.user_id().await);
}

#[tokio::test]
async fn the_signing_key_is_its_owner_s_alone() {
    let server = Server::start().await;
    let mode = |name: &str| {
        let path = server.data_dir().join(name);
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode("signing-key"), 0o600);
    assert_eq!(mode(""), 0o700);
    assert_eq!(
        std::fs::read(server.data_dir().join("signing-key"))
            .unwrap()
            .len(),
        32
    );
}

#[tokio::test]
async fn a_second_process_on_the_same_folder_says_so_and_ends() {
    let server = Server::start().await;
    let (status, log) = server.second_on_the_same_folder().await;
    assert!(!status.success());
    assert!(
        log.iter().any(|line| line.contains("in use by another madang")),
        "{log:?}"
    );
    Visitor::known(&server).await;
}

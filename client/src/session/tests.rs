use std::fmt::Write;

use super::*;
use crate::limits::PENDING_POSTS_MAX;
use crate::testing::{epoch, message, page};

/// A session, and what a server would say to it.
struct Bench {
    session: Session,
    ms: u64,
    line: Line,
}

const ME: [u8; 16] = [3; 16];

impl Bench {
    fn new(page: Option<(Page, bool)>) -> Self {
        let user_id = page.as_ref().map(|_| UserId::from_bytes(ME));
        let session = Session::new(RoomName::lobby(), user_id, page);
        Self {
            session,
            ms: 0,
            line: 0,
        }
    }

    /// Mounted, joined, with the messages up to 3.
    fn joined() -> Self {
        let mut bench = Self::new(Some((page(1, 3), false)));
        bench.mount();
        bench.says(&user_id_frame());
        bench.says(&joined_frame(3));
        bench
    }

    fn step(&mut self, input: Input<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.ms += 1;
        let now = Now {
            ms: self.ms,
            random: u32::MAX,
        };
        self.session.step(now, input, &mut effects);
        for effect in &effects {
            if let Effect::Open { line, .. } = effect {
                self.line = *line;
            }
        }
        effects
    }

    fn mount(&mut self) -> Vec<Effect> {
        self.step(Input::Line(connection::Input::Mount))
    }

    fn says(&mut self, frame: &str) -> Vec<Effect> {
        self.step(Input::Frame(self.line, frame))
    }

    /// The line breaks and the next one opens.
    fn reconnects(&mut self) {
        self.step(Input::Line(connection::Input::Closed(self.line, 1006)));
        self.step(Input::Line(connection::Input::Awake));
    }

    fn posts(&mut self, id: u64, text: &str) -> Vec<Effect> {
        self.step(Input::Post(client_id(id), text.to_owned()))
    }

    fn seqs(&self) -> Vec<u64> {
        self.session.rows().iter().map(|row| row.seq).collect()
    }
}

fn client_id(id: u64) -> ClientId {
    ClientId::from_parts(id, [2; 10])
}

fn user_id_frame() -> String {
    let user_id = UserId::from_bytes(ME);
    format!(
        r#"{{"type":"userId","userId":"{user_id}","epoch":"{}"}}"#,
        epoch()
    )
}

fn joined_frame(seq: u64) -> String {
    format!(
        r#"{{"type":"joined","room":"lobby","epoch":"{}","seq":{seq},"head":9}}"#,
        epoch()
    )
}

/// The message that every test's room has at `seq`, by us, with the client's id of the same number.
fn message_frame(seq: u64) -> String {
    let Message {
        id,
        client_id,
        user_id,
        message,
        at,
        ..
    } = message(seq);
    format!(
        r#"{{"type":"message","room":"lobby","seq":{seq},"id":"{id}","clientId":"{client_id}","userId":"{user_id}","message":"{message}","at":{at}}}"#
    )
}

fn page_text(from: u64, to: u64) -> String {
    let mut text = format!(r#"{{"epoch":"{}","seq":{to},"messages":["#, epoch());
    for seq in from..=to {
        let comma = if seq == from { "" } else { "," };
        write!(text, "{comma}{}", message_frame(seq)).unwrap();
    }
    text + "]}"
}

fn join_after(seq: u64) -> Effect {
    let id = (seq > 0).then(|| message(seq).id);
    Effect::Send(frames::join("lobby", epoch(), seq, id))
}

fn post_frame(id: u64, text: &str) -> Effect {
    Effect::Send(frames::post("lobby", client_id(id), text))
}

#[test]
fn a_page_from_the_server_is_joined_where_it_ends_and_messages_follow() {
    let mut bench = Bench::new(Some((page(1, 3), false)));
    let effects = bench.mount();
    assert!(
        effects.contains(&Effect::Open {
            line: 1,
            identify: false
        }),
        "{effects:?}"
    );
    let effects = bench.says(&user_id_frame());
    assert!(effects.contains(&join_after(3)), "{effects:?}");
    assert!(effects.contains(&Effect::Status(Status::Online)));
    bench.says(&joined_frame(3));
    assert!(bench.says(&message_frame(4)).contains(&Effect::Show));
    assert_eq!(bench.seqs(), [1, 2, 3, 4]);
}

#[test]
fn without_a_page_it_asks_who_it_is_and_loads_the_room_first() {
    let mut bench = Bench::new(None);
    assert!(bench.mount().contains(&Effect::Open {
        line: 1,
        identify: true
    }));
    let effects = bench.says(&user_id_frame());
    assert!(effects.contains(&Effect::UserId(UserId::from_bytes(ME))));
    assert!(
        effects.contains(&Effect::Fetch(Fetch { id: 1, before: None })),
        "{effects:?}"
    );
    let effects = bench.step(Input::Fetched(1, Some(&page_text(1, 3))));
    assert!(effects.contains(&join_after(3)), "{effects:?}");
    assert_eq!(bench.seqs(), [1, 2, 3]);
}

#[test]
fn after_a_break_it_goes_on_from_where_it_was() {
    let mut bench = Bench::joined();
    bench.says(&message_frame(4));
    bench.reconnects();
    assert!(bench.says(&user_id_frame()).contains(&join_after(4)));
    bench.says(&joined_frame(4));
    bench.says(&message_frame(5));
    assert_eq!(bench.seqs(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_gap_is_joined_again_and_what_came_too_early_is_waited_for() {
    let mut bench = Bench::joined();
    assert!(bench.says(&message_frame(5)).contains(&join_after(3)));
    assert_eq!(bench.says(&message_frame(6)), [], "not joined any more");
    bench.says(&joined_frame(3));
    for seq in 4..=6 {
        bench.says(&message_frame(seq));
    }
    assert_eq!(bench.seqs(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn resync_loads_the_room_anew_and_does_not_go_round_for_ever() {
    let mut bench = Bench::joined();
    let resync = r#"{"type":"resync","room":"lobby"}"#;
    for id in 1..=u32::from(3_u8) {
        assert_eq!(bench.says(resync), [Effect::Fetch(Fetch { id, before: None })]);
        let text = page_text(7, 8);
        assert!(
            bench
                .step(Input::Fetched(id, Some(&text)))
                .contains(&join_after(8))
        );
    }
    assert_eq!(bench.seqs(), [7, 8]);
    assert!(bench.says(resync).contains(&Effect::Close));
}

#[test]
fn another_database_is_started_over_not_guessed_at() {
    let mut bench = Bench::joined();
    bench.reconnects();
    let frame = user_id_frame().replace(&epoch().to_string(), "00000000-0000-7000-8000-000000000000");
    assert!(
        bench
            .says(&frame)
            .contains(&Effect::Fetch(Fetch { id: 1, before: None }))
    );
    assert!(
        bench.step(Input::Fetched(1, None)).contains(&Effect::Close),
        "no page: try again later"
    );
}

#[test]
fn a_post_is_sent_and_gone_from_the_waiting_when_its_message_is_seen() {
    let mut bench = Bench::joined();
    let effects = bench.posts(4, "안녕");
    assert_eq!(effects, [post_frame(4, "안녕"), Effect::Accepted, Effect::Show]);
    bench.says(&format!(
        r#"{{"type":"ack","clientId":"{}","seq":4}}"#,
        client_id(4)
    ));
    assert_eq!(
        bench.session.posts().len(),
        1,
        "on disk, but not on the screen yet"
    );
    assert!(bench.says(&message_frame(4)).contains(&Effect::Show));
    assert_eq!(bench.session.posts(), []);
}

#[test]
fn an_ack_that_comes_after_its_message_settles_nothing_more() {
    let mut bench = Bench::joined();
    bench.posts(4, "안녕");
    bench.says(&message_frame(4));
    assert_eq!(bench.session.posts(), []);
    let effects = bench.says(&format!(
        r#"{{"type":"ack","clientId":"{}","seq":4}}"#,
        client_id(4)
    ));
    assert_eq!(effects, []);
}

#[test]
fn what_is_written_while_the_line_is_down_is_sent_in_order_when_it_is_back() {
    let mut bench = Bench::joined();
    bench.posts(4, "하나");
    bench.step(Input::Line(connection::Input::Closed(bench.line, 1006)));
    let effects = bench.posts(5, "둘");
    assert_eq!(effects, [Effect::Accepted, Effect::Show], "taken, not sent");
    bench.step(Input::Line(connection::Input::Awake));
    bench.says(&user_id_frame());
    // The first one's ack was lost with the line: it is sent again under its own id.
    assert_eq!(
        bench.says(&joined_frame(3)),
        [post_frame(4, "하나"), post_frame(5, "둘")]
    );
}

#[test]
fn a_refused_post_is_given_back() {
    let mut bench = Bench::joined();
    bench.posts(4, "너무 빨리");
    let frame = format!(
        r#"{{"type":"error","code":"rateLimited","message":"…","clientId":"{}","retryAfterMs":900}}"#,
        client_id(4)
    );
    let code = ErrorCode::RateLimited;
    let text = Some("너무 빨리".to_owned());
    assert_eq!(bench.says(&frame), [Effect::Show, Effect::Refused { code, text }]);
    assert_eq!(bench.session.posts(), []);
}

#[test]
fn what_cannot_be_sent_stays_in_the_input() {
    let mut bench = Bench::joined();
    assert_eq!(bench.posts(4, " \n"), [], "nothing to say");
    for (text, code) in [
        ("가".repeat(4_001), ErrorCode::TooLong),
        ("\u{7}".to_owned(), ErrorCode::ControlCharacters),
    ] {
        assert_eq!(bench.posts(4, &text), [Effect::Refused { code, text: None }]);
    }
    for id in 0..PENDING_POSTS_MAX as u64 {
        assert!(bench.posts(100 + id, "가").contains(&Effect::Accepted));
    }
    let (code, text) = (ErrorCode::Busy, None);
    assert_eq!(bench.posts(200, "가"), [Effect::Refused { code, text }]);
}

#[test]
fn frames_that_are_not_ours_or_not_frames_change_nothing() {
    let mut bench = Bench::joined();
    let elsewhere = message_frame(4).replace("lobby", "attic");
    for frame in [
        &*elsewhere,
        "",
        "{",
        r#"{"type":"weather"}"#,
        r#"{"type":"beat"}"#,
    ] {
        assert_eq!(bench.says(frame), [], "{frame}");
    }
    assert_eq!(bench.seqs(), [1, 2, 3]);
}

#[test]
fn older_messages_are_fetched_and_put_above() {
    let mut bench = Bench::new(Some((page(51, 100), true)));
    bench.mount();
    let fetch = Fetch {
        id: 1,
        before: Some(51),
    };
    assert_eq!(bench.step(Input::Older), [Effect::Fetch(fetch), Effect::Show]);
    assert_eq!(bench.step(Input::Older), []);
    let text = page_text(1, 50);
    let effects = bench.step(Input::Fetched(1, Some(&text)));
    assert_eq!(effects, [Effect::Show]);
    assert_eq!(bench.seqs(), (1..=100).collect::<Vec<_>>());
}

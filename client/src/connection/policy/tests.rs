use protocol::limits::SILENCE_MAX_MS;
use protocol::{CloseCode, UserId};

use super::*;
use crate::limits::{
    FIRST_FRAME_MAX_MS, POLL_INTERVAL_MS, PROBE_MAX_MS, QUIET_AFTER_POST_MS, TRIAL_FIRST_MS, TRIAL_ONLINE_MS,
};
use crate::step::testing::effects_of;
use crate::testing::epoch;
use crate::wire::outgoing::PING;

const fn at(ms: u64) -> Now {
    Now {
        ms,
        random: u32::MAX / 2,
    }
}

fn policy(first: Transport) -> ConnectionPolicy {
    let transports = Transports {
        first,
        ..Transports::default()
    };
    ConnectionPolicy::new(transports, false)
}

fn start(policy: &mut ConnectionPolicy) -> Vec<Effect> {
    effects_of(at(0), |step| policy.start(step, None))
}

/// A frame arrives on this channel, and says who we are.
fn greet(policy: &mut ConnectionPolicy, ms: u64, id: u32) -> Vec<Effect> {
    let greeting = Greeting {
        user_id: UserId::from_bytes([3; 16]),
        epoch: epoch(),
    };
    effects_of(at(ms), |step| {
        let line = policy.received(step.now, id, None).unwrap();
        policy.greeted(step, line, greeting);
    })
}

/// Does what is due at the time it is due.
fn tick(policy: &mut ConnectionPolicy) -> (u64, Vec<Effect>) {
    let due = policy.due();
    (due, effects_of(at(due), |step| policy.tick(step)))
}

fn answer(policy: &mut ConnectionPolicy, ms: u64, id: u32, body: Option<&str>) -> Vec<Effect> {
    effects_of(at(ms), |step| {
        policy.answer(step, id, body);
    })
}

fn opened(effects: &[Effect]) -> u32 {
    let mut ids = effects.iter().filter_map(|effect| match effect {
        Effect::Socket { id } | Effect::Stream { id, .. } | Effect::Request { id, .. } => Some(*id),
        _ => None,
    });
    ids.next_back().unwrap()
}

#[test]
fn a_line_can_be_used_when_the_server_has_said_who_we_are() {
    let mut policy = policy(Transport::WebSocket);
    assert_eq!(policy.due(), u64::MAX);
    assert_eq!(start(&mut policy), [Effect::Socket { id: 1 }]);
    assert_eq!(policy.status().phase, Phase::Connecting);
    policy.opened(at(10), 1);
    assert_eq!(policy.line_in_use(7), None);
    assert_eq!(greet(&mut policy, 20, 1), []);
    let line = policy.line_in_use(7).unwrap();
    assert_eq!((line.tab, line.line, line.epoch), (7, 1, epoch()));
    assert_eq!(policy.status().phase, Phase::Online);
}

#[test]
fn a_socket_that_never_opens_is_the_networks_fault_until_a_plain_request_is_answered() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    effects_of(at(100), |step| policy.closed(step, 1, 1006));
    for _ in 0..5 {
        let (now, effects) = tick(&mut policy);
        assert_eq!(answer(&mut policy, now, opened(&effects), None), []);
        let status = policy.status();
        assert_eq!(
            (status.phase, status.transport),
            (Phase::Down, Transport::WebSocket)
        );
    }
    let (now, effects) = tick(&mut policy);
    let effects = answer(&mut policy, now, opened(&effects), Some("{}"));
    let [Effect::Socket { id }] = effects[..] else {
        panic!("{effects:?}")
    };
    effects_of(at(now), |step| policy.closed(step, id, 1006));
    let (now, effects) = tick(&mut policy);
    let effects = answer(&mut policy, now, opened(&effects), Some("{}"));
    assert_eq!(effects[0], Effect::RememberTransport(Transport::Stream));
    assert!(matches!(effects[1], Effect::Stream { .. }), "{effects:?}");
}

#[test]
fn a_socket_that_opens_and_brings_nothing_gets_three_chances() {
    let mut policy = policy(Transport::WebSocket);
    let mut id = opened(&start(&mut policy));
    let mut silent = 0;
    let mut now = 0;
    while policy.status().transport == Transport::WebSocket {
        silent += 1;
        policy.opened(at(now), id);
        let (due, effects) = tick(&mut policy);
        assert_eq!(
            (due, &effects[..]),
            (now + FIRST_FRAME_MAX_MS, &[Effect::Close { id }][..])
        );
        let (asked_at, effects) = tick(&mut policy);
        now = asked_at;
        id = opened(&answer(&mut policy, now, opened(&effects), Some("{}")));
    }
    assert_eq!(
        silent,
        1 + STRIKES_MAX,
        "the first was before any request was answered"
    );
}

#[test]
fn a_better_transport_is_tried_beside_the_line_and_takes_over_when_it_has_spoken() {
    let mut policy = policy(Transport::Stream);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    policy.received(at(TRIAL_FIRST_MS - 1), 1, None);
    let (due, effects) = tick(&mut policy);
    assert_eq!(due, TRIAL_FIRST_MS);
    assert_eq!(effects, [Effect::Socket { id: 2 }]);
    policy.opened(at(due), 2);
    assert_eq!(policy.line_in_use(7).unwrap().line, 1);
    assert_eq!(
        greet(&mut policy, due, 2),
        [
            Effect::Close { id: 1 },
            Effect::RememberTransport(Transport::WebSocket)
        ]
    );
    assert_eq!(policy.line_in_use(7).unwrap().line, 2);
    assert!(policy.is_main(2) && !policy.is_main(1));
}

#[test]
fn a_trial_that_fails_does_no_harm_and_is_made_again_after_twice_the_time_or_on_another_network() {
    let mut policy = policy(Transport::Stream);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    for expected in [TRIAL_FIRST_MS, TRIAL_FIRST_MS * 3, TRIAL_FIRST_MS * 7] {
        while policy.due() < expected {
            let due = policy.due();
            policy.received(at(due - 1), 1, None);
        }
        let (due, effects) = tick(&mut policy);
        assert_eq!(due, expected);
        let effects = effects_of(at(due), |step| policy.closed(step, opened(&effects), 1006));
        assert!(matches!(effects[..], [Effect::Close { .. }]), "{effects:?}");
        assert_eq!(policy.line_in_use(7).unwrap().line, 1);
    }
    let now = TRIAL_FIRST_MS * 8;
    policy.received(at(now), 1, None);
    effects_of(at(now), |step| policy.awake(step, true));
    policy.received(at(now), 1, None);
    assert_eq!(policy.due(), now + TRIAL_ONLINE_MS);
}

#[test]
fn a_line_that_falls_silent_is_given_up_and_down_since_something_was_received() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    greet(&mut policy, 1_000, 1);
    let (due, effects) = tick(&mut policy);
    assert_eq!(due, 1_000 + SILENCE_MAX_MS);
    assert_eq!(effects, [Effect::Close { id: 1 }]);
    let status = policy.status();
    assert_eq!((status.phase, status.down_since), (Phase::Down, Some(1_000)));
    assert_eq!(status.next_try, Some(policy.due()));
    assert!(matches!(tick(&mut policy).1[..], [Effect::Socket { .. }]));
}

#[test]
fn silence_after_a_post_is_asked_about_at_once() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    policy.expect(at(0));
    let (due, effects) = tick(&mut policy);
    assert_eq!(due, QUIET_AFTER_POST_MS);
    let text = PING.to_owned();
    assert_eq!(effects, [Effect::Send { id: 1, text }]);
    assert_eq!(policy.due(), due + PROBE_MAX_MS);
    policy.received(at(due + 1), 1, None);
    assert_eq!(policy.due(), due + 1 + SILENCE_MAX_MS);
}

#[test]
fn the_wait_that_the_server_asks_for_is_kept_within_bounds() {
    for (asked, kept) in [(5_000, 5_000), (u64::MAX, RECONNECT_MAX_MS)] {
        let mut policy = policy(Transport::WebSocket);
        start(&mut policy);
        greet(&mut policy, 0, 1);
        let code = CloseCode::GoingAway.code();
        effects_of(at(100), |step| policy.bye(step, 1, code, Some(asked)));
        assert_eq!(policy.status().next_try, Some(100 + kept));
    }
}

#[test]
fn a_client_that_is_not_wanted_back_stays_away() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    let code = CloseCode::Policy.code();
    effects_of(at(100), |step| policy.closed(step, 1, code));
    assert_eq!(policy.status().phase, Phase::Refused);
    assert_eq!(policy.due(), u64::MAX);
    assert_eq!(effects_of(at(200), |step| policy.awake(step, true)), []);
}

#[test]
fn a_stream_that_is_to_be_renewed_goes_on_from_its_cursor_on_the_same_line() {
    let mut policy = policy(Transport::Stream);
    start(&mut policy);
    policy.received(at(0), 1, Some("abc"));
    greet(&mut policy, 0, 1);
    let code = CloseCode::Renew.code();
    let effects = effects_of(at(100), |step| policy.bye(step, 1, code, None));
    let [Effect::Close { id: 1 }, Effect::Stream { id: 2, address }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(address.ends_with("cursor=abc"), "{address}");
    assert_eq!(policy.line_in_use(7).unwrap().line, 1);
}

#[test]
fn over_http_frames_are_gathered_into_one_request_at_a_time() {
    let mut policy = policy(Transport::Poll);
    start(&mut policy);
    answer(&mut policy, 0, 1, Some(r#"{"cursor":"a","frames":[]}"#));
    assert_eq!(policy.due(), POLL_INTERVAL_MS);
    let sent = effects_of(at(10), |step| {
        policy.send(step, "1".to_owned(), false);
        policy.send(step, "2".to_owned(), true);
        policy.flush(step);
        policy.send(step, "3".to_owned(), false);
        policy.flush(step);
    });
    let [Effect::Request { id, address, body }] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(body.as_deref(), Some("[1,2]"));
    assert!(address.ends_with("commands?cursor=a"), "{address}");
    let received = answer(&mut policy, 20, *id, Some(r#"{"cursor":"b","frames":[]}"#));
    let [Effect::Request { address, .. }] = &received[..] else {
        panic!("{received:?}")
    };
    assert!(
        address.ends_with("events?cursor=b"),
        "it joined a room: {address}"
    );
    let sent = effects_of(at(30), |step| policy.flush(step));
    let [Effect::Request { address, body, .. }] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(body.as_deref(), Some("[3]"));
    assert!(address.ends_with("commands"), "{address}");
}

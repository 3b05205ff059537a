use protocol::limits::SILENCE_MAX_MS;
use protocol::{CloseCode, UserId};

use super::*;
use crate::limits::{
    FIRST_ANSWER_MAX_MS, FIRST_FRAME_MAX_MS, HASTEN_MS, HASTEN_SLACK_MS, LOSS_UNTOLD_MS, POLL_INTERVAL_MS,
    PROBE_MAX_MS, QUIET_AFTER_POST_MS, TRIAL_FIRST_MS, TRIAL_ONLINE_MS,
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

/// The `ping` that every line begins with.
fn ping(id: u32) -> Effect {
    let text = PING.to_owned();
    Effect::Send { id, text }
}

/// A frame arrives on this channel, and says who we are.
fn greet_only(policy: &mut ConnectionPolicy, ms: u64, id: u32) -> Vec<Effect> {
    let greeting = Greeting {
        user_id: UserId::from_bytes([3; 16]),
        epoch: epoch(),
    };
    effects_of(at(ms), |step| {
        let line = policy.received(step.now, id, None).unwrap();
        policy.greeted(step, line, greeting);
    })
}

/// The same, and what the line says first is answered.
fn greet(policy: &mut ConnectionPolicy, ms: u64, id: u32) -> Vec<Effect> {
    let mut effects = greet_only(policy, ms, id);
    effects.retain(|effect| *effect != ping(id));
    effects.extend(effects_of(at(ms), |step| {
        let line = policy.received(step.now, id, None).unwrap();
        policy.heard(step, line);
        policy.flush(step);
    }));
    let posted = effects.iter().find_map(|effect| match effect {
        Effect::Request {
            id, body: Some(_), ..
        } => Some(*id),
        _ => None,
    });
    if let Some(posted) = posted {
        effects.retain(|effect| !matches!(effect, Effect::Request { .. }));
        effects.extend(answer(policy, ms, posted, Some(r#"{"cursor":"","frames":[]}"#)));
    }
    effects
}

/// The channel of this number is cut without a word.
fn cut(policy: &mut ConnectionPolicy, ms: u64, id: u32) {
    effects_of(at(ms), |step| policy.closed(step, id, NO_CLOSE_FRAME));
}

/// Does what is due at the time it is due; what is due only for the person to be told is passed over.
fn tick(policy: &mut ConnectionPolicy) -> (u64, Vec<Effect>) {
    loop {
        let (due, was_told) = (policy.due(), policy.outage.is_told);
        let effects = effects_of(at(due), |step| policy.tick(step));
        if !effects.is_empty() || policy.outage.is_told == was_told {
            return (due, effects);
        }
    }
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
    assert_eq!(greet_only(&mut policy, 20, 1), [ping(1)]);
    assert_eq!(policy.status().phase, Phase::Connecting);
    effects_of(at(30), |step| policy.heard(step, 1));
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
        assert_eq!(policy.status().transport, Transport::WebSocket);
    }
    let (now, effects) = tick(&mut policy);
    let effects = answer(&mut policy, now, opened(&effects), Some("{}"));
    let [Effect::Socket { id }] = effects[..] else {
        panic!("{effects:?}")
    };
    effects_of(at(now), |step| policy.closed(step, id, 1006));
    let (now, effects) = tick(&mut policy);
    let effects = answer(&mut policy, now, opened(&effects), Some("{}"));
    assert_eq!(effects[0], Effect::RememberTransport(Transport::Stream, 0));
    assert!(matches!(effects[1], Effect::Stream { .. }), "{effects:?}");
}

#[test]
fn a_socket_that_is_refused_is_left_for_a_stream_without_a_wait_where_the_page_was_just_loaded() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    effects_of(at(100), |step| policy.closed(step, 1, 1006));
    let (now, effects) = tick(&mut policy);
    assert_eq!(now, 100);
    let effects = answer(&mut policy, now, opened(&effects), Some("{}"));
    assert_eq!(effects[0], Effect::RememberTransport(Transport::Stream, 0));
    assert!(matches!(effects[1], Effect::Stream { .. }), "{effects:?}");
}

#[test]
fn beside_a_socket_that_brings_nothing_a_stream_is_begun_and_the_faster_one_is_kept() {
    for socket_wins in [false, true] {
        let mut policy = policy(Transport::WebSocket);
        start(&mut policy);
        policy.opened(at(10), 1);
        let (due, effects) = tick(&mut policy);
        assert_eq!(due, HASTEN_MS);
        assert_eq!(effects[0], Effect::RememberTransport(Transport::Stream, 0));
        assert!(
            matches!(effects[1..], [Effect::Stream { id: 2, .. }]),
            "{effects:?}"
        );
        if socket_wins {
            assert_eq!(
                greet(&mut policy, due + 10, 1),
                [
                    Effect::Close { id: 2 },
                    Effect::RememberTransport(Transport::WebSocket, 0)
                ]
            );
            assert_eq!(policy.line_in_use(7).unwrap().line, 1);
            continue;
        }
        greet(&mut policy, due + 10, 2);
        assert_eq!(policy.status().phase, Phase::Online);
        let (due, effects) = tick(&mut policy);
        assert_eq!(
            (due, &effects[..]),
            (10 + FIRST_FRAME_MAX_MS, &[Effect::Close { id: 1 }][..])
        );
        assert_eq!(policy.line_in_use(7).unwrap().line, 2, "the line goes on");
    }
}

#[test]
fn beside_a_stream_that_is_held_back_requests_that_wait_are_begun_as_soon_as_an_answer_could_be_there() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    effects_of(at(100), |step| policy.closed(step, 1, 1006));
    let (now, effects) = tick(&mut policy);
    let effects = answer(&mut policy, now + 50, opened(&effects), Some("{}"));
    let stream = opened(&effects);
    let (due, effects) = tick(&mut policy);
    assert_eq!(due, now + 50 + 4 * 50 + HASTEN_SLACK_MS);
    assert_eq!(effects[0], Effect::RememberTransport(Transport::LongPoll, 0));
    assert!(matches!(effects[1..], [Effect::Request { .. }]), "{effects:?}");
    // Not for a worse one: what is held back may still come, and a request that waits has proved nothing yet.
    assert_eq!(policy.due_in_stage(), now + 50 + FIRST_FRAME_MAX_MS);
    greet(&mut policy, due + 10, stream);
    assert_eq!(policy.status().transport, Transport::Stream);
}

#[test]
fn a_tab_that_takes_over_waits_for_its_line_as_long_as_it_may_take() {
    let mut policy = policy(Transport::WebSocket);
    effects_of(at(0), |step| policy.start(step, Some(Transport::WebSocket)));
    policy.opened(at(10), 1);
    assert_eq!(policy.due(), 10 + FIRST_FRAME_MAX_MS);
}

#[test]
fn a_better_transport_is_tried_beside_the_line_and_takes_over_when_it_has_spoken() {
    let mut policy = policy(Transport::Stream);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    policy.received(at(TRIAL_FIRST_MS - 1), 1, None);
    let (due, effects) = tick(&mut policy);
    assert_eq!(due, TRIAL_FIRST_MS);
    assert_eq!(effects, [Effect::Socket { id: 3 }]);
    policy.opened(at(due), 3);
    assert_eq!(policy.line_in_use(7).unwrap().line, 1);
    assert_eq!(
        greet(&mut policy, due, 3),
        [
            Effect::Close { id: 1 },
            Effect::RememberTransport(Transport::WebSocket, 0)
        ]
    );
    assert_eq!(policy.line_in_use(7).unwrap().line, 3);
    assert!(policy.is_main(3) && !policy.is_main(1));
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
    assert_eq!(status.down_since, Some(1_000));
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
    assert_eq!(effects, [ping(1)]);
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
    let [Effect::Close { id: 1 }, Effect::Stream { id: 3, address }] = &effects[..] else {
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
        address.ends_with("events?rooms=true&cursor=b"),
        "it joined a room: {address}"
    );
    let sent = effects_of(at(30), |step| policy.flush(step));
    let [Effect::Request { address, body, .. }] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(body.as_deref(), Some("[3]"));
    assert!(address.ends_with("commands"), "{address}");
}

#[test]
fn a_socket_on_which_nothing_is_heard_of_what_the_page_says_is_left_for_a_stream() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    policy.opened(at(10), 1);
    assert_eq!(greet_only(&mut policy, 20, 1), [ping(1)]);
    // What the server says by itself proves nothing.
    policy.received(at(500), 1, None);
    let (due, effects) = tick(&mut policy);
    assert_eq!(due, HASTEN_MS);
    greet(&mut policy, due + 10, opened(&effects));
    assert_eq!(policy.status().transport, Transport::Stream);
    let (due, effects) = tick(&mut policy);
    assert_eq!(due, 20 + FIRST_ANSWER_MAX_MS);
    assert_eq!(effects, [Effect::Close { id: 1 }]);
}

#[test]
fn a_socket_on_trial_is_taken_only_when_it_leads_both_ways() {
    let mut policy = policy(Transport::Stream);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    policy.received(at(TRIAL_FIRST_MS - 1), 1, None);
    let (due, effects) = tick(&mut policy);
    let socket = opened(&effects);
    greet_only(&mut policy, due, socket);
    let (late, effects) = tick(&mut policy);
    assert_eq!(late, due + FIRST_ANSWER_MAX_MS);
    assert_eq!(effects, [Effect::Close { id: socket }]);
    assert_eq!(policy.status().transport, Transport::Stream);
}

/// Counts the requests of a client whose every post is refused, over so many milliseconds.
fn requests_while_refused(policy: &mut ConnectionPolicy, status: u16, retry_after_ms: u64) -> Vec<u64> {
    start(policy);
    greet_only(policy, 0, 1);
    let mut posts = Vec::new();
    let mut effects = effects_of(at(0), |step| policy.flush(step));
    let mut now = 0;
    while now < 60_000 {
        for effect in effects {
            if let Effect::Request { id, body, .. } = effect {
                assert!(body.is_some(), "the line lasts");
                posts.push(now);
                effects_of(at(now), |step| policy.refused(step, id, status, retry_after_ms));
            }
        }
        policy.received(at(now), 1, None);
        (now, effects) = tick(policy);
        effects.retain(|effect| !matches!(effect, Effect::Socket { .. } | Effect::Close { .. }));
    }
    posts
}

#[test]
fn commands_that_are_refused_are_posted_again_at_most_once_a_second_and_ever_more_rarely_on_the_same_line() {
    for status in [403, 405, 429, 503] {
        let mut policy = policy(Transport::Stream);
        let posts = requests_while_refused(&mut policy, status, 0);
        assert!(
            posts.windows(2).all(|pair| pair[1] - pair[0] >= 1_000),
            "{posts:?}"
        );
        assert!((5..20).contains(&posts.len()), "{posts:?}");
        assert_eq!(policy.status().refused, status);
        assert_eq!(policy.line_in_use(7).unwrap().line, 1);
    }
}

#[test]
fn what_a_refusal_says_of_when_to_come_back_is_kept() {
    let posts = requests_while_refused(&mut policy(Transport::Stream), 429, 7_000);
    assert!(
        posts.windows(2).all(|pair| pair[1] - pair[0] >= 7_000),
        "{posts:?}"
    );
}

#[test]
fn a_refused_post_goes_out_first_when_posts_are_let_through_again_and_the_person_hears_no_more_of_it() {
    let mut policy = policy(Transport::Stream);
    start(&mut policy);
    greet_only(&mut policy, 0, 1);
    let sent = effects_of(at(0), |step| {
        policy.send(step, "1".to_owned(), true);
        policy.flush(step);
    });
    effects_of(at(0), |step| policy.refused(step, opened(&sent), 403, 0));
    assert_eq!(policy.status().refused, 0, "one refusal passes by itself");
    let sent = effects_of(at(10), |step| {
        policy.send(step, "2".to_owned(), false);
        policy.send(step, "2".to_owned(), false);
        policy.flush(step);
    });
    assert_eq!(sent, [], "nothing overtakes");
    let (again, sent) = tick(&mut policy);
    assert!(
        matches!(&sent[..], [Effect::Request { body: Some(body), .. }] if body.ends_with("1]")),
        "{sent:?}"
    );
    effects_of(at(again), |step| policy.refused(step, opened(&sent), 403, 0));
    assert_eq!(policy.status().refused, 403);
    let (again, sent) = tick(&mut policy);
    answer(
        &mut policy,
        again,
        opened(&sent),
        Some(r#"{"cursor":"b","frames":[]}"#),
    );
    assert_eq!(policy.status().refused, 0);
    assert_eq!(policy.status().phase, Phase::Online);
    let sent = effects_of(at(again), |step| policy.flush(step));
    assert!(
        matches!(&sent[..], [Effect::Request { body: Some(body), .. }] if body == "[2]"),
        "{sent:?}"
    );
}

#[test]
fn a_server_that_refuses_everything_is_asked_at_most_once_a_second() {
    let mut policy = policy(Transport::WebSocket);
    let mut effects = start(&mut policy);
    let (mut now, mut asked) = (0, Vec::new());
    while now < 60_000 {
        for effect in effects {
            match effect {
                Effect::Socket { id } => cut(&mut policy, now, id),
                Effect::Request { id, .. } => {
                    asked.push(now);
                    effects_of(at(now), |step| policy.refused(step, id, 502, 0));
                }
                _ => {}
            }
        }
        (now, effects) = tick(&mut policy);
    }
    assert!(
        asked.windows(2).all(|pair| pair[1] - pair[0] >= 1_000),
        "{asked:?}"
    );
    let status = policy.status();
    assert_eq!((status.phase, status.refused), (Phase::Down, 502));
}

#[test]
fn after_a_silent_line_was_cut_the_next_is_less_silent_and_it_is_remembered() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    cut(&mut policy, 10_000, 1);
    let (now, effects) = tick(&mut policy);
    let remembered = greet(&mut policy, now, opened(&effects));
    assert_eq!(
        remembered,
        [Effect::RememberTransport(Transport::WebSocket, 6_000)]
    );
    let (due, effects) = tick(&mut policy);
    assert_eq!((due, &effects[..]), (now + 6_000, &[ping(2)][..]));
    policy.received(at(due), 2, None);
    let (again, effects) = tick(&mut policy);
    assert_eq!((again, &effects[..]), (due + 6_000, &[ping(2)][..]));
}

#[test]
fn a_stream_and_a_long_poll_ask_for_beats_below_the_silence_that_was_cut() {
    for (transport, expected) in [(Transport::Stream, "beat=6"), (Transport::LongPoll, "wait=6")] {
        let transports = Transports {
            beat_ms: 6_000,
            ..Transports::only(transport)
        };
        let mut policy = ConnectionPolicy::new(transports, false);
        let mut effects = start(&mut policy);
        if transport == Transport::LongPoll {
            effects = answer(&mut policy, 0, 1, Some(r#"{"cursor":"a","frames":[]}"#));
        }
        let address = effects.iter().find_map(|effect| match effect {
            Effect::Stream { address, .. } | Effect::Request { address, .. } => Some(address),
            _ => None,
        });
        assert!(address.unwrap().ends_with(expected), "{address:?}");
    }
}

#[test]
fn an_outage_is_not_taken_for_a_proxy_that_cuts_silent_lines() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    cut(&mut policy, 10_000, 1);
    let (now, effects) = tick(&mut policy);
    cut(&mut policy, now, opened(&effects));
    let (now, effects) = tick(&mut policy);
    let effects = answer(&mut policy, now, opened(&effects), Some("{}"));
    assert_eq!(greet(&mut policy, now, opened(&effects)), []);
}

#[test]
fn a_loss_that_is_over_at_once_is_told_to_nobody_and_one_that_lasts_is() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    cut(&mut policy, 30_000, 1);
    assert_eq!(policy.status().phase, Phase::Connecting);
    let (now, effects) = tick(&mut policy);
    greet(&mut policy, now, opened(&effects));
    assert_eq!(policy.status().phase, Phase::Online);
    cut(&mut policy, 60_000, 2);
    while policy.due() < 60_000 + LOSS_UNTOLD_MS {
        let (now, effects) = tick(&mut policy);
        for effect in effects {
            match effect {
                Effect::Socket { id } => cut(&mut policy, now, id),
                Effect::Request { id, .. } => drop(answer(&mut policy, now, id, None)),
                _ => {}
            }
        }
    }
    tick(&mut policy);
    assert_eq!(policy.status().phase, Phase::Down);
}

#[test]
fn a_browser_without_a_network_says_so_at_once_and_goes_on_trying() {
    let mut policy = policy(Transport::WebSocket);
    start(&mut policy);
    greet(&mut policy, 0, 1);
    let effects = effects_of(at(10_000), |step| policy.offline(step));
    assert_eq!(effects, [Effect::Close { id: 1 }]);
    assert_eq!(policy.status().phase, Phase::Down);
    let (now, effects) = tick(&mut policy);
    greet(&mut policy, now, opened(&effects));
    assert_eq!(policy.status().phase, Phase::Online);
}

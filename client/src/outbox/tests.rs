use std::sync::Arc;

use protocol::{ClientId, ErrorCode, UserId};

use crate::effect::Effect;
use crate::limits::{ACK_MAX_MS, LOOK_AFTER_MS, OUTBOX_ROWS_MAX, STORE_AGAIN_MS, STORE_MAX_MS};
use crate::model::event::Event;
use crate::model::message::Message;
use crate::model::now::Now;
use crate::model::operation::Operation;
use crate::outbox::queue::{Outbox, RoomProgress};
use crate::outbox::row::{Draft, OutboxRow, Seed, SendState};
use crate::outbox::storage::Stored;
use crate::outbox::stuck::Discarding;
use crate::step::testing::effects_of;
use crate::testing::message;
use crate::wire::incoming::Refused;

const START: Now = at(0);

const fn at(ms: u64) -> Now {
    Now { ms, random: 0 }
}

fn me() -> UserId {
    UserId::from_bytes([3; 16])
}

fn somebody_else() -> UserId {
    UserId::from_bytes([4; 16])
}

fn post(text: &str) -> Draft {
    Draft {
        operation: Operation::Post,
        room: "lobby".to_owned(),
        target: 0,
        message: text.to_owned(),
        mentions: String::new(),
    }
}

fn edit(target: u64, text: &str) -> Draft {
    Draft {
        operation: Operation::Edit,
        target,
        ..post(text)
    }
}

/// The outbox of the tab that sends.
fn leading() -> Outbox {
    let mut outbox = Outbox::new(Some(me()));
    outbox.leads = true;
    outbox
}

/// Writes a draft at this time of the wall clock; its id, and the row that is to be stored.
fn write(outbox: &mut Outbox, unix_ms: u64, draft: Draft, tried: bool) -> (ClientId, OutboxRow) {
    let random = [unix_ms as u8; 10];
    let effects = effects_of(START, |step| {
        outbox.write(step, Seed { unix_ms, random }, draft, tried);
    });
    let [Effect::Store { client_id, row }, Effect::TimelineChanged] = &effects[..] else {
        panic!("{effects:?}")
    };
    (*client_id, OutboxRow::read(row).unwrap())
}

/// Writes a draft while there is a line, and stores it.
fn write_stored(outbox: &mut Outbox, unix_ms: u64, draft: Draft) -> ClientId {
    let (client_id, _) = write(outbox, unix_ms, draft, true);
    stored(outbox, client_id);
    client_id
}

fn stored(outbox: &mut Outbox, client_id: ClientId) {
    assert_eq!(report(outbox, START, client_id, Stored::OnDisk), []);
}

/// Reports what became of storing a row; what is to be done then.
fn report(outbox: &mut Outbox, now: Now, client_id: ClientId, stored: Stored) -> Vec<Effect> {
    effects_of(now, |step| {
        outbox.stored(step, client_id, stored);
    })
}

/// The row that is to be replaced before it is sent.
fn updated(outbox: &mut Outbox, now: Now) -> OutboxRow {
    let effects = effects_of(now, |step| assert_eq!(outbox.next(step), None));
    let [Effect::Update { row, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    OutboxRow::read(row).unwrap()
}

/// The text of the row that is sent now.
fn sent(outbox: &mut Outbox, now: Now) -> Option<String> {
    let mut frame = None;
    effects_of(now, |step| frame = outbox.next(step));
    let frame: serde_json::Value = serde_json::from_str(&frame?).unwrap();
    Some(frame["message"].as_str().unwrap().to_owned())
}

fn refuse(outbox: &mut Outbox, client_id: ClientId, code: ErrorCode, retry_after_ms: Option<u64>) {
    let refused = Refused {
        code,
        client_id: Some(client_id),
        room: None,
        retry_after_ms,
    };
    effects_of(START, |step| outbox.refused(step, &refused));
}

fn acked(outbox: &mut Outbox, client_id: ClientId, seq: u64) -> Vec<Effect> {
    effects_of(START, |step| outbox.acked(step, client_id, seq))
}

fn state(outbox: &Outbox, client_id: ClientId) -> Option<SendState> {
    let mut rows = outbox.of_room("lobby");
    let (_, state) = rows.find(|(row, _)| row.client_id == client_id)?;
    Some(state)
}

#[test]
fn a_row_is_stored_before_it_is_sent() {
    let mut outbox = leading();
    let (client_id, row) = write(&mut outbox, 1, post("hi"), true);
    assert!(row.tried, "it may be sent as soon as it is stored");
    assert_eq!(sent(&mut outbox, START), None);
    stored(&mut outbox, client_id);
    assert_eq!(sent(&mut outbox, START).as_deref(), Some("hi"));
}

#[test]
fn a_row_written_without_a_line_is_stored_as_tried_before_it_goes() {
    let mut outbox = leading();
    let (client_id, row) = write(&mut outbox, 1, post("hi"), false);
    assert!(!row.tried);
    stored(&mut outbox, client_id);
    assert!(updated(&mut outbox, START).tried);
    stored(&mut outbox, client_id);
    assert_eq!(sent(&mut outbox, START).as_deref(), Some("hi"));
}

#[test]
fn one_row_is_in_flight_and_rows_go_in_the_order_they_were_written_whatever_the_clock_does() {
    let mut outbox = leading();
    let first = write_stored(&mut outbox, 9_000, post("first"));
    let second = write_stored(&mut outbox, 1_000, post("second"));
    assert!(first < second);
    assert_eq!(sent(&mut outbox, START).as_deref(), Some("first"));
    assert_eq!(sent(&mut outbox, START), None);
    assert_eq!(
        acked(&mut outbox, first, 7),
        [Effect::Remove(first), Effect::TimelineChanged]
    );
    assert_eq!(sent(&mut outbox, START).as_deref(), Some("second"));
}

#[test]
fn a_row_without_an_answer_is_sent_again_in_time_and_on_another_line() {
    let mut outbox = leading();
    let client_id = write_stored(&mut outbox, 1, post("hi"));
    assert!(sent(&mut outbox, START).is_some());
    assert_eq!(outbox.due(), ACK_MAX_MS);
    effects_of(at(ACK_MAX_MS), |step| outbox.tick(step));
    assert_eq!(sent(&mut outbox, at(ACK_MAX_MS)).as_deref(), Some("hi"));
    outbox.line_changed();
    assert_eq!(updated(&mut outbox, at(ACK_MAX_MS)).client_id, client_id);
    stored(&mut outbox, client_id);
    assert_eq!(sent(&mut outbox, at(ACK_MAX_MS)).as_deref(), Some("hi"));
}

#[test]
fn a_lasting_refusal_steps_aside_and_the_next_row_goes() {
    let mut outbox = leading();
    let first = write_stored(&mut outbox, 1, post("first"));
    write_stored(&mut outbox, 2, post("second"));
    sent(&mut outbox, START);
    assert!(!outbox.can_discard(first), "it may be on the server's disk");
    refuse(&mut outbox, first, ErrorCode::NotFound, None);
    assert_eq!(
        state(&outbox, first),
        Some(SendState::Failed(ErrorCode::NotFound))
    );
    assert!(outbox.can_discard(first));
    effects_of(START, |step| {
        let draft = outbox.take_draft(step, first);
        assert_eq!(draft.map(|draft| draft.message).as_deref(), Some("first"));
    });
    assert_eq!(sent(&mut outbox, START).as_deref(), Some("second"));
}

#[test]
fn a_passing_refusal_holds_everything_for_as_long_as_the_server_says() {
    let mut outbox = leading();
    let first = write_stored(&mut outbox, 1, post("first"));
    write_stored(&mut outbox, 2, post("second"));
    sent(&mut outbox, START);
    refuse(&mut outbox, first, ErrorCode::Busy, Some(3_000));
    assert_eq!(state(&outbox, first), Some(SendState::Waiting));
    assert_eq!((outbox.held_by(), outbox.due()), (Some(ErrorCode::Busy), 3_000));
    assert_eq!(sent(&mut outbox, at(2_999)), None);
    effects_of(at(3_000), |step| outbox.tick(step));
    assert_eq!(outbox.held_by(), None);
    assert_eq!(sent(&mut outbox, at(3_000)).as_deref(), Some("first"));
}

#[test]
fn a_row_of_somebody_we_are_no_longer_is_not_sent_but_can_be_tried_again_or_discarded() {
    for (tried, expected) in [(true, SendState::MaybeSent), (false, SendState::NotSent)] {
        let mut outbox = leading();
        let (client_id, _) = write(&mut outbox, 1, post("hi"), tried);
        stored(&mut outbox, client_id);
        outbox.me = Some(somebody_else());
        assert_eq!(sent(&mut outbox, START), None);
        assert_eq!(state(&outbox, client_id), Some(expected));
        assert!(outbox.can_discard(client_id) && outbox.stuck().eq([client_id]));
    }
}

#[test]
fn the_event_of_a_row_is_as_good_as_its_ack_if_it_is_ours() {
    let mut outbox = leading();
    let client_id = write_stored(&mut outbox, 1, post("hi"));
    let event = |user_id| {
        Event::Message(Message {
            client_id,
            user_id,
            ..message(7)
        })
    };
    effects_of(START, |step| outbox.seen(step, &event(somebody_else())));
    assert_eq!(state(&outbox, client_id), Some(SendState::Waiting));
    effects_of(START, |step| outbox.seen(step, &event(me())));
    assert_eq!(state(&outbox, client_id), Some(SendState::Sent));
}

#[test]
fn an_acknowledged_row_stays_until_the_room_is_known_up_to_it() {
    let progress = |room, known_to| RoomProgress {
        room,
        known_to,
        is_caught_up: true,
        rows: &[],
    };
    let mut outbox = leading();
    let client_id = write_stored(&mut outbox, 1, post("hi"));
    acked(&mut outbox, client_id, 7);
    effects_of(START, |step| outbox.settle(step, progress("lobby", 6)));
    assert_eq!(state(&outbox, client_id), Some(SendState::Sent));
    effects_of(START, |step| outbox.settle(step, progress("lobby", 7)));
    assert_eq!(outbox.len(), 0);
    let client_id = write_stored(&mut outbox, 2, post("hi"));
    acked(&mut outbox, client_id, 8);
    effects_of(START, |step| outbox.settle(step, progress("elsewhere", 0)));
    assert_eq!(outbox.len(), 0, "another room is shown");
}

#[test]
fn a_browser_that_does_not_store_in_time_is_told_of_once_and_does_not_stop_what_is_written() {
    let mut outbox = leading();
    write(&mut outbox, 1, post("first"), true);
    assert_eq!(outbox.due(), STORE_MAX_MS);
    let effects = effects_of(at(STORE_MAX_MS), |step| outbox.tick(step));
    assert_eq!(effects, [Effect::StorageChanged(false)]);
    assert_eq!(sent(&mut outbox, at(STORE_MAX_MS)).as_deref(), Some("first"));
    let (second, _) = write(&mut outbox, 2, post("second"), true);
    let effects = report(&mut outbox, START, second, Stored::Failed);
    assert_eq!(effects, [], "it was said");
}

#[test]
fn what_could_not_be_stored_is_stored_when_it_can_be_and_that_is_said() {
    let mut outbox = leading();
    let (first, row) = write(&mut outbox, 1, post("first"), false);
    let (second, _) = write(&mut outbox, 2, post("second"), false);
    assert_eq!(
        report(&mut outbox, START, first, Stored::Failed),
        [Effect::StorageChanged(false)]
    );
    let again = Effect::Store {
        client_id: first,
        row: row.write(),
    };
    assert_eq!(
        report(&mut outbox, START, second, Stored::OnDisk),
        [again.clone(), Effect::StorageChanged(true)]
    );
    report(&mut outbox, START, first, Stored::Failed);
    assert_eq!(outbox.due(), STORE_AGAIN_MS);
    assert_eq!(
        effects_of(at(STORE_AGAIN_MS), |step| outbox.tick(step)),
        [again],
        "it is tried without anything new, too"
    );
    assert_eq!(
        report(&mut outbox, at(STORE_AGAIN_MS), first, Stored::OnDisk),
        [Effect::StorageChanged(true)]
    );
    // With nothing to store, a load that is answered says that the storage is back.
    report(&mut outbox, START, first, Stored::Failed);
    acked(&mut outbox, first, 7);
    assert_eq!(
        effects_of(at(STORE_AGAIN_MS), |step| outbox.tick(step)),
        [Effect::Load]
    );
    let effects = effects_of(START, |step| {
        outbox.loaded(step, Some(&[]));
    });
    assert_eq!(effects, [Effect::StorageChanged(true), Effect::TimelineChanged]);
}

#[test]
fn what_another_tab_discarded_is_not_sent() {
    let mut outbox = leading();
    let (discarded, _) = write(&mut outbox, 1, post("discarded"), false);
    let (kept, _) = write(&mut outbox, 2, post("kept"), false);
    stored(&mut outbox, discarded);
    stored(&mut outbox, kept);
    assert_eq!(updated(&mut outbox, START).client_id, discarded);
    report(&mut outbox, START, discarded, Stored::Gone);
    assert_eq!(updated(&mut outbox, START).client_id, kept);
    stored(&mut outbox, kept);
    assert_eq!(sent(&mut outbox, START).as_deref(), Some("kept"));
}

#[test]
fn a_waiting_row_is_discarded_by_the_storage_and_stays_when_another_tab_has_sent_it() {
    let mut outbox = leading();
    let (client_id, mut row) = write(&mut outbox, 1, post("hi"), false);
    stored(&mut outbox, client_id);
    let effects = effects_of(START, |step| {
        assert_eq!(outbox.discard(step, client_id), Some(Discarding::Asked));
    });
    assert_eq!(effects, [Effect::TimelineChanged, Effect::Discard(client_id)]);
    assert_eq!(outbox.len(), 0);
    row.tried = true;
    effects_of(START, |step| outbox.merge(step, row, true));
    assert_eq!(state(&outbox, client_id), Some(SendState::Waiting));
    assert!(!outbox.can_discard(client_id));
}

#[test]
fn what_another_tab_stores_is_looked_for_once_in_a_moment_by_the_tab_that_sends() {
    let mut outbox = leading();
    outbox.look_soon(0);
    outbox.look_soon(500);
    assert_eq!(outbox.due(), LOOK_AFTER_MS);
    assert_eq!(
        effects_of(at(LOOK_AFTER_MS), |step| outbox.tick(step)),
        [Effect::Load]
    );
    let mut following = Outbox::new(Some(me()));
    following.look_soon(0);
    assert_eq!(following.due(), u64::MAX);
}

#[test]
fn nothing_is_sent_until_what_was_written_before_is_loaded() {
    let (_, older) = write(&mut leading(), 1, post("older"), true);
    let mut outbox = leading();
    assert_eq!(effects_of(START, |step| outbox.load(step)), [Effect::Load]);
    write_stored(&mut outbox, 2, post("newer"));
    assert_eq!(sent(&mut outbox, START), None);
    effects_of(START, |step| {
        let is_any_gone = outbox.loaded(step, Some(&[older.write(), "no row".to_owned()]));
        assert!(!is_any_gone);
    });
    let older = updated(&mut outbox, START).client_id;
    stored(&mut outbox, older);
    assert_eq!(sent(&mut outbox, START).as_deref(), Some("older"));
}

#[test]
fn a_stored_row_that_is_not_found_again_was_sent_by_another_tab() {
    let mut outbox = leading();
    let client_id = write_stored(&mut outbox, 1, post("hi"));
    effects_of(START, |step| outbox.load(step));
    effects_of(START, |step| assert!(outbox.loaded(step, Some(&[]))));
    assert_eq!(state(&outbox, client_id), Some(SendState::Sent));
    let shown = [Arc::new(Message {
        client_id,
        ..message(7)
    })];
    let progress = RoomProgress {
        room: "lobby",
        known_to: 7,
        is_caught_up: false,
        rows: &shown,
    };
    effects_of(START, |step| outbox.settle(step, progress));
    assert_eq!(outbox.len(), 0);
}

#[test]
fn an_outbox_is_full_at_so_many_rows() {
    let mut outbox = leading();
    for unix_ms in 0..OUTBOX_ROWS_MAX as u64 {
        assert!(!outbox.is_full());
        write(&mut outbox, unix_ms, post("hi"), true);
    }
    assert!(outbox.is_full());
}

#[test]
fn an_edit_that_waits_is_shown_over_its_message_until_the_message_has_it_or_it_is_refused() {
    let mut outbox = leading();
    let rows = [Arc::new(message(5))];
    let client_id = write_stored(&mut outbox, 1, edit(5, "better"));
    let shown = outbox.shown("lobby", &rows);
    assert_eq!(
        (&*shown[0].message.message, shown[0].echo_of),
        ("better", Some(client_id))
    );
    assert_eq!(outbox.shown("elsewhere", &rows)[0].echo_of, None);
    let mut known = message(5);
    known.rev = 9;
    let known = [Arc::new(known)];
    acked(&mut outbox, client_id, 9);
    assert_eq!(outbox.shown("lobby", &known)[0].echo_of, None);
    let refused = write_stored(&mut outbox, 2, edit(5, "worse"));
    sent(&mut outbox, START);
    refuse(&mut outbox, refused, ErrorCode::NotFound, None);
    let shown = outbox.shown("lobby", &known);
    assert_eq!(&*shown[0].message.message, "message 5");
}

#[test]
fn other_tabs_are_told_of_a_row_once_it_is_stored_and_of_later_rows_after_it() {
    let mut outbox = leading();
    let (first, _) = write(&mut outbox, 1, post("first"), true);
    let (second, _) = write(&mut outbox, 2, post("second"), true);
    stored(&mut outbox, second);
    assert!(outbox.tell().is_empty());
    stored(&mut outbox, first);
    let told = outbox.tell();
    assert!(told.iter().all(|row| row.is_stored));
    let told: Vec<ClientId> = told
        .iter()
        .map(|row| OutboxRow::read(&row.text).unwrap().client_id)
        .collect();
    assert_eq!(told, [first, second]);
    assert!(outbox.tell().is_empty());
    outbox.tell_again();
    assert_eq!(outbox.tell().len(), 2, "there is a new leader");
}

#[test]
fn rows_the_leader_does_not_have_are_dropped_but_for_those_written_here() {
    let mut outbox = Outbox::new(Some(me()));
    let own = write_stored(&mut outbox, 1, post("own"));
    let (_, kept) = write(&mut leading(), 2, post("kept"), true);
    let (_, gone) = write(&mut leading(), 3, post("gone"), true);
    let listed = format!("{} ", kept.client_id);
    for row in [kept.clone(), gone] {
        effects_of(START, |step| outbox.merge(step, row, true));
    }
    effects_of(START, |step| outbox.keep_listed(step, &listed));
    let left: Vec<ClientId> = outbox.of_room("lobby").map(|(row, _)| row.client_id).collect();
    assert_eq!(left, [own, kept.client_id]);
}

#[test]
fn another_database_forgets_what_was_acknowledged_and_refuses_what_has_a_target() {
    let mut outbox = leading();
    let known = write_stored(&mut outbox, 1, post("known"));
    acked(&mut outbox, known, 7);
    let waiting = write_stored(&mut outbox, 2, post("waiting"));
    let change = write_stored(&mut outbox, 3, edit(5, "better"));
    effects_of(START, |step| outbox.database_changed(step));
    assert_eq!(state(&outbox, known), None);
    assert_eq!(state(&outbox, waiting), Some(SendState::Waiting));
    assert_eq!(
        state(&outbox, change),
        Some(SendState::Failed(ErrorCode::NotFound))
    );
}

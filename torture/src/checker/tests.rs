//! The checker is given every fault there is, one at a time, and has to name it; and a clean run, of which it has to
//! say nothing.

use super::*;

mod changes;

const ROOM: &str = "lobby";

/// Two people who wrote three messages each, in turn, and saw all of them come.
struct Run {
    clients: Vec<Client>,
    database: Database,
}

fn user(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

fn id(number: u64) -> ClientId {
    ClientId::from_parts(number, [7; 10])
}

fn text(seq: u64) -> String {
    format!("message {seq}")
}

fn stored(seq: u64) -> Stored {
    Stored {
        seq,
        id: EventId::from_parts(seq, [3; 10]),
        client_id: id(seq),
        author: user(1 + (seq % 2) as u8),
        at: 1_000 + seq,
        action: Action::Post(text(seq).into()),
    }
}

fn message(stored: &Stored) -> Message {
    Message {
        seq: stored.seq,
        state: State {
            text: stored.action.text().unwrap().to_owned(),
            ..State::default()
        },
        former_texts: 0,
    }
}

fn written(seq: u64) -> Written {
    Written {
        client_id: id(seq),
        room: ROOM.into(),
        action: stored(seq).action,
    }
}

/// What is written and does not come to be.
fn unheard() -> Written {
    Written {
        client_id: id(99),
        room: ROOM.into(),
        action: Action::Post("x".into()),
    }
}

fn rows(seqs: impl IntoIterator<Item = u64>) -> Vec<Stored> {
    seqs.into_iter().map(stored).collect()
}

fn show(screen: &mut Screen, rows: &[Stored]) {
    let shown: Vec<_> = rows.iter().map(message).collect();
    let rows = rows.iter().zip(&shown);
    let rows = rows.map(|(stored, message)| row(stored, stored.seq, &message.state));
    screen.show(rows, ENDS);
}

const ENDS: Ends = Ends {
    is_first: true,
    is_last: true,
};

fn row<'a>(stored: &Stored, rev: u64, state: &'a State) -> Row<'a> {
    Row {
        seq: stored.seq,
        rev,
        id: stored.id,
        client_id: stored.client_id,
        author: stored.author,
        at: stored.at,
        text: &state.text,
        edited_at: state.edited_at,
        is_deleted: state.is_deleted,
        reactions: &state.reactions,
    }
}

impl Run {
    fn clean() -> Self {
        let room: Room = ROOM.into();
        let client = |number: u8| {
            let mine = (1..=6).filter(|seq| 1 + (seq % 2) as u8 == number);
            let mut screen = Screen::default();
            for last in 1..=6 {
                show(&mut screen, &rows(1..=last));
            }
            Client {
                name: format!("client {number}"),
                user_id: Some(user(number)),
                written: mine.clone().map(written).collect(),
                acked: mine
                    .map(|seq| Acked {
                        client_id: id(seq),
                        seq,
                    })
                    .collect(),
                screens: [(room.clone(), screen)].into(),
                ..Client::default()
            }
        };
        Self {
            clients: vec![client(1), client(2)],
            database: Database {
                rooms: [(room.clone(), rows(1..=6))].into(),
                messages: [(room.clone(), rows(1..=6).iter().map(message).collect())].into(),
                commands: rows(1..=6)
                    .iter()
                    .map(|row| ((row.author, row.client_id), row.seq))
                    .collect(),
                bytes: b"SQLite format 3".to_vec(),
                disagreements: Vec::new(),
            },
        }
    }

    fn rows(&mut self) -> &mut Vec<Stored> {
        self.database.rooms.get_mut(ROOM).unwrap()
    }

    fn screen(&mut self) -> &mut Screen {
        self.clients[0].screens.get_mut(ROOM).unwrap()
    }

    /// The kinds of what is wrong, each once.
    fn verdict(&self) -> Vec<ViolationKind> {
        let mut kinds: Vec<ViolationKind> = check(&self.clients, &self.database)
            .into_iter()
            .map(|violation| violation.kind)
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    fn assert_found(&self, kind: ViolationKind) {
        assert!(
            self.verdict().contains(&kind),
            "{kind:?} not in {:?}",
            self.verdict()
        );
    }
}

#[test]
fn nothing_is_said_of_a_clean_run() {
    assert_eq!(Run::clean().verdict(), []);
}

#[test]
fn nothing_is_said_of_reloads_scrolling_trimming_and_repeated_acks() {
    let mut run = Run::clean();
    let again = run.clients[0].acked[0];
    run.clients[0].acked.push(again);
    let screen = run.screen();
    screen.reload();
    show(screen, &rows(5..=6));
    show(screen, &rows(2..=6));
    show(screen, &rows(4..=6));
    show(screen, &rows(1..=6));
    assert_eq!(run.verdict(), []);
}

#[test]
fn nothing_is_said_of_what_was_refused_and_is_not_there() {
    let mut run = Run::clean();
    run.clients[0].written.push(unheard());
    run.clients[0].refused.push(id(99));
    assert_eq!(run.verdict(), []);
}

#[test]
fn a_lost_message_is_named() {
    let mut run = Run::clean();
    run.clients[0].written.push(unheard());
    assert_eq!(run.verdict(), [ViolationKind::Lost]);
}

#[test]
fn a_message_that_was_shown_and_is_not_stored_is_named() {
    let mut run = Run::clean();
    show(run.screen(), &rows(1..=7));
    assert_eq!(run.verdict(), [ViolationKind::Lost]);
}

#[test]
fn a_screen_that_goes_back_is_named_even_over_a_reload() {
    let mut run = Run::clean();
    show(run.screen(), &rows(1..=5));
    run.assert_found(ViolationKind::Lost);
    let mut run = Run::clean();
    run.screen().reload();
    show(run.screen(), &rows(1..=5));
    run.assert_found(ViolationKind::Lost);
    let mut run = Run::clean();
    show(run.screen(), &[]);
    run.assert_found(ViolationKind::Lost);
}

#[test]
fn a_page_of_a_node_that_is_behind_may_end_before_what_another_showed_and_may_not_go_back_itself() {
    let mut run = Run::clean();
    run.screen().reload_elsewhere();
    show(run.screen(), &rows(1..=4));
    show(run.screen(), &rows(1..=6));
    assert_eq!(run.verdict(), []);
    show(run.screen(), &rows(1..=5));
    run.assert_found(ViolationKind::Lost);
    let mut run = Run::clean();
    run.screen().reload_elsewhere();
    show(run.screen(), &rows(1..=4));
    run.assert_found(ViolationKind::Incomplete);
}

#[test]
fn a_doubled_message_is_named_in_the_database_and_on_the_screen() {
    let mut run = Run::clean();
    let twin = Stored {
        seq: 7,
        id: EventId::from_parts(70, [3; 10]),
        at: 2_000,
        ..stored(3)
    };
    run.rows().push(twin.clone());
    run.database.messages.get_mut(ROOM).unwrap().push(message(&twin));
    for client in 0..2 {
        let screen = run.clients[client].screens.get_mut(ROOM).unwrap();
        let mut shown = rows(1..=6);
        shown.push(twin.clone());
        show(screen, &shown);
    }
    assert_eq!(run.verdict(), [ViolationKind::Doubled]);

    let mut run = Run::clean();
    show(run.screen(), &rows([1, 2, 3, 3, 4, 5, 6]));
    run.assert_found(ViolationKind::Doubled);
}

#[test]
fn a_reordered_message_is_named_in_the_database_and_on_the_screen() {
    let mut run = Run::clean();
    run.clients[0].written.swap(0, 1);
    assert_eq!(run.verdict(), [ViolationKind::OutOfOrder]);

    let mut run = Run::clean();
    run.rows().swap(2, 3);
    run.assert_found(ViolationKind::OutOfOrder);

    let mut run = Run::clean();
    show(run.screen(), &rows([1, 2, 4, 3, 5, 6]));
    run.assert_found(ViolationKind::OutOfOrder);
}

#[test]
fn a_corrupted_message_is_named_in_the_database_and_on_the_screen() {
    let mut run = Run::clean();
    run.rows()[3].action = Action::Post("message 4!".into());
    run.assert_found(ViolationKind::WrongBody);

    let mut run = Run::clean();
    let mut shown = rows(1..=6);
    shown[3].action = Action::Post("message 4!".into());
    run.screen().reload();
    show(run.screen(), &shown);
    run.assert_found(ViolationKind::WrongBody);

    let mut run = Run::clean();
    run.rows()[3].author = user(2);
    run.assert_found(ViolationKind::WrongBody);
}

#[test]
fn a_message_in_another_room_than_it_was_written_in_is_named() {
    let mut run = Run::clean();
    run.clients[0].written[1].room = "elsewhere".into();
    assert_eq!(run.verdict(), [ViolationKind::WrongBody]);
}

#[test]
fn what_nobody_wrote_is_named() {
    let mut run = Run::clean();
    run.clients[0].written.remove(1);
    run.assert_found(ViolationKind::WrongBody);
}

#[test]
fn a_false_ack_is_named() {
    let mut run = Run::clean();
    run.clients[0].acked.push(Acked {
        client_id: id(99),
        seq: 7,
    });
    assert_eq!(run.verdict(), [ViolationKind::FalseAck]);

    let mut run = Run::clean();
    run.clients[0].acked[0].seq += 1;
    assert_eq!(run.verdict(), [ViolationKind::FalseAck]);
}

#[test]
fn a_message_refused_for_good_and_stored_is_named() {
    let mut run = Run::clean();
    let first = run.clients[0].written[0].client_id;
    run.clients[0].refused.push(first);
    assert_eq!(run.verdict(), [ViolationKind::FalseRefusal]);
}

#[test]
fn a_gap_is_named_in_the_database_and_on_the_screen() {
    let mut run = Run::clean();
    run.rows().remove(2);
    run.assert_found(ViolationKind::Gap);

    let mut run = Run::clean();
    run.screen().reload();
    show(run.screen(), &rows([1, 2, 4, 5, 6]));
    assert_eq!(run.verdict(), [ViolationKind::Gap]);
}

#[test]
fn a_client_that_has_not_everything_is_named() {
    for shown in [rows(1..=5), rows(2..=6), Vec::new()] {
        let mut run = Run::clean();
        *run.screen() = Screen::default();
        show(run.screen(), &shown);
        assert_eq!(run.verdict(), [ViolationKind::Incomplete]);
    }
}

#[test]
fn a_message_that_still_waits_is_named() {
    let mut run = Run::clean();
    run.clients[0].written.push(unheard());
    run.clients[0].waiting.push(id(99));
    assert_eq!(run.verdict(), [ViolationKind::Incomplete]);
}

#[test]
fn a_time_that_runs_backwards_is_named() {
    let mut run = Run::clean();
    run.rows()[3].at = 0;
    run.assert_found(ViolationKind::OutOfOrder);
}

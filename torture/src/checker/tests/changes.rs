//! Edits, reactions, deletions, and what is acknowledged without an event.

use client::model::Reaction;

use super::*;

fn change(seq: u64, author: u8, action: Action) -> Stored {
    Stored {
        author: user(author),
        action,
        ..stored(seq)
    }
}

/// The author of 2 is user 1, that of 3 is user 2.
fn changes() -> [Stored; 3] {
    let (text, emoji) = ("another text".into(), "👍".into());
    [
        change(7, 1, Action::Edit { target: 2, text }),
        change(
            8,
            2,
            Action::React {
                target: 2,
                emoji,
                on: true,
            },
        ),
        change(9, 2, Action::Delete { target: 3 }),
    ]
}

/// What the event at `rev` leaves of a message.
fn state_after(seq: u64, rev: u64) -> State {
    let is_edited = seq == 2 && rev >= 7;
    let has_emoji = seq == 2 && rev >= 8;
    let is_deleted = seq == 3 && rev >= 9;
    State {
        text: match () {
            () if is_deleted => String::new(),
            () if is_edited => "another text".to_owned(),
            () => text(seq),
        },
        edited_at: is_edited.then_some(1_007),
        is_deleted,
        reactions: Vec::from_iter(has_emoji.then(|| Reaction {
            emoji: "👍".into(),
            user_ids: vec![user(2)],
        })),
    }
}

/// The last event up to `rev` that changed a message.
fn rev_after(seq: u64, rev: u64) -> u64 {
    match (seq, rev) {
        (2, 7..) => rev.min(8),
        (3, 9..) => 9,
        _ => seq,
    }
}

/// Shows all six messages as the event at `rev` leaves them.
fn show_states(screen: &mut Screen, rev: u64) {
    show_with(screen, rev, |_, _| {});
}

/// The same, but for what is done to a message's `rev` and its state.
fn show_with(screen: &mut Screen, rev: u64, change: impl Fn(&mut u64, &mut State)) {
    let shown: Vec<(Stored, u64, State)> = (1..=6)
        .map(|seq| {
            let (mut rev_of, mut state) = (rev_after(seq, rev), state_after(seq, rev));
            if seq == 2 || seq == 3 {
                change(&mut rev_of, &mut state);
            }
            (stored(seq), rev_of, state)
        })
        .collect();
    screen.show(
        shown.iter().map(|(stored, rev, state)| row(stored, *rev, state)),
        ENDS,
    );
}

impl Run {
    /// A clean run, and then the author of 2 edits it, the other one puts an emoji to it, and the author of 3 deletes that;
    /// all of which the one sees come and the other finds after a reload.
    fn with_changes() -> Self {
        let mut run = Self::clean();
        for change in changes() {
            run.take(change);
        }
        for of in [2, 3] {
            let message = run.message(of);
            message.state = state_after(of, 9);
            message.former_texts = u64::from(of == 2);
        }
        for rev in 7..=9 {
            show_states(run.screen(), rev);
        }
        let reloaded = run.clients[1].screens.get_mut(ROOM).unwrap();
        reloaded.reload();
        show_states(reloaded, 9);
        run
    }

    /// Its author writes this, and it is stored and acknowledged.
    fn take(&mut self, stored: Stored) {
        let client = &mut self.clients[usize::from(stored.author == user(2))];
        client.written.push(Written {
            client_id: stored.client_id,
            room: ROOM.into(),
            action: stored.action.clone(),
        });
        client.acked.push(Acked {
            client_id: stored.client_id,
            seq: stored.seq,
        });
        self.database
            .commands
            .insert((stored.author, stored.client_id), stored.seq);
        if let Action::Delete { target } = stored.action {
            // The log has nothing of a deleted text.
            for row in self.rows().iter_mut().filter(|row| row.seq == target) {
                row.action = Action::Post("".into());
            }
        }
        self.rows().push(stored);
    }

    /// What this client asks for changes nothing when 9 is the last event.
    fn take_without_event(&mut self, number: u64, author: UserId, action: Action) {
        let client = &mut self.clients[usize::from(author == user(2))];
        client.written.push(Written {
            client_id: id(number),
            room: ROOM.into(),
            action,
        });
        client.acked.push(Acked {
            client_id: id(number),
            seq: 9,
        });
        self.database.commands.insert((author, id(number)), 9);
    }

    fn message(&mut self, seq: u64) -> &mut Message {
        let messages = self.database.messages.get_mut(ROOM).unwrap();
        messages.iter_mut().find(|message| message.seq == seq).unwrap()
    }
}

#[test]
fn nothing_is_said_of_edits_reactions_and_deletions() {
    assert_eq!(Run::with_changes().verdict(), []);
}

#[test]
fn nothing_is_said_of_what_changes_nothing() {
    let mut run = Run::with_changes();
    let (emoji, other): (Arc<str>, Arc<str>) = ("👍".into(), "🎉".into());
    let (target, on) = (2, true);
    run.take_without_event(20, user(2), Action::React { target, emoji, on });
    let (emoji, on) = (other, false);
    run.take_without_event(21, user(1), Action::React { target, emoji, on });
    run.take_without_event(22, user(2), Action::Delete { target: 3 });
    assert_eq!(run.verdict(), []);
}

#[test]
fn nothing_is_said_of_events_that_are_silent_about_what_was_deleted_later() {
    // Whoever was away hears of a message, or of an edit, that has no text any more, and then of the deletion.
    let mut run = Run::with_changes();
    let screen = &mut Screen::default();
    show_with(screen, 8, |rev, state| {
        if *rev == 3 {
            state.text.clear();
        }
    });
    show_states(screen, 9);
    std::mem::swap(run.screen(), screen);
    assert_eq!(run.verdict(), []);
}

#[test]
fn a_lost_change_is_named() {
    for change in changes() {
        let mut run = Run::with_changes();
        let (number, author) = (30, change.author);
        run.clients[usize::from(author == user(2))].written.push(Written {
            client_id: id(number),
            room: ROOM.into(),
            action: change.action,
        });
        assert_eq!(run.verdict(), [ViolationKind::Lost]);
    }
}

#[test]
fn a_change_that_nobody_asked_for_is_named() {
    for number in 7..=9 {
        let mut run = Run::with_changes();
        for client in &mut run.clients {
            client.written.retain(|written| written.client_id != id(number));
        }
        run.assert_found(ViolationKind::WrongBody);
    }
}

#[test]
fn a_change_that_was_carried_out_twice_is_named() {
    let mut run = Run::with_changes();
    let twin = Stored {
        seq: 10,
        id: EventId::from_parts(70, [3; 10]),
        at: 2_000,
        ..changes()[1].clone()
    };
    run.rows().push(twin);
    run.assert_found(ViolationKind::Doubled);
    run.assert_found(ViolationKind::Database);
}

#[test]
fn a_change_of_what_is_deleted_or_of_somebody_elses_is_named() {
    let text: Arc<str> = "late".into();
    for (author, target) in [(2, 3), (2, 2), (1, 9)] {
        let mut run = Run::with_changes();
        let text = Arc::clone(&text);
        run.take(change(10, author, Action::Edit { target, text }));
        run.assert_found(ViolationKind::Database);
    }
}

#[test]
fn a_false_ack_of_a_change_is_named() {
    let mut run = Run::with_changes();
    run.clients[0].acked.last_mut().unwrap().seq = 8;
    assert_eq!(run.verdict(), [ViolationKind::FalseAck]);

    // It is said to change nothing, and would have.
    let mut run = Run::with_changes();
    let emoji = "🎉".into();
    let (target, on) = (2, true);
    run.take_without_event(20, user(2), Action::React { target, emoji, on });
    assert_eq!(run.verdict(), [ViolationKind::FalseAck]);

    // It was acknowledged, and there is not even a command.
    let mut run = Run::with_changes();
    run.take_without_event(20, user(2), Action::Delete { target: 3 });
    run.database.commands.remove(&(user(2), id(20)));
    run.assert_found(ViolationKind::FalseAck);
}

#[test]
fn a_command_that_is_known_elsewhere_or_not_at_all_is_named() {
    let mut run = Run::with_changes();
    run.database.commands.insert((user(1), id(7)), 8);
    assert_eq!(run.verdict(), [ViolationKind::Database]);

    let mut run = Run::with_changes();
    run.database.commands.remove(&(user(1), id(7)));
    assert_eq!(run.verdict(), [ViolationKind::Database]);

    let mut run = Run::with_changes();
    run.database.commands.insert((user(1), id(40)), 8);
    assert_eq!(run.verdict(), [ViolationKind::WrongBody]);
}

#[test]
fn a_refusal_is_named_where_nothing_is_deleted() {
    let refused = |target| {
        let mut run = Run::with_changes();
        let text = "late".into();
        run.clients[1].written.push(Written {
            client_id: id(50),
            room: ROOM.into(),
            action: Action::Edit { target, text },
        });
        run.clients[1].refused.push(id(50));
        run.verdict()
    };
    assert_eq!(refused(3), []);
    assert_eq!(refused(5), [ViolationKind::FalseRefusal]);
}

#[test]
fn a_change_that_a_screen_does_not_show_is_named() {
    for seen_to in [6, 7, 8] {
        let mut run = Run::with_changes();
        let screen = &mut Screen::default();
        for rev in 6..=seen_to {
            show_states(screen, rev);
        }
        std::mem::swap(run.screen(), screen);
        let expected = if seen_to < 8 {
            ViolationKind::Stale
        } else {
            ViolationKind::Undeleted
        };
        run.assert_found(expected);
    }
}

#[test]
fn a_change_that_a_screen_shows_otherwise_is_named() {
    let otherwise: [fn(&mut u64, &mut State); 4] = [
        |_, state| state.text.push('!'),
        |_, state| state.edited_at = state.edited_at.map(|at| at + 1),
        |_, state| state.reactions.clear(),
        |_, state| {
            state
                .reactions
                .iter_mut()
                .for_each(|one| one.user_ids = vec![user(1)])
        },
    ];
    for change in otherwise {
        let mut run = Run::with_changes();
        let screen = &mut Screen::default();
        show_with(screen, 9, |rev, state| {
            if *rev == 8 {
                change(rev, state);
            }
        });
        std::mem::swap(run.screen(), screen);
        assert_eq!(run.verdict(), [ViolationKind::WrongBody]);
    }
}

#[test]
fn a_row_that_goes_back_to_what_it_was_is_named() {
    let mut run = Run::with_changes();
    show_states(run.screen(), 7);
    run.assert_found(ViolationKind::Lost);
}

#[test]
fn a_table_that_has_other_than_the_log_comes_to_is_named() {
    let changes: [fn(&mut State); 3] = [
        |state| state.text.push('!'),
        |state| state.edited_at = None,
        |state| state.reactions.clear(),
    ];
    for change in changes {
        let mut run = Run::with_changes();
        change(&mut run.message(2).state);
        assert_eq!(run.verdict(), [ViolationKind::Database]);
    }
    let mut run = Run::with_changes();
    run.database.messages.get_mut(ROOM).unwrap().pop();
    assert_eq!(run.verdict(), [ViolationKind::Database]);
}

#[test]
fn a_deleted_text_is_named_wherever_it_still_stands() {
    let mut on_screen = Run::with_changes();
    show_with(on_screen.screen(), 9, |_, _| {});
    on_screen.screen().reload();
    show_with(on_screen.screen(), 9, |rev, state| {
        if *rev == 9 {
            *state = state_after(3, 3);
        }
    });
    on_screen.assert_found(ViolationKind::Undeleted);

    let mut in_log = Run::with_changes();
    in_log.rows()[2].action = stored(3).action;
    assert_eq!(in_log.verdict(), [ViolationKind::Undeleted]);

    let mut in_messages = Run::with_changes();
    in_messages.message(3).state.text = text(3);
    assert_eq!(in_messages.verdict(), [ViolationKind::Undeleted]);

    let mut in_former_texts = Run::with_changes();
    in_former_texts.message(3).former_texts = 1;
    assert_eq!(in_former_texts.verdict(), [ViolationKind::Undeleted]);
}

#[test]
fn a_deleted_text_is_named_in_the_bytes_of_the_files() {
    // Shorter than what is looked for it would not be.
    let long = "message 3, which is long enough to be looked for";
    let with_text = |bytes: &[u8]| {
        let mut run = Run::with_changes();
        let written = &mut run.clients[1].written;
        let third = written.iter_mut().find(|written| written.client_id == id(3));
        third.unwrap().action = Action::Post(long.into());
        run.database.bytes.extend(bytes);
        for client in &mut run.clients {
            let screen = client.screens.get_mut(ROOM).unwrap();
            *screen = Screen::default();
            show_states(screen, 9);
        }
        run.verdict()
    };
    assert_eq!(with_text(b"message 3, which is something else"), []);
    assert_eq!(with_text(long.as_bytes()), [ViolationKind::Undeleted]);
}

use super::*;
use crate::testing::{message, page};

fn me() -> Option<UserId> {
    Some(message(1).user_id)
}

fn doubtful(rows: impl Iterator<Item = u64>) -> Doubtful {
    let rows: Vec<_> = rows.map(|seq| Arc::new(message(seq))).collect();
    let mut doubtful = Doubtful::default();
    doubtful.add(me(), &rows);
    doubtful
}

/// The page that is asked for next of a room that has the messages `1..=10` and then those of others up to `head`.
fn ask(doubtful: &Doubtful, head: u64) -> Option<HistoryPage> {
    let seq = doubtful.next()?.min(head);
    let (from, to) = (seq.saturating_sub(25).max(1), (seq + 25).min(head));
    let mut page = page(from, to);
    page.seq = head;
    page.has_newer = to < head;
    for now in &mut page.messages {
        if now.seq > 10 {
            now.user_id = UserId::from_bytes([9; 16]);
            now.client_id = protocol::ClientId::from_parts(now.seq, [9; 10]);
        }
    }
    Some(page)
}

/// The places that were found to be gone, and how many pages that took.
fn judge(mut doubtful: Doubtful, head: u64) -> (Vec<u64>, u32) {
    let (mut gone, mut pages) = (Vec::new(), 0);
    while let Some(page) = ask(&doubtful, head) {
        let rows = doubtful.judge("lobby", &page);
        gone.extend(rows.iter().map(OutboxRow::written_at));
        pages += 1;
        assert!(pages < 20, "it comes to an end");
    }
    gone.sort_unstable();
    (gone, pages)
}

#[test]
fn one_page_tells_that_nothing_is_gone_however_much_was_written_since() {
    for head in [10, 40, 9_000] {
        assert_eq!(judge(doubtful(1..=10), head), (vec![], 1));
    }
}

#[test]
fn what_is_beyond_the_end_of_an_older_copy_is_gone_and_what_is_before_it_is_not() {
    for (head, pages) in [(0, 1), (10, 1), (12, 1), (15, 1), (400, 1)] {
        let gone: Vec<u64> = (if head == 0 { 1 } else { 11 }..=15).collect();
        assert_eq!(judge(doubtful(1..=15), head), (gone, pages), "{head}");
    }
    let (gone, pages) = judge(doubtful(1..=200), 300);
    assert_eq!((gone, pages), ((11..=200).collect(), 8));
}

#[test]
fn what_others_wrote_and_what_is_looked_for_already_is_not_doubtful() {
    let mut rows = doubtful(1..=10);
    rows.add(me(), &[Arc::new(message(10))]);
    let theirs = UserId::from_bytes([9; 16]);
    rows.add(Some(theirs), &[Arc::new(message(11))]);
    rows.add(None, &[Arc::new(message(11))]);
    assert_eq!(rows.rows.len(), 10);
}

#[test]
fn an_edit_and_a_deletion_that_are_gone_are_told_too() {
    let mut edited = message(3);
    edited.edit("edited", None, &[], 9_000);
    let mut deleted = message(4);
    deleted.delete();
    let (mut both, mut mine) = (message(5), message(6));
    both.edit("the same", None, &[], 9_000);
    mine.edit("from elsewhere", None, &[], 9_000);
    let mut doubtful = Doubtful::default();
    let rows: Vec<_> = [edited, deleted, both.clone(), message(6)].map(Arc::new).into();
    doubtful.add(me(), &rows);
    let mut page = page(1, 10);
    page.messages[4] = both;
    page.messages[5] = mine;
    let gone = doubtful.judge("lobby", &page);
    let gone: Vec<_> = gone
        .iter()
        .map(|row| (row.operation, row.target, &*row.message))
        .collect();
    assert_eq!(gone, [(Operation::Delete, 4, ""), (Operation::Edit, 3, "edited")]);
    assert_eq!(doubtful.next(), None);
}

//! Who is typing in a room right now.

use protocol::{PersonName, UserId};

use crate::limits::{
    TYPING_AHEAD_MS, TYPING_EXPIRES_MS, TYPING_INTERVAL_MS, TYPING_PEOPLE_MAX, TYPING_REMEMBERED_PEOPLE_MAX,
};
use crate::presence::Person;

/// The people of one room who are typing: those whose page said so less than [`TYPING_EXPIRES_MS`] ago and has not said
/// otherwise since.
///
/// At most [`TYPING_PEOPLE_MAX`] of them. A page that says so more often than every [`TYPING_INTERVAL_MS`], after a few at
/// once ([`TYPING_AHEAD_MS`]), or when there are that many, is not heard; that somebody has stopped is always heard, for
/// it takes a beginning to stop. Ephemeral: nothing of it is stored. Times are in milliseconds since any moment, by a clock that
/// never goes back.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    /// In the order in which they began, and after they stopped until they may begin again.
    typists: Vec<Typist>,
}

/// What came of a page's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It came too often, or says nothing.
    No,
    /// Others see what they saw before.
    Unseen,
    /// Others see a change.
    Seen,
}

impl Heard {
    pub(crate) fn is_heard(self) -> bool {
        self != Self::No
    }

    pub(crate) fn is_seen(self) -> bool {
        self == Self::Seen
    }

    fn of(is_seen: bool) -> Self {
        if is_seen { Self::Seen } else { Self::Unseen }
    }
}

#[derive(Debug)]
struct Typist {
    person: Person,
    /// When they last were heard to be typing.
    at_ms: u64,
    /// Until when what they have said is enough.
    until_ms: u64,
    is_typing: bool,
}

impl Typist {
    const fn is_over(&self, now_ms: u64) -> bool {
        if self.is_typing {
            now_ms.saturating_sub(self.at_ms) >= TYPING_EXPIRES_MS
        } else {
            now_ms >= self.until_ms
        }
    }

    /// Hears them, unless they come too often.
    fn hear(&mut self, now_ms: u64) -> bool {
        let is_heard = self.until_ms <= now_ms + TYPING_AHEAD_MS;
        if is_heard {
            self.at_ms = now_ms;
            self.until_ms = self.until_ms.max(now_ms) + TYPING_INTERVAL_MS;
        }
        is_heard
    }
}

impl Typing {
    /// The person's page says that they are typing, or that they are not any more.
    pub(crate) fn set(
        &mut self,
        user_id: UserId,
        name: Option<PersonName>,
        now_ms: u64,
        is_typing: bool,
    ) -> Heard {
        let index = self
            .typists
            .iter()
            .position(|typist| typist.person.user_id == user_id);
        match (index, is_typing) {
            (None, false) => Heard::No,
            (Some(index), false) => self.stop(index),
            (None, true) => {
                let mut typist = Typist {
                    person: Person { user_id, name },
                    at_ms: now_ms,
                    until_ms: now_ms,
                    is_typing: true,
                };
                typist.hear(now_ms);
                self.begin(typist, now_ms)
            }
            (Some(index), true) => self.go_on(index, name, now_ms),
        }
    }

    /// Somebody is called something else now. Says whether others see a change.
    pub(crate) fn rename(&mut self, user_id: UserId, name: &PersonName) -> bool {
        let mut typists = self.typists.iter_mut();
        let typist = typists.find(|typist| typist.person.user_id == user_id);
        typist.is_some_and(|typist| {
            let before = typist.person.name.replace(name.clone());
            typist.is_typing && before.as_ref() != Some(name)
        })
    }

    /// Forgets those who were not heard of for too long. Says whether others see a change.
    pub(crate) fn tick(&mut self, now_ms: u64) -> bool {
        let before = self.count();
        self.typists.retain(|typist| !typist.is_over(now_ms));
        self.count() < before
    }

    /// Forgets those whom `is_here` does not know, if so many are remembered that nobody else would be heard. Says whether others
    /// see a change.
    pub(crate) fn make_room(&mut self, is_here: impl Fn(UserId) -> bool) -> bool {
        if self.typists.len() < TYPING_REMEMBERED_PEOPLE_MAX && self.count() < TYPING_PEOPLE_MAX {
            return false;
        }
        let before = self.count();
        self.typists.retain(|typist| is_here(typist.person.user_id));
        self.count() < before
    }

    /// Who is typing, in the order in which they began.
    pub(crate) fn snapshot(&self) -> Vec<Person> {
        self.now_typing().map(|typist| typist.person.clone()).collect()
    }

    /// Whether there is nothing to remember.
    pub(crate) const fn is_empty(&self) -> bool {
        self.typists.is_empty()
    }

    fn stop(&mut self, index: usize) -> Heard {
        if std::mem::take(&mut self.typists[index].is_typing) {
            Heard::Seen
        } else {
            Heard::No
        }
    }

    fn go_on(&mut self, index: usize, name: Option<PersonName>, now_ms: u64) -> Heard {
        let typist = &mut self.typists[index];
        if !typist.hear(now_ms) {
            return Heard::No;
        }
        let is_renamed = typist.person.name != name;
        typist.person.name = name;
        if typist.is_typing {
            return Heard::of(is_renamed);
        }
        let mut typist = self.typists.remove(index);
        typist.is_typing = true;
        self.begin(typist, now_ms)
    }

    fn begin(&mut self, typist: Typist, now_ms: u64) -> Heard {
        // Only those who stopped: who is typing is shown until a tick says otherwise.
        self.typists
            .retain(|typist| typist.is_typing || !typist.is_over(now_ms));
        if self.count() >= TYPING_PEOPLE_MAX || self.typists.len() >= TYPING_REMEMBERED_PEOPLE_MAX {
            return Heard::No;
        }
        self.typists.push(typist);
        Heard::Seen
    }

    fn now_typing(&self) -> impl Iterator<Item = &Typist> {
        self.typists.iter().filter(|typist| typist.is_typing)
    }

    fn count(&self) -> usize {
        self.now_typing().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u64) -> UserId {
        UserId::from_parts(number, [7; 10])
    }

    fn users(typing: &Typing) -> Vec<UserId> {
        typing.snapshot().iter().map(|person| person.user_id).collect()
    }

    #[test]
    fn somebody_is_typing_until_they_stop() {
        let mut typing = Typing::default();
        assert!(typing.set(user(1), None, 0, true).is_seen());
        assert!(typing.set(user(2), None, 10, true).is_seen());
        assert_eq!(users(&typing), [user(1), user(2)]);
        assert!(typing.set(user(1), None, 20, false).is_seen());
        assert_eq!(users(&typing), [user(2)]);
        assert!(!typing.set(user(1), None, 30, false).is_seen());
        assert!(!typing.set(user(3), None, 30, false).is_seen());
    }

    #[test]
    fn somebody_of_whom_nothing_is_heard_stops_after_five_seconds() {
        let mut typing = Typing::default();
        typing.set(user(1), None, 0, true);
        typing.set(user(2), None, 0, true);
        assert!(!typing.set(user(2), None, 4_000, true).is_seen());
        assert!(!typing.tick(TYPING_EXPIRES_MS - 1));
        assert!(typing.tick(TYPING_EXPIRES_MS));
        assert_eq!(users(&typing), [user(2)]);
        assert!(typing.tick(4_000 + TYPING_EXPIRES_MS));
        assert!(typing.is_empty());
        assert!(!typing.tick(1_000_000));
    }

    #[test]
    fn a_page_is_heard_once_a_second_in_the_long_run() {
        let mut typing = Typing::default();
        let mut heard = 0;
        for now_ms in (0..100_000).step_by(10) {
            heard += usize::from(typing.set(user(1), None, now_ms, true).is_seen());
            typing.set(user(1), None, now_ms, false);
        }
        assert!((100..=103).contains(&heard), "{heard} times in 100 s");
    }

    #[test]
    fn what_is_not_heard_keeps_nobody_typing() {
        let mut typing = Typing::default();
        for _ in 0..10 {
            typing.set(user(1), None, 0, true);
        }
        assert!(!typing.set(user(1), None, 500, true).is_seen());
        assert!(typing.tick(TYPING_EXPIRES_MS));
        assert!(typing.is_empty());
    }

    #[test]
    fn who_begins_again_within_the_same_second_is_heard() {
        let mut typing = Typing::default();
        for _ in 0..3 {
            assert!(typing.set(user(1), None, 0, true).is_seen());
            assert!(typing.set(user(1), None, 0, false).is_seen());
        }
        assert!(!typing.set(user(1), None, 0, true).is_seen());
        assert!(!typing.tick(999));
        assert!(typing.set(user(1), None, 1_000, true).is_seen());
    }

    #[test]
    fn typing_on_changes_nothing_but_a_new_name() {
        let mut typing = Typing::default();
        typing.set(user(1), None, 0, true);
        assert!(!typing.set(user(1), None, 1_000, true).is_seen());
        let name = PersonName::parse("철수").unwrap();
        assert!(typing.set(user(1), Some(name.clone()), 2_000, true).is_seen());
        assert_eq!(typing.snapshot()[0].name, Some(name));
    }

    #[test]
    fn who_is_renamed_goes_on_typing_under_the_new_name() {
        let mut typing = Typing::default();
        typing.set(user(1), None, 0, true);
        let name = PersonName::parse("철수").unwrap();
        assert!(typing.rename(user(1), &name));
        assert_eq!(typing.snapshot()[0].name, Some(name.clone()));
        assert!(!typing.rename(user(1), &name), "nothing has changed");
        assert!(!typing.rename(user(2), &name), "they are not typing");
    }

    #[test]
    fn who_begins_again_comes_last() {
        let mut typing = Typing::default();
        typing.set(user(1), None, 0, true);
        typing.set(user(2), None, 0, true);
        typing.set(user(1), None, 500, false);
        assert!(typing.set(user(1), None, 1_000, true).is_seen());
        assert_eq!(users(&typing), [user(2), user(1)]);
    }

    #[test]
    fn no_more_than_ten_are_typing() {
        let mut typing = Typing::default();
        let most = TYPING_PEOPLE_MAX as u64;
        for number in 0..most {
            assert!(typing.set(user(number), None, 0, true).is_seen());
        }
        assert!(!typing.set(user(most), None, 0, true).is_seen());
        assert_eq!(typing.snapshot().len(), TYPING_PEOPLE_MAX);
        typing.set(user(0), None, 10, false);
        assert!(typing.set(user(most), None, 10, true).is_seen());
        assert!(!typing.set(user(0), None, 2_000, true).is_seen());
        assert_eq!(typing.snapshot().len(), TYPING_PEOPLE_MAX);
    }

    #[test]
    fn a_crowd_that_begins_and_stops_at_once_is_not_remembered_beyond_the_bound() {
        let mut typing = Typing::default();
        for number in 0..1_000 {
            typing.set(user(number), None, 0, true);
            typing.set(user(number), None, 0, false);
        }
        assert_eq!(typing.typists.len(), TYPING_REMEMBERED_PEOPLE_MAX);
        assert!(!typing.set(user(5_000), None, 0, true).is_seen());
        assert!(typing.set(user(5_000), None, TYPING_INTERVAL_MS, true).is_seen());
        assert_eq!(typing.typists.len(), 1);
    }
}

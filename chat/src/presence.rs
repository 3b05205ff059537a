//! Who is in a room right now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use protocol::{PersonName, UserId};

use crate::limits::{PRESENCE_GRACE_MS, PRESENCE_PEOPLE_MAX, PRESENCE_SHOWN_PEOPLE};

/// The people of one room who are here: those of whom at least one session is, and those whose last session left less
/// than [`PRESENCE_GRACE_MS`] ago, so that a reload or a poll's pause does not show.
///
/// At most [`PRESENCE_PEOPLE_MAX`] are remembered. Ephemeral: nothing of it is stored. Times are in milliseconds since any
/// moment, by a clock that never goes back.
///
/// Invariant: everybody in `people` is in `by_arrival`, and in `leaving` while they have no session.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    people: HashMap<UserId, Here>,
    by_arrival: BTreeMap<u64, UserId>,
    /// When the last session of each left.
    leaving: BTreeSet<(u64, UserId)>,
    arrivals: u64,
    /// Those who are not remembered any more and were not asked for yet.
    forgotten: Vec<UserId>,
    /// Whether who has a session at this node has changed since that was asked.
    has_changed_here: bool,
}

/// Somebody who is here.
#[derive(Debug)]
struct Here {
    name: Option<PersonName>,
    /// Of all nodes.
    sessions: u32,
    /// How many of them are other nodes'.
    elsewhere: u32,
    /// When the last session left, if none is here.
    left_at_ms: Option<u64>,
    arrival: u64,
}

impl Here {
    const fn has_session_here(&self) -> bool {
        self.sessions > self.elsewhere
    }

    /// Counts a session more or less.
    fn count(&mut self, at: Node, count: fn(u32, u32) -> u32) {
        self.sessions = count(self.sessions, 1);
        if at == Node::Other {
            self.elsewhere = count(self.elsewhere, 1);
        }
    }
}

/// Where a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// In this process.
    This,
    /// At another node, which says so: one for each node where the person has any.
    Other,
}

/// Somebody, as others see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who it is.
    pub user_id: UserId,
    /// None while they have not named themselves.
    pub name: Option<PersonName>,
}

/// Who is here, as others see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// Those who came first, in the order in which they came.
    pub people: Vec<Person>,
    /// How many are here in all.
    pub count: usize,
}

impl Presence {
    /// A session of the person's has come. Says whether others see a change.
    pub(crate) fn enter(&mut self, user_id: UserId, name: Option<PersonName>, at: Node) -> bool {
        if let Some(here) = self.people.get_mut(&user_id) {
            let was_here = here.has_session_here();
            here.count(at, u32::saturating_add);
            self.has_changed_here |= here.has_session_here() != was_here;
            if let Some(left_at_ms) = here.left_at_ms.take() {
                self.leaving.remove(&(left_at_ms, user_id));
            }
            // Who comes without a name may have been asked for it before they gave themselves one.
            return name.is_some_and(|name| self.rename(user_id, &name));
        }
        if self.people.len() >= PRESENCE_PEOPLE_MAX && !self.forget_first_to_leave() {
            return false;
        }
        let arrival = self.arrivals;
        self.arrivals += 1;
        self.by_arrival.insert(arrival, user_id);
        let here = Here {
            name,
            sessions: 1,
            elsewhere: u32::from(at == Node::Other),
            left_at_ms: None,
            arrival,
        };
        self.has_changed_here |= here.has_session_here();
        self.people.insert(user_id, here);
        true
    }

    /// A session that had entered is gone. Others see it, if at all, when the grace is over.
    pub(crate) fn leave(&mut self, user_id: UserId, at: Node, now_ms: u64) {
        let Some(here) = self.people.get_mut(&user_id) else {
            return;
        };
        let was_here = here.has_session_here();
        here.count(at, u32::saturating_sub);
        self.has_changed_here |= here.has_session_here() != was_here;
        if here.sessions == 0 && here.left_at_ms.is_none() {
            here.left_at_ms = Some(now_ms);
            self.leaving.insert((now_ms, user_id));
        }
    }

    /// The person is called something else now. Says whether others see a change: not if they are not here, nor if they
    /// are only counted.
    pub(crate) fn rename(&mut self, user_id: UserId, name: &PersonName) -> bool {
        let Some(here) = self.people.get_mut(&user_id) else {
            return false;
        };
        if here.name.as_ref() == Some(name) {
            return false;
        }
        here.name = Some(name.clone());
        let arrival = here.arrival;
        self.is_shown(arrival)
    }

    /// Lets those go whose grace is over. Says whether others see a change.
    pub(crate) fn tick(&mut self, now_ms: u64) -> bool {
        let mut has_changed = false;
        while let Some((left_at_ms, _)) = self.leaving.first()
            && now_ms.saturating_sub(*left_at_ms) >= PRESENCE_GRACE_MS
        {
            has_changed |= self.forget_first_to_leave();
        }
        if self.people.len() < self.people.capacity() / 4 {
            // A crowd that came and went must not leave its places behind.
            let room_to_grow = self.people.len() * 2;
            self.people.shrink_to(room_to_grow);
        }
        has_changed
    }

    /// Those who were here and are not any more, since this was asked the last time.
    pub(crate) fn take_forgotten(&mut self) -> Vec<UserId> {
        std::mem::take(&mut self.forgotten)
    }

    /// Who is here; of more people than `most`, those who came first.
    pub(crate) fn snapshot(&self, most: usize) -> Present {
        let shown = self.by_arrival.values().take(most);
        let person = |user_id: &UserId| Person {
            user_id: *user_id,
            name: self.people.get(user_id).and_then(|here| here.name.clone()),
        };
        Present {
            people: shown.map(person).collect(),
            count: self.people.len(),
        }
    }

    /// Whether who has a session at this node has changed since this was asked the last time.
    pub(crate) fn take_change_here(&mut self) -> bool {
        std::mem::take(&mut self.has_changed_here)
    }

    /// Those who have a session at this node, in the order in which they came.
    pub(crate) fn people_here(&self) -> Vec<UserId> {
        let has_session_here =
            |user_id: &&UserId| self.people.get(user_id).is_some_and(Here::has_session_here);
        self.by_arrival
            .values()
            .filter(has_session_here)
            .copied()
            .collect()
    }

    /// What somebody is called, if they are here and have named themselves.
    pub(crate) fn name_of(&self, user_id: UserId) -> Option<&PersonName> {
        self.people.get(&user_id)?.name.as_ref()
    }

    /// Whether somebody is here.
    pub(crate) fn contains(&self, user_id: UserId) -> bool {
        self.people.contains_key(&user_id)
    }

    /// Whether a session of theirs is here now.
    pub(crate) fn has_session(&self, user_id: UserId) -> bool {
        let here = self.people.get(&user_id);
        here.is_some_and(|here| here.left_at_ms.is_none())
    }

    /// How many have a session here now.
    pub(crate) fn session_count(&self) -> usize {
        self.people.len() - self.leaving.len()
    }

    /// Forgets those who are leaving, though their grace is not over. Says whether others see a change.
    pub(crate) fn forget_leaving(&mut self) -> bool {
        self.tick(u64::MAX)
    }

    /// How many are here.
    pub(crate) fn count(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody is here.
    pub(crate) fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    fn is_shown(&self, arrival: u64) -> bool {
        let earlier = self.by_arrival.range(..arrival);
        earlier.take(PRESENCE_SHOWN_PEOPLE).count() < PRESENCE_SHOWN_PEOPLE
    }

    fn forget_first_to_leave(&mut self) -> bool {
        let Some((_, user_id)) = self.leaving.pop_first() else {
            return false;
        };
        if let Some(here) = self.people.remove(&user_id) {
            self.by_arrival.remove(&here.arrival);
            self.forgotten.push(user_id);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u64) -> UserId {
        UserId::from_parts(number, [7; 10])
    }

    fn name(text: &str) -> PersonName {
        PersonName::parse(text).unwrap()
    }

    fn names(presence: &Presence) -> Vec<String> {
        let people = presence.snapshot(PRESENCE_SHOWN_PEOPLE).people;
        let name = |person: Person| person.name.map_or_else(String::new, |name| name.to_string());
        people.into_iter().map(name).collect()
    }

    #[test]
    fn people_are_listed_in_the_order_in_which_they_came() {
        let mut presence = Presence::default();
        assert!(presence.is_empty());
        for (number, text) in [(3, "다"), (1, "가"), (2, "나")] {
            assert!(presence.enter(user(number), Some(name(text)), Node::This));
        }
        assert!(presence.enter(user(9), None, Node::This));
        assert_eq!(names(&presence), ["다", "가", "나", ""]);
        assert_eq!(presence.count(), 4);
    }

    #[test]
    fn a_reload_within_the_grace_is_not_seen() {
        let mut presence = Presence::default();
        presence.enter(user(1), Some(name("가")), Node::This);
        presence.enter(user(2), None, Node::This);
        let before = presence.snapshot(PRESENCE_SHOWN_PEOPLE);
        presence.leave(user(1), Node::This, 1_000);
        assert!(!presence.tick(1_000 + PRESENCE_GRACE_MS - 1));
        assert!(!presence.enter(user(1), Some(name("가")), Node::This));
        assert!(!presence.tick(1_000_000));
        assert_eq!(presence.snapshot(PRESENCE_SHOWN_PEOPLE), before);
    }

    #[test]
    fn somebody_who_left_is_gone_when_the_grace_is_over() {
        let mut presence = Presence::default();
        presence.enter(user(1), None, Node::This);
        presence.enter(user(2), None, Node::This);
        presence.leave(user(1), Node::This, 1_000);
        assert!(presence.tick(1_000 + PRESENCE_GRACE_MS));
        assert_eq!(presence.snapshot(PRESENCE_SHOWN_PEOPLE).count, 1);
        assert_eq!(
            presence.snapshot(PRESENCE_SHOWN_PEOPLE).people[0].user_id,
            user(2)
        );
        assert!(!presence.tick(1_000_000));
        assert!(presence.enter(user(1), None, Node::This));
        assert_eq!(
            presence.snapshot(PRESENCE_SHOWN_PEOPLE).people[1].user_id,
            user(1)
        );
    }

    #[test]
    fn the_grace_begins_anew_with_every_departure() {
        let mut presence = Presence::default();
        presence.enter(user(1), None, Node::This);
        presence.leave(user(1), Node::This, 0);
        presence.enter(user(1), None, Node::This);
        presence.leave(user(1), Node::This, 9_000);
        assert!(!presence.tick(PRESENCE_GRACE_MS));
        assert!(presence.tick(9_000 + PRESENCE_GRACE_MS));
        assert!(presence.is_empty());
    }

    #[test]
    fn two_sessions_of_one_person_count_once_and_both_must_leave() {
        let mut presence = Presence::default();
        assert!(presence.enter(user(1), None, Node::This));
        assert!(!presence.enter(user(1), None, Node::This));
        assert_eq!(presence.count(), 1);
        presence.leave(user(1), Node::This, 0);
        assert!(!presence.tick(1_000_000));
        presence.leave(user(1), Node::This, 1_000_000);
        assert!(presence.tick(2_000_000));
        assert!(presence.is_empty());
    }

    #[test]
    fn leaving_more_often_than_entering_changes_nothing() {
        let mut presence = Presence::default();
        presence.leave(user(1), Node::This, 0);
        presence.enter(user(1), None, Node::This);
        presence.leave(user(1), Node::This, 0);
        presence.leave(user(1), Node::This, 5_000);
        assert!(presence.tick(PRESENCE_GRACE_MS));
        assert!(presence.is_empty());
        assert!(!presence.tick(1_000_000));
    }

    #[test]
    fn a_new_name_is_seen_and_an_old_one_or_none_is_not() {
        let mut presence = Presence::default();
        presence.enter(user(1), None, Node::This);
        assert!(presence.rename(user(1), &name("가")));
        assert!(!presence.rename(user(1), &name("가")));
        assert!(!presence.rename(user(2), &name("나")));
        assert!(!presence.enter(user(1), None, Node::This));
        assert_eq!(names(&presence), ["가"]);
        assert!(presence.enter(user(1), Some(name("다")), Node::This));
        assert_eq!(names(&presence), ["다"]);
    }

    #[test]
    fn beyond_the_first_fifty_people_are_only_counted() {
        let mut presence = Presence::default();
        let shown = PRESENCE_SHOWN_PEOPLE as u64;
        for number in 0..=shown {
            assert!(presence.enter(user(number), None, Node::This));
        }
        let present = presence.snapshot(PRESENCE_SHOWN_PEOPLE);
        assert_eq!(
            (present.people.len(), present.count),
            (PRESENCE_SHOWN_PEOPLE, PRESENCE_SHOWN_PEOPLE + 1)
        );
        assert!(!presence.rename(user(shown), &name("가")));
        assert!(presence.rename(user(shown - 1), &name("나")));
        presence.leave(user(0), Node::This, 0);
        assert!(presence.tick(PRESENCE_GRACE_MS));
        assert_eq!(names(&presence).last().map(String::as_str), Some("가"));
    }

    #[test]
    fn a_full_room_forgets_those_who_left_first_and_then_takes_nobody() {
        let mut presence = Presence::default();
        let most = PRESENCE_PEOPLE_MAX as u64;
        for number in 0..most {
            presence.enter(user(number), None, Node::This);
        }
        assert!(!presence.enter(user(most), None, Node::This));
        presence.leave(user(most), Node::This, 0);
        presence.leave(user(5), Node::This, 20);
        presence.leave(user(4), Node::This, 10);
        assert!(presence.enter(user(most), None, Node::This));
        assert_eq!(presence.count(), PRESENCE_PEOPLE_MAX);
        assert!(!presence.people.contains_key(&user(4)));
        assert!(presence.people.contains_key(&user(5)));
    }

    #[test]
    fn a_crowd_that_came_and_went_leaves_no_memory_behind() {
        let mut presence = Presence::default();
        for number in 0..10_000 {
            presence.enter(user(number), None, Node::This);
            if number > 0 {
                presence.leave(user(number), Node::This, number);
            }
        }
        assert!(presence.tick(1_000_000));
        assert_eq!(presence.count(), 1);
        assert!(presence.people.capacity() < 100);
        assert_eq!((presence.by_arrival.len(), presence.leaving.len()), (1, 0));
    }

    #[test]
    fn somebody_who_is_at_two_nodes_is_here_once_until_both_are_left() {
        let mut presence = Presence::default();
        assert!(presence.enter(user(1), None, Node::Other));
        assert!(!presence.take_change_here());
        assert!(!presence.enter(user(1), None, Node::This));
        assert!(presence.take_change_here());
        assert_eq!((presence.count(), presence.people_here()), (1, vec![user(1)]));
        presence.leave(user(1), Node::This, 0);
        assert!(presence.take_change_here());
        assert!(presence.people_here().is_empty());
        assert!(!presence.tick(1_000_000));
        presence.leave(user(1), Node::Other, 1_000_000);
        assert!(!presence.take_change_here());
        assert!(presence.tick(1_000_000 + PRESENCE_GRACE_MS));
    }

    #[test]
    fn only_the_first_and_the_last_session_at_this_node_are_told_to_others() {
        let mut presence = Presence::default();
        let mut changes = Vec::new();
        for (comes, at) in [
            (true, Node::This),
            (true, Node::This),
            (true, Node::Other),
            (false, Node::This),
            (false, Node::This),
            (true, Node::This),
            (false, Node::Other),
        ] {
            if comes {
                presence.enter(user(1), None, at);
            } else {
                presence.leave(user(1), at, 0);
            }
            changes.push(presence.take_change_here());
        }
        assert_eq!(changes, [true, false, false, false, true, true, false]);
    }
}

//! Who is in the room that is shown and who is typing there, we too: what is in no log, is said anew, and expires.

use protocol::UserId;

use crate::limits::{NAMES_MAX, TYPING_AGAIN_MS, TYPING_INTERVAL_MS, TYPING_PAUSE_MS, TYPING_SHOWN_MAX_MS};
use crate::model::person::Person;

/// What is known of the people in the room.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    /// The people in the room; none where they are too many to be named.
    pub(crate) here: Vec<Person>,
    /// The number of people in the room.
    pub(crate) count: u64,
    /// What people are called, as far as is known: in any room, [`NAMES_MAX`] at most.
    pub(crate) names: Vec<Person>,
    /// Those who are typing, perhaps including this person.
    pub(crate) typing: Vec<Person>,
    /// When `typing` expires (ms).
    typing_until: u64,
    /// Time of the last key (ms); `None` when nothing is being written.
    key: Option<u64>,
    /// When `typing` was last sent as on (ms).
    said: Option<u64>,
    /// No `typing` is sent before this time.
    quiet_until: u64,
}

impl Presence {
    /// With the names that the page brings.
    pub(crate) fn knowing(names: Vec<Person>) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    /// Somebody is called so. True if they were known by another name, or by none.
    pub(crate) fn learn(&mut self, user_id: UserId, name: Option<&str>) -> bool {
        // Nobody loses a name.
        let Some(name) = name else { return false };
        let known = self.names.iter_mut().find(|known| known.user_id == user_id);
        let person = Person {
            user_id,
            name: Some(name.into()),
        };
        match known {
            Some(known) if *known == person => return false,
            Some(known) => *known = person,
            None => {
                if self.names.len() >= NAMES_MAX {
                    self.names.remove(0);
                }
                self.names.push(person);
            }
        }
        true
    }

    /// Whether so many people are in the room that they are not named.
    pub(crate) fn is_crowd(&self) -> bool {
        self.here.is_empty() && self.count > 0
    }

    /// Another line or another room: presence is unknown.
    pub(crate) fn reset(&mut self) {
        self.here.clear();
        self.count = 0;
        self.typing.clear();
        self.said = None;
    }

    /// The server says who is typing.
    pub(crate) fn set_typing(&mut self, now: u64, people: Vec<Person>) {
        self.typing = people;
        self.typing_until = now + TYPING_SHOWN_MAX_MS;
    }

    /// Somebody posted, so they are done typing. True if they were shown as typing.
    pub(crate) fn has_spoken(&mut self, user_id: UserId) -> bool {
        let before = self.typing.len();
        self.typing.retain(|person| person.user_id != user_id);
        self.typing.len() < before
    }

    /// A key was pressed in the composer.
    pub(crate) fn key(&mut self, now: u64) {
        self.key = Some(now);
    }

    /// The text was sent or given up.
    pub(crate) fn stop_typing(&mut self) {
        self.key = None;
    }

    /// The `typing` state to send now, if any.
    pub(crate) fn next(&mut self, now: u64) -> Option<bool> {
        self.key.take_if(|key| now >= *key + TYPING_PAUSE_MS);
        let Some(key) = self.key else {
            return self.said.take().map(|_| false);
        };
        let is_due = self.said.is_none_or(|said| key >= said + TYPING_AGAIN_MS);
        if !is_due || now < self.quiet_until {
            return None;
        }
        self.said = Some(now);
        self.quiet_until = now + TYPING_INTERVAL_MS;
        Some(true)
    }

    /// When [`Presence::next`] or [`Presence::tick`] has something to do. Without a line there is nobody to say it to.
    pub(crate) fn due(&self, is_up: bool) -> u64 {
        let never = u64::MAX;
        let own = match (self.key, self.said) {
            _ if !is_up => never,
            (None, None) => never,
            (None, Some(_)) => 0,
            (Some(_), None) => self.quiet_until,
            (Some(key), Some(_)) => key + TYPING_PAUSE_MS,
        };
        let others = if self.typing.is_empty() {
            never
        } else {
            self.typing_until
        };
        own.min(others)
    }

    /// Expires those who are typing. True if any did.
    pub(crate) fn tick(&mut self, now: u64) -> bool {
        let is_over = now >= self.typing_until && !self.typing.is_empty();
        if is_over {
            self.typing.clear();
        }
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was said while keys were pressed at these times.
    fn said(keys: &[u64], until: u64) -> Vec<(u64, bool)> {
        let mut presence = Presence::default();
        let mut said = Vec::new();
        for now in 0..until {
            if keys.contains(&now) {
                presence.key(now);
            }
            if now >= presence.due(true) || keys.contains(&now) {
                said.extend(presence.next(now).map(|on| (now, on)));
            }
        }
        said
    }

    #[test]
    fn typing_is_said_at_once_again_every_three_seconds_and_taken_back_after_five_without_a_key() {
        let keys: Vec<u64> = (100..7_000).step_by(200).collect();
        assert_eq!(
            said(&keys, 20_000),
            [(100, true), (3_100, true), (6_100, true), (11_900, false)]
        );
        assert_eq!(
            said(&[100, 5_500], 20_000),
            [(100, true), (5_100, false), (5_500, true), (10_500, false)]
        );
    }

    #[test]
    fn it_is_taken_back_when_it_was_said_and_not_said_again_within_a_second_and_a_fifth() {
        let mut presence = Presence::default();
        presence.key(1_000);
        assert_eq!(presence.next(1_000), Some(true));
        presence.stop_typing();
        assert_eq!(presence.next(1_200), Some(false));
        assert_eq!(presence.next(1_200), None);
        presence.key(1_300);
        assert_eq!((presence.next(1_300), presence.due(true)), (None, 2_200));
        assert_eq!(presence.next(2_200), Some(true));
    }

    #[test]
    fn others_stop_typing_when_they_have_spoken_or_nothing_more_is_heard() {
        let person = |number| Person {
            user_id: UserId::from_bytes([number; 16]),
            name: None,
        };
        let mut presence = Presence::default();
        presence.set_typing(0, vec![person(1), person(2)]);
        assert!(presence.has_spoken(person(1).user_id));
        assert!(!presence.has_spoken(person(1).user_id));
        assert!(!presence.tick(presence.due(true) - 1));
        assert_eq!(presence.typing, [person(2)]);
        assert!(presence.tick(presence.due(true)));
        assert_eq!((presence.typing.len(), presence.due(true)), (0, u64::MAX));
    }
}

//! How often one identity may post, or ask for anything else that has a rate.
//!
//! The generic cell rate algorithm (ITU-T I.371): one number an identity, its "theoretical arrival time". A burst of
//! N posts is free, then one every window/N.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use protocol::UserId;
use protocol::limits::POST_RATE_WINDOW_MS;

use crate::limits::POST_LIMITER_IDENTITIES_MAX;

const WINDOW_US: u64 = POST_RATE_WINDOW_MS * 1_000;

/// The post rate of every identity that has posted lately.
#[derive(Debug)]
pub(crate) struct PostLimiter {
    /// Microseconds between posts in the long run; 0 for no limit.
    interval_us: u64,
    started: Instant,
    arrivals_us: Mutex<HashMap<UserId, u64>>,
}

impl PostLimiter {
    /// A limiter that lets `posts_per_window` through in [`POST_RATE_WINDOW_MS`]; 0 means no limit.
    pub(crate) fn new(posts_per_window: u32) -> Self {
        let interval_us = if posts_per_window == 0 {
            0
        } else {
            (WINDOW_US / u64::from(posts_per_window)).max(1)
        };
        Self {
            interval_us,
            started: Instant::now(),
            arrivals_us: Mutex::default(),
        }
    }

    /// Takes one post of this identity.
    ///
    /// # Errors
    /// After how many milliseconds it may try again.
    pub(crate) fn take(&self, user_id: UserId) -> Result<(), u64> {
        self.take_many(user_id, 1)
    }

    /// Takes so many of this identity, or none; more than a window has are never let through.
    ///
    /// # Errors
    /// As for [`PostLimiter::take`].
    pub(crate) fn take_many(&self, user_id: UserId, count: usize) -> Result<(), u64> {
        self.take_at(user_id, count, self.now_us())
    }

    /// Takes one that has come already; how many milliseconds the next may not come, if there was no room for it.
    pub(crate) fn overdraw(&self, user_id: UserId) -> Option<u64> {
        self.overdraw_at(user_id, self.now_us())
    }

    /// Gives one back that was not taken after all.
    pub(crate) fn give_back(&self, user_id: UserId) {
        let mut arrivals = self.arrivals_us.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(arrival) = arrivals.get_mut(&user_id) {
            *arrival = arrival.saturating_sub(self.interval_us);
        }
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn overdraw_at(&self, user_id: UserId, now_us: u64) -> Option<u64> {
        let wait_ms = self.take_at(user_id, 1, now_us).err()?;
        let mut arrivals = self.arrivals_us.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(arrival) = arrivals.get_mut(&user_id) {
            *arrival = arrival.saturating_add(self.interval_us);
        }
        Some(wait_ms)
    }

    fn take_at(&self, user_id: UserId, count: usize, now_us: u64) -> Result<(), u64> {
        if self.interval_us == 0 {
            return Ok(());
        }
        let mut arrivals = self.arrivals_us.lock().unwrap_or_else(PoisonError::into_inner);
        if arrivals.len() >= POST_LIMITER_IDENTITIES_MAX && !arrivals.contains_key(&user_id) {
            // Whoever's time has come has its whole burst again: nothing is lost by forgetting it.
            arrivals.retain(|_, arrival| *arrival > now_us);
            if arrivals.len() >= POST_LIMITER_IDENTITIES_MAX {
                return Err(POST_RATE_WINDOW_MS);
            }
        }
        let arrival = arrivals.entry(user_id).or_insert(now_us);
        let cost_us = self.interval_us.saturating_mul(count as u64);
        let next = (*arrival).max(now_us).saturating_add(cost_us);
        let excess = (next - now_us).saturating_sub(WINDOW_US);
        if excess > 0 {
            return Err(excess.div_ceil(1_000));
        }
        *arrival = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_then_one_every_third_of_a_second() {
        let limiter = PostLimiter::new(30);
        let user = chat::ids::user_id();
        for _ in 0..30 {
            assert_eq!(limiter.take_at(user, 1, 0), Ok(()));
        }
        let wait_ms = limiter.take_at(user, 1, 0).unwrap_err();
        assert_eq!(wait_ms, 334);
        assert_eq!(limiter.take_at(user, 1, wait_ms * 1_000), Ok(()));
        assert!(limiter.take_at(user, 1, wait_ms * 1_000).is_err());
        assert_eq!(
            limiter.take_at(chat::ids::user_id(), 1, 0),
            Ok(()),
            "others are not concerned"
        );
    }

    #[test]
    fn what_is_given_back_costs_nothing() {
        let limiter = PostLimiter::new(1);
        let user = chat::ids::user_id();
        assert_eq!(limiter.take_at(user, 1, 0), Ok(()));
        limiter.give_back(user);
        assert_eq!(limiter.take_at(user, 1, 0), Ok(()));
    }

    #[test]
    fn many_are_taken_together_or_not_at_all() {
        let limiter = PostLimiter::new(30);
        let user = chat::ids::user_id();
        assert_eq!(limiter.take_at(user, 20, 0), Ok(()));
        assert!(limiter.take_at(user, 11, 0).is_err());
        assert_eq!(limiter.take_at(user, 10, 0), Ok(()));
        assert!(limiter.take_at(user, usize::MAX, WINDOW_US).is_err());
    }

    #[test]
    fn whoever_overdraws_waits_behind_all_who_did() {
        let limiter = PostLimiter::new(30);
        let user = chat::ids::user_id();
        assert_eq!(limiter.take_at(user, 30, 0), Ok(()));
        let waits = [(); 3].map(|()| limiter.overdraw_at(user, 0));
        assert_eq!(waits, [Some(334), Some(667), Some(1_000)]);
        assert_eq!(limiter.overdraw_at(chat::ids::user_id(), 0), None);
    }

    #[test]
    fn zero_means_no_limit() {
        let limiter = PostLimiter::new(0);
        let user = chat::ids::user_id();
        assert!((0..10_000).all(|_| limiter.take_at(user, 1, 0).is_ok()));
    }

    #[test]
    fn no_more_identities_are_remembered_than_there_is_room_for() {
        let limiter = PostLimiter::new(30);
        for _ in 0..POST_LIMITER_IDENTITIES_MAX {
            assert!(limiter.take_at(chat::ids::user_id(), 1, 0).is_ok());
        }
        assert!(limiter.take_at(chat::ids::user_id(), 1, 0).is_err());
        assert!(limiter.take_at(chat::ids::user_id(), 1, WINDOW_US).is_ok());
        assert!(limiter.arrivals_us.lock().unwrap().len() <= POST_LIMITER_IDENTITIES_MAX);
    }
}

//! The time of posting, carried in the message itself, so that a delivery needs no lookup.

use std::time::Instant;

/// What a message begins with; no other part of any server's frame contains it.
/// No sign that a server looks for in a text: a name that is called would be looked up.
const MARK: &[u8; 2] = b"=t";
/// Nanoseconds in decimal, enough for 115 days.
const DIGITS: usize = 16;

/// The generator's clock: nanoseconds since it was started.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn nanos(self) -> u64 {
        self.0.elapsed().as_nanos() as u64
    }
}

/// A message that carries the time it was posted at.
pub(crate) fn message(nanos: u64) -> String {
    format!("=t{nanos:0DIGITS$}")
}

/// Finds stamps in frames. A server's frames are alike, so the place of the last stamp is looked at first.
#[derive(Default)]
pub(crate) struct Finder {
    last_place: usize,
}

impl Finder {
    /// The time in a frame's message; `None` when the frame carries none.
    pub(crate) fn find(&mut self, frame: &[u8]) -> Option<u64> {
        if let Some(nanos) = stamp_at(frame, self.last_place) {
            return Some(nanos);
        }
        let places = frame
            .windows(MARK.len())
            .enumerate()
            .filter(|(_, window)| window == MARK);
        let (place, nanos) = places
            .map(|(place, _)| place)
            .find_map(|at| Some((at, stamp_at(frame, at)?)))?;
        self.last_place = place;
        Some(nanos)
    }
}

fn stamp_at(frame: &[u8], place: usize) -> Option<u64> {
    let stamp = frame.get(place..place + MARK.len() + DIGITS)?;
    let digits = stamp.strip_prefix(MARK)?;
    let mut nanos = 0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        nanos = nanos * 10 + u64::from(digit - b'0');
    }
    Some(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_found_again_wherever_the_server_puts_the_message() {
        let mut finder = Finder::default();
        for (nanos, before) in [
            (0, ""),
            (1, "{\"type\":\"message\",\"message\":\""),
            (9_999_999_999_999_999, "{\"m\":\""),
        ] {
            let frame = format!("{before}{}\",\"at\":1}}", message(nanos));
            assert_eq!(finder.find(frame.as_bytes()), Some(nanos));
            assert_eq!(
                finder.find(frame.as_bytes()),
                Some(nanos),
                "from the remembered place"
            );
        }
    }

    #[test]
    fn what_only_looks_like_a_stamp_is_none() {
        let mut finder = Finder::default();
        for frame in [
            "",
            "=t",
            "=t12345",
            "=t00000000000000x0",
            "{\"type\":\"userId\",\"userId\":\"x\"}",
        ] {
            assert_eq!(finder.find(frame.as_bytes()), None, "{frame}");
        }
        let late = format!("=t12 {}", message(42));
        assert_eq!(finder.find(late.as_bytes()), Some(42));
    }

    #[test]
    fn every_message_is_equally_long() {
        assert_eq!(message(0).len(), message(u64::from(u32::MAX) * 1_000_000).len());
    }
}

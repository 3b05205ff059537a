//! Times as the server writes them: in UTC, for it knows no time zone. A script in the page (`page/first_look.js`)
//! puts them right before they are seen.

use crate::page_words as words;
use crate::words::Lang;

/// `at` (Unix milliseconds) as an RFC 3339 time in UTC, for `<time datetime>`.
pub(crate) fn machine(at: u64) -> String {
    let [year, month, day, hour, minute, second] = civil(at);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `at` as a row shows it: `03:22`.
pub(crate) fn short(at: u64) -> String {
    let [_, _, _, hour, minute, _] = civil(at);
    format!("{hour:02}:{minute:02}")
}

/// `at` in full, and that it is in UTC.
pub(crate) fn full(at: u64) -> String {
    machine(at).replace('T', " ").replace('Z', " UTC")
}

/// Which day `at` is, counted from any other: for telling days apart.
pub(crate) const fn day(at: u64) -> u64 {
    at / 86_400_000
}

/// The name of the day of `at`, like `2026년 11월 24일 화요일`: as browsers write it.
pub(crate) fn day_name(at: u64, tag: &str) -> String {
    let words = words::of(Lang::parse(tag).unwrap_or_default());
    let [year, month, date, ..] = civil(at);
    // 1 January 1970 was a Thursday.
    let weekday = (day(at) + 4) % 7;
    words
        .day()
        .replace("{year}", &year.to_string())
        .replace("{month}", nth(words.months(), month - 1))
        .replace("{day}", &date.to_string())
        .replace("{weekday}", nth(words.weekdays(), weekday))
}

fn nth(list: &str, at: u64) -> &str {
    usize::try_from(at)
        .ok()
        .and_then(|at| list.split(' ').nth(at))
        .unwrap_or_default()
}

/// Year, month, day, hour, minute and second of the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day is a year's last and a month's first day is a linear function
/// of its number.
fn civil(unix_ms: u64) -> [u64; 6] {
    let seconds = unix_ms / 1_000;
    // Days since 1 March of the year 0: 719,468 before 1 January 1970.
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    [
        year,
        month,
        day,
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_calendar_has_them() {
        for (at, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_999, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59Z"),
            (1_795_490_525_123, "2026-11-24T03:22:05Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(machine(at), text);
        }
        assert_eq!(short(1_795_490_525_123), "03:22");
        assert_eq!(full(1_795_490_525_123), "2026-11-24 03:22:05 UTC");
    }

    #[test]
    fn days_have_their_names_in_every_language() {
        let at = 1_795_490_525_123;
        assert_eq!(day_name(at, "ko"), "2026년 11월 24일 화요일");
        assert_eq!(day_name(at, "en"), "Tuesday, November 24, 2026");
        assert_eq!(day_name(0, "en"), "Thursday, January 1, 1970");
    }
}

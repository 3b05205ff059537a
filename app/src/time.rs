//! Times as they are written in a row.
//!
//! The server knows no time zone and the browser's first rendering must equal the server's, so a time is first
//! written in UTC and, once the page is alive, in local time: the same pattern, so nothing moves.

/// `at` (Unix milliseconds) as an RFC 3339 time in UTC, for `<time datetime>`.
pub(crate) fn machine(at: u64) -> String {
    let [year, month, day, hour, minute, second] = civil(at);
    let mut text = year.to_string();
    for (sign, part) in [
        ('-', month),
        ('-', day),
        ('T', hour),
        (':', minute),
        (':', second),
    ] {
        text.push(sign);
        push_two(&mut text, part);
    }
    text.push('Z');
    text
}

/// `at` for people, so many minutes east of UTC: `11. 24. 12:22`.
pub(crate) fn short(at: u64, minutes_east: i32) -> String {
    let [_, month, day, hour, minute, _] = civil(at.saturating_add_signed(i64::from(minutes_east) * 60_000));
    let mut text = month.to_string();
    text.push_str(". ");
    text.push_str(&day.to_string());
    text.push_str(". ");
    push_two(&mut text, hour);
    text.push(':');
    push_two(&mut text, minute);
    text
}

fn push_two(text: &mut String, part: u64) {
    if part < 10 {
        text.push('0');
    }
    text.push_str(&part.to_string());
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
    }

    #[test]
    fn the_same_moment_reads_as_local_time_in_seoul_and_in_new_york() {
        let at = 1_795_490_525_123;
        assert_eq!(short(at, 0), "11. 24. 03:22");
        assert_eq!(short(at, 9 * 60), "11. 24. 12:22");
        assert_eq!(short(at, -5 * 60), "11. 23. 22:22");
    }
}

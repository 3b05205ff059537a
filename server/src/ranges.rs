//! Which `Range` of a file is served, and which is passed over (RFC 9110, section 14.2).

use axum::http::{HeaderMap, Method, header};

/// Takes a `Range` away that is to be ignored, so that the whole file is the answer: one for another method than GET, of a
/// unit that is not known, of several parts, one that makes no sense, and one that depends on a validator, for there is none
/// here that is strong enough. What is left is one range of bytes; that it lies within the file is looked at by who serves it.
pub(crate) fn keep_what_can_be_served(method: &Method, headers: &mut HeaderMap) {
    let mut ranges = headers.get_all(header::RANGE).iter();
    let is_one = ranges.next().is_some_and(|range| is_range(range.as_bytes())) && ranges.next().is_none();
    if !is_one || *method != Method::GET || headers.contains_key(header::IF_RANGE) {
        headers.remove(header::RANGE);
    }
}

fn is_range(value: &[u8]) -> bool {
    let Some((unit, range)) = std::str::from_utf8(value)
        .ok()
        .and_then(|value| value.split_once('='))
    else {
        return false;
    };
    let Some((first, last)) = range.trim().split_once('-') else {
        return false;
    };
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let makes_sense = match (number(first), number(last)) {
        (Some(first), Some(last)) => first <= last,
        (Some(_), None) => last.is_empty(),
        (None, Some(_)) => first.is_empty(),
        (None, None) => false,
    };
    unit.trim().eq_ignore_ascii_case("bytes") && makes_sense
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_that_makes_sense_is_kept() {
        for range in [
            "bytes=0-0",
            "bytes=5-",
            "bytes=-5",
            "Bytes=0-99999999999999999999",
        ] {
            assert!(is_range(range.as_bytes()), "{range}");
        }
        for range in [
            "bytes=5-2",
            "bytes=a-b",
            "bytes=-",
            "bytes=",
            "bytes",
            "lines=1-2",
            "bytes=0-1,3-4",
            "bytes=1--2",
            "bytes=+1-2",
            "",
        ] {
            assert!(!is_range(range.as_bytes()), "{range}");
        }
    }
}

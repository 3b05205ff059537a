//! Percentiles of very many durations in a fixed amount of memory.

/// Each power of two is divided into this many buckets: a value is kept to within 0.8 %.
const STEPS: usize = 128;
const STEP_BITS: u32 = STEPS.trailing_zeros();
const BUCKETS: usize = (64 - STEP_BITS as usize + 1) * STEPS;

/// Counts of durations in nanoseconds, by bucket. 58 KiB, however much is recorded.
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            total: 0,
        }
    }

    /// Counts one duration.
    pub(crate) fn record(&mut self, nanos: u64) {
        self.counts[bucket(nanos)] += 1;
        self.total += 1;
    }

    /// The duration in milliseconds that `percent` of all durations do not exceed (nearest rank), or `None` when
    /// nothing was recorded.
    pub(crate) fn percentile_ms(&self, percent: f64) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let rank = ((percent / 100.0 * self.total as f64).ceil() as u64).clamp(1, self.total);
        let mut seen = 0;
        let index = self.counts.iter().position(|&count| {
            seen += count;
            seen >= rank
        })?;
        Some(middle(index) / 1e6)
    }
}

fn bucket(nanos: u64) -> usize {
    let top_bit = nanos.max(1).ilog2();
    if top_bit < STEP_BITS {
        return nanos as usize;
    }
    let shift = top_bit - STEP_BITS;
    (shift as usize) * STEPS + (nanos >> shift) as usize
}

/// The middle of a bucket, in nanoseconds.
fn middle(index: usize) -> f64 {
    if index < 2 * STEPS {
        return index as f64;
    }
    let shift = index / STEPS - 1;
    let low = (index - shift * STEPS) as f64;
    (low + 0.5) * (1_u64 << shift) as f64
}

/// The median; of an even number of values, the mean of the two in the middle. `None` of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        Some(upper)
    } else {
        Some((values[middle - 1] + upper) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_falls_into_a_bucket_whose_middle_is_within_a_percent_of_it() {
        let mut value = 1_u64;
        while value < u64::MAX / 3 {
            for near in [value - 1, value, value + 1, value + value / 3] {
                let shown = middle(bucket(near));
                assert!(
                    (shown - near as f64).abs() <= near as f64 * 0.008,
                    "{near} is shown as {shown}"
                );
            }
            value *= 2;
        }
        assert!(bucket(u64::MAX) < BUCKETS);
    }

    #[test]
    fn buckets_follow_each_other_without_gap_or_overlap() {
        for value in 1..100_000_u64 {
            let step = bucket(value) - bucket(value - 1);
            assert!(step <= 1, "{value}");
        }
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let mut histogram = Histogram::new();
        for ms in (1..=1000_u64).rev() {
            histogram.record(ms * 1_000_000);
        }
        for (percent, expected) in [
            (0.0, 1.0),
            (50.0, 500.0),
            (99.0, 990.0),
            (99.9, 999.0),
            (100.0, 1000.0),
        ] {
            let found = histogram.percentile_ms(percent).unwrap();
            assert!(
                (found - expected).abs() <= expected * 0.008,
                "p{percent} is {found}"
            );
        }
    }

    #[test]
    fn one_slow_delivery_in_a_thousand_moves_p99_not_at_all() {
        let mut histogram = Histogram::new();
        for _ in 0..999 {
            histogram.record(100);
        }
        histogram.record(1_000_000_000);
        assert_eq!(histogram.percentile_ms(99.0), Some(0.0001));
        assert!(histogram.percentile_ms(100.0).unwrap() > 990.0);
    }

    #[test]
    fn nothing_recorded_has_no_percentile() {
        assert_eq!(Histogram::new().percentile_ms(50.0), None);
    }

    #[test]
    fn the_median_is_the_value_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median([7.0]), Some(7.0));
        assert_eq!(median([]), None);
    }
}

//! What many measurements come to.

use hdrhistogram::Histogram;

/// Longest latency that is told apart from longer ones, in nanoseconds.
const LATENCY_NS_MAX: u64 = 60_000_000_000;
/// Decimal digits that a latency keeps.
const LATENCY_DIGITS: u8 = 3;

/// The middle one of some numbers, or the mean of the two in the middle; `None` of none.
pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = numbers.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// Nanoseconds per thing, in microseconds; zero where there was none.
pub(crate) fn us_each(nanoseconds: u64, count: u64) -> f64 {
    if count == 0 { 0.0 } else { nanoseconds as f64 / 1000.0 / count as f64 }
}

/// How often `part` holds `whole`; zero where there is nothing to compare with.
pub(crate) fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// How long things took, with their percentiles.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Histogram<u32>);

impl Default for Latencies {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, LATENCY_NS_MAX, LATENCY_DIGITS);
        Self(histogram.expect("the bounds are constants that a histogram takes"))
    }
}

impl Latencies {
    /// Adds one; what is longer than a minute counts as a minute.
    pub(crate) fn record_ns(&mut self, nanoseconds: u64) {
        self.0.saturating_record(nanoseconds);
    }

    /// How many were added.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// What `percent` of them did not exceed, in microseconds; zero where there are none.
    pub(crate) fn percentile_us(&self, percent: f64) -> f64 {
        self.0.value_at_percentile(percent) as f64 / 1000.0
    }

    /// Adds all of another.
    pub(crate) fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all have the same bounds");
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.0.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_stand_in_the_middle() {
        assert_eq!(median([]), None);
        assert_eq!(median([3.0, 1.0, 100.0]), Some(3.0));
        assert_eq!(median([4.0, 1.0, 2.0, 100.0]), Some(3.0));
    }

    #[test]
    fn percentiles_keep_three_digits() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.percentile_us(50.0), 0.0);
        for microseconds in 1..=1000 {
            latencies.record_ns(microseconds * 1000);
        }
        assert_eq!(latencies.count(), 1000);
        assert!((latencies.percentile_us(50.0) - 500.0).abs() < 1.0);
        assert!((latencies.percentile_us(99.0) - 990.0).abs() < 2.0);
        latencies.record_ns(u64::MAX);
        assert!((latencies.percentile_us(100.0) / 60e6 - 1.0).abs() < 0.01);
        latencies.clear();
        assert_eq!(latencies.count(), 0);
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        assert_eq!(us_each(5000, 0), 0.0);
        assert_eq!(us_each(5000, 2), 2.5);
        assert_eq!(ratio(3.0, 0.0), 0.0);
        assert_eq!(ratio(3.0, 2.0), 1.5);
    }
}

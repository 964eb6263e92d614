//! Rates over the last seconds, and numbers as people read them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How far back a rate looks.
const WINDOW: Duration = Duration::from_secs(15);

/// A rising count, sampled now and then.
#[derive(Default)]
pub(crate) struct Rate {
    samples: VecDeque<(Instant, f64)>,
}

impl Rate {
    /// Adds a sample and gives the rate per second over the window; zero at first.
    pub(crate) fn sample(&mut self, now: Instant, count: f64) -> f64 {
        self.samples.push_back((now, count));
        while self.samples.len() > 2 && now - self.samples[0].0 > WINDOW {
            self.samples.pop_front();
        }
        let (start, first) = self.samples[0];
        let seconds = (now - start).as_secs_f64();
        if seconds > 0.0 { (count - first) / seconds } else { 0.0 }
    }
}

/// Hashes per second with the unit that leaves one to three digits.
pub(crate) fn hashrate(hashes_per_s: f64) -> String {
    const UNITS: [&str; 7] = ["H/s", "kH/s", "MH/s", "GH/s", "TH/s", "PH/s", "EH/s"];
    let mut rate = hashes_per_s;
    let mut unit = 0;
    while rate >= 1000.0 && unit + 1 < UNITS.len() {
        rate /= 1000.0;
        unit += 1;
    }
    format!("{rate:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_look_back_over_the_window_alone() {
        let start = Instant::now();
        let mut rate = Rate::default();
        assert_eq!(rate.sample(start, 0.0), 0.0);
        assert_eq!(rate.sample(start + Duration::from_secs(10), 100.0), 10.0);
        assert_eq!(rate.sample(start + Duration::from_secs(20), 100.0), 0.0);
    }

    #[test]
    fn hashrates_read_well() {
        assert_eq!(hashrate(12.0), "12.0 H/s");
        assert_eq!(hashrate(5_340_000.0), "5.3 MH/s");
        assert_eq!(hashrate(2e21), "2000.0 EH/s");
    }
}

//! Cases measured in turns, so that whatever else the machine does concerns all of them alike.

use std::time::{Duration, Instant};

use crate::child::Interruption;
use crate::error::BenchError;
use crate::monotonic::thread_ns;

/// How long one sample takes, about: so long that the code's way back into the caches does not count.
const SAMPLE_NS: u64 = 400_000;

/// Something to be measured: each call does its work once, and says how many things that were.
pub(super) struct Case<'a> {
    pub(super) name: String,
    pub(super) work: Box<dyn FnMut() -> u64 + 'a>,
}

impl<'a> Case<'a> {
    pub(super) fn new(name: impl Into<String>, work: impl FnMut() -> u64 + 'a) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }
}

/// What one thing of a case takes, of processor time, while nothing else is on the core: neighbours on a
/// shared machine slow down what keeps all of a core's units busy more than what waits for results.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Sampled {
    pub(super) name: String,
    pub(super) ns_each: f64,
}

impl Sampled {
    /// The one of that name.
    pub(super) fn of<'a>(sampled: &'a [Self], name: &str) -> &'a Self {
        sampled.iter().find(|one| one.name == name).expect("every case is sampled")
    }
}

/// Samples all cases round and round, for so long.
pub(super) fn sample(
    cases: &mut [Case<'_>],
    seconds: f64,
    interruption: &Interruption,
) -> Result<Vec<Sampled>, BenchError> {
    let mut repeats: Vec<u64> = cases.iter_mut().map(repeats_of).collect();
    let mut samples: Vec<Vec<f64>> = vec![Vec::new(); cases.len()];
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    // At least one round, however short the time.
    loop {
        for ((case, repeats), samples) in cases.iter_mut().zip(&mut repeats).zip(&mut samples) {
            let start = thread_ns();
            let things: u64 = (0..*repeats).map(|_| (case.work)()).sum();
            samples.push((thread_ns() - start) as f64 / things as f64);
        }
        interruption.check()?;
        if Instant::now() >= end {
            break;
        }
    }
    let sampled = cases
        .iter()
        .zip(samples)
        .map(|(case, samples)| Sampled { name: case.name.clone(), ns_each: undisturbed(samples) });
    Ok(sampled.collect())
}

/// The fifth percentile.
fn undisturbed(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 20]
}

/// How often a case's work fits into a sample.
fn repeats_of(case: &mut Case<'_>) -> u64 {
    // The first call loads what later ones find loaded.
    (case.work)();
    let start = thread_ns();
    (case.work)();
    (SAMPLE_NS / (thread_ns() - start).max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_work_takes_longer_and_each_case_has_a_figure() {
        let spin = |count: u64| {
            move || {
                std::hint::black_box((0..count).fold(0, |sum, n| std::hint::black_box(sum ^ n)));
                1
            }
        };
        let mut cases = [Case::new("short", spin(100)), Case::new("long", spin(10_000))];
        let sampled = sample(&mut cases, 0.05, &Interruption::default()).unwrap();
        assert!(Sampled::of(&sampled, "long").ns_each > Sampled::of(&sampled, "short").ns_each);
    }
}

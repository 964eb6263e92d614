//! `sluice bench share-check`: what it takes to check a share, without sockets: kernels, the scanner, the
//! set of shares seen.

mod duplicates;
mod hashing;
mod sampling;
mod scanning;

use serde_json::json;

use crate::child::Interruption;
use crate::error::BenchError;
use crate::progress::Progress;
use crate::report::Report;
use crate::statistics::ratio;
use sampling::Sampled;

/// What can be chosen.
#[derive(Clone, Copy, Debug)]
pub struct ShareCheckOptions {
    /// How long each of the three parts takes.
    pub seconds: f64,
}

/// Runs it.
pub fn run(options: ShareCheckOptions, interruption: &Interruption) -> Result<Report, BenchError> {
    let mut progress = Progress::new();
    progress.say(format_args!("hashing, {} s", options.seconds));
    let hashed = hashing::measure(options.seconds, interruption)?;
    progress.say(format_args!("scanning, {} s", options.seconds));
    let scanned = scanning::measure(options.seconds, interruption)?;
    progress.say(format_args!("duplicates, {} s", options.seconds));
    let seen = duplicates::measure(options.seconds, interruption)?;

    let mut report = Report::of_machine("share-check");
    let is_rival = |one: &Sampled| hashing::RIVALS.contains(&one.name.as_str());
    let (rivals, hashed): (Vec<Sampled>, Vec<Sampled>) = hashed.into_iter().partition(is_rival);
    let (bounds, kernels): (Vec<Sampled>, Vec<Sampled>) =
        hashed.into_iter().partition(|one| one.name.starts_with(hashing::BOUND));
    let bound_ns = |kernel: &Sampled| {
        let name = hashing::bound_of(&kernel.name);
        bounds.iter().find(|bound| bound.name == name).map(|bound| bound.ns_each)
    };
    let [bitcoin_hashes_ns, sha2_ns] =
        hashing::RIVALS.map(|name| Sampled::of(&rivals, name).ns_each);
    let by_time = |one: &&Sampled, other: &&Sampled| one.ns_each.total_cmp(&other.ns_each);
    let best = kernels.iter().min_by(by_time).expect("two kernels run everywhere");
    report.add("kernel", best.name.clone(), "the fastest on this processor");
    report.measured("ns_per_share", best.ns_each, "one thread, shares by the group");
    report.measured("shares_per_second", 1e9 / best.ns_each, "");
    report.measured("bitcoin_hashes_ns", bitcoin_hashes_ns, "the same share with bitcoin_hashes");
    report.measured("sha2_ns", sha2_ns, "the same share with sha2");
    report.measured("ratio", ratio(bitcoin_hashes_ns, best.ns_each), "to bitcoin_hashes");
    report.measured("ratio_to_sha2", ratio(sha2_ns, best.ns_each), "");
    if let Some(bound_ns) = bound_ns(best) {
        report.measured("bound_ns", bound_ns, "its instructions, none waiting for another");
        report.measured("ratio_to_bound", ratio(best.ns_each, bound_ns), "");
    }
    let rows = kernels.iter().map(|one| {
        let bound_ns = bound_ns(one);
        json!({
            "kernel": one.name,
            "ns_per_share": rounded(one.ns_each),
            "shares_per_second": (1e9 / one.ns_each).round(),
            "bitcoin_hashes_ns": rounded(bitcoin_hashes_ns),
            "sha2_ns": rounded(sha2_ns),
            "ratio": rounded(ratio(bitcoin_hashes_ns, one.ns_each)),
            "bound_ns": bound_ns.map(rounded),
            "ratio_to_bound": bound_ns.map(|bound_ns| rounded(ratio(one.ns_each, bound_ns))),
        })
    });
    report.rows("kernels", rows.collect());
    let ns_each = |sampled: &[Sampled]| {
        sampled.iter().map(|one| json!({ "name": one.name, "ns": rounded(one.ns_each) })).collect()
    };
    report.rows("scan", ns_each(&scanned));
    report.rows("duplicates", ns_each(&seen));
    Ok(report)
}

/// To a tenth, or a hundredth of small numbers: more digits are noise.
fn rounded(number: f64) -> f64 {
    let scale = if number < 100.0 { 100.0 } else { 10.0 };
    (number * scale).round() / scale
}

//! What an operator must hear of a shard's ring: bounds that were reached, with what to set.

use std::time::Duration;

use sluice_ring::EngineStats;
use sluice_session::FeedStats;
use sluice_units::Instant;

/// How often a trouble that lasts is told.
const TELL_INTERVAL: Duration = Duration::from_secs(60);

/// What was told already.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    told: EngineStats,
    datagrams_told: u64,
    next_at: Instant,
}

impl Troubles {
    /// What has happened since the last time, a line each; nothing within a minute of it.
    pub(super) fn look(
        &mut self,
        now: Instant,
        stats: &EngineStats,
        feed: &FeedStats,
    ) -> Vec<String> {
        if now < self.next_at {
            return Vec::new();
        }
        let lines: Vec<String> = [
            (
                feed.datagrams_refused() - self.datagrams_told,
                "a datagram came to the job feed that no jobmaster of this pool has sent: close the \
                 port of job_datagrams to strangers, or look for a jobmaster that was left running",
            ),
            (
                stats.table_full - self.told.table_full,
                "all places of this shard were taken, and miners wait in the kernel's queue: raise \
                 connections_per_shard_max or connections_max, or add shards",
            ),
            (
                stats.accept_failed - self.told.accept_failed,
                "connections could not be taken up: descriptors or memory are short (sluice doctor)",
            ),
            (
                stats.receive_buffers_exhausted - self.told.receive_buffers_exhausted,
                "miners had to wait for a receive buffer: more of them send at once than this shard \
                 can read; add shards or cores",
            ),
            (
                stats.completion_overflow - self.told.completion_overflow,
                "the kernel had more to tell than the ring holds: add shards or cores",
            ),
        ]
        .into_iter()
        .filter(|(times, _)| *times > 0)
        .map(|(times, what)| format!("{times} times {what}"))
        .collect();
        if !lines.is_empty() {
            self.told = *stats;
            self.datagrams_told = feed.datagrams_refused();
            self.next_at = now + TELL_INTERVAL;
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_told_with_its_remedy_once_a_minute() {
        let mut troubles = Troubles::default();
        let at = Instant::from_millis;
        let feed = FeedStats::default();
        let calm = EngineStats { accepted: 5, ..EngineStats::default() };
        assert!(troubles.look(at(0), &calm, &feed).is_empty());
        let full = EngineStats { table_full: 2, accept_failed: 1, ..calm };
        let lines = troubles.look(at(1000), &full, &feed);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].starts_with("2 times") && lines[0].contains("connections_per_shard_max"));
        let fuller = EngineStats { table_full: 9, ..full };
        assert!(troubles.look(at(60_999), &fuller, &feed).is_empty(), "not within a minute");
        let lines = troubles.look(at(61_000), &fuller, &feed);
        assert!(lines.len() == 1 && lines[0].starts_with("7 times"), "{lines:?}");
        let strangers = FeedStats { datagrams_forged: 2, datagrams_foreign: 1, ..feed };
        let lines = troubles.look(at(200_000), &fuller, &strangers);
        assert!(lines.len() == 1 && lines[0].starts_with("3 times a datagram"), "{lines:?}");
    }
}

//! What an operator must hear of a shard and its ring: bounds that were reached, with what to set.

use std::time::Duration;

use sluice_ring::EngineStats;
use sluice_service::outage::Outage;
use sluice_session::{FeedStats, ShardStats};
use sluice_units::Instant;

/// How often a trouble that lasts is told.
const TELL_INTERVAL: Duration = Duration::from_secs(60);

/// What was told already.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    told: EngineStats,
    datagrams_told: u64,
    counts_dropped_told: u64,
    next_at: Instant,
}

impl Troubles {
    /// What has happened since the last time, a line each; nothing within a minute of it.
    pub(super) fn look(
        &mut self,
        now: Instant,
        stats: &EngineStats,
        feed: &FeedStats,
        shard: &ShardStats,
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
                shard.counts_dropped - self.counts_dropped_told,
                "a counter of the pool gave way to a newer minute's, since no batch has become safe for hours: see \
                 to the disk of data_folder; shares are all kept",
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
            self.counts_dropped_told = shard.counts_dropped;
            self.next_at = now + TELL_INTERVAL;
        }
        lines
    }
}

/// What is to be said of a shard that has no room for shares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Room {
    /// It has none, and its miners are let go.
    Lacking,
    /// It has some again.
    Found,
}

/// Says when a shard has no room for shares; where that comes and goes with every burst, once a minute.
#[derive(Debug)]
pub(super) struct RoomWatch {
    outage: Outage,
    next_at: Instant,
}

impl Default for RoomWatch {
    fn default() -> Self {
        Self { outage: Outage::new(Duration::ZERO), next_at: Instant::ZERO }
    }
}

impl RoomWatch {
    /// What there is to say now.
    pub(super) fn look(&mut self, now: Instant, lacks_room: bool) -> Option<Room> {
        if !lacks_room {
            return self.outage.end().then_some(Room::Found);
        }
        self.outage.begin(now);
        if now < self.next_at || self.outage.handle_timeout(now).is_none() {
            return None;
        }
        self.next_at = now + TELL_INTERVAL;
        Some(Room::Lacking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_room_is_told_once_and_a_minute_apart() {
        let mut watch = RoomWatch::default();
        let mut look = |at, lacks| watch.look(Instant::from_millis(at), lacks);
        assert_eq!(look(0, false), None);
        assert_eq!((look(1000, true), look(1001, true)), (Some(Room::Lacking), None));
        assert_eq!((look(2000, false), look(2001, false)), (Some(Room::Found), None));
        // It comes and goes: nothing more is said of that.
        for at in (3000..50_000).step_by(1000) {
            assert_eq!((look(at, true), look(at + 500, false)), (None, None));
        }
        // The next one stays, and is told once the minute is over.
        assert_eq!((look(51_000, true), look(60_999, true)), (None, None));
        assert_eq!((look(61_000, true), look(900_000, true)), (Some(Room::Lacking), None));
        assert_eq!(look(900_001, false), Some(Room::Found));
        assert_eq!(look(900_002, true), Some(Room::Lacking));
    }

    #[test]
    fn a_trouble_is_told_with_its_remedy_once_a_minute() {
        let mut troubles = Troubles::default();
        let at = Instant::from_millis;
        let (feed, shard) = (FeedStats::default(), ShardStats::default());
        let calm = EngineStats { accepted: 5, ..EngineStats::default() };
        assert!(troubles.look(at(0), &calm, &feed, &shard).is_empty());
        let full = EngineStats { table_full: 2, accept_failed: 1, ..calm };
        let lines = troubles.look(at(1000), &full, &feed, &shard);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].starts_with("2 times") && lines[0].contains("connections_per_shard_max"));
        let fuller = EngineStats { table_full: 9, ..full };
        assert!(
            troubles.look(at(60_999), &fuller, &feed, &shard).is_empty(),
            "not within a minute"
        );
        let lines = troubles.look(at(61_000), &fuller, &feed, &shard);
        assert!(lines.len() == 1 && lines[0].starts_with("7 times"), "{lines:?}");
        let strangers = FeedStats { datagrams_forged: 2, datagrams_foreign: 1, ..feed };
        let lines = troubles.look(at(200_000), &fuller, &strangers, &shard);
        assert!(lines.len() == 1 && lines[0].starts_with("3 times a datagram"), "{lines:?}");
        let shard = ShardStats { counts_dropped: 5, ..shard };
        let lines = troubles.look(at(300_000), &fuller, &strangers, &shard);
        assert!(lines.len() == 1 && lines[0].starts_with("5 times a counter"), "{lines:?}");
    }
}

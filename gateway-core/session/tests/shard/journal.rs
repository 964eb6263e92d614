//! What a shard writes down: every share before its reply, and what becomes of miners where it cannot.

use std::collections::BTreeMap;

use sluice_session::{EndCause, JOURNAL_FILE_BYTES_MIN, JournalWrite, journal};
use sluice_units::limits::{BATCHES_UNSAFE_MAX, WORKERS_PER_CONNECTION_MAX};
use sluice_units::{ConnectionId, Counter, Identity, JobKind, Minute, RejectReason, Tally};
use sluice_wire::share_feed::Batch;

use crate::pair::{Event, HARD_NBITS, Pair, config, job, mine_share};

impl Pair {
    pub(crate) fn publish(&mut self) {
        if !self.disk_fails {
            for batch in self.unpublished.drain(..) {
                if self.is_spooled {
                    self.shard.handle_safe(batch.sequence);
                }
                self.batches.push(batch);
            }
        }
    }

    pub(crate) fn write_journal(&mut self) {
        if !self.shard.has_journal_writes() {
            return;
        }
        if self.disk_fails {
            return self.shard.handle_journal_failed();
        }
        let files = &mut self.journal;
        for JournalWrite { file, offset, bytes } in self.shard.journal_writes() {
            let (file, offset) = (&mut files[file], usize::try_from(offset).unwrap());
            let end = file.len().max(offset + bytes.len());
            file.resize(end, 0);
            file[offset..offset + bytes.len()].copy_from_slice(bytes);
        }
        self.shard.handle_journal_written();
    }

    /// What a store would hold if the shard were killed now: what was published, and what the journal
    /// gives back.
    pub(crate) fn survives(&self) -> BTreeMap<(Minute, Identity), Tally> {
        let mut batches: BTreeMap<u64, Batch> =
            self.batches.iter().map(|batch| (batch.sequence, batch.clone())).collect();
        for batch in journal::recover(&self.journal).batches {
            batches.entry(batch.sequence).or_insert(batch);
        }
        let mut sums = BTreeMap::<_, Tally>::new();
        for (minute, worker, tally) in batches.values().flat_map(|batch| &batch.tallies) {
            *sums.entry((*minute, worker.clone())).or_default() += tally;
        }
        sums
    }
}

/// Shares that a store would have credited to everybody if the shard were killed now, and refused.
fn surviving(pair: &Pair) -> (u64, u64) {
    let sums = pair.survives();
    let accepted = sums.values().map(|tally| tally.accepted).sum();
    (accepted, sums.values().map(|tally| tally.rejected_total()).sum())
}

#[test]
fn a_share_is_written_down_before_its_reply() {
    let mut pair = Pair::new();
    let miners = [pair.join("alice.a"), pair.join("bob.b")];
    for round in 0..20_u32 {
        for (index, miner) in miners.into_iter().enumerate() {
            let solution = mine_share(&pair.work(miner), round << 16);
            pair.submit(miner, &solution);
            // Submitted again, it is refused, which is written down as well.
            pair.submit(miner, &solution);
            let told = u64::from(round) * 2 + index as u64 + 1;
            assert_eq!(surviving(&pair), (told, told));
        }
        if round % 3 == 0 {
            pair.pass(50);
            assert_eq!(surviving(&pair), (u64::from(round) * 2 + 2, u64::from(round) * 2 + 2));
        }
    }
    let seen: u64 = miners.iter().map(|miner| pair.client_stats(*miner).accepted).sum();
    assert_eq!(seen, 40);
    let sums = pair.survives();
    assert!(sums.values().all(|tally| tally.best.to_difficulty() > 0.0));
}

#[test]
fn no_share_is_confirmed_that_is_not_written_down() {
    let mut pair = Pair::new();
    let miner = pair.join("alice");
    pair.disk_fails = true;
    let solution = mine_share(&pair.work(miner), 0);
    let events = pair.events.len();
    pair.submit(miner, &solution);
    assert!(!pair.events[events..].iter().any(|event| matches!(event, Event::Line(..))));
    assert_eq!(pair.client_stats(miner).accepted, 0);
    pair.pass(1);
    assert_eq!(pair.closes(miner), 1, "it mines elsewhere");
    assert_eq!(pair.shard.stats().ended[EndCause::LetGo.index()], 1);
    let late = pair.connect();
    assert_eq!(pair.closes(late), 1, "nobody is taken in");
    assert_eq!(surviving(&pair), (0, 0));

    pair.disk_fails = false;
    pair.pass(2);
    assert_eq!(surviving(&pair), (1, 0), "it was taken after all, which harms nobody");
    let back = pair.join("alice");
    let solution = mine_share(&pair.work(back), 1 << 16);
    pair.submit(back, &solution);
    assert_eq!(pair.client_stats(back).accepted, 1);
    assert_eq!(surviving(&pair), (2, 0));
}

#[test]
fn a_job_that_comes_while_nothing_can_be_written_is_handed_out_later() {
    let mut pair = Pair::new();
    let miner = pair.join("alice");
    pair.disk_fails = true;
    let solution = mine_share(&pair.work(miner), 0);
    pair.submit(miner, &solution);
    pair.job(job(2, JobKind::Clean, 2, HARD_NBITS));
    let late = pair.connect();
    assert_eq!(pair.closes(late), 1);
    pair.disk_fails = false;
    pair.pass(2);
    let back = pair.join("alice");
    assert_eq!(pair.works(back), 1, "the job that came meanwhile");
}

/// A shard whose journal is full, since no batch becomes safe, and the miner that filled it.
fn with_full_journal() -> (Pair, ConnectionId) {
    let mut pair = Pair::new();
    pair.is_spooled = false;
    let miner = pair.greet("alice");
    let unknown_job = r#"{"id":9,"method":"mining.submit","params":["alice","77","0000000000000000","65541a28","00000000"]}"#;
    // Refused shares take room as well; none of them is worth a crash.
    let flood = format!("{unknown_job}\n").repeat(100);
    for _ in 0..200 {
        pair.say(miner, &flood);
    }
    (pair, miner)
}

#[test]
fn a_journal_that_is_full_takes_no_shares_until_batches_are_safe() {
    let (mut pair, miner) = with_full_journal();
    assert!(pair.journal.iter().all(|file| file.len() as u64 <= JOURNAL_FILE_BYTES_MIN));
    pair.pass(1);
    assert_eq!(pair.closes(miner), 1, "it is let go");

    let sequence = pair.batches.last().map_or(0, |batch| batch.sequence);
    pair.shard.handle_safe(sequence);
    pair.is_spooled = true;
    pair.pass(3);
    let back = pair.join("alice");
    let solution = mine_share(&pair.work(back), 0);
    pair.submit(back, &solution);
    assert_eq!(pair.client_stats(back).accepted, 1);
    assert_eq!(surviving(&pair).0, 1);
}

/// All that was counted is on its way, and nobody comes meanwhile of whom something could be counted.
#[test]
fn a_journal_that_is_full_has_room_again_though_nobody_comes() {
    let (mut pair, miner) = with_full_journal();
    pair.pass(3);
    assert!(pair.shard.lacks_room() && pair.closes(miner) == 1);
    let last = pair.batches.last().map_or(0, |batch| batch.sequence);
    pair.shard.handle_safe(last);
    pair.pass(3);
    assert!(!pair.shard.lacks_room());
    let next = pair.batches.iter().find(|batch| batch.sequence == last + 1).expect("it is cut");
    assert!(next.is_empty(), "{next:?}");
}

#[test]
fn batches_that_are_nowhere_safe_are_bounded() {
    let mut pair = Pair::new();
    pair.is_spooled = false;
    let miner = pair.join("alice");
    for round in 0..BATCHES_UNSAFE_MAX as u32 + 20 {
        let solution = mine_share(&pair.work(miner), round << 16);
        pair.submit(miner, &solution);
        pair.pass(1);
    }
    assert_eq!(pair.batches.len() as u64, BATCHES_UNSAFE_MAX);
    let accepted = pair.client_stats(miner).accepted;
    assert_eq!(accepted, BATCHES_UNSAFE_MAX + 20, "they are counted on, in one more");
    assert_eq!(surviving(&pair).0, accepted);
    pair.shard.handle_safe(BATCHES_UNSAFE_MAX);
    pair.pass(1);
    assert_eq!(
        pair.batches.last().unwrap().tallies.iter().map(|(_, _, it)| it.accepted).sum::<u64>(),
        20
    );
}

#[test]
fn a_shard_without_a_journal_serves_all_the_same() {
    let mut pair = Pair::of(sluice_session::ShardConfig { journal_file_bytes: None, ..config() });
    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    let miner = pair.join("alice");
    let solution = mine_share(&pair.work(miner), 0);
    pair.submit(miner, &solution);
    assert_eq!(pair.client_stats(miner).accepted, 1);
    assert!(pair.journal.iter().all(Vec::is_empty) && !pair.shard.has_journal_writes());
    assert_eq!(RejectReason::NotRecorded.code(), 20);
}

/// Seconds after which batches come, over some minutes in which every worker has a share each second.
fn publishing_times(workers: usize, rows_per_second_max: u32) -> Vec<u64> {
    let config = sluice_session::ShardConfig {
        publish_rows_per_second_max: rows_per_second_max,
        journal_file_bytes: Some(1 << 22),
        ..config()
    };
    let mut pair = Pair::of(config);
    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    let miners: Vec<_> =
        (0..workers).map(|number| pair.greet(&format!("alice.rig{number}"))).collect();
    let mut times = Vec::new();
    let start = pair.now.unix.to_seconds();
    assert_eq!(start % 60, 0, "the first minute is whole");
    for second in 1..180 {
        for (number, miner) in miners.iter().enumerate() {
            // An unknown job: refused, which is counted as well.
            let params =
                format!(r#"["alice.rig{number}","77","0000000000000000","65541a28","00000000"]"#);
            let line = format!(r#"{{"id":4,"method":"mining.submit","params":{params}}}"#);
            pair.say(*miner, &format!("{line}\n"));
        }
        let before = pair.batches.len();
        pair.pass(1);
        if pair.batches.len() > before {
            times.push(second);
        }
    }
    let refused: u64 = pair.survives().values().map(|tally| tally.rejected_total()).sum();
    assert_eq!(refused, 179 * workers as u64);
    times
}

#[test]
fn many_workers_are_published_less_often_and_each_minute_as_it_ends() {
    assert_eq!(publishing_times(2, 250).len(), 179, "few workers: every second");
    let every_ten = [1, 11, 21, 31, 41, 51, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170];
    assert_eq!(publishing_times(40, 4), every_ten);
    assert_eq!(publishing_times(40, 1), [1, 41, 60, 100, 120, 160]);
    assert_eq!(publishing_times(90, 1), [1, 60, 120], "never later than the end of a minute");
}

#[test]
fn a_batch_names_nothing_that_its_journal_has_no_room_for() {
    const MINUTES: usize = 20;
    let mut pair = Pair::new();
    pair.is_spooled = false;
    let name = |one, two| format!("user{one}.rig{two}");
    let line = |id, method: &str, name: &str| {
        format!("{{\"id\":{id},\"method\":\"mining.{method}\",\"params\":[\"{name}\"]}}\n")
    };
    let connections: Vec<_> = (0..16).map(|_| pair.connect()).collect();
    let of_all = |one, id, method: &str| -> String {
        (0..WORKERS_PER_CONNECTION_MAX).map(|two| line(id, method, &name(one, two))).collect()
    };
    for (one, connection) in connections.iter().enumerate() {
        pair.say(*connection, &of_all(one, 2, "authorize"));
    }
    for _ in 0..MINUTES {
        for (one, connection) in connections.iter().enumerate() {
            // What a submit lacks makes it malformed.
            pair.say(*connection, &of_all(one, 4, "submit"));
        }
        pair.skip(60);
    }
    pair.shard.cut_batch(pair.now);
    pair.settle();
    let recovered = journal::recover(&pair.journal);
    assert!(recovered.unreadable.is_empty());
    let tallies = |batches: &[Batch]| -> Vec<_> {
        batches.iter().flat_map(|batch| batch.tallies.clone()).collect()
    };
    let published = tallies(&pair.batches);
    assert_eq!(tallies(&recovered.batches), published);
    let named: u64 = published.iter().map(|(_, _, tally)| tally.rejected_total()).sum();
    let counters = pair.batches.iter().flat_map(|batch| &batch.counters);
    let unnamed = counters.filter(|(_, counter, _)| *counter == Counter::RefusedUnnamed);
    let unnamed: u64 = unnamed.map(|(_, _, count)| count).sum();
    assert_eq!(named + unnamed, pair.shard.stats().rejected_total());
    assert!(named > 0 && unnamed > 0, "{named} under names, {unnamed} under none");
}

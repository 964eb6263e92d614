use std::collections::BTreeMap;

use proptest::prelude::*;
use sluice_accounting::{Ledger, RowHint};

use super::*;

const SOURCE: SourceId = SourceId { gateway_id: 4, shard: 2 };
const SEGMENT_BYTES: u64 = 2_000;

/// What happens to a shard.
#[derive(Clone, Debug)]
enum Step {
    Accept(usize, u64),
    Refuse(usize, usize),
    Cut,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_usize..6, 1_u64..1 << 40).prop_map(|(worker, hashes)| Step::Accept(worker, hashes)),
        3 => (0_usize..6, 0..RejectReason::COUNT).prop_map(|(worker, reason)| Step::Refuse(worker, reason)),
        2 => Just(Step::Cut),
        1 => (1_u64..2_000).prop_map(Step::Pass),
    ]
}

/// A ledger, its log, and the log's files.
struct Bench {
    now: u64,
    sequence: u64,
    ledger: Ledger,
    hints: Vec<RowHint>,
    log: ShareLog,
    files: BTreeMap<usize, Vec<u8>>,
    shares: Vec<LoggedShare>,
}

impl Bench {
    fn new() -> Self {
        let now = 1_700_000_040;
        let (coin, host) = ("btc".parse().unwrap(), "gw".parse().unwrap());
        let at = UnixTime::from_seconds(now);
        Self {
            now,
            sequence: 0,
            ledger: Ledger::default(),
            hints: vec![RowHint::default(); 6],
            log: ShareLog::new(at, SOURCE, 9, [&coin, &host], SEGMENT_BYTES),
            files: BTreeMap::new(),
            shares: Vec::new(),
        }
    }

    fn apply(&mut self, step: &Step) {
        let at = UnixTime::from_seconds(self.now);
        let minute = at.minute();
        let name = |worker: usize| -> Identity { format!("user{worker}.rig").parse().unwrap() };
        match *step {
            Step::Accept(worker, hashes) => {
                let share = AcceptedShare {
                    difficulty: ShareDifficulty::from_hashes(hashes),
                    nbits: CompactTarget::from_bits(
                        [0x1d00_ffff, 0x1b00_ffff][(hashes % 2) as usize],
                    ),
                    best: BestShare::from_bits((hashes as f64).to_bits()).unwrap(),
                };
                let row = self.ledger.credit(minute, &name(worker), &mut self.hints[worker], share);
                self.log.accept(at, row, (minute, &name(worker)), &share);
                let AcceptedShare { difficulty, nbits, best } = share;
                let outcome = Outcome::Accepted { difficulty, best, nbits };
                self.shares.push(LoggedShare { at, worker: name(worker), outcome });
            }
            Step::Refuse(worker, reason) => {
                let reason = RejectReason::ALL[reason];
                let row =
                    self.ledger.refuse(minute, &name(worker), &mut self.hints[worker], reason);
                self.log.refuse(at, row, (minute, &name(worker)), reason);
                let outcome = Outcome::Refused(reason);
                self.shares.push(LoggedShare { at, worker: name(worker), outcome });
            }
            Step::Cut => {
                self.ledger.take();
                self.sequence += 1;
                self.log.cut(at, self.sequence);
            }
            Step::Pass(seconds) => self.now += seconds,
        }
    }

    fn write(&mut self) {
        for JournalWrite { file, offset, bytes } in self.log.writes() {
            let file = self.files.entry(file).or_default();
            assert_eq!(file.len() as u64, offset, "segments are written from their beginning on");
            file.extend_from_slice(bytes);
        }
        self.log.handle_written();
    }

    fn read(&self) -> Vec<LoggedShare> {
        let segment =
            |file: &Vec<u8>| Segment::read(file.clone()).expect("every segment can be read alone");
        self.files.values().flat_map(segment).collect()
    }
}

proptest! {
    #[test]
    fn every_share_is_read_as_it_came(steps in proptest::collection::vec((step(), any::<bool>()), 0..400)) {
        let mut bench = Bench::new();
        for (step, writes) in &steps {
            bench.apply(step);
            if *writes {
                bench.write();
            }
        }
        bench.write();
        prop_assert_eq!(bench.read(), bench.shares);
        prop_assert_eq!(bench.log.lost(), 0);
        for (number, file) in &bench.files {
            let segment = Segment::read(file).unwrap();
            prop_assert_eq!((segment.begin().turn, segment.begin().source), (*number as u64, SOURCE));
        }
    }

    #[test]
    fn what_is_torn_costs_what_is_torn(
        steps in proptest::collection::vec(step(), 1..60),
        cut in 0_usize..4_000,
    ) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.apply(step);
            bench.write();
        }
        let file = &bench.files[&1];
        let end = cut.min(file.len());
        if let Some(mut segment) = Segment::read(&file[..end]) {
            let read: Vec<_> = segment.by_ref().collect();
            prop_assert!(bench.shares.starts_with(&read));
            prop_assert!(segment.bytes_torn() <= end);
            prop_assert!(end < file.len() || segment.bytes_torn() == 0);
        }
    }
}

#[test]
fn a_segment_ends_when_it_is_long_or_old() {
    let mut bench = Bench::new();
    for _ in 0..200 {
        bench.apply(&Step::Accept(1, 5));
    }
    bench.apply(&Step::Cut);
    bench.apply(&Step::Accept(1, 5));
    bench.apply(&Step::Cut);
    bench.write();
    assert_eq!(bench.files.len(), 2, "it was long");
    bench.apply(&Step::Pass(SEGMENT_S_MAX));
    bench.apply(&Step::Cut);
    bench.write();
    assert_eq!(bench.files.len(), 3, "it was old");
}

#[test]
fn what_cannot_be_written_is_counted_and_the_next_segment_is_whole() {
    let mut bench = Bench::new();
    bench.apply(&Step::Accept(1, 5));
    bench.write();
    bench.apply(&Step::Accept(2, 5));
    bench.log.handle_failed();
    bench.apply(&Step::Accept(3, 5));
    assert_eq!(bench.log.lost(), 2);
    assert!(!bench.log.has_writes());
    bench.apply(&Step::Cut);
    bench.apply(&Step::Accept(3, 5));
    bench.write();
    let names: Vec<_> = bench.read().iter().map(|share| share.worker.user().to_owned()).collect();
    assert_eq!(names, ["user1", "user3"]);
    assert_eq!((bench.files.len(), bench.log.lost()), (2, 2));
}

use std::collections::BTreeMap;

use proptest::prelude::*;
use sluice_units::limits::BATCH_ENTRIES_MAX;
use sluice_units::{BestShare, ShareDifficulty, Tally, UnixTime};
use sluice_wire::journal::{read_frames, seal_frame};

use super::*;

const SOURCE: SourceId = SourceId { gateway_id: 1, shard: 2 };
const EPOCH: u64 = 1_700_000_000;

/// What happens to a shard.
#[derive(Clone, Debug)]
enum Step {
    Accept {
        worker: usize,
        minute: u64,
        hashes: u64,
        bits: u32,
    },
    Refuse {
        worker: usize,
        minute: u64,
        reason: usize,
    },
    Cut,
    /// Everything up to the cut before the last so many is safe elsewhere.
    Safe(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let (worker, minute) = (0_usize..5, 0_u64..3);
    prop_oneof![
        8 => (worker.clone(), minute.clone(), 1_u64..1 << 40, 0_u32..2)
            .prop_map(|(worker, minute, hashes, bits)| Step::Accept { worker, minute, hashes, bits }),
        2 => (worker, minute, 0..RejectReason::COUNT)
            .prop_map(|(worker, minute, reason)| Step::Refuse { worker, minute, reason }),
        2 => Just(Step::Cut),
        2 => (0_u64..4).prop_map(Step::Safe),
    ]
}

type Sums = BTreeMap<(Minute, Identity), Tally>;

/// A ledger and its journal, and what stands in the journal's files.
struct Bench {
    ledger: Ledger,
    journal: Journal,
    files: [Vec<u8>; JOURNAL_FILES],
    hints: BTreeMap<usize, RowHint>,
    sequence: u64,
    safe: u64,
    /// Everything that was counted.
    counted: Sums,
    /// What is in batches that are safe elsewhere: by number.
    cut: BTreeMap<u64, Batch>,
}

fn add(sums: &mut Sums, tallies: &[(Minute, Identity, Tally)]) {
    for (minute, worker, tally) in tallies {
        *sums.entry((*minute, worker.clone())).or_default() += tally;
    }
}

impl Bench {
    fn new(file_bytes: u64) -> Self {
        let (coin, host) = ("btc".parse().unwrap(), "gw".parse().unwrap());
        let file = || vec![0; usize::try_from(file_bytes).unwrap()];
        Self {
            ledger: Ledger::default(),
            journal: Journal::new(SOURCE, EPOCH, [&coin, &host], file_bytes),
            files: [file(), file()],
            hints: BTreeMap::new(),
            sequence: 0,
            safe: 0,
            counted: Sums::new(),
            cut: BTreeMap::new(),
        }
    }

    fn apply(&mut self, step: &Step) {
        let minute = |index: u64| UnixTime::from_seconds(1_700_000_040 + 60 * index).minute();
        let name = |worker: usize| -> Identity { format!("user{worker}.rig").parse().unwrap() };
        match *step {
            Step::Accept { worker, minute: at, hashes, bits } => {
                if !self.journal.has_room() {
                    return;
                }
                let share = AcceptedShare {
                    difficulty: ShareDifficulty::from_hashes(hashes),
                    nbits: CompactTarget::from_bits([0x1d00_ffff, 0x1b00_ffff][bits as usize]),
                    best: BestShare::from_bits((hashes as f64).to_bits()).unwrap(),
                };
                let (at, name) = (minute(at), name(worker));
                let hint = self.hints.entry(worker).or_default();
                let row = self.ledger.credit(at, &name, hint, share);
                self.journal.accept(row, (at, &name), &share);
            }
            Step::Refuse { worker, minute: at, reason } => {
                let (at, name, reason) = (minute(at), name(worker), RejectReason::ALL[reason]);
                if self.journal.has_room() {
                    let hint = self.hints.entry(worker).or_default();
                    let row = self.ledger.refuse(at, &name, hint, reason);
                    self.journal.refuse(row, (at, &name), reason);
                }
            }
            Step::Cut => self.cut(),
            Step::Safe(back) => {
                self.safe = self.safe.max(self.sequence.saturating_sub(back));
                self.journal.handle_safe(self.safe);
            }
        }
    }

    fn cut(&mut self) {
        let tallies = self.ledger.take().tallies;
        add(&mut self.counted, &tallies);
        let batch = Batch {
            tallies,
            ..Batch::empty(
                SOURCE,
                EPOCH,
                self.sequence + 1,
                "btc".parse().unwrap(),
                "gw".parse().unwrap(),
            )
        };
        for batch in batch.split() {
            self.sequence = batch.sequence;
            self.cut.insert(self.sequence, batch);
        }
        self.journal.cut(self.sequence);
    }

    fn write(&mut self) {
        let Self { journal, files, .. } = self;
        for JournalWrite { file, offset, bytes } in journal.writes() {
            let start = usize::try_from(offset).unwrap();
            files[file][start..start + bytes.len()].copy_from_slice(bytes);
        }
        journal.handle_written();
    }

    /// What a store has after a crash: what is safe, and what the journal gives back, each number once.
    fn recovered(&self) -> Sums {
        let mut batches: BTreeMap<u64, Batch> = self
            .cut
            .range(..=self.safe)
            .map(|(sequence, batch)| (*sequence, batch.clone()))
            .collect();
        let recovered = recover(&self.files);
        assert!(recovered.unreadable.is_empty(), "nothing is damaged");
        for batch in recovered.batches {
            if let Some(published) = self.cut.get(&batch.sequence) {
                let mut sums = [Sums::new(), Sums::new()];
                add(&mut sums[0], &published.tallies);
                add(&mut sums[1], &batch.tallies);
                assert_eq!(sums[0], sums[1], "batch {} as it was published", batch.sequence);
            }
            batches.entry(batch.sequence).or_insert(batch);
        }
        let mut sums = Sums::new();
        batches.values().for_each(|batch| add(&mut sums, &batch.tallies));
        sums
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn nothing_that_was_written_is_lost_or_counted_twice(
        steps in proptest::collection::vec((step(), any::<bool>()), 0..400),
        repeats in 1_usize..12,
    ) {
        let mut bench = Bench::new(JOURNAL_FILE_BYTES_MIN);
        for _ in 0..repeats {
            for (step, writes) in &steps {
                bench.apply(step);
                if *writes {
                    bench.write();
                }
            }
        }
        bench.write();
        let in_ledger = bench.ledger.clone().take().tallies;
        let mut counted = bench.counted.clone();
        add(&mut counted, &in_ledger);
        prop_assert_eq!(bench.recovered(), counted);
    }
}

#[test]
fn turns_alternate_once_the_other_file_is_free() {
    let mut bench = Bench::new(JOURNAL_FILE_BYTES_MIN);
    let accept = Step::Accept { worker: 1, minute: 0, hashes: 5, bits: 0 };
    let round = |bench: &mut Bench, safe: bool| {
        for _ in 0..1000 {
            bench.apply(&accept);
        }
        bench.write();
        bench.cut();
        bench.write();
        if safe {
            bench.apply(&Step::Safe(0));
        }
        (bench.journal.file, bench.journal.begin.turn, bench.journal.has_room())
    };
    assert_eq!(round(&mut bench, true), (1, 2, true));
    assert_eq!(round(&mut bench, true), (0, 3, true));
    assert_eq!(round(&mut bench, false), (1, 4, true));
    // What is in file 0 is nowhere else now: file 1 goes on to its end.
    assert_eq!(round(&mut bench, false), (1, 4, true));
    assert_eq!(round(&mut bench, false), (1, 4, false), "no share can be taken");
    bench.apply(&Step::Safe(0));
    assert!(bench.journal.wants_cut());
    bench.cut();
    bench.write();
    assert_eq!((bench.journal.file, bench.journal.has_room()), (0, true));
}

#[test]
fn a_cut_of_many_workers_is_several_batches_and_the_same_again() {
    let mut bench = Bench::new(1 << 20);
    for round in 0..3 {
        for worker in 0..=round * BATCH_ENTRIES_MAX {
            bench.apply(&Step::Refuse { worker, minute: 0, reason: 0 });
        }
        bench.cut();
        bench.write();
    }
    let sizes: Vec<_> = bench.cut.values().map(|batch| batch.tallies.len()).collect();
    assert_eq!(sizes, [1, BATCH_ENTRIES_MAX, 1, BATCH_ENTRIES_MAX, BATCH_ENTRIES_MAX, 1]);
    // What comes after the last cut, and was never published, is as many again.
    for worker in 0..=BATCH_ENTRIES_MAX {
        bench.apply(&Step::Refuse { worker, minute: 1, reason: 0 });
    }
    bench.write();
    let recovered = recover(&bench.files).batches;
    let cut: Vec<Batch> = bench.cut.values().cloned().collect();
    assert_eq!(recovered[..cut.len()], cut);
    let rest: Vec<_> =
        recovered[cut.len()..].iter().map(|it| (it.sequence, it.tallies.len())).collect();
    assert_eq!(rest, [(7, BATCH_ENTRIES_MAX), (8, 1)]);
}

#[test]
fn a_journal_that_cannot_be_read_is_named() {
    let nothing = Recovered::default();
    assert_eq!(recover(&[[0_u8; 0]; 0]), nothing);
    assert_eq!(recover(&[vec![], vec![0; 4096]]), nothing, "nothing was written there");
    let mut bench = Bench::new(JOURNAL_FILE_BYTES_MIN);
    bench.apply(&Step::Accept { worker: 1, minute: 0, hashes: 5, bits: 0 });
    bench.write();
    let whole = bench.files[0].clone();
    let found = recover(&[b"not a journal at all, but long enough for a head".to_vec(), whole]);
    assert_eq!((found.batches.len(), found.unreadable), (1, vec![0]));
    // Of another version: its checksum is right.
    let mut frame = Vec::new();
    sluice_wire::journal::open_frame(&mut frame);
    write_record(&mut frame, &Record::Begin(bench.journal.begin.clone()));
    frame[FRAME_HEAD_BYTES + 1] += 1;
    seal_frame(&mut frame, EPOCH, 1, 0);
    assert_eq!(recover(&[frame]), Recovered { unreadable: vec![0], ..nothing });
}

#[test]
fn a_journal_that_is_damaged_in_its_middle_is_named_and_read_as_far_as_it_goes() {
    let accept = Step::Accept { worker: 1, minute: 0, hashes: 5, bits: 0 };
    let end = |bench: &Bench| bench.journal.used as usize;
    let mut bench = Bench::new(JOURNAL_FILE_BYTES_MIN);
    let mut ends = Vec::new();
    for _ in 0..3 {
        bench.apply(&accept);
        bench.write();
        ends.push(end(&bench));
    }
    let accepted = |recovered: &Recovered| -> u64 {
        let tallies = recovered.batches.iter().flat_map(|batch| &batch.tallies);
        tallies.map(|(_, _, tally)| tally.accepted).sum()
    };
    let whole = recover(&bench.files);
    assert_eq!((accepted(&whole), whole.unreadable), (3, vec![]));
    // In the length, the checksum, and the records of the second share.
    for byte in [ends[0], ends[0] + 5, ends[1] - 1] {
        let mut files = bench.files.clone();
        files[0][byte] ^= 1;
        let damaged = recover(&files);
        assert_eq!((accepted(&damaged), damaged.unreadable), (1, vec![0]), "byte {byte}");
    }
    // What is torn by a kill is the last frame: nothing else was lost, and nobody needs to look.
    for end in ends[1]..ends[2] {
        let mut files = bench.files.clone();
        files[0][end..].fill(0);
        let torn = recover(&files);
        assert_eq!((accepted(&torn), torn.unreadable), (2, vec![]), "{end} bytes");
    }
    // What another release has written there: its checksum is right.
    let mut newer = bench.files.clone();
    let Begin { epoch, turn, .. } = read_frames(&newer[0]).unwrap().0;
    newer[0][ends[0] + FRAME_HEAD_BYTES] = 200;
    seal_frame(&mut newer[0][ends[0]..ends[1]], epoch, turn, ends[0] as u64);
    let read = recover(&newer);
    assert_eq!((accepted(&read), read.unreadable), (1, vec![0]));
    let mut headless = bench.files.clone();
    headless[0][..FRAME_HEAD_BYTES].fill(0);
    assert_eq!(recover(&headless).unreadable, [0], "something was written there");
}

#[test]
fn what_former_turns_have_left_is_no_damage() {
    let mut bench = Bench::new(JOURNAL_FILE_BYTES_MIN);
    for round in 0..4_000 {
        bench.apply(&Step::Accept { worker: round % 5, minute: 0, hashes: 5, bits: 0 });
        bench.write();
        if round % 10 == 0 {
            bench.cut();
            bench.apply(&Step::Safe(0));
        }
    }
    assert!(bench.journal.begin.turn > 4, "both files were written over");
    assert!(recover(&bench.files).unreadable.is_empty());
}

#[test]
fn a_start_brings_back_little_of_what_was_safe() {
    let mut bench = Bench::new(1 << 20);
    for _ in 0..1000 {
        bench.apply(&Step::Accept { worker: 1, minute: 0, hashes: 5, bits: 0 });
        bench.cut();
        bench.apply(&Step::Safe(0));
        bench.write();
    }
    let numbers: Vec<_> = recover(&bench.files).batches.iter().map(|it| it.sequence).collect();
    assert_eq!(numbers, [1000], "the last one became safe after the last word of it");
}

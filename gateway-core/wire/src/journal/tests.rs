use proptest::prelude::*;

use super::*;

fn begin(turn: u64) -> Begin {
    Begin {
        source: SourceId { gateway_id: 3, shard: 1 },
        epoch: 1_700_000_000,
        turn,
        coin: "btc".parse().unwrap(),
        host: "gw-1".parse().unwrap(),
        next_sequence: 9,
    }
}

fn records() -> Vec<Record> {
    let row = |seconds, name: &str| {
        Record::Row(Minute::from_seconds(seconds).unwrap(), name.parse().unwrap())
    };
    let best = BestShare::from_bits(1e12_f64.to_bits()).unwrap();
    vec![
        row(60, "alice.rig1"),
        Record::Bits(CompactTarget::from_bits(0x1d00_ffff)),
        Record::Accepted { row: 0, difficulty: ShareDifficulty::from_hashes(1 << 40), best },
        row(120, "bob"),
        Record::Refused { row: 1, reason: RejectReason::Stale },
        Record::Cut { sequence: 9, safe: 7 },
    ]
}

/// A file of one frame for each of these, behind `begin`.
fn file(turn: u64, frames: &[Vec<Record>]) -> Vec<u8> {
    let begin = begin(turn);
    let mut bytes = Vec::new();
    for (index, records) in frames.iter().enumerate() {
        let offset = bytes.len();
        open_frame(&mut bytes);
        if index == 0 {
            write_record(&mut bytes, &Record::Begin(begin.clone()));
        }
        for record in records {
            write_record(&mut bytes, record);
        }
        seal_frame(&mut bytes[offset..], begin.epoch, turn, offset as u64);
    }
    bytes
}

fn read(file: &[u8]) -> Option<Vec<Record>> {
    read_frames(file).map(|(_, records)| {
        let mut records: Vec<Record> = records.collect();
        assert!(matches!(records.remove(0), Record::Begin(_)));
        records
    })
}

#[test]
fn what_is_written_is_read() {
    let bytes = file(1, &[Vec::new(), records(), vec![Record::Cut { sequence: 10, safe: 0 }]]);
    let expected = [records(), vec![Record::Cut { sequence: 10, safe: 0 }]].concat();
    assert_eq!(read(&bytes), Some(expected.clone()));
    assert_eq!(read_frames(&bytes).unwrap().0, begin(1));
    let padded = [&bytes[..], &[0; 100]].concat();
    assert_eq!(read(&padded), Some(expected));
    assert!(read_frames([0; 64]).is_none());
    assert!(read_frames([]).is_none());
}

#[test]
fn a_torn_end_takes_only_its_frame_along() {
    let whole = file(1, &[records(), records()]);
    let first = file(1, &[records()]);
    for end in 0..whole.len() {
        let expected = (end >= first.len()).then(records);
        assert_eq!(read(&whole[..end]), expected, "{end} bytes");
    }
}

#[test]
fn nothing_is_read_of_an_earlier_turn() {
    let former = file(1, &[records(), records(), records()]);
    let latter = file(2, &[records()]);
    let written_over = [&latter[..], &former[latter.len()..]].concat();
    assert_eq!(read(&written_over), Some(records()));
}

#[test]
fn a_turned_bit_ends_the_reading() {
    let whole = file(1, &[Vec::new(), records(), records()]);
    let first = file(1, &[Vec::new()]).len();
    for bit in first * 8..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let read = read(&bytes).unwrap();
        assert!(read.is_empty() || read == records(), "bit {bit}: {read:?}");
    }
}

/// As another release may write them. Rows are known by their number: with one left out the shares behind it would be
/// another worker's.
#[test]
fn a_record_that_is_unknown_ends_the_reading_and_is_told() {
    const UNKNOWN: u8 = 200;
    let (first, mut bytes) = (records(), file(1, &[records()]));
    let offset = bytes.len();
    open_frame(&mut bytes);
    bytes.push(UNKNOWN);
    write_record(&mut bytes, &records()[0]);
    seal_frame(&mut bytes[offset..], begin(1).epoch, 1, offset as u64);
    let behind = bytes.len();
    open_frame(&mut bytes);
    write_record(&mut bytes, &records()[0]);
    seal_frame(&mut bytes[behind..], begin(1).epoch, 1, behind as u64);
    assert_eq!(read(&bytes), Some(first));
    let (_, mut records) = read_frames(&bytes).unwrap();
    assert!(!records.is_odd());
    while records.next().is_some() {}
    assert!(records.is_odd() && records.bytes_read() < behind);
}

#[test]
fn a_share_takes_no_more_than_is_said() {
    let name = "x".repeat(NAME_BYTES_MAX);
    let worker = format!("{name}.{name}").parse().unwrap();
    let mut bytes = Vec::new();
    write_row(&mut bytes, Minute::from_seconds(60).unwrap(), &worker);
    for record in &records()[1..3] {
        write_record(&mut bytes, record);
    }
    assert_eq!(bytes.len(), SHARE_RECORDS_BYTES_MAX);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), seal in any::<bool>()) {
        let mut bytes = bytes;
        if seal && bytes.len() > FRAME_HEAD_BYTES {
            seal_frame(&mut bytes, 1, 1, 0);
        }
        let _ = read_frames(&bytes);
        let mut whole = file(1, &[records()]);
        let offset = whole.len();
        if bytes.len() > FRAME_HEAD_BYTES {
            seal_frame(&mut bytes, 1_700_000_000, 1, offset as u64);
            whole.extend_from_slice(&bytes);
        }
        let read = read(&whole).unwrap();
        prop_assert!(read.starts_with(&records()));
    }
}

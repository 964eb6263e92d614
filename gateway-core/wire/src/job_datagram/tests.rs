use proptest::prelude::*;

use super::*;

const FEED: FeedName = FeedName(7);

fn key(byte: u8) -> DatagramKey {
    DatagramKey([byte; 32])
}

fn pair() -> (DatagramSealer, DatagramOpener) {
    (DatagramSealer::new(FEED, &key(1)), DatagramOpener::new(FEED, &key(1)))
}

fn message(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| index as u8).collect()
}

#[test]
fn every_length_arrives_whole() {
    let (mut sealer, mut opener) = pair();
    let edges = (0..=DATAGRAM_FRAGMENTS_MAX).flat_map(|count| {
        let edge = count * PART_BYTES_MAX;
        edge.saturating_sub(1)..=edge + 1
    });
    for (number, bytes) in (1..).zip(edges) {
        let Some(datagrams) = sealer.seal(number, &message(bytes)) else {
            assert!(bytes > DATAGRAM_FRAGMENTS_MAX * PART_BYTES_MAX);
            continue;
        };
        assert_eq!(datagrams.len(), bytes.div_ceil(PART_BYTES_MAX).max(1));
        let (last, first) = datagrams.split_last().unwrap();
        for datagram in first {
            assert_eq!(opener.open(datagram), Ok(None));
            assert!(datagram.len() <= DATAGRAM_BYTES_MAX);
        }
        assert_eq!(opener.open(last), Ok(Some((number, message(bytes)))));
    }
}

#[test]
fn a_changed_byte_or_another_length_is_refused_and_does_no_harm() {
    let (mut sealer, mut opener) = pair();
    let datagram = sealer.seal(1, b"a job").unwrap().remove(0);
    for bit in 0..datagram.len() * 8 {
        let mut changed = datagram.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let expected =
            if bit < 12 * 8 { DatagramRefused::Foreign } else { DatagramRefused::Forged };
        // A counter of nought was never given out.
        let refused = opener.open(&changed).unwrap_err();
        assert!(refused == expected || refused == DatagramRefused::Old, "bit {bit}: {refused}");
    }
    for length in 0..datagram.len() {
        assert!(opener.open(&datagram[..length]).is_err(), "{length} bytes");
    }
    let longer = [&datagram[..], &[0]].concat();
    assert_eq!(opener.open(&longer), Err(DatagramRefused::Forged));
    assert_eq!(opener.open(&datagram), Ok(Some((1, b"a job".to_vec()))));
    assert_eq!(opener.open(&datagram), Err(DatagramRefused::Replayed));
}

#[test]
fn other_keys_and_former_feeds_are_refused() {
    let (mut sealer, _) = pair();
    let datagram = sealer.seal(1, b"a job").unwrap().remove(0);
    let mut other_key = DatagramOpener::new(FEED, &key(2));
    assert_eq!(other_key.open(&datagram), Err(DatagramRefused::Forged));
    let mut next_life = DatagramOpener::new(FeedName(8), &key(1));
    assert_eq!(next_life.open(&datagram), Err(DatagramRefused::Foreign));
    assert_eq!(feed_of(&datagram), Some(FEED));
    assert_eq!(feed_of(b"SLJ1"), None);
}

#[test]
fn a_message_is_given_once_however_often_it_is_sent() {
    let (mut sealer, mut opener) = pair();
    let long = message(3 * PART_BYTES_MAX);
    let [first, second] = [(); 2].map(|()| sealer.seal(5, &long).unwrap());
    assert_eq!(opener.open(&first[0]), Ok(None));
    assert_eq!(opener.open(&second[0]), Ok(None), "the same part again");
    assert_eq!(opener.open(&second[2]), Ok(None));
    assert_eq!(opener.open(&first[1]), Ok(Some((5, long))));
    assert_eq!(opener.open(&second[1]), Err(DatagramRefused::Old));
    assert_eq!(opener.open(&first[2]), Err(DatagramRefused::Old));
}

#[test]
fn unfinished_messages_are_bounded() {
    let (mut sealer, mut opener) = pair();
    for number in 0..100 {
        let datagrams = sealer.seal(number, &message(2 * PART_BYTES_MAX)).unwrap();
        assert_eq!(opener.open(&datagrams[0]), Ok(None));
        assert!(opener.unfinished.len() <= DATAGRAM_MESSAGES_MAX);
    }
}

#[test]
fn a_jump_of_the_counter_keeps_no_old_place() {
    let mut window = Window::default();
    for counter in [1, 2, 3, WINDOW, WINDOW + 3, 3 * WINDOW, 1 << 63, u64::MAX] {
        assert_eq!(window.look(counter), Ok(()), "{counter}");
        window.mark(counter);
        assert_eq!(window.look(counter), Err(DatagramRefused::Replayed), "{counter}");
    }
    assert_eq!(window.look(u64::MAX - WINDOW + 1), Ok(()));
    assert_eq!(window.look(u64::MAX - WINDOW), Err(DatagramRefused::Old));
}

#[test]
fn what_is_complete_is_known_at_every_distance() {
    for step in [1, 2, 63, 64, 65, 1000] {
        let mut completed = Completed::default();
        for number in [100, 100 + step] {
            assert!(!completed.has(number));
            completed.add(number);
        }
        assert!(completed.has(100) && completed.has(100 + step), "{step}");
        assert_eq!(completed.has(101), step == 1 || step > COMPLETED_WINDOW + 1, "{step}");
        assert!(!completed.has(101 + step));
    }
}

proptest! {
    /// Lost, sent twice and in any order: whatever is there at least once is given exactly once.
    #[test]
    fn nothing_is_given_twice_or_torn(
        sizes in proptest::collection::vec(0..3 * PART_BYTES_MAX, 1..12),
        fates in proptest::collection::vec((0..100_u8, any::<u16>(), any::<u16>()), 40),
    ) {
        let (mut sealer, mut opener) = pair();
        let mut under_way: Vec<(u32, Vec<u8>)> = Vec::new();
        let mut fate = fates.iter().cycle();
        let mut lost = vec![false; sizes.len()];
        for (number, bytes) in sizes.iter().enumerate() {
            for datagram in sealer.seal(number as u64, &message(*bytes)).unwrap() {
                let &(luck, first, second) = fate.next().unwrap();
                // Near enough that no message is too old when its last part comes.
                let time = |delay: u16| (number as u32) * 30_000 + u32::from(delay);
                if luck < 10 {
                    lost[number] = true;
                    continue;
                }
                under_way.push((time(first), datagram.clone()));
                if luck < 30 {
                    under_way.push((time(second), datagram));
                }
            }
        }
        under_way.sort();
        let mut given = vec![0; sizes.len()];
        for (_, datagram) in under_way {
            if let Ok(Some((number, bytes))) = opener.open(&datagram) {
                prop_assert_eq!(&bytes, &message(sizes[number as usize]));
                given[number as usize] += 1;
            }
        }
        for (given, lost) in given.iter().zip(&lost) {
            prop_assert_eq!(*given, i32::from(!lost));
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), inner in proptest::collection::vec(any::<u8>(), 0..60)) {
        let (mut sealer, mut opener) = pair();
        let _ = opener.open(&bytes);
        let sealed = sealer.seal_one(&inner);
        let _ = opener.open(&sealed);
    }
}

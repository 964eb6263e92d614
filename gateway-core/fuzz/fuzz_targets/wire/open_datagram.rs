//! Datagrams of the job feed: some well sealed, some changed, cut, sent twice or out of order, and bytes of
//! anybody's. No message is given twice, and each is given as it was sealed.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use sluice_wire::job_datagram::{DatagramKey, DatagramOpener, DatagramSealer, FeedName};

const FEED: FeedName = FeedName(1);
const KEY: DatagramKey = DatagramKey([3; 32]);

fuzz_target!(|bytes: &[u8]| {
    let mut sealer = DatagramSealer::new(FEED, &KEY);
    let mut opener = DatagramOpener::new(FEED, &KEY);
    let mut sealed: Vec<Vec<u8>> = Vec::new();
    let mut given = BTreeSet::new();
    let mut number = 0;
    let message = |number: u64| vec![number as u8; (number as usize * 700) % 9000];
    let _ = opener.open(bytes);
    for order in bytes.chunks(3) {
        let &[kind, at, what] = order else { break };
        let (at, what) = (usize::from(at), usize::from(what));
        let datagram = match kind % 4 {
            0 => {
                number += 1;
                sealed.extend(sealer.seal(number, &message(number)).into_iter().flatten());
                continue;
            }
            _ if sealed.is_empty() => continue,
            1 => sealed[at % sealed.len()].clone(),
            2 => {
                let mut changed = sealed[at % sealed.len()].clone();
                let place = what % changed.len();
                changed[place] ^= kind | 1;
                changed
            }
            _ => {
                let whole = &sealed[at % sealed.len()];
                whole[..what.min(whole.len())].to_vec()
            }
        };
        if let Ok(Some((number, bytes))) = opener.open(&datagram) {
            assert!(given.insert(number), "a message is given once");
            assert_eq!(bytes, message(number));
        }
    }
});

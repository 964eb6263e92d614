//! Shares without end for one connection and one job: each a line that differs from the last in its
//! id and its nonce alone.

use sluice_sha256d::{HeaderSearch, merkle_root, sha256d};
use sluice_units::header::VERSION_MASK;
use sluice_units::{Header, ShareDifficulty, Target};
use sluice_wire::stratum::{NotifiedJob, request};

/// The first id of a submit; the requests before it have lower ones. All ids of a connection have as
/// many digits, so that a line keeps its length.
pub(crate) const FIRST_SUBMIT_ID: u64 = 1_000_000_000;
/// Bytes before the id in every line of ours.
const ID_AT: usize = br#"{"id":"#.len();
const ID_DIGITS: usize = 10;
/// The version bits that all shares have rolled.
const VERSION_BITS: u32 = 0x0000_2000;
/// Bytes from the nonce's first digit to the end of the line: `nonce","bits"]}` and a newline.
const NONCE_FROM_END: usize = 8 + 3 + 8 + 4;

/// What one connection can submit for one job.
#[derive(Clone, Debug)]
pub(crate) struct ShareSource {
    search: HeaderSearch,
    target: Target,
    nonce: u32,
    line: Vec<u8>,
}

impl ShareSource {
    /// Shares of the lowest difficulty, under a worker's name.
    pub(crate) fn new(
        job: &NotifiedJob,
        extranonce1: &[u8],
        extranonce2_bytes: usize,
        worker: &str,
    ) -> Self {
        let extranonce2 = vec![0; extranonce2_bytes];
        let NotifiedJob { coinbase_prefix, coinbase_suffix, .. } = job;
        let coinbase = [&coinbase_prefix[..], extranonce1, &extranonce2, coinbase_suffix].concat();
        let header = Header {
            // BIP 310: nVersion = (job version & ~mask) | (version bits & mask).
            version: job.version & !VERSION_MASK | VERSION_BITS,
            parent: job.parent,
            merkle_root: merkle_root(sha256d(&coinbase), &job.merkle_branch),
            ntime: job.ntime,
            nbits: job.nbits,
            nonce: 0,
        };
        let mut line = Vec::new();
        request::encode_submit(
            &mut line,
            FIRST_SUBMIT_ID,
            worker,
            &job.id,
            &extranonce2,
            [job.ntime, 0],
            Some(VERSION_BITS),
        );
        Self {
            search: HeaderSearch::new(&header.to_bytes()),
            target: ShareDifficulty::MIN.to_target(),
            nonce: 0,
            line,
        }
    }

    /// The line of the next share, newline included.
    pub(crate) fn next_line(&mut self, id: u64) -> &[u8] {
        // About one hash in 65,536 is above the target of even the lowest difficulty.
        loop {
            self.nonce = self.nonce.wrapping_add(1);
            if self.target.is_met_by(&self.search.hash(self.nonce)) {
                break;
            }
        }
        write_id(&mut self.line, id);
        let nonce_at = self.line.len() - NONCE_FROM_END;
        write_hexadecimal(&mut self.line[nonce_at..nonce_at + 8], self.nonce);
        &self.line
    }
}

/// Puts an id into a line that begins as ours do.
///
/// # Panics
///
/// For an id with more or fewer digits than the first one: nobody submits so often.
pub(crate) fn write_id(line: &mut [u8], id: u64) {
    assert!(id / FIRST_SUBMIT_ID >= 1 && id / FIRST_SUBMIT_ID < 10, "ids keep their length");
    let mut rest = id;
    for digit in line[ID_AT..ID_AT + ID_DIGITS].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

fn write_hexadecimal(text: &mut [u8], number: u32) {
    for (index, digit) in text.iter_mut().rev().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (4 * index)) as usize & 15];
    }
}

/// What an answer says about a submit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// Accepted.
    True(u64),
    /// Anything else that has an id of a submit.
    Other(u64),
}

/// Reads an answer to a submit, without its newline; `None` for any other line.
pub(crate) fn parse_answer(line: &[u8]) -> Option<Answer> {
    let rest = line.strip_prefix(br#"{"id":"#)?;
    let digits = rest.get(..ID_DIGITS)?;
    let mut id = 0;
    for digit in digits {
        id = id * 10 + u64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    let accepted = &rest[ID_DIGITS..] == br#","result":true,"error":null}"#;
    Some(if accepted { Answer::True(id) } else { Answer::Other(id) })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sluice_mining::share::{CheckPolicy, PreparedJob, Share};
    use sluice_units::{Extranonce1, RejectReason};
    use sluice_wire::stratum::{Call, Request, ServerMessage, notification, reply};

    use super::*;
    use crate::jobs::JobRow;

    #[test]
    fn the_pools_own_check_accepts_every_share_once_and_none_is_a_block() {
        let job = JobRow::new(1_700_000_000).next_clean();
        let mut notify = Vec::new();
        notification::encode_notify(&mut notify, &job, true);
        let Ok(ServerMessage::Notify(notified)) = ServerMessage::decode(notify.trim_ascii()) else {
            panic!("a notify line is a notification");
        };
        let extranonce1 = Extranonce1::new(1, 2, 3);
        let worker = "bench.w0000001";
        let mut source = ShareSource::new(&notified, &extranonce1.to_bytes(), 8, worker);
        let mut prepared = PreparedJob::new(job, CheckPolicy::default(), 0).unwrap();
        let mut lines = HashSet::new();
        for id in FIRST_SUBMIT_ID..FIRST_SUBMIT_ID + 200 {
            let line = source.next_line(id).to_vec();
            let request = Request::decode(line.strip_suffix(b"\n").unwrap()).unwrap();
            assert_eq!(request.id, id.to_string());
            let Call::Submit(submit) = request.call else { panic!("{request:?}") };
            assert_eq!((&*submit.user, submit.job), (worker, Some(prepared.job().id)));
            let share = Share {
                extranonce1,
                extranonce2: submit.extranonce2,
                ntime: submit.ntime,
                nonce: submit.nonce,
                version_bits: submit.version_bits,
                version_mask: VERSION_MASK,
                difficulty: ShareDifficulty::MIN,
            };
            let verdict = prepared.check(&share, false);
            assert_eq!(verdict.outcome, Ok(()));
            assert!(!verdict.is_block);
            assert_eq!(prepared.check(&share, false).outcome, Err(RejectReason::Duplicate));
            assert!(lines.insert(line));
        }
    }

    #[test]
    fn answers_are_told_apart() {
        let encoded = |encode: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            encode(&mut out);
            parse_answer(out.trim_ascii())
        };
        let id = FIRST_SUBMIT_ID + 7;
        let text = id.to_string();
        assert_eq!(encoded(&|out| reply::encode_true(out, &text)), Some(Answer::True(id)));
        let stale = RejectReason::Stale;
        let refused = encoded(&|out| reply::encode_rejected(out, &text, stale));
        assert_eq!(refused, Some(Answer::Other(id)));
        assert_eq!(encoded(&|out| reply::encode_true(out, "3")), None);
        let difficulty = ShareDifficulty::MIN;
        assert_eq!(encoded(&|out| notification::encode_set_difficulty(out, difficulty)), None);
    }
}

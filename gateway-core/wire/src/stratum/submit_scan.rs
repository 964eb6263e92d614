//! The common spellings of `mining.submit`, read in one pass.
//!
//! This is most of what a gateway reads: the members in any order, a blank or none behind each mark, texts without
//! escapes, digits of the lengths that the pool asks for. Every piece but names and numbers is then known, and
//! compared whole. A line that is spelled in another way is left to the JSON reader: the scanner gives either what
//! that one would give, or nothing.

use std::borrow::Cow;

use sluice_units::limits::REQUEST_ID_BYTES_MAX;
use sluice_units::{Extranonce2, JobId, hex};

use super::request::{Call, Request, Submit, job_id_among};

/// Reads a line that holds a well-formed submit in a common spelling.
#[inline]
pub(super) fn scan(line: &[u8]) -> Option<Request<'_>> {
    let mut cursor = Cursor { rest: line };
    let (mut id, mut is_submit, mut submit) = (None, false, None);
    cursor.take(b"{")?;
    loop {
        match cursor.rest.get(1)? {
            b'i' if id.is_none() => {
                cursor.take(b"\"id\":")?;
                cursor.skip_blank();
                id = Some(cursor.id()?);
            }
            b'm' if !is_submit => {
                cursor.take(b"\"method\":")?;
                cursor.skip_blank();
                cursor.take(b"\"mining.submit\"")?;
                is_submit = true;
            }
            b'p' if submit.is_none() => {
                cursor.take(b"\"params\":")?;
                cursor.skip_blank();
                submit = Some(cursor.submit()?);
            }
            _ => return None,
        }
        if cursor.take(b",").is_none() {
            break;
        }
        cursor.skip_blank();
    }
    cursor.take(b"}")?;
    if !cursor.rest.is_empty() || !is_submit {
        return None;
    }
    Some(Request { id: id.unwrap_or("null"), call: Call::Submit(submit?) })
}

/// What of the line is not read yet.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Takes exactly these bytes.
    #[inline(always)]
    fn take<const N: usize>(&mut self, piece: &[u8; N]) -> Option<()> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        if head != piece {
            return None;
        }
        self.rest = rest;
        Some(())
    }

    #[inline(always)]
    fn skip_blank(&mut self) {
        if let [b' ', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// The end of one parameter and the beginning of the next.
    #[inline(always)]
    fn next_parameter(&mut self) -> Option<()> {
        self.take(b"\",")?;
        self.skip_blank();
        self.take(b"\"")
    }

    /// A list of five or six texts: user, job, extranonce2, ntime, nonce, and the version bits where rolled.
    #[inline(always)]
    fn submit(&mut self) -> Option<Submit<'a>> {
        self.take(b"[\"")?;
        let user = self.text()?;
        self.next_parameter()?;
        let job = self.job()?;
        self.next_parameter()?;
        let extranonce2 = hex::decode_sixteen(self.digits()?)?;
        self.next_parameter()?;
        let ntime = hex::decode_eight(self.digits()?)?;
        self.next_parameter()?;
        let nonce = hex::decode_eight(self.digits()?)?;
        let version_bits = if self.take(b"\"]").is_some() {
            None
        } else {
            self.next_parameter()?;
            let bits = hex::decode_eight(self.digits()?)?;
            self.take(b"\"]")?;
            Some(bits)
        };
        let extranonce2 = Extranonce2(extranonce2.to_be_bytes());
        let user = Cow::Borrowed(user);
        Some(Submit { user, job: Some(job), extranonce2, ntime, nonce, version_bits })
    }

    /// As many bytes as asked for. Whether they are digits is looked at where they are decoded.
    #[inline(always)]
    fn digits<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (digits, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*digits)
    }

    /// What stands before the next quote, in ASCII without escapes.
    #[inline(always)]
    fn text(&mut self) -> Option<&'a str> {
        let end = text_bytes(self.rest)?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        core::str::from_utf8(text).ok()
    }

    /// A job's name as [`JobId`] shows it, which fits sixteen digits; more than that follows it in the line.
    #[inline(always)]
    fn job(&mut self) -> Option<JobId> {
        let bytes = text_bytes(self.rest)?;
        let digits = *self.rest.first_chunk()?;
        self.rest = &self.rest[bytes..];
        job_id_among(digits, bytes)
    }

    /// A whole number, or a text with its quotes.
    #[inline(always)]
    fn id(&mut self) -> Option<&'a str> {
        let bytes = if let [b'"', text @ ..] = self.rest {
            text_bytes(text)? + 2
        } else {
            let digits = self.rest.iter().position(|byte| !byte.is_ascii_digit())?;
            // JSON knows no number with a leading zero, and a fraction may follow only elsewhere.
            if digits == 0 || self.rest[0] == b'0' && digits > 1 {
                return None;
            }
            digits
        };
        if bytes > REQUEST_ID_BYTES_MAX {
            return None;
        }
        let (id, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        core::str::from_utf8(id).ok()
    }
}

/// Bytes before the first quote; `None` where an escape, a control character or a byte beyond ASCII comes first, or
/// less than eight bytes are left to look at, which no submit ends in.
#[inline(always)]
fn text_bytes(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH_BITS: u64 = 0x80 * ONES;
    // The lowest byte that is marked is below the bound; borrows may mark others above it.
    let below = |word: u64, bound: u8| word.wrapping_sub(u64::from(bound) * ONES) & !word;
    let (words, _) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let is = |byte: u8| below(word ^ (u64::from(byte) * ONES), 1);
        let marks = (is(b'"') | is(b'\\') | below(word, b' ') | word) & HIGH_BITS;
        if marks != 0 {
            let place = marks.trailing_zeros() / 8;
            return ((word >> (8 * place)) as u8 == b'"').then_some(8 * index + place as usize);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMON: &str = concat!(
        r#"{"id":7,"method":"mining.submit","params":["#,
        r#""alice.rig1","1a2b","0102030405060708","6553f100","deadbeef","1fffe000"]}"#
    );

    const SPACED: &str = concat!(
        r#"{"params": ["alice.rig1", "1a2b", "0102030405060708", "6553f100", "deadbeef"], "#,
        r#""id": "7", "method": "mining.submit"}"#
    );

    fn agrees(line: &[u8]) -> bool {
        let scanned = scan(line);
        if let Some(request) = &scanned {
            assert_eq!(Ok(request), Request::decode_json(line).as_ref());
        }
        scanned.is_some()
    }

    #[test]
    fn takes_the_spellings_of_miners() {
        for line in [
            COMMON.to_owned(),
            SPACED.to_owned(),
            COMMON.replace(r#","1fffe000""#, ""),
            COMMON.replace("\"id\":7,", "").replace("]}", "],\"id\":12}"),
            COMMON.replace(":", ": ").replace(",", ", "),
            COMMON.replace(":7", ":\"seven\""),
            COMMON.replace("\"id\":7,", ""),
            COMMON.replace("alice.rig1", ""),
            COMMON.replace("alice.rig1", &"a name of many letters".repeat(4)),
            COMMON.replace("1a2b", "0"),
            COMMON.replace("1a2b", "f123456789abcdef"),
            COMMON.replace("deadbeef", "DeadBeef"),
        ] {
            assert!(agrees(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn leaves_the_rest_to_the_json_reader() {
        for line in [
            COMMON.replace("alice", "al\\u0069ce"),
            COMMON.replace("alice", "al\u{e9}ce"),
            COMMON.replace(":7", ":07"),
            COMMON.replace(":7", ":7.5"),
            COMMON.replace(":7", ":null"),
            COMMON.replace("submit", "subscribe"),
            COMMON.replace("\"id\"", "\"jsonrpc\""),
            COMMON.replace("1fffe000", "1fffe00"),
            COMMON.replace("alice", "al\tice"),
            COMMON.replace("alice", "al\\\"ice"),
            COMMON.replace("1a2b", "01a2b"),
            COMMON.replace("1a2b", "1A2b"),
            COMMON.replace("1a2b", ""),
            COMMON.replace("1a2b", "0123456789abcdef0"),
            COMMON.replace("1a2b", "1f123456789abcdef"),
            COMMON.replace(",", " ,"),
            COMMON.replace(",", ",  "),
            COMMON.replace("]}", ",\"x\",\"y\"]}"),
            COMMON.replace("]}", "],}"),
            COMMON.replace("]}", ",]}"),
            COMMON.replace(r#","1fffe000""#, ","),
            format!("{COMMON} x"),
            COMMON[..COMMON.len() - 1].to_owned(),
        ] {
            assert!(!agrees(line.as_bytes()), "{line}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_mutated_line_is_read_as_json_reads_it(
            base in proptest::sample::select(vec![COMMON, SPACED]),
            changes in proptest::collection::vec((0..COMMON.len(), any::<u8>(), 0_u8..3), 0..4),
        ) {
            let mut line = base.as_bytes().to_vec();
            for (at, byte, kind) in changes {
                let at = at.min(line.len() - 1);
                match kind {
                    0 => line[at] = byte,
                    1 => line.insert(at, byte),
                    _ => {
                        line.remove(at);
                    }
                }
            }
            agrees(&line);
        }
    }
}

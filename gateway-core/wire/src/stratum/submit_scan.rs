//! The common spelling of `mining.submit`, read in one pass over its bytes.
//!
//! This is most of what a gateway reads. Whatever is spelled in another way is left to the JSON
//! reader: the scanner gives either what that one would give, or nothing.

use std::borrow::Cow;
use std::ops::Range;

use sluice_units::limits::REQUEST_ID_BYTES_MAX;

use super::quotes::Quotes;
use super::request::{Call, Request, submit_from_texts};

/// Parameters of a submit: user, job, extranonce2, ntime, nonce, and the version bits where rolled.
const FIELDS_MAX: usize = 6;

/// Reads a line that holds a well-formed submit in its common spelling.
pub(super) fn scan(line: &[u8]) -> Option<Request<'_>> {
    // In such a line JSON and Rust agree on every byte, and a quote always ends a text.
    let quotes = Quotes::find(line)?;
    let mut cursor = Cursor { line, at: 0, quotes };
    let (mut id, mut is_submit, mut fields) = (None, false, None);
    cursor.take(b'{')?;
    loop {
        let name = cursor.text()?;
        match &line[name] {
            b"id" if id.is_none() => {
                cursor.take(b':')?;
                id = Some(cursor.id()?);
            }
            b"method" if !is_submit => {
                cursor.take(b':')?;
                let method = cursor.text()?;
                is_submit = line[method] == *b"mining.submit";
                if !is_submit {
                    return None;
                }
            }
            b"params" if fields.is_none() => {
                cursor.take(b':')?;
                fields = Some(cursor.fields()?);
            }
            _ => return None,
        }
        if cursor.take(b',').is_none() {
            break;
        }
    }
    cursor.take(b'}')?;
    if !cursor.is_at_end() || !is_submit {
        return None;
    }
    let [user, job, extranonce2, ntime, nonce, bits] = fields?;
    let texts = [&line[job?], &line[extranonce2?], &line[ntime?], &line[nonce?]];
    // One check for the whole line: of short texts each byte would be looked at.
    let text = core::str::from_utf8(line).ok()?;
    let submit =
        submit_from_texts(Cow::Borrowed(&text[user?]), texts, bits.map(|bits| &line[bits]))?;
    Some(Request { id: id.map_or("null", |id| &text[id]), call: Call::Submit(submit) })
}

/// Where something stands in the line.
type Span = Range<usize>;

/// A place in the line, and the quotes that are not passed yet.
struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
    quotes: Quotes,
}

impl Cursor<'_> {
    /// The byte here, behind blanks.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        while self.line.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        self.line.get(self.at).copied()
    }

    /// Takes one mark, and blanks before it.
    #[inline(always)]
    fn take(&mut self, mark: u8) -> Option<()> {
        (self.peek()? == mark).then(|| self.at += 1)
    }

    fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// What stands between two quotes.
    #[inline(always)]
    fn text(&mut self) -> Option<Span> {
        if self.peek()? != b'"' {
            return None;
        }
        let (start, end) = (self.quotes.take()?, self.quotes.take()?);
        assert_eq!(start, self.at, "quotes are passed in texts alone");
        self.at = end + 1;
        Some(start + 1..end)
    }

    /// A whole number, or a text with its quotes.
    #[inline(always)]
    fn id(&mut self) -> Option<Span> {
        let is_text = self.peek()? == b'"';
        let start = self.at;
        if is_text {
            self.text()?;
        } else {
            let rest = &self.line[start..];
            let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
            // JSON knows no number with a leading zero, and a fraction may follow only elsewhere.
            if digits == 0 || rest[0] == b'0' && digits > 1 {
                return None;
            }
            self.at += digits;
        }
        (self.at - start <= REQUEST_ID_BYTES_MAX).then_some(start..self.at)
    }

    /// A list of one to six texts.
    #[inline(always)]
    fn fields(&mut self) -> Option<[Option<Span>; FIELDS_MAX]> {
        let mut fields = [const { None }; FIELDS_MAX];
        self.take(b'[')?;
        for field in &mut fields {
            *field = Some(self.text()?);
            if self.take(b',').is_none() {
                self.take(b']')?;
                return Some(fields);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMON: &str = concat!(
        r#"{"id":7,"method":"mining.submit","params":["#,
        r#""alice.rig1","1a2b","0102030405060708","6553f100","deadbeef","1fffe000"]}"#
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
            COMMON.replace(r#","1fffe000""#, ""),
            COMMON.replace("\"id\":7,", "").replace("]}", "],\"id\":12}"),
            COMMON.replace(":", ": ").replace(",", ", "),
            COMMON.replace(":7", ":\"seven\""),
            COMMON.replace("\"id\":7,", ""),
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
            changes in proptest::collection::vec((0..COMMON.len(), any::<u8>(), 0_u8..3), 0..4),
        ) {
            let mut line = COMMON.as_bytes().to_vec();
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

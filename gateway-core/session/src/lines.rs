//! Newline framing: whole lines out of whatever pieces a stream brings.

use std::borrow::Cow;

use sluice_units::limits::{BLANK_LINES_MAX, LINE_BYTES_MAX};

/// The unfinished line of one connection; without memory while there is none.
#[derive(Debug, Default)]
pub(crate) struct LineBuffer {
    partial: Option<Box<UnfinishedLine>>,
}

/// Blank lines since the last other one. Apart from the buffer, to be packed beside other numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BlankLines(u16);

/// Boxed, so that the many connections without one pay for a pointer alone.
#[derive(Debug, Default)]
struct UnfinishedLine {
    bytes: Vec<u8>,
}

/// What no line of a miner or pool looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LineError {
    /// The line grew beyond [`LINE_BYTES_MAX`].
    TooLong,
    /// More than [`BLANK_LINES_MAX`] blank lines in a row.
    OnlyBlankLines,
}

impl LineBuffer {
    /// Calls `take` with every whole line in order, without newline and carriage return; blank lines
    /// are passed over. `take` says whether to go on.
    ///
    /// The lines of one call are bounded by its bytes: a ring's receive buffer holds some thousands. Gives the bytes
    /// behind the last line that was taken, where `take` wants no more; they are not kept.
    pub(crate) fn feed<'a>(
        &mut self,
        mut bytes: &'a [u8],
        blank_lines: &mut BlankLines,
        mut take: impl FnMut(&[u8]) -> bool,
    ) -> Result<&'a [u8], LineError> {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            self.check_length(line)?;
            let whole = match self.partial.take() {
                None => Cow::Borrowed(line),
                Some(mut start) => {
                    start.bytes.extend_from_slice(line);
                    Cow::Owned(start.bytes)
                }
            };
            let line = whole.trim_ascii();
            if line.is_empty() {
                blank_lines.0 += 1;
                if blank_lines.0 > BLANK_LINES_MAX {
                    return Err(LineError::OnlyBlankLines);
                }
                continue;
            }
            blank_lines.0 = 0;
            if !take(line) {
                return Ok(bytes);
            }
        }
        self.check_length(bytes)?;
        if !bytes.is_empty() {
            self.partial.get_or_insert_default().bytes.extend_from_slice(bytes);
        }
        Ok(&[])
    }

    fn check_length(&self, more: &[u8]) -> Result<(), LineError> {
        let length = self.partial.as_ref().map_or(0, |start| start.bytes.len()) + more.len();
        if length < LINE_BYTES_MAX { Ok(()) } else { Err(LineError::TooLong) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_without_end_is_refused() {
        let (mut buffer, mut blank_lines) = (LineBuffer::default(), BlankLines::default());
        let half = vec![b'x'; LINE_BYTES_MAX / 2];
        assert_eq!(buffer.feed(&half, &mut blank_lines, |_| true), Ok(&[][..]));
        assert_eq!(buffer.feed(&half, &mut blank_lines, |_| true), Err(LineError::TooLong));
        let whole = vec![b'x'; LINE_BYTES_MAX];
        let with_end = [&whole[..], b"\n"].concat();
        assert_eq!(
            LineBuffer::default().feed(&with_end, &mut blank_lines, |_| true),
            Err(LineError::TooLong)
        );
    }

    #[test]
    fn what_nobody_takes_is_given_back() {
        let (mut buffer, mut blank_lines) = (LineBuffer::default(), BlankLines::default());
        buffer.feed(b"fir", &mut blank_lines, |_| true).unwrap();
        let rest = buffer.feed(b"st\nsecond\nthi", &mut blank_lines, |line| line != b"first");
        assert_eq!(rest, Ok(&b"second\nthi"[..]));
        assert!(buffer.partial.is_none());
    }

    #[test]
    fn blank_lines_count_until_another_comes() {
        let (mut buffer, mut blank_lines) = (LineBuffer::default(), BlankLines::default());
        let blank = "\r\n".repeat(usize::from(BLANK_LINES_MAX));
        for _ in 0..2 {
            assert_eq!(buffer.feed(blank.as_bytes(), &mut blank_lines, |_| true), Ok(&[][..]));
            assert_eq!(buffer.feed(b"x\n", &mut blank_lines, |_| true), Ok(&[][..]));
        }
        assert_eq!(buffer.feed(blank.as_bytes(), &mut blank_lines, |_| true), Ok(&[][..]));
        assert_eq!(buffer.feed(b" ", &mut blank_lines, |_| true), Ok(&[][..]));
        assert_eq!(buffer.feed(b"\n", &mut blank_lines, |_| true), Err(LineError::OnlyBlankLines));
    }

    proptest! {
        #[test]
        fn pieces_make_the_same_lines(text in "[ab \r\n]{0,80}", cuts in proptest::collection::vec(0_usize..80, 0..6)) {
            let expected: Vec<String> = text
                .split('\n')
                .take(text.matches('\n').count())
                .map(|line| line.trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let (mut buffer, mut blank_lines) = (LineBuffer::default(), BlankLines::default());
            let mut seen = Vec::new();
            for pair in cuts.windows(2) {
                buffer
                    .feed(&text.as_bytes()[pair[0]..pair[1]], &mut blank_lines, |line| {
                        seen.push(String::from_utf8(line.to_vec()).unwrap());
                        true
                    })
                    .unwrap();
            }
            prop_assert_eq!(seen, expected);
        }
    }
}

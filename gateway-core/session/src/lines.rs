//! Newline framing: whole lines out of whatever pieces a stream brings.

use sluice_units::limits::LINE_BYTES_MAX;

/// The unfinished line of one connection; empty, and without memory, while there is none.
#[derive(Debug, Default)]
pub(crate) struct LineBuffer {
    partial: Vec<u8>,
}

/// The line grew beyond [`LINE_BYTES_MAX`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LineTooLong;

impl LineBuffer {
    /// Calls `take` with every whole line in order, without newline and carriage return; blank lines
    /// are passed over. `take` says whether to go on.
    pub(crate) fn feed(
        &mut self,
        mut bytes: &[u8],
        mut take: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), LineTooLong> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            if self.partial.len() + line.len() >= LINE_BYTES_MAX {
                return Err(LineTooLong);
            }
            let whole = if self.partial.is_empty() {
                line
            } else {
                self.partial.extend_from_slice(line);
                &self.partial
            };
            let line = whole.trim_ascii();
            let go_on = line.is_empty() || take(line);
            self.partial = Vec::new();
            if !go_on {
                return Ok(());
            }
        }
        if self.partial.len() + bytes.len() >= LINE_BYTES_MAX {
            return Err(LineTooLong);
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_without_end_is_refused() {
        let mut buffer = LineBuffer::default();
        let half = vec![b'x'; LINE_BYTES_MAX / 2];
        assert_eq!(buffer.feed(&half, |_| true), Ok(()));
        assert_eq!(buffer.feed(&half, |_| true), Err(LineTooLong));
        let whole = vec![b'x'; LINE_BYTES_MAX];
        let with_end = [&whole[..], b"\n"].concat();
        assert_eq!(LineBuffer::default().feed(&with_end, |_| true), Err(LineTooLong));
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
            let mut buffer = LineBuffer::default();
            let mut seen = Vec::new();
            for pair in cuts.windows(2) {
                buffer
                    .feed(&text.as_bytes()[pair[0]..pair[1]], |line| {
                        seen.push(String::from_utf8(line.to_vec()).unwrap());
                        true
                    })
                    .unwrap();
            }
            prop_assert_eq!(seen, expected);
        }
    }
}

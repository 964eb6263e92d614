//! What a miner says first, and how it knows that it may mine.

use serde_json::Value;
use sluice_units::header::VERSION_MASK;
use sluice_units::hex;
use sluice_units::limits::LINE_BYTES_MAX;
use sluice_wire::stratum::{ServerMessage, request};

const CONFIGURE_ID: u64 = 1;
const SUBSCRIBE_ID: u64 = 2;
const AUTHORIZE_ID: u64 = 3;
/// Lines of a greeting.
const GREETING_LINES: u8 = 3;
const USER_AGENT: &str = "sluice-bench/1";
/// What every job line begins with.
pub(crate) const NOTIFY_PREFIX: &[u8] = br#"{"id":null,"method":"mining.notify","params":[""#;

/// The name of a miner, counted over all of a run.
pub(crate) fn worker_name(number: u64) -> String {
    format!("bench.w{number:07}")
}

/// The bytes of a greeting: configure, subscribe, authorise.
pub(crate) fn greeting(worker: &str) -> Vec<u8> {
    let mut out = Vec::new();
    request::encode_configure(&mut out, CONFIGURE_ID, VERSION_MASK);
    request::encode_subscribe(&mut out, SUBSCRIBE_ID, USER_AGENT, None);
    request::encode_authorize(&mut out, AUTHORIZE_ID, worker, "x");
    out
}

/// Whole lines out of the pieces that come; holds no memory between lines.
#[derive(Default, Debug)]
pub(crate) struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Calls `take` with every whole line, without its newline, until it says `false`; returns what is
    /// left over of the bytes then. `None` for a line that is longer than any of stratum.
    pub(crate) fn feed<'a>(
        &mut self,
        mut bytes: &'a [u8],
        mut take: impl FnMut(&[u8]) -> bool,
    ) -> Option<&'a [u8]> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            let go_on = if self.partial.is_empty() {
                take(line)
            } else {
                self.partial.extend_from_slice(line);
                let whole = core::mem::take(&mut self.partial);
                take(&whole)
            };
            if !go_on {
                return Some(bytes);
            }
        }
        self.partial.extend_from_slice(bytes);
        (self.partial.len() < LINE_BYTES_MAX).then_some(&[])
    }
}

/// How far a greeting has come.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Progress<'a> {
    /// More is to come.
    Waiting,
    /// The miner may mine; what follows on the wire is handed back.
    Done(&'a [u8]),
    /// It may not, and why.
    Refused(String),
}

/// A miner between its connect and its first job.
#[derive(Debug)]
pub(crate) struct Greeting {
    lines: Lines,
    /// Lines that are still to come back, where the other end only sends them back.
    echoes_left: Option<u8>,
    authorised: bool,
    /// Extranonce1 and the bytes of extranonce2.
    pub(crate) place: Option<(Vec<u8>, usize)>,
    /// The first job's line.
    pub(crate) notify: Vec<u8>,
}

impl Greeting {
    pub(crate) fn new(is_echo: bool) -> Self {
        Self {
            lines: Lines::default(),
            echoes_left: is_echo.then_some(GREETING_LINES),
            authorised: false,
            place: None,
            notify: Vec::new(),
        }
    }

    /// Bytes came.
    pub(crate) fn feed<'a>(&mut self, bytes: &'a [u8]) -> Progress<'a> {
        let mut lines = core::mem::take(&mut self.lines);
        let mut refused = None;
        let rest = lines.feed(bytes, |line| {
            match self.take_line(line) {
                Ok(()) => {}
                Err(cause) => refused = Some(cause),
            }
            refused.is_none() && !self.is_done()
        });
        self.lines = lines;
        match (rest, refused) {
            (_, Some(cause)) => Progress::Refused(cause),
            (None, None) => Progress::Refused("a line without end".into()),
            (Some(rest), None) if self.is_done() => Progress::Done(rest),
            (Some(_), None) => Progress::Waiting,
        }
    }

    fn is_done(&self) -> bool {
        match self.echoes_left {
            Some(left) => left == 0,
            None => self.authorised && self.place.is_some() && !self.notify.is_empty(),
        }
    }

    fn take_line(&mut self, line: &[u8]) -> Result<(), String> {
        if let Some(left) = &mut self.echoes_left {
            *left -= 1;
            return Ok(());
        }
        // The longest line, which a million miners need not read.
        if line.starts_with(NOTIFY_PREFIX) {
            self.notify = line.to_vec();
            return Ok(());
        }
        let text = || String::from_utf8_lossy(line).into_owned();
        match ServerMessage::decode(line) {
            Ok(ServerMessage::Reply { id: SUBSCRIBE_ID, result: Ok(result) }) => {
                self.place = Some(place(&result).ok_or_else(text)?);
            }
            Ok(ServerMessage::Reply { id: AUTHORIZE_ID, result: Ok(Value::Bool(true)) }) => {
                self.authorised = true;
            }
            Ok(ServerMessage::Reply { id: CONFIGURE_ID, result: Ok(_) })
            | Ok(ServerMessage::SetDifficulty(_)) => {}
            Ok(_) | Err(_) => return Err(text()),
        }
        Ok(())
    }
}

fn place(subscription: &Value) -> Option<(Vec<u8>, usize)> {
    let extranonce1 = hex::decode(subscription.get(1)?.as_str()?)?;
    Some((extranonce1, usize::try_from(subscription.get(2)?.as_u64()?).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANSWERS: &str = concat!(
        r#"{"id":1,"result":{"version-rolling":true,"version-rolling.mask":"1fffe000"},"error":null}"#,
        "\n",
        r#"{"id":2,"result":[[],"0011223344556677",8],"error":null}"#,
        "\n",
        r#"{"id":3,"result":true,"error":null}"#,
        "\n",
        r#"{"id":null,"method":"mining.set_difficulty","params":[0.5]}"#,
        "\n",
        r#"{"id":null,"method":"mining.notify","params":["1"]}"#,
        "\nrest",
    );

    proptest! {
        #[test]
        fn answers_in_any_pieces_make_a_miner(cut in 0_usize..ANSWERS.len()) {
            let mut greeting = Greeting::new(false);
            let (first, second) = ANSWERS.as_bytes().split_at(cut);
            let mut last = greeting.feed(first);
            if last == Progress::Waiting {
                last = greeting.feed(second);
            }
            let Progress::Done(rest) = last else { panic!("{last:?}") };
            prop_assert!(b"rest".starts_with(rest) || rest == b"rest");
            let place = greeting.place.unwrap();
            prop_assert_eq!(place, (vec![0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77], 8));
        }
    }

    #[test]
    fn a_refusal_is_no_greeting() {
        let mut greeting = Greeting::new(false);
        let line = "{\"id\":3,\"result\":null,\"error\":[24,\"Unauthorized worker\",null]}\n";
        assert!(matches!(greeting.feed(line.as_bytes()), Progress::Refused(_)));
    }

    #[test]
    fn an_echo_is_whole_once_every_line_is_back() {
        let bytes = greeting(&worker_name(7));
        let mut greeting = Greeting::new(true);
        assert_eq!(greeting.feed(&bytes[..bytes.len() - 1]), Progress::Waiting);
        assert_eq!(greeting.feed(&bytes[bytes.len() - 1..]), Progress::Done(&[]));
    }
}

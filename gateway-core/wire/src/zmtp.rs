//! The subscriber's side of ZMTP 3.0 (ZeroMQ RFC 23) with the NULL mechanism: bytes of a connection to
//! notices, and the bytes to say first.
//!
//! Of a frame only its front is kept, whatever its length: a node publishes whole blocks, of which the header
//! is wanted. So a connection takes little memory, and a block's header is there before its last byte.

use thiserror::Error;

/// Bytes of a frame that are kept.
pub const FRAME_KEPT_BYTES_MAX: usize = 128;
/// Bytes that a frame may have; a longer one is no notification of a node's.
const FRAME_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Frames of one message: topic, body, number. More are no notification either.
const FRAMES_MAX: usize = 8;
/// Bytes of a greeting: signature 10, version 2, mechanism 20, whether it is the server 1, filler 31.
const GREETING_BYTES: usize = 64;

const FLAG_MORE: u8 = 1;
const FLAG_LONG: u8 = 2;
const FLAG_COMMAND: u8 = 4;

/// Why a connection is no publisher's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ZmtpError {
    /// It does not greet as ZMTP 3 does.
    #[error("what answers does not speak ZMTP 3")]
    Greeting,
    /// It asks for passwords or keys.
    #[error("what answers asks for a security mechanism other than NULL")]
    Mechanism,
    /// It refuses the subscriber.
    #[error("what answers refuses a subscriber")]
    Refused,
    /// A frame is none that a node would send.
    #[error("a frame makes no sense")]
    Frame,
}

/// What a subscriber says first. It then waits for the other's greeting, and says who it is; and waits for
/// the same of the other, and subscribes: ZeroMQ's own library takes nothing before its time.
pub fn greeting() -> Vec<u8> {
    let mut bytes = vec![0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0];
    bytes.extend(b"NULL");
    bytes.resize(GREETING_BYTES, 0);
    bytes
}

/// READY: name with its length, then each property's name with one byte of length, its value with four.
fn ready() -> Vec<u8> {
    command(b"\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB")
}

/// A subscription is a message: 1 and the prefix.
fn subscriptions(topics: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for topic in topics {
        let length = u8::try_from(1 + topic.len()).expect("topics are short");
        bytes.extend([0, length, 1]);
        bytes.extend(topic.as_bytes());
    }
    bytes
}

fn command(body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).expect("commands of ours are short");
    [&[FLAG_COMMAND, length], body].concat()
}

/// The front of a message's second frame, with its topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    /// The first frame.
    pub topic: Vec<u8>,
    /// The front of the second one, at most [`FRAME_KEPT_BYTES_MAX`] bytes.
    pub body: Vec<u8>,
    /// How many bytes it has in all.
    pub body_bytes: u64,
}

/// What came of some bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ZmtpEvent {
    /// Something was published; the rest of its body may be under way.
    Published(Published),
    /// These bytes are to be sent.
    Answer(Vec<u8>),
}

/// Reads what a publisher says, cut anywhere, and knows what to answer.
#[derive(Debug)]
pub struct ZmtpReader {
    /// What to subscribe to.
    topics: &'static [&'static str],
    state: State,
    /// Bytes of a greeting or a frame's head that is not complete.
    head: Vec<u8>,
    topic: Option<Vec<u8>>,
    frames: usize,
}

#[derive(Debug)]
enum State {
    Greeting,
    Head,
    Body(Frame),
}

#[derive(Debug)]
struct Frame {
    flags: u8,
    length: u64,
    left: u64,
    kept: Vec<u8>,
}

impl Frame {
    const fn wanted(&self) -> usize {
        let most = FRAME_KEPT_BYTES_MAX as u64;
        (if self.length < most { self.length } else { most }) as usize
    }
}

impl ZmtpReader {
    /// For one connection, and these topics.
    pub const fn new(topics: &'static [&'static str]) -> Self {
        Self { topics, state: State::Greeting, head: Vec::new(), topic: None, frames: 0 }
    }

    /// Takes bytes, and hands over what they complete. After an error the connection is of no use.
    pub fn read(
        &mut self,
        mut bytes: &[u8],
        mut act: impl FnMut(ZmtpEvent),
    ) -> Result<(), ZmtpError> {
        loop {
            match &mut self.state {
                State::Greeting => {
                    if !take(&mut self.head, &mut bytes, GREETING_BYTES) {
                        return Ok(());
                    }
                    check_greeting(&self.head)?;
                    act(ZmtpEvent::Answer(ready()));
                    self.head.clear();
                    self.state = State::Head;
                }
                State::Head => {
                    if !take(&mut self.head, &mut bytes, 2) {
                        return Ok(());
                    }
                    let long = self.head[0] & FLAG_LONG != 0;
                    if long && !take(&mut self.head, &mut bytes, 9) {
                        return Ok(());
                    }
                    self.state = State::Body(frame(&self.head)?);
                    self.head.clear();
                    // A frame of nothing is complete.
                    self.advance(&mut act)?;
                }
                State::Body(frame) => {
                    if bytes.is_empty() {
                        return Ok(());
                    }
                    let room = frame.wanted() - frame.kept.len();
                    let part = usize::try_from(frame.left).unwrap_or(usize::MAX).min(bytes.len());
                    // What is kept ends before what is passed over.
                    let part = if room > 0 { part.min(room) } else { part };
                    let (now, later) = bytes.split_at(part);
                    if room > 0 {
                        frame.kept.extend_from_slice(now);
                    }
                    frame.left -= part as u64;
                    bytes = later;
                    self.advance(&mut act)?;
                }
            }
        }
    }

    /// Looks at what is kept of the present frame as soon as that is complete, and leaves it at its end.
    fn advance(&mut self, act: &mut impl FnMut(ZmtpEvent)) -> Result<(), ZmtpError> {
        let State::Body(frame) = &mut self.state else { return Ok(()) };
        if frame.kept.len() < frame.wanted() {
            return Ok(());
        }
        let ends = frame.left == 0;
        if frame.flags & FLAG_COMMAND != 0 {
            if ends {
                handle_command(&frame.kept, self.topics, act)?;
                self.state = State::Head;
            }
            return Ok(());
        }
        // Once for each frame: when its front is there. It stays until the frame ends.
        if self.frames == 1 && self.topic.is_some() {
            let published = Published {
                topic: self.topic.take().expect("it was just seen"),
                body: core::mem::take(&mut frame.kept),
                body_bytes: frame.length,
            };
            act(ZmtpEvent::Published(published));
            frame.kept.resize(frame.wanted(), 0);
        }
        if ends {
            let more = frame.flags & FLAG_MORE != 0;
            if self.frames == 0 {
                self.topic = Some(core::mem::take(&mut frame.kept));
            }
            self.frames += 1;
            if self.frames > FRAMES_MAX {
                return Err(ZmtpError::Frame);
            }
            if !more {
                (self.frames, self.topic) = (0, None);
            }
            self.state = State::Head;
        }
        Ok(())
    }
}

/// Fills `head` up to `length` bytes; `false` where the bytes do not suffice.
fn take(head: &mut Vec<u8>, bytes: &mut &[u8], length: usize) -> bool {
    let missing = length.saturating_sub(head.len()).min(bytes.len());
    let (now, later) = bytes.split_at(missing);
    head.extend_from_slice(now);
    *bytes = later;
    head.len() >= length
}

fn check_greeting(greeting: &[u8]) -> Result<(), ZmtpError> {
    // What stands between the two marks of the signature is left to the peer.
    if greeting[0] != 0xff || greeting[9] & 1 != 1 || greeting[10] < 3 {
        return Err(ZmtpError::Greeting);
    }
    let mechanism = &greeting[12..32];
    let is_null = mechanism.starts_with(b"NULL") && mechanism[4..].iter().all(|byte| *byte == 0);
    if is_null { Ok(()) } else { Err(ZmtpError::Mechanism) }
}

fn frame(head: &[u8]) -> Result<Frame, ZmtpError> {
    let (flags, length) = match *head {
        [flags, length] => (flags, u64::from(length)),
        [flags, ref length @ ..] => {
            (flags, u64::from_be_bytes(length.try_into().expect("8 of 9 bytes")))
        }
        [] => unreachable!("a head has two bytes at least"),
    };
    if length > FRAME_BYTES_MAX || flags & !(FLAG_MORE | FLAG_LONG | FLAG_COMMAND) != 0 {
        return Err(ZmtpError::Frame);
    }
    if flags & FLAG_COMMAND != 0 && (flags & FLAG_MORE != 0 || length > FRAME_KEPT_BYTES_MAX as u64)
    {
        return Err(ZmtpError::Frame);
    }
    Ok(Frame { flags, length, left: length, kept: Vec::new() })
}

fn handle_command(
    body: &[u8],
    topics: &[&str],
    act: &mut impl FnMut(ZmtpEvent),
) -> Result<(), ZmtpError> {
    let (length, rest) = body.split_first().ok_or(ZmtpError::Frame)?;
    let (name, content) = rest.split_at_checked(usize::from(*length)).ok_or(ZmtpError::Frame)?;
    match name {
        b"ERROR" => Err(ZmtpError::Refused),
        b"READY" => {
            act(ZmtpEvent::Answer(subscriptions(topics)));
            Ok(())
        }
        // ZMTP 3.1: a time to live of two bytes, and up to 16 bytes that come back.
        b"PING" => {
            let context = content.get(2..).ok_or(ZmtpError::Frame)?;
            let context = &context[..context.len().min(16)];
            act(ZmtpEvent::Answer(command(&[b"\x04PONG", context].concat())));
            Ok(())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOPICS: &[&str] = &["hashblock"];

    fn ready() -> Vec<u8> {
        command(b"\x05READY\x0bSocket-Type\x00\x00\x00\x03PUB")
    }

    /// What a subscriber answers to a greeting and to READY.
    fn answers() -> Vec<ZmtpEvent> {
        let answers: [&[u8]; 2] =
            [b"\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB", b"\x00\x0a\x01hashblock"];
        answers.map(|answer| ZmtpEvent::Answer(answer.to_vec())).to_vec()
    }

    fn short(flags: u8, body: &[u8]) -> Vec<u8> {
        [&[flags, body.len() as u8], body].concat()
    }

    fn long(flags: u8, body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u64).to_be_bytes();
        [&[flags | FLAG_LONG], &length[..], body].concat()
    }

    /// A conversation with a small and a large notification, and a ping between them.
    fn conversation() -> Vec<u8> {
        [
            greeting(),
            ready(),
            short(FLAG_MORE, b"hashblock"),
            short(FLAG_MORE, &[7; 32]),
            short(0, &[0; 4]),
            command(b"\x04PING\x00\x0aabc"),
            short(FLAG_MORE, b"rawblock"),
            long(FLAG_MORE, &[9; 5000]),
            short(0, &[1, 0, 0, 0]),
            short(FLAG_MORE, b"empty"),
            short(0, b""),
        ]
        .concat()
    }

    fn published(topic: &[u8], body: &[u8], body_bytes: u64) -> ZmtpEvent {
        ZmtpEvent::Published(Published { topic: topic.into(), body: body.into(), body_bytes })
    }

    fn expected() -> Vec<ZmtpEvent> {
        let mut events = answers();
        events.extend([
            published(b"hashblock", &[7; 32], 32),
            ZmtpEvent::Answer(b"\x04\x08\x04PONGabc".to_vec()),
            published(b"rawblock", &[9; FRAME_KEPT_BYTES_MAX], 5000),
            published(b"empty", b"", 0),
        ]);
        events
    }

    #[test]
    fn says_what_rfc_23_asks_for_and_when() {
        let said = greeting();
        assert_eq!(said[..12], [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0]);
        assert_eq!((&said[12..16], said.len()), (&b"NULL"[..], 64));
        let mut reader = ZmtpReader::new(TOPICS);
        let mut events = Vec::new();
        reader.read(&said, |event| events.push(event)).unwrap();
        assert_eq!(events, answers()[..1]);
        reader.read(&ready(), |event| events.push(event)).unwrap();
        assert_eq!(events, answers());
    }

    #[test]
    fn a_header_is_there_before_the_whole_block() {
        let mut reader = ZmtpReader::new(TOPICS);
        let start = [greeting(), ready(), short(FLAG_MORE, b"rawblock")].concat();
        reader.read(&start, |_| {}).unwrap();
        let block = long(FLAG_MORE, &[9; 100_000]);
        let mut events = Vec::new();
        reader.read(&block[..9 + FRAME_KEPT_BYTES_MAX], |event| events.push(event)).unwrap();
        assert_eq!(events, [published(b"rawblock", &[9; FRAME_KEPT_BYTES_MAX], 100_000)]);
    }

    #[test]
    fn what_no_publisher_says_ends_the_connection() {
        let curve = [&greeting()[..12], b"CURVE", &[0; 47]].concat();
        let old = [&greeting()[..10], &[1], &greeting()[11..]].concat();
        let after = |bytes: Vec<u8>| [greeting(), bytes].concat();
        for (bytes, error) in [
            (b"HTTP/1.1 400 Bad Request\r\n".repeat(4), ZmtpError::Greeting),
            (old, ZmtpError::Greeting),
            (curve, ZmtpError::Mechanism),
            (after(command(b"\x05ERROR\x04nope")), ZmtpError::Refused),
            (after(vec![FLAG_LONG, 0x7f, 255, 255, 255, 255, 255, 255, 255]), ZmtpError::Frame),
            (after(vec![0x80, 1]), ZmtpError::Frame),
            (after(command(b"\xffREADY")), ZmtpError::Frame),
            (after(short(FLAG_MORE, b"").repeat(100)), ZmtpError::Frame),
        ] {
            let mut reader = ZmtpReader::new(TOPICS);
            assert_eq!(reader.read(&bytes, |_| {}), Err(error), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn cut_anywhere_it_reads_the_same(cuts in proptest::collection::vec(1..400_usize, 1..60)) {
            let bytes = conversation();
            let (mut reader, mut events, mut rest) = (ZmtpReader::new(TOPICS), Vec::new(), &bytes[..]);
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                reader.read(now, |event| events.push(event)).unwrap();
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(events, expected());
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), greets in any::<bool>()) {
            let mut reader = ZmtpReader::new(TOPICS);
            if greets {
                reader.read(&greeting(), |_| {}).unwrap();
            }
            let _ = reader.read(&bytes, |_| {});
        }
    }
}

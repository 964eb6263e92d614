//! Visitors that do not mine: what a port on the internet meets every day, and what an attacker sends on purpose.

use std::borrow::Cow;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, bind, connect, socket, sockopt};

use crate::sluice::PATIENCE;

/// Bytes of the line that is much too long.
const LONG_LINE_BYTES: usize = 1 << 20;
static LONG_LINE: [u8; LONG_LINE_BYTES] = [b'x'; LONG_LINE_BYTES];
/// More than any stratum server should accept.
const BLANK_LINES: usize = 1500;
/// Bytes of random garbage, and of zeros.
const GARBAGE_BYTES: usize = 600;
/// Of as many visits of a kind, one stays to hear what the pool has to say.
const VISITS_PER_STAY: u32 = 16;
/// The first source address; 127.0.0.0/16 is left to everybody else.
const FIRST_SOURCE: u32 = u32::from_be_bytes([127, 1, 0, 0]);
/// How many source addresses there are: a short run of visits meets none twice, and no port runs out.
const SOURCES: u32 = 1 << 20;

/// What the pool says to whoever sends something else than stratum, before it hangs up.
const REFUSAL: &str = "Not a stratum request";
/// And what to a browser.
const HTTP_REFUSAL: &str = "HTTP/1.1 400 Bad Request\r\n";

const SUBSCRIBE: &[u8] = b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"visitor\"]}\n";
const AUTHORIZE: &[u8] =
    b"{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"visitor.bad\",\"x\"]}\n";
const HALF_A_SUBMIT: &[u8] =
    b"{\"id\":3,\"method\":\"mining.submit\",\"params\":[\"visitor.bad\",\"1a2";
/// How the ClientHello of TLS 1.2 and 1.3 begins (RFC 8446, sections 4.1.2 and 5.1): record and handshake headers,
/// version, and then 32 random bytes.
const CLIENT_HELLO_START: &[u8] = &[0x16, 3, 1, 0, 49, 1, 0, 0, 45, 3, 3];
/// How it ends: no session id, three cipher suites, no compression, no extensions.
const CLIENT_HELLO_END: &[u8] = &[0, 0, 6, 0x13, 1, 0x13, 2, 0x13, 3, 1, 0, 0, 0];

/// What a visitor does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VisitKind {
    /// Random bytes, and a newline.
    Garbage,
    /// Binary zeros, and no newline.
    Zeros,
    /// A TLS ClientHello.
    Tls,
    /// A request of a web browser.
    Http,
    /// Half a request, then an orderly close.
    HalfLineAndClose,
    /// Half a request, then a reset.
    HalfLineAndReset,
    /// One line of 1 MiB, as far as the pool reads.
    LongLine,
    /// JSON that is no request.
    OtherJson,
    /// Nothing but newlines.
    BlankLines,
    /// Nothing at all.
    Nothing,
    /// Subscribes, and resets the connection in the middle of a submit.
    ResetInSubmit,
    /// Subscribes and authorises as it should, and then sends random bytes and a newline.
    GarbageFromWorker,
}

impl VisitKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Garbage,
        Self::Zeros,
        Self::Tls,
        Self::Http,
        Self::HalfLineAndClose,
        Self::HalfLineAndReset,
        Self::LongLine,
        Self::OtherJson,
        Self::BlankLines,
        Self::Nothing,
        Self::ResetInSubmit,
        Self::GarbageFromWorker,
    ];

    /// Whether the pool itself ends the connection, without waiting for any deadline.
    pub fn is_shown_the_door(self) -> bool {
        matches!(
            self,
            Self::Garbage
                | Self::Http
                | Self::LongLine
                | Self::OtherJson
                | Self::BlankLines
                | Self::GarbageFromWorker
        )
    }

    fn resets(self) -> bool {
        matches!(self, Self::HalfLineAndReset | Self::ResetInSubmit)
    }

    fn bytes(self, number: u32) -> Cow<'static, [u8]> {
        let line = |bytes: Vec<u8>| [&bytes[..], b"\n"].concat();
        let made = match self {
            Self::Garbage => line(garbage(number, GARBAGE_BYTES)),
            Self::Zeros => vec![0; GARBAGE_BYTES],
            Self::Tls => [CLIENT_HELLO_START, &garbage(number, 32), CLIENT_HELLO_END].concat(),
            Self::Http => return b"GET / HTTP/1.1\r\n\r\n".into(),
            Self::HalfLineAndClose | Self::HalfLineAndReset => return SUBSCRIBE[..20].into(),
            Self::LongLine => return LONG_LINE[..].into(),
            Self::OtherJson => return b"{\"hello\":[1,2,{\"world\":null}]}\n".into(),
            Self::BlankLines => vec![b'\n'; BLANK_LINES],
            Self::Nothing => Vec::new(),
            Self::ResetInSubmit => [SUBSCRIBE, HALF_A_SUBMIT].concat(),
            Self::GarbageFromWorker => {
                [SUBSCRIBE, AUTHORIZE, &line(garbage(number, GARBAGE_BYTES))].concat()
            }
        };
        made.into()
    }
}

/// The visit of a number: the kinds come in turn, each from an address of its own. Most visitors go as soon as the
/// kernel has taken their bytes; every sixteenth of a kind that [is shown the door](VisitKind::is_shown_the_door) stays
/// until the pool has said why and hung up, and every sixteenth that subscribes to be cut off waits for the answer before.
///
/// # Panics
///
/// When the pool does not accept, or does not hang up on one that stays within [`PATIENCE`], or says nothing before.
pub fn visit(pool: SocketAddrV4, number: u32) {
    let kind = VisitKind::ALL[number as usize % VisitKind::ALL.len()];
    let mut stream = connect_from(source(number), pool);
    if kind.resets() {
        sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).expect("a socket may linger");
    }
    // The pool may have hung up already: then it has read all that it wanted.
    let _ = stream.write_all(&kind.bytes(number));
    if (number / VisitKind::ALL.len() as u32).is_multiple_of(VISITS_PER_STAY) {
        if kind.is_shown_the_door() {
            let heard = read_until_closed(&mut stream);
            // A pool that hangs up on a line that still comes in may be heard no more.
            let refusal = if kind == VisitKind::Http { HTTP_REFUSAL } else { REFUSAL };
            let is_told = String::from_utf8_lossy(&heard).contains(refusal);
            assert!(
                is_told || kind == VisitKind::LongLine,
                "visit {number}, {kind:?}, heard {heard:?}"
            );
        } else if kind == VisitKind::ResetInSubmit {
            let length = stream.read(&mut [0; 1]).expect("the pool answers");
            assert_eq!(length, 1, "the pool closed the connection of one that subscribed");
        }
    }
}

/// How many of the first visits stay until the pool has hung up.
pub fn visits_that_stay(visits: u32, kind: VisitKind) -> u32 {
    let kinds = VisitKind::ALL.len() as u32;
    let place = VisitKind::ALL.iter().position(|one| *one == kind).expect("all are listed") as u32;
    let of_kind = visits.saturating_sub(place).div_ceil(kinds);
    if kind.is_shown_the_door() { of_kind.div_ceil(VISITS_PER_STAY) } else { 0 }
}

/// One that connects and then says nothing, or next to nothing.
pub struct SlowVisitor {
    stream: TcpStream,
    speaks: bool,
}

impl SlowVisitor {
    /// Connects from the address of a number. `speaks` is whether it sends a byte now and then.
    pub fn connect(pool: SocketAddrV4, number: u32, speaks: bool) -> Self {
        let stream = connect_from(source(number), pool);
        stream.set_nonblocking(true).expect("a socket need not block");
        Self { stream, speaks }
    }

    /// Whether the pool has hung up. What it says before is passed over.
    pub fn is_closed(&mut self) -> bool {
        loop {
            match self.stream.read(&mut [0; 512]) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() != ErrorKind::WouldBlock,
            }
        }
    }

    /// Sends the next byte of a line that never ends, where it is one that speaks.
    pub fn send_a_byte(&mut self) {
        if self.speaks {
            // The pool may have hung up since it was last asked.
            let _ = self.stream.write(b"{");
        }
    }
}

fn source(number: u32) -> Ipv4Addr {
    Ipv4Addr::from(FIRST_SOURCE + number % SOURCES)
}

/// A connection from an address of the loopback network, which is all this machine's.
fn connect_from(source: Ipv4Addr, pool: SocketAddrV4) -> TcpStream {
    let fail = |what: &str, error| -> ! { panic!("{source} cannot {what} {pool}: {error}") };
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)
        .unwrap_or_else(|error| fail("open a socket to", error));
    bind(&socket, &SocketAddrV4::new(source, 0)).unwrap_or_else(|error| fail("bind to", error));
    connect(&socket, &pool).unwrap_or_else(|error| fail("connect to", error));
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    stream.set_write_timeout(Some(PATIENCE)).expect("a timeout can be set");
    stream
}

/// Reads to the end, be it orderly or a reset.
fn read_until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    if let Err(error) = stream.read_to_end(&mut heard) {
        assert!(error.kind() != ErrorKind::WouldBlock, "the pool did not hang up in {PATIENCE:?}");
    }
    heard
}

/// Random bytes, the same for the same number (SplitMix64). The first is no letter, so that they are never JSON.
fn garbage(number: u32, length: usize) -> Vec<u8> {
    let mut state = u64::from(number);
    let mut bytes: Vec<u8> = (0..length)
        .map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed >> 56) as u8
        })
        .collect();
    if let Some(first) = bytes.first_mut() {
        *first |= 0x80;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// What one visit of each kind brings to a server that reads to the end, and from where.
    #[test]
    fn each_kind_sends_what_its_name_says_from_an_address_of_its_own() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let std::net::SocketAddr::V4(address) = listener.local_addr().unwrap() else {
            panic!("it listens on IPv4")
        };
        // None of these numbers is one that stays.
        let first = VisitKind::ALL.len() as u32;
        let visitor = thread::spawn(move || (first..2 * first).for_each(|one| visit(address, one)));
        for (place, kind) in VisitKind::ALL.into_iter().enumerate() {
            let (mut stream, peer) = listener.accept().unwrap();
            assert_eq!(peer.ip(), source(first + place as u32), "{kind:?}");
            let mut received = Vec::new();
            let ended = stream.read_to_end(&mut received);
            if kind.resets() {
                assert_eq!(ended.unwrap_err().kind(), ErrorKind::ConnectionReset, "{kind:?}");
                continue;
            }
            ended.unwrap();
            assert_eq!(received, *kind.bytes(first + place as u32), "{kind:?}");
        }
        visitor.join().unwrap();
    }

    #[test]
    fn those_that_stay_are_counted() {
        let kinds = VisitKind::ALL.len() as u32;
        for visits in [0, 1, kinds, 16 * kinds + 4, 1000] {
            for (place, kind) in VisitKind::ALL.into_iter().enumerate() {
                let stays = (0..visits)
                    .filter(|number| number % kinds == place as u32)
                    .filter(|number| (number / kinds).is_multiple_of(VISITS_PER_STAY))
                    .filter(|_| kind.is_shown_the_door());
                assert_eq!(visits_that_stay(visits, kind), stays.count() as u32, "{kind:?}");
            }
        }
    }
}

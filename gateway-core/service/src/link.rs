//! The sealed link between two roles: whole messages over TCP, authenticated and encrypted.
//!
//! Handshake: `Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s` (Noise Protocol Framework, revision 34) with
//! the cluster key as pre-shared key: who has not got the key can neither open a link, nor read,
//! change, replay or reorder what passes on one. The first message of a handshake can be replayed, and is
//! answered; what follows can not, so an end that was called takes the other for a stranger until its first
//! message has come.
//!
//! On the wire: frames of a 2-byte little-endian length and a Noise message of at most 65,535 bytes.
//! A message is its 4-byte little-endian length and its bytes, cut into as many frames as it takes.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Display;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sluice_units::limits::{
    LINK_HANDSHAKE_MAX, LINK_INBOUND_MAX, LINK_MESSAGE_BYTES_MAX, LINKS_PENDING_MAX,
};
use snow::{Builder, HandshakeState, StatelessTransportState};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::cluster_key::ClusterKey;
use crate::keepalive::probe_silence;

const NOISE_PATTERN: &str = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";
const PROLOGUE: &[u8] = b"sluice link 1";
const FRAME_BYTES_MAX: usize = 65_535;
const SEAL_BYTES: usize = 16;
const LENGTH_BYTES: usize = 4;

/// Why a link could not be opened, or ended.
#[derive(Debug, Error)]
pub enum LinkError {
    /// Another program listens there.
    #[error("{address} is taken by another program; stop that one, or choose another address")]
    AddressInUse {
        /// The address as configured.
        address: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose an address of this machine")]
    Listen {
        /// The address as configured.
        address: String,
        /// The system's error.
        source: io::Error,
    },
    /// Nobody answers.
    #[error("no role answers at {address}: {source}; start it, or correct the address")]
    Connect {
        /// The address as configured.
        address: String,
        /// The system's error.
        source: io::Error,
    },
    /// The other end has another key, or is no role of this pool.
    #[error(
        "the other end does not hold the same cluster key; compare cluster_key_file of both, and see that the address is of \
         the right role"
    )]
    WrongKey,
    /// The other end said nothing for too long.
    #[error(
        "the other end did not finish the handshake in time; see that the address is of the right role"
    )]
    HandshakeTimeout,
    /// Too many others called meanwhile.
    #[error("it had not said its first message when {LINKS_PENDING_MAX} others had called")]
    GaveWay,
    /// A message was changed on the way, or is longer than allowed.
    #[error("the link carries a message that is forged or too long")]
    BadMessage,
    /// The connection broke.
    #[error("the link broke: {0}")]
    Io(#[from] io::Error),
}

/// Waits for links.
pub struct LinkListener {
    listener: TcpListener,
    key: ClusterKey,
    handshake_max: Duration,
    /// Strangers by their network, and what tells them to give way, the oldest first.
    pending: Mutex<VecDeque<(IpAddr, oneshot::Sender<()>)>>,
}

/// A connection whose handshake has not been done yet.
pub struct Pending {
    stream: TcpStream,
    key: ClusterKey,
    handshake_max: Duration,
    give_way: oneshot::Receiver<()>,
}

/// The writing end of a link.
pub struct LinkSender {
    half: OwnedWriteHalf,
    transport: Arc<StatelessTransportState>,
    nonce: u64,
    frame: Vec<u8>,
}

/// The reading end of a link.
pub struct LinkReceiver {
    half: BufReader<OwnedReadHalf>,
    transport: Arc<StatelessTransportState>,
    nonce: u64,
    frame: Vec<u8>,
    plain: Vec<u8>,
    /// The other end has not shown yet that it holds the key: what it said so far may be replayed.
    stranger: Option<Stranger>,
}

/// What ends a link whose first message does not come.
struct Stranger {
    wait: Duration,
    give_way: oneshot::Receiver<()>,
}

impl LinkListener {
    /// Listens on `host:port`; port 0 takes a free one.
    pub async fn bind(address: &str, key: ClusterKey) -> Result<Self, LinkError> {
        let listener = TcpListener::bind(address).await.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => LinkError::AddressInUse { address: address.to_owned() },
            _ => LinkError::Listen { address: address.to_owned(), source },
        })?;
        Ok(Self { listener, key, handshake_max: LINK_HANDSHAKE_MAX, pending: Mutex::default() })
    }

    /// Where it listens.
    pub fn local_address(&self) -> SocketAddr {
        self.listener.local_addr().expect("a bound listener has an address")
    }

    /// The next connection; do its handshake in a task of its own.
    pub async fn accept(&self) -> Result<(Pending, SocketAddr), LinkError> {
        let (stream, peer) = self.listener.accept().await?;
        let (key, handshake_max) = (self.key.clone(), self.handshake_max);
        let give_way = self.make_room(network_of(peer.ip()));
        Ok((Pending { stream, key, handshake_max, give_way }, peer))
    }

    /// Anybody can connect and then say nothing, or replay: of so many strangers the oldest gives way, of the network that
    /// has most, so that roles get through.
    fn make_room(&self, network: IpAddr) -> oneshot::Receiver<()> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|(_, give_way)| !give_way.is_closed());
        if pending.len() >= LINKS_PENDING_MAX {
            let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
            for (network, _) in pending.iter() {
                *counts.entry(*network).or_default() += 1;
            }
            let most = counts.values().copied().max().unwrap_or_default();
            let oldest = pending.iter().position(|(network, _)| counts[network] == most);
            if let Some((_, give_way)) = oldest.and_then(|oldest| pending.remove(oldest)) {
                // It may have ended by now.
                let _ = give_way.send(());
            }
        }
        let (give_way, told) = oneshot::channel();
        pending.push_back((network, give_way));
        told
    }
}

impl Pending {
    /// Does the handshake, as the end that was called.
    pub async fn open(self) -> Result<(LinkSender, LinkReceiver), LinkError> {
        let Self { mut stream, key, handshake_max, mut give_way } = self;
        stream.set_nodelay(true)?;
        probe_silence(&stream)?;
        let handshake = async {
            let mut noise =
                noise_builder(&key).build_responder().map_err(|_| LinkError::WrongKey)?;
            let mut message = [0; 256];
            let hello = read_frame(&mut stream).await?;
            noise.read_message(&hello, &mut message).map_err(|_| LinkError::WrongKey)?;
            let length = noise.write_message(&[], &mut message).map_err(|_| LinkError::WrongKey)?;
            write_frame(&mut stream, &message[..length]).await?;
            into_transport(noise)
        };
        let transport = tokio::select! {
            transport = within(handshake_max, handshake) => transport?,
            Ok(()) = &mut give_way => return Err(LinkError::GaveWay),
        };
        let (sender, mut receiver) = split(stream, transport);
        receiver.stranger = Some(Stranger { wait: handshake_max, give_way });
        Ok((sender, receiver))
    }
}

/// Opens a link, as the end that calls.
pub async fn connect(
    address: &str,
    key: &ClusterKey,
) -> Result<(LinkSender, LinkReceiver), LinkError> {
    let refused = |source| LinkError::Connect { address: address.to_owned(), source };
    let open = async {
        let mut stream = TcpStream::connect(address).await.map_err(refused)?;
        stream.set_nodelay(true)?;
        probe_silence(&stream)?;
        let mut noise = noise_builder(key).build_initiator().map_err(|_| LinkError::WrongKey)?;
        let mut message = [0; 256];
        let length = noise.write_message(&[], &mut message).map_err(|_| LinkError::WrongKey)?;
        write_frame(&mut stream, &message[..length]).await?;
        // An end with another key hangs up instead of answering.
        let answer = read_frame(&mut stream).await.map_err(|_| LinkError::WrongKey)?;
        noise.read_message(&answer, &mut message).map_err(|_| LinkError::WrongKey)?;
        Ok((stream, into_transport(noise)?))
    };
    let (stream, transport) = within(LINK_HANDSHAKE_MAX, open).await?;
    Ok(split(stream, transport))
}

impl LinkSender {
    /// Sends one message.
    pub async fn send(&mut self, message: &[u8]) -> Result<(), LinkError> {
        if message.len() > LINK_MESSAGE_BYTES_MAX {
            return Err(LinkError::BadMessage);
        }
        let length = u32::try_from(message.len()).expect("bounded above").to_le_bytes();
        let mut first = Vec::with_capacity(message.len().min(FRAME_BYTES_MAX) + LENGTH_BYTES);
        first.extend_from_slice(&length);
        let room = FRAME_BYTES_MAX - SEAL_BYTES - LENGTH_BYTES;
        let (head, mut rest) = message.split_at(message.len().min(room));
        first.extend_from_slice(head);
        self.send_frame(&first).await?;
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(FRAME_BYTES_MAX - SEAL_BYTES));
            self.send_frame(head).await?;
            rest = tail;
        }
        Ok(())
    }

    async fn send_frame(&mut self, plain: &[u8]) -> Result<(), LinkError> {
        self.frame.resize(2 + plain.len() + SEAL_BYTES, 0);
        let sealed = self
            .transport
            .write_message(self.nonce, plain, &mut self.frame[2..])
            .map_err(|_| LinkError::BadMessage)?;
        self.nonce += 1;
        let length = u16::try_from(sealed).expect("frames are cut to 65,535 bytes");
        self.frame[..2].copy_from_slice(&length.to_le_bytes());
        self.half.write_all(&self.frame[..2 + sealed]).await?;
        Ok(())
    }
}

impl LinkReceiver {
    /// The next message; `None` where the other end closed the link between two messages. The first one has to come
    /// within [`LINK_HANDSHAKE_MAX`] where the other end called.
    ///
    /// Not to be cancelled: a message half read would be lost.
    pub async fn receive(&mut self) -> Result<Option<Vec<u8>>, LinkError> {
        let Some(Stranger { wait, give_way }) = self.stranger.take() else {
            return self.receive_message().await;
        };
        tokio::select! {
            first = within(wait, self.receive_message()) => first,
            Ok(()) = give_way => Err(LinkError::GaveWay),
        }
    }

    async fn receive_message(&mut self) -> Result<Option<Vec<u8>>, LinkError> {
        if !self.receive_frame().await? {
            return Ok(None);
        }
        let (length, head) = self.plain.split_first_chunk().ok_or(LinkError::BadMessage)?;
        let length = u32::from_le_bytes(*length) as usize;
        if length > LINK_MESSAGE_BYTES_MAX {
            return Err(LinkError::BadMessage);
        }
        let mut message = head.to_vec();
        while message.len() < length {
            if !self.receive_frame().await? || self.plain.is_empty() {
                return Err(LinkError::BadMessage);
            }
            message.extend_from_slice(&self.plain);
        }
        if message.len() == length { Ok(Some(message)) } else { Err(LinkError::BadMessage) }
    }

    /// Fills `plain`; `false` where the stream ended before a frame began.
    async fn receive_frame(&mut self) -> Result<bool, LinkError> {
        let mut length = [0; 2];
        match self.half.read_exact(&mut length).await {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        self.frame.resize(usize::from(u16::from_le_bytes(length)), 0);
        self.half.read_exact(&mut self.frame).await?;
        self.plain.resize(self.frame.len(), 0);
        let opened = self
            .transport
            .read_message(self.nonce, &self.frame, &mut self.plain)
            .map_err(|_| LinkError::BadMessage)?;
        self.plain.truncate(opened);
        self.nonce += 1;
        Ok(true)
    }
}

/// The messages of a link, read and decoded in a task of their own, so that waiting for one may be
/// cancelled. Dropped, it stops reading.
pub struct Inbound<M> {
    messages: mpsc::Receiver<Result<M, String>>,
    reading: JoinHandle<()>,
}

impl<M: Send + 'static> Inbound<M> {
    /// Starts reading. At most [`LINK_INBOUND_MAX`] messages wait here; then the link waits.
    pub fn start<E: Display + 'static>(
        receiver: LinkReceiver,
        decode: impl Fn(&[u8]) -> Result<M, E> + Send + 'static,
    ) -> Self {
        let (inbound, messages) = mpsc::channel(LINK_INBOUND_MAX);
        Self { messages, reading: tokio::spawn(read(receiver, decode, inbound)) }
    }

    /// The next message, or why the link ended; nothing comes after that.
    pub async fn receive(&mut self) -> Result<M, String> {
        let message = self.receive_or_end().await?;
        message.ok_or_else(|| "the other end closed the link".into())
    }

    /// The same for whom it is no failure that the other end leaves: `None` then.
    pub async fn receive_or_end(&mut self) -> Result<Option<M>, String> {
        self.messages.recv().await.transpose()
    }

    /// Returns once nothing more is read: the other end is gone, whatever still waits here. May be cancelled; not to be
    /// called again once it has returned.
    pub async fn ended(&mut self) {
        // Who stopped the reading is who asks, or nobody.
        let _ = (&mut self.reading).await;
    }
}

impl<M> Drop for Inbound<M> {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

async fn read<M, E: Display>(
    mut receiver: LinkReceiver,
    decode: impl Fn(&[u8]) -> Result<M, E>,
    inbound: mpsc::Sender<Result<M, String>>,
) {
    loop {
        let message = match receiver.receive().await {
            Ok(Some(bytes)) => decode(&bytes).map_err(|error| error.to_string()),
            Ok(None) => return,
            Err(error) => Err(error.to_string()),
        };
        let last = message.is_err();
        if inbound.send(message).await.is_err() || last {
            return;
        }
    }
}

fn noise_builder(key: &ClusterKey) -> Builder<'_> {
    let pattern = NOISE_PATTERN.parse().expect("the pattern is a constant that snow knows");
    Builder::new(pattern)
        .prologue(PROLOGUE)
        .and_then(|builder| builder.psk(0, key.as_bytes()))
        .expect("prologue and key are each set once")
}

fn into_transport(noise: HandshakeState) -> Result<StatelessTransportState, LinkError> {
    noise.into_stateless_transport_mode().map_err(|_| LinkError::WrongKey)
}

fn split(stream: TcpStream, transport: StatelessTransportState) -> (LinkSender, LinkReceiver) {
    let transport = Arc::new(transport);
    let (reading, writing) = stream.into_split();
    let sender = LinkSender {
        half: writing,
        transport: Arc::clone(&transport),
        nonce: 0,
        frame: Vec::new(),
    };
    let receiver = LinkReceiver {
        half: BufReader::new(reading),
        transport,
        nonce: 0,
        frame: Vec::new(),
        plain: Vec::new(),
        stranger: None,
    };
    (sender, receiver)
}

/// Who has one address of it has them all: an IPv4 address, or the first half of another one.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

async fn within<T>(
    handshake_max: Duration,
    handshake: impl Future<Output = Result<T, LinkError>>,
) -> Result<T, LinkError> {
    tokio::time::timeout(handshake_max, handshake).await.unwrap_or(Err(LinkError::HandshakeTimeout))
}

async fn write_frame(stream: &mut TcpStream, frame: &[u8]) -> Result<(), LinkError> {
    let length = u16::try_from(frame.len()).expect("handshake messages are short");
    stream.write_all(&length.to_le_bytes()).await?;
    stream.write_all(frame).await?;
    Ok(())
}

async fn read_frame(stream: &mut TcpStream) -> Result<Vec<u8>, LinkError> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).await?;
    let mut frame = vec![0; usize::from(u16::from_le_bytes(length))];
    stream.read_exact(&mut frame).await?;
    Ok(frame)
}

#[cfg(test)]
mod tests;

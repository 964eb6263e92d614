//! Listens to what a node publishes of its blocks (ZMQ), for as long as the jobmaster lives.

use std::io;

use sluice_control_core::NodeIndex;
use sluice_service::backoff::Backoff;
use sluice_service::keepalive::probe_silence;
use sluice_units::limits::LINK_HANDSHAKE_MAX;
use sluice_wire::node_zmq::{BLOCK_TOPICS, NodeNotice, notice_of};
use sluice_wire::zmtp::{self, ZmtpEvent, ZmtpReader};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tracing::{info, warn};

const READ_BYTES: usize = 64 * 1024;

/// What a node published.
pub(crate) struct ZmqNotice {
    pub(crate) node: NodeIndex,
    pub(crate) notice: NodeNotice,
}

/// The `host:port` of `tcp://host:port`; nothing else is listened to.
pub(crate) fn address_of(text: &str) -> Option<&str> {
    let address = text.strip_prefix("tcp://")?;
    let (host, port) = address.rsplit_once(':')?;
    (!host.is_empty() && host != "*" && port.parse::<u16>().is_ok_and(|port| port > 0))
        .then_some(address)
}

/// Listens at one address, and again whenever the connection ends; returns once nobody takes its notices.
pub(crate) async fn watch(node: NodeIndex, address: String, notices: mpsc::Sender<ZmqNotice>) {
    let mut backoff = Backoff::for_links();
    let mut trouble_told = false;
    while !notices.is_closed() {
        let opened = |backoff: &mut Backoff, told: &mut bool| {
            backoff.reset();
            *told = false;
            info!(address, "listening to the node's announcements of blocks");
        };
        let cause = match listen(&address).await {
            Ok(stream) => {
                let mut is_open = false;
                follow(stream, node, &notices, || {
                    if !core::mem::replace(&mut is_open, true) {
                        opened(&mut backoff, &mut trouble_told);
                    }
                })
                .await
            }
            Err(error) => error,
        };
        if !trouble_told {
            warn!(
                "the node's announcements at tcp://{address} cannot be heard: {cause}; trying again, blocks are found by asking meanwhile. zmqpubhashblock and zmqpubrawblock in its bitcoin.conf must name that address"
            );
            trouble_told = true;
        }
        tokio::time::sleep(backoff.next_wait()).await;
    }
}

/// Connects, and says what is wanted.
async fn listen(address: &str) -> io::Result<TcpStream> {
    let connect = async {
        let mut stream = TcpStream::connect(address).await?;
        // A publisher says nothing between two blocks.
        probe_silence(&stream)?;
        stream.write_all(&zmtp::greeting()).await?;
        Ok(stream)
    };
    let connected = tokio::time::timeout(LINK_HANDSHAKE_MAX, connect).await;
    connected.unwrap_or_else(|_| Err(io::Error::other("it does not answer in time")))
}

/// Passes on what is published, to the end of the connection. `heard` is called once it speaks as it should.
async fn follow(
    mut stream: TcpStream,
    node: NodeIndex,
    notices: &mpsc::Sender<ZmqNotice>,
    mut heard: impl FnMut(),
) -> io::Error {
    let mut reader = ZmtpReader::new(&BLOCK_TOPICS);
    let mut bytes = vec![0; READ_BYTES];
    loop {
        let length = tokio::select! {
            read = stream.read(&mut bytes) => match read {
                Ok(0) => return io::Error::other("it has closed the connection"),
                Ok(length) => length,
                Err(error) => return error,
            },
            () = notices.closed() => return io::Error::other("nobody listens any more"),
        };
        let mut events = Vec::new();
        if let Err(error) = reader.read(&bytes[..length], |event| events.push(event)) {
            return io::Error::other(error);
        }
        for event in events {
            match event {
                ZmtpEvent::Published(published) => {
                    if let Some(notice) = notice_of(&published) {
                        // Nobody takes it who is ending.
                        let _ = notices.send(ZmqNotice { node, notice }).await;
                    }
                }
                ZmtpEvent::Answer(answer) => {
                    // The greeting made sense, at least.
                    heard();
                    if let Err(error) = stream.write_all(&answer).await {
                        return error;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_addresses_that_bitcoin_conf_has() {
        for (text, expected) in [
            ("tcp://127.0.0.1:28332", Some("127.0.0.1:28332")),
            ("tcp://[::1]:28332", Some("[::1]:28332")),
            ("tcp://node.example:1", Some("node.example:1")),
            ("tcp://*:28332", None),
            ("ipc:///tmp/x", None),
            ("127.0.0.1:28332", None),
            ("tcp://host", None),
            ("tcp://:1", None),
            ("tcp://host:0", None),
        ] {
            assert_eq!(address_of(text), expected, "{text}");
        }
    }
}

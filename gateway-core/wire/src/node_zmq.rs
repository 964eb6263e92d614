//! What a node publishes of its blocks (Bitcoin Core, `doc/zmq.md`).
//!
//! | topic | body |
//! |---|---|
//! | `hashblock` | hash, 32 bytes in display order |
//! | `rawblock` | the whole block, header first |
//! | `sequence` | hash, 32 bytes in display order; `C` connected, `D` disconnected, `A` and `R` of transactions |

use sluice_units::Hash256;
use sluice_units::header::HEADER_BYTES;

use crate::zmtp::Published;

/// The topics that tell of blocks.
pub static BLOCK_TOPICS: [&str; 3] = ["hashblock", "rawblock", "sequence"];

/// A block, as a node tells of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NodeNotice {
    /// This block is the tip, or on the way to it.
    Block(Hash256),
    /// So is the block with this header.
    Header([u8; HEADER_BYTES]),
    /// This block is no longer in the best chain.
    Disconnected(Hash256),
}

/// Reads what was published; `None` where it tells nothing of a block.
pub fn notice_of(published: &Published) -> Option<NodeNotice> {
    let body = &published.body[..];
    match &published.topic[..] {
        b"hashblock" if published.body_bytes == 32 => Some(NodeNotice::Block(hash(body)?)),
        b"rawblock" => body.first_chunk().copied().map(NodeNotice::Header),
        b"sequence" if published.body_bytes == 33 => match body[32] {
            b'C' => Some(NodeNotice::Block(hash(body)?)),
            b'D' => Some(NodeNotice::Disconnected(hash(body)?)),
            _ => None,
        },
        _ => None,
    }
}

fn hash(body: &[u8]) -> Option<Hash256> {
    let mut bytes: [u8; 32] = *body.first_chunk()?;
    bytes.reverse();
    Some(Hash256::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(topic: &str, body: &[u8]) -> Published {
        Published { topic: topic.into(), body: body.into(), body_bytes: body.len() as u64 }
    }

    #[test]
    fn reads_what_core_documents() {
        let shown = "000000000000000000024bead8df69990852c202db0e0097c1a12ea637d7e96d";
        let body = sluice_units::hex::decode(shown).unwrap();
        let hash: Hash256 = shown.parse().unwrap();
        let with = |label: &[u8]| [&body[..], label].concat();
        for (topic, body, expected) in [
            ("hashblock", body.clone(), Some(NodeNotice::Block(hash))),
            ("sequence", with(b"C"), Some(NodeNotice::Block(hash))),
            ("sequence", with(b"D"), Some(NodeNotice::Disconnected(hash))),
            ("sequence", with(b"A12345678"), None),
            ("sequence", with(b"Z"), None),
            ("hashblock", with(b"C"), None),
            ("hashblock", vec![1; 31], None),
            ("rawblock", vec![5; 100], Some(NodeNotice::Header([5; 80]))),
            ("rawblock", vec![5; 79], None),
            ("hashtx", body.clone(), None),
            ("", Vec::new(), None),
        ] {
            assert_eq!(notice_of(&published(topic, &body)), expected, "{topic} {}", body.len());
        }
    }
}

//! One jobmaster to another: what a block on each of its jobs needs, so that either can make the block.
//!
//! It comes to the listener of the job feed, so no tag of [`FromPeer`] is one of
//! [`crate::job_feed::FromGateway`] or [`crate::operator_feed::FromOperator`]. Nothing is answered.

use sluice_units::JobId;
use sluice_units::limits::LINK_MESSAGE_BYTES_MAX;

use crate::codec::{DecodeError, Reader, Writer};

/// Version of this format; both ends must have the same.
pub const PEER_FEED_VERSION: u16 = 1;
/// Bytes of a rest that can be told; a longer one stays with its jobmaster.
pub const REST_BYTES_MAX: usize = LINK_MESSAGE_BYTES_MAX - 64;

/// What a jobmaster tells another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromPeer {
    /// That a jobmaster is there; the first message.
    Hello {
        /// [`PEER_FEED_VERSION`] of the caller.
        version: u16,
        /// Who it is.
        jobmaster_id: u8,
    },
    /// What a block on one of its jobs needs besides its share, in its file form.
    Rest {
        /// The job.
        job: JobId,
        /// The file's bytes.
        bytes: Vec<u8>,
    },
}

impl FromPeer {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer;
        match self {
            Self::Hello { version, jobmaster_id } => {
                writer = Writer::tagged(129);
                writer.u16(*version).u8(*jobmaster_id);
            }
            Self::Rest { job, bytes } => {
                writer = Writer::tagged(130);
                writer.job_id(*job).byte_string(bytes);
            }
        }
        writer.into_bytes()
    }

    /// Reads a whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            129 => Self::Hello { version: reader.u16()?, jobmaster_id: reader.u8()? },
            130 => Self::Rest {
                job: reader.job_id()?,
                bytes: reader.byte_string("rest", REST_BYTES_MAX)?.to_vec(),
            },
            _ => return Err(DecodeError::Invalid("tag")),
        };
        reader.finish()?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::job_feed::FromGateway;
    use crate::operator_feed::FromOperator;

    #[test]
    fn every_message_goes_its_way_and_is_nobody_elses() {
        for message in [
            FromPeer::Hello { version: PEER_FEED_VERSION, jobmaster_id: 3 },
            FromPeer::Rest { job: JobId::new(1, 7, 9), bytes: vec![5; 1000] },
        ] {
            let bytes = message.encode();
            assert_eq!(FromPeer::decode(&bytes), Ok(message));
            assert!(FromGateway::decode(&bytes).is_err() && FromOperator::decode(&bytes).is_err());
            for end in 0..bytes.len() {
                assert!(FromPeer::decode(&bytes[..end]).is_err(), "{end} bytes");
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = FromPeer::decode(&bytes);
        }
    }
}

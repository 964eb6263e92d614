//! Jobmaster and gateway: jobs down, found blocks up, verdicts down.
//!
//! Jobs and signs of life come by datagram as well ([`crate::job_datagram`]), whichever is first.
//!
//! Every message is a tag byte and its fields (see [`crate::codec`]); the link seals and frames it.
//! A gateway speaks first ([`FromGateway::Hello`]) and is welcomed or refused; after the welcome
//! come the bans and the present job, then every new list and job. An [`FromJobmaster::Alive`] comes at a
//! fixed interval.

use sluice_units::extranonce::EXTRANONCE_SLOT_BYTES;
use sluice_units::limits::{
    COINBASE_BYTES_MAX, LINK_TEXT_BYTES_MAX, MERKLE_BRANCH_MAX, SHARDS_MAX,
};
use sluice_units::{
    Ban, BlockVerdict, CompactTarget, FoundBlock, Hash256, Job, JobKind, Name, Reconnect, Target,
};

use crate::codec::{DecodeError, Reader, Writer, cut};
use crate::job_datagram::{DatagramKey, FeedName};
use crate::operator_fields::{
    read_ban, read_bans, read_reconnect, read_said, write_ban, write_bans, write_reconnect,
    write_said,
};

/// Version of this format; both ends must have the same.
pub const JOB_FEED_VERSION: u16 = 3;

/// What a gateway sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromGateway {
    /// Who it is; the first message.
    Hello {
        /// [`JOB_FEED_VERSION`] of the gateway.
        version: u16,
        /// The gateway's configured id, unique among the gateways.
        gateway_id: u16,
        /// Where its shards take datagrams: ports at the address that this link comes from. None where they
        /// take none, or listen to a group.
        datagram_ports: Vec<u16>,
    },
    /// A share met the network's target. Sent again until a verdict comes.
    FoundBlock(FoundBlock),
    /// A shard banned somebody by itself: the other gateways shall know.
    Banned(Ban),
}

/// What a jobmaster sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromJobmaster {
    /// The gateway may stay.
    Welcome {
        /// What this life of the jobmaster calls its datagrams.
        feed: FeedName,
        /// What they are sealed with.
        key: DatagramKey,
    },
    /// The gateway may not stay, and why; the link ends.
    Refused(String),
    /// Work for the miners.
    Job {
        /// Expected hashes in the chain up to the job's parent, as far as the jobmaster knows: of several
        /// jobmasters' jobs the one with the most is followed.
        tip_work: u128,
        /// The job.
        job: Job,
    },
    /// What became of a found block.
    Verdict {
        /// The block's hash.
        hash: Hash256,
        /// Its fate.
        verdict: BlockVerdict,
        /// Whether this is all that there is to say of it: else an [`FromJobmaster::AuxVerdict`] follows, and
        /// this once more.
        last: bool,
    },
    /// What became of a share at another chain.
    AuxVerdict {
        /// The hash of the share's header.
        share: Hash256,
        /// What the chain is called.
        chain: Name,
        /// The hash of the chain's block.
        hash: Hash256,
    },
    /// The jobmaster lives and its latest job is on the node's tip; sent at a fixed interval, and
    /// withheld while no node answers.
    Alive,
    /// Who is banned: all of them. This list replaces the former one.
    Bans(Vec<Ban>),
    /// A text of the operator's for every miner.
    Say(String),
    /// Every miner is asked to come back, here or elsewhere.
    Reconnect(Reconnect),
}

impl FromGateway {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Hello { version, gateway_id, datagram_ports } => {
                let mut writer = Writer::tagged(1);
                writer.u16(*version).u16(*gateway_id).length(datagram_ports.len());
                for port in datagram_ports {
                    writer.u16(*port);
                }
                writer.into_bytes()
            }
            Self::FoundBlock(block) => {
                let mut writer = Writer::tagged(2);
                write_found_block(&mut writer, block);
                writer.into_bytes()
            }
            Self::Banned(ban) => {
                let mut writer = Writer::tagged(3);
                write_ban(&mut writer, ban);
                writer.into_bytes()
            }
        }
    }

    /// Reads a whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            1 => Self::Hello {
                version: reader.u16()?,
                gateway_id: reader.u16()?,
                datagram_ports: {
                    let count = reader.length("datagram_ports", SHARDS_MAX)?;
                    (0..count).map(|_| reader.u16()).collect::<Result<_, _>>()?
                },
            },
            2 => Self::FoundBlock(read_found_block(&mut reader)?),
            3 => Self::Banned(read_ban(&mut reader)?),
            _ => return Err(DecodeError::Invalid("tag")),
        };
        reader.finish()?;
        Ok(message)
    }
}

impl FromJobmaster {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer;
        match self {
            Self::Welcome { feed, key } => {
                writer = Writer::tagged(1);
                writer.u64(feed.0).bytes(&key.0);
            }
            Self::Refused(cause) => {
                writer = Writer::tagged(2);
                writer.text(cut(cause, LINK_TEXT_BYTES_MAX));
            }
            Self::Job { tip_work, job } => {
                writer = Writer::tagged(3);
                writer.bytes(&tip_work.to_le_bytes());
                write_job(&mut writer, job);
            }
            Self::Verdict { hash, verdict, last } => {
                writer = Writer::tagged(4);
                writer.hash(hash).u8((*last).into());
                write_verdict(&mut writer, verdict);
            }
            Self::AuxVerdict { share, chain, hash } => {
                writer = Writer::tagged(9);
                writer.hash(share).name(chain).hash(hash);
            }
            Self::Alive => writer = Writer::tagged(5),
            Self::Bans(bans) => {
                writer = Writer::tagged(6);
                write_bans(&mut writer, bans);
            }
            Self::Say(text) => {
                writer = Writer::tagged(7);
                write_said(&mut writer, text);
            }
            Self::Reconnect(reconnect) => {
                writer = Writer::tagged(8);
                write_reconnect(&mut writer, reconnect);
            }
        }
        writer.into_bytes()
    }

    /// Reads a whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            1 => Self::Welcome { feed: FeedName(reader.u64()?), key: DatagramKey(reader.array()?) },
            2 => Self::Refused(reader.text("cause", LINK_TEXT_BYTES_MAX)?.to_owned()),
            3 => Self::Job {
                tip_work: u128::from_le_bytes(reader.array()?),
                job: read_job(&mut reader)?,
            },
            4 => Self::Verdict {
                hash: reader.hash()?,
                last: match reader.u8()? {
                    0 => false,
                    1 => true,
                    _ => return Err(DecodeError::Invalid("last")),
                },
                verdict: read_verdict(&mut reader)?,
            },
            9 => Self::AuxVerdict {
                share: reader.hash()?,
                chain: reader.name("chain")?,
                hash: reader.hash()?,
            },
            5 => Self::Alive,
            6 => Self::Bans(read_bans(&mut reader)?),
            7 => Self::Say(read_said(&mut reader)?),
            8 => Self::Reconnect(read_reconnect(&mut reader)?),
            _ => return Err(DecodeError::Invalid("tag")),
        };
        reader.finish()?;
        Ok(message)
    }
}

/// The file form of a found block, as a gateway keeps it until its verdict comes.
pub fn encode_found_block(block: &FoundBlock) -> Vec<u8> {
    FromGateway::FoundBlock(block.clone()).encode()
}

/// Reads what [`encode_found_block`] writes.
pub fn decode_found_block(bytes: &[u8]) -> Result<FoundBlock, DecodeError> {
    match FromGateway::decode(bytes)? {
        FromGateway::FoundBlock(block) => Ok(block),
        FromGateway::Hello { .. } | FromGateway::Banned(_) => Err(DecodeError::Invalid("tag")),
    }
}

fn write_job(writer: &mut Writer, job: &Job) {
    writer.job_id(job.id).u8(job.kind as u8).u32(job.height).hash(&job.parent);
    writer.u32(job.version).u32(job.version_mask).u32(job.nbits.to_bits());
    writer.u32(job.ntime).u32(job.ntime_min);
    writer.byte_string(&job.coinbase_prefix).byte_string(&job.coinbase_suffix);
    writer.length(job.merkle_branch.len());
    for hash in &job.merkle_branch {
        writer.hash(hash);
    }
    match job.aux_target {
        None => writer.u8(0),
        Some(target) => writer.u8(1).bytes(&target.to_be_bytes()),
    };
}

fn read_job(reader: &mut Reader<'_>) -> Result<Job, DecodeError> {
    let job = Job {
        id: reader.job_id()?,
        kind: match reader.u8()? {
            0 => JobKind::Clean,
            1 => JobKind::Refresh,
            2 => JobKind::Empty,
            3 => JobKind::Full,
            _ => return Err(DecodeError::Invalid("kind")),
        },
        height: reader.u32()?,
        parent: reader.hash()?,
        version: reader.u32()?,
        version_mask: reader.u32()?,
        nbits: CompactTarget::from_bits(reader.u32()?),
        ntime: reader.u32()?,
        ntime_min: reader.u32()?,
        coinbase_prefix: reader.byte_string("coinbase_prefix", COINBASE_BYTES_MAX)?.to_vec(),
        coinbase_suffix: reader.byte_string("coinbase_suffix", COINBASE_BYTES_MAX)?.to_vec(),
        merkle_branch: {
            let count = reader.length("merkle_branch", MERKLE_BRANCH_MAX)?;
            (0..count).map(|_| reader.hash()).collect::<Result<_, _>>()?
        },
        aux_target: match reader.u8()? {
            0 => None,
            1 => Some(Target::from_be_bytes(reader.array()?)),
            _ => return Err(DecodeError::Invalid("aux_target")),
        },
    };
    let coinbase_bytes = job.coinbase_prefix.len() + job.coinbase_suffix.len();
    if coinbase_bytes + EXTRANONCE_SLOT_BYTES > COINBASE_BYTES_MAX {
        return Err(DecodeError::TooLong("coinbase"));
    }
    if job.nbits.to_target().is_none() {
        return Err(DecodeError::Invalid("nbits"));
    }
    Ok(job)
}

fn write_found_block(writer: &mut Writer, block: &FoundBlock) {
    writer.job_id(block.job).u32(block.height).hash(&block.hash).bytes(&block.header);
    writer.byte_string(&block.coinbase).identity(&block.finder);
}

fn read_found_block(reader: &mut Reader<'_>) -> Result<FoundBlock, DecodeError> {
    Ok(FoundBlock {
        job: reader.job_id()?,
        height: reader.u32()?,
        hash: reader.hash()?,
        header: reader.array()?,
        coinbase: reader.byte_string("coinbase", COINBASE_BYTES_MAX)?.to_vec(),
        finder: reader.identity()?,
    })
}

fn write_verdict(writer: &mut Writer, verdict: &BlockVerdict) {
    match verdict {
        BlockVerdict::Accepted => writer.u8(0),
        BlockVerdict::SideBranch => writer.u8(1),
        BlockVerdict::Rejected(reason) => writer.u8(2).text(cut(reason, LINK_TEXT_BYTES_MAX)),
        BlockVerdict::UnknownJob => writer.u8(3),
        BlockVerdict::OtherChains => writer.u8(4),
    };
}

fn read_verdict(reader: &mut Reader<'_>) -> Result<BlockVerdict, DecodeError> {
    Ok(match reader.u8()? {
        0 => BlockVerdict::Accepted,
        1 => BlockVerdict::SideBranch,
        2 => BlockVerdict::Rejected(reader.text("reason", LINK_TEXT_BYTES_MAX)?.to_owned()),
        3 => BlockVerdict::UnknownJob,
        4 => BlockVerdict::OtherChains,
        _ => return Err(DecodeError::Invalid("verdict")),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sluice_units::limits::{BAN_REASON_BYTES_MAX, BANS_MAX, LINK_MESSAGE_BYTES_MAX};
    use sluice_units::{JobId, UnixTime};

    use super::*;

    fn job() -> Job {
        Job {
            id: JobId::new(3, 1_700_000_000, 42),
            kind: JobKind::Clean,
            height: 840_000,
            parent: Hash256::from_bytes([7; 32]),
            version: 0x2000_0000,
            version_mask: 0x1fff_e000,
            nbits: CompactTarget::from_bits(0x1703_4219),
            ntime: 1_713_571_767,
            ntime_min: 1_713_570_000,
            coinbase_prefix: vec![1; 60],
            coinbase_suffix: vec![2; 90],
            merkle_branch: vec![Hash256::from_bytes([9; 32]); 12],
            aux_target: Some(Target::from_be_bytes([11; 32])),
        }
    }

    fn found_block() -> FoundBlock {
        FoundBlock {
            job: job().id,
            height: 840_000,
            hash: Hash256::from_bytes([5; 32]),
            header: [6; 80],
            coinbase: vec![8; 200],
            finder: "alice.rig1".parse().unwrap(),
        }
    }

    fn ban(subject: &str) -> Ban {
        let until = UnixTime::from_seconds(1_800_000_000);
        Ban { subject: subject.parse().unwrap(), until, reason: "floods".into() }
    }

    #[test]
    fn every_message_goes_both_ways() {
        let elsewhere = Reconnect { host: Some(("pool.example.org".into(), 3333)), wait_s: 9 };
        let hash = Hash256::from_bytes([4; 32]);
        let verdict = |verdict, last| FromJobmaster::Verdict { hash, verdict, last };
        for message in [
            FromJobmaster::Welcome { feed: FeedName(9), key: DatagramKey([8; 32]) },
            FromJobmaster::Refused("gateway id 7 is taken".into()),
            FromJobmaster::Job { tip_work: 1 << 97, job: job() },
            verdict(BlockVerdict::Accepted, true),
            verdict(BlockVerdict::Rejected("bad-cb".into()), true),
            verdict(BlockVerdict::SideBranch, false),
            verdict(BlockVerdict::UnknownJob, true),
            verdict(BlockVerdict::OtherChains, true),
            FromJobmaster::AuxVerdict { share: hash, chain: "nmc".parse().unwrap(), hash },
            FromJobmaster::Alive,
            FromJobmaster::Bans(vec![ban("10.0.0.0/8"), ban("2001:db8::1"), ban("account:alice")]),
            FromJobmaster::Say("back in five minutes".into()),
            FromJobmaster::Reconnect(elsewhere),
        ] {
            assert_eq!(FromJobmaster::decode(&message.encode()), Ok(message));
        }
        for message in [
            FromGateway::Hello {
                version: JOB_FEED_VERSION,
                gateway_id: 7,
                datagram_ports: vec![7411, 7412],
            },
            FromGateway::FoundBlock(found_block()),
            FromGateway::Banned(ban("10.1.2.3")),
        ] {
            assert_eq!(FromGateway::decode(&message.encode()), Ok(message));
        }
        assert_eq!(decode_found_block(&encode_found_block(&found_block())), Ok(found_block()));
    }

    #[test]
    fn refuses_every_truncation_and_any_tail() {
        let reconnect = Reconnect { host: Some(("host".into(), 1)), wait_s: 9 };
        for message in [
            FromJobmaster::Job { tip_work: 7, job: job() },
            FromJobmaster::Bans(vec![ban("10.1.2.3"), ban("account:alice")]),
            FromJobmaster::Say("hello".into()),
            FromJobmaster::Reconnect(reconnect),
        ] {
            let whole = message.encode();
            for end in 0..whole.len() {
                assert!(FromJobmaster::decode(&whole[..end]).is_err(), "{message:?}, {end} bytes");
            }
            let longer = FromJobmaster::decode(&[&whole[..], &[0]].concat());
            assert_eq!(longer, Err(DecodeError::TrailingBytes));
        }
    }

    #[test]
    fn all_bans_that_there_can_be_fit_one_message() {
        let account = format!("account:{}", "a".repeat(64));
        let longest = Ban { reason: "x".repeat(BAN_REASON_BYTES_MAX), ..ban(&account) };
        let message = FromJobmaster::Bans(vec![longest.clone(); BANS_MAX]);
        let bytes = message.encode();
        assert!(bytes.len() <= LINK_MESSAGE_BYTES_MAX);
        assert_eq!(FromJobmaster::decode(&bytes), Ok(message));
        let more = FromJobmaster::Bans(vec![longest; BANS_MAX + 1]).encode();
        assert_eq!(FromJobmaster::decode(&more), Err(DecodeError::TooLong("bans")));
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let message = FromJobmaster::Refused("\u{e9}".repeat(1000));
        let Ok(FromJobmaster::Refused(text)) = FromJobmaster::decode(&message.encode()) else {
            panic!("a cut text is still a message");
        };
        assert_eq!(text, "\u{e9}".repeat(512));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = FromJobmaster::decode(&bytes);
            let _ = FromGateway::decode(&bytes);
        }
    }
}

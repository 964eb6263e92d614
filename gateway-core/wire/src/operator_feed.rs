//! An operator's command and the jobmaster: one request after another, an answer to each.
//!
//! It comes to the listener of the job feed, so no tag of [`FromOperator`] is one of
//! [`crate::job_feed::FromGateway`]. [`FromOperator::Hello`] comes first and is answered only where it is
//! refused; every request behind it is answered, in their order.

use sluice_units::header::HEADER_BYTES;
use sluice_units::limits::{LINK_TEXT_BYTES_MAX, OPERATOR_ANSWER_BYTES_MAX};
use sluice_units::{Ban, BanSubject, Reconnect};

use crate::codec::{DecodeError, Reader, Writer, cut};
use crate::operator_fields::{
    read_ban, read_bans, read_reconnect, read_said, read_subject, write_ban, write_bans,
    write_reconnect, write_said, write_subject,
};

/// Version of this format; both ends must have the same.
pub const OPERATOR_FEED_VERSION: u16 = 2;

/// What an operator's command sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromOperator {
    /// That an operator is there; the first message.
    Hello {
        /// [`OPERATOR_FEED_VERSION`] of the command.
        version: u16,
    },
    /// Who is banned?
    ListBans,
    /// Ban somebody.
    AddBan(Ban),
    /// End somebody's ban.
    RemoveBan(BanSubject),
    /// Show every miner a text.
    Say(String),
    /// Ask every miner to come back, here or elsewhere.
    Reconnect(Reconnect),
    /// What goes into every coinbase?
    ShowCoinbase,
    /// Put this message into every coinbase; none where it is empty.
    SetMessage(String),
    /// Read the configuration again.
    Reload,
    /// There may be a new block: ask the nodes at once. Whoever has its header shows it.
    Notify(Option<[u8; HEADER_BYTES]>),
}

/// What the jobmaster answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToOperator {
    /// It was not done, and why.
    Refused(String),
    /// Who is banned.
    Bans(Vec<Ban>),
    /// It was done, and will outlive the jobmaster where it is a ban.
    Done {
        /// Gateways that are told.
        gateways: u32,
        /// Whether anything is other than before.
        changed: bool,
    },
    /// What was asked for, in words.
    Told(String),
}

impl FromOperator {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer;
        match self {
            Self::Hello { version } => {
                writer = Writer::tagged(65);
                writer.u16(*version);
            }
            Self::ListBans => writer = Writer::tagged(66),
            Self::AddBan(ban) => {
                writer = Writer::tagged(67);
                write_ban(&mut writer, ban);
            }
            Self::RemoveBan(subject) => {
                writer = Writer::tagged(68);
                write_subject(&mut writer, subject);
            }
            Self::Say(text) => {
                writer = Writer::tagged(69);
                write_said(&mut writer, text);
            }
            Self::Reconnect(reconnect) => {
                writer = Writer::tagged(70);
                write_reconnect(&mut writer, reconnect);
            }
            Self::ShowCoinbase => writer = Writer::tagged(71),
            Self::SetMessage(message) => {
                writer = Writer::tagged(72);
                write_said(&mut writer, message);
            }
            Self::Reload => writer = Writer::tagged(73),
            Self::Notify(None) => writer = Writer::tagged(74),
            Self::Notify(Some(header)) => {
                writer = Writer::tagged(75);
                writer.bytes(header);
            }
        }
        writer.into_bytes()
    }

    /// Reads a whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            65 => Self::Hello { version: reader.u16()? },
            66 => Self::ListBans,
            67 => Self::AddBan(read_ban(&mut reader)?),
            68 => Self::RemoveBan(read_subject(&mut reader)?),
            69 => Self::Say(read_said(&mut reader)?),
            70 => Self::Reconnect(read_reconnect(&mut reader)?),
            71 => Self::ShowCoinbase,
            72 => Self::SetMessage(read_said(&mut reader)?),
            73 => Self::Reload,
            74 => Self::Notify(None),
            75 => Self::Notify(Some(reader.array()?)),
            _ => return Err(DecodeError::Invalid("tag")),
        };
        reader.finish()?;
        Ok(message)
    }
}

impl ToOperator {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer;
        match self {
            Self::Refused(cause) => {
                writer = Writer::tagged(65);
                writer.text(cut(cause, LINK_TEXT_BYTES_MAX));
            }
            Self::Bans(bans) => {
                writer = Writer::tagged(66);
                write_bans(&mut writer, bans);
            }
            Self::Done { gateways, changed } => {
                writer = Writer::tagged(67);
                writer.u32(*gateways).u8((*changed).into());
            }
            Self::Told(text) => {
                writer = Writer::tagged(68);
                writer.text(cut(text, OPERATOR_ANSWER_BYTES_MAX));
            }
        }
        writer.into_bytes()
    }

    /// Reads a whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            65 => Self::Refused(reader.text("cause", LINK_TEXT_BYTES_MAX)?.to_owned()),
            66 => Self::Bans(read_bans(&mut reader)?),
            67 => Self::Done {
                gateways: reader.u32()?,
                changed: match reader.u8()? {
                    0 => false,
                    1 => true,
                    _ => return Err(DecodeError::Invalid("changed")),
                },
            },
            68 => Self::Told(reader.text("answer", OPERATOR_ANSWER_BYTES_MAX)?.to_owned()),
            _ => return Err(DecodeError::Invalid("tag")),
        };
        reader.finish()?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sluice_units::UnixTime;

    use super::*;
    use crate::job_feed::FromGateway;

    fn ban(subject: &str) -> Ban {
        Ban {
            subject: subject.parse().unwrap(),
            until: UnixTime::from_seconds(1_800_000_000),
            reason: "floods".into(),
        }
    }

    fn requests() -> Vec<FromOperator> {
        let elsewhere = Some(("pool.example.org".to_owned(), 3333));
        vec![
            FromOperator::Hello { version: OPERATOR_FEED_VERSION },
            FromOperator::ListBans,
            FromOperator::AddBan(ban("10.1.2.3")),
            FromOperator::RemoveBan("2001:db8::/32".parse().unwrap()),
            FromOperator::RemoveBan("account:alice".parse().unwrap()),
            FromOperator::Say("back in five minutes".into()),
            FromOperator::Reconnect(Reconnect { host: elsewhere, wait_s: 30 }),
            FromOperator::Reconnect(Reconnect { host: None, wait_s: 0 }),
        ]
    }

    #[test]
    fn every_message_goes_both_ways() {
        for message in requests() {
            assert_eq!(FromOperator::decode(&message.encode()), Ok(message));
        }
        for message in [
            ToOperator::Refused("10.0.0.0/8 is exempt".into()),
            ToOperator::Bans(vec![]),
            ToOperator::Bans(vec![ban("10.0.0.0/8"), ban("account:alice"), ban("::/0")]),
            ToOperator::Done { gateways: 3, changed: true },
            ToOperator::Done { gateways: 0, changed: false },
        ] {
            assert_eq!(ToOperator::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn no_message_is_one_of_a_gateway() {
        for message in requests() {
            let read = FromGateway::decode(&message.encode());
            assert_eq!(read, Err(DecodeError::Invalid("tag")), "{message:?}");
        }
    }

    #[test]
    fn refuses_every_truncation_and_any_tail() {
        for message in requests() {
            let whole = message.encode();
            for end in 0..whole.len() {
                assert!(FromOperator::decode(&whole[..end]).is_err(), "{message:?}, {end} bytes");
            }
            let longer = FromOperator::decode(&[&whole[..], &[0]].concat());
            assert_eq!(longer, Err(DecodeError::TrailingBytes));
        }
        let whole = ToOperator::Bans(vec![ban("10.1.2.3")]).encode();
        for end in 0..whole.len() {
            assert!(ToOperator::decode(&whole[..end]).is_err(), "{end} bytes");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = FromOperator::decode(&bytes);
            let _ = ToOperator::decode(&bytes);
        }
    }
}

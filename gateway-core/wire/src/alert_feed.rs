//! Roles and the alertcenter: alerts up, a receipt for each down.
//!
//! [`ToCenter::Hello`] comes first. Alerts are numbered by their sender, and sent again on the next link until there is a
//! receipt; a center that gets one twice takes it for a repeat. Receipts come in any order, each for one alert. A center
//! that says nothing for longer than [`ALERT_SILENCE_MAX`] is gone: [`FromCenter::Alive`] shows that it is not.
//!
//! [`ALERT_SILENCE_MAX`]: sluice_units::limits::ALERT_SILENCE_MAX

use sluice_units::UnixTime;
use sluice_units::limits::{ALERT_TEXT_BYTES_MAX, LINK_TEXT_BYTES_MAX};

use crate::codec::{DecodeError, Reader, Writer, cut};

/// Version of this format; both ends must have the same.
pub const ALERT_FEED_VERSION: u16 = 2;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Severity {
    /// Blocks or shares are in danger, or a role is down.
    Fatal,
    /// A role has met far more errors than it should.
    Errors,
    /// Somebody wants it known.
    Notice,
}

/// What somebody should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alert {
    /// How bad it is.
    pub severity: Severity,
    /// When it happened.
    pub at: UnixTime,
    /// What happened, of [`ALERT_TEXT_BYTES_MAX`] bytes at most.
    pub text: String,
}

/// What a role sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToCenter {
    /// Who it is; the first message.
    Hello {
        /// [`ALERT_FEED_VERSION`] of the sender.
        version: u16,
        /// The machine.
        host: String,
        /// The role.
        role: String,
    },
    /// Sent again until there is a receipt.
    Alert {
        /// Counts the alerts of a sender, from 1.
        number: u64,
        /// What happened.
        alert: Alert,
    },
}

/// What an alertcenter answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromCenter {
    /// The sender may stay.
    Welcome,
    /// The sender may not stay, and why; the link ends.
    Refused(String),
    /// The alert has reached people, or is counted in a message that will.
    Taken {
        /// Its number.
        number: u64,
    },
    /// It is still there.
    Alive,
}

const TO_HELLO: u8 = 1;
const TO_ALERT: u8 = 2;
const FROM_WELCOME: u8 = 1;
const FROM_REFUSED: u8 = 2;
const FROM_TAKEN: u8 = 3;
const FROM_ALIVE: u8 = 4;

impl ToCenter {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Hello { version, host, role } => {
                let mut writer = Writer::tagged(TO_HELLO);
                writer.u16(*version);
                writer.text(cut(host, LINK_TEXT_BYTES_MAX)).text(cut(role, LINK_TEXT_BYTES_MAX));
                writer.into_bytes()
            }
            Self::Alert { number, alert } => {
                let mut writer = Writer::tagged(TO_ALERT);
                writer.u64(*number).u8(alert.severity as u8).u64(alert.at.to_seconds());
                writer.text(cut(&alert.text, ALERT_TEXT_BYTES_MAX));
                writer.into_bytes()
            }
        }
    }

    /// Reads a message. Of a hello of another version the names are not read.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            TO_HELLO => {
                let version = reader.u16()?;
                if version != ALERT_FEED_VERSION {
                    return Ok(Self::Hello { version, host: String::new(), role: String::new() });
                }
                let host = reader.text("host", LINK_TEXT_BYTES_MAX)?.to_owned();
                let role = reader.text("role", LINK_TEXT_BYTES_MAX)?.to_owned();
                Self::Hello { version, host, role }
            }
            TO_ALERT => {
                let number = reader.u64()?;
                let severity = match reader.u8()? {
                    0 => Severity::Fatal,
                    1 => Severity::Errors,
                    2 => Severity::Notice,
                    _ => return Err(DecodeError::Invalid("severity")),
                };
                let at = UnixTime::from_seconds(reader.u64()?);
                let text = reader.text("text", ALERT_TEXT_BYTES_MAX)?.to_owned();
                Self::Alert { number, alert: Alert { severity, at, text } }
            }
            _ => return Err(DecodeError::Invalid("tag")),
        };
        reader.finish()?;
        Ok(message)
    }
}

impl FromCenter {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Welcome => Writer::tagged(FROM_WELCOME).into_bytes(),
            Self::Refused(cause) => {
                let mut writer = Writer::tagged(FROM_REFUSED);
                writer.text(cut(cause, LINK_TEXT_BYTES_MAX));
                writer.into_bytes()
            }
            Self::Taken { number } => {
                let mut writer = Writer::tagged(FROM_TAKEN);
                writer.u64(*number);
                writer.into_bytes()
            }
            Self::Alive => Writer::tagged(FROM_ALIVE).into_bytes(),
        }
    }

    /// Reads a message.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            FROM_WELCOME => Self::Welcome,
            FROM_REFUSED => Self::Refused(reader.text("cause", LINK_TEXT_BYTES_MAX)?.to_owned()),
            FROM_TAKEN => Self::Taken { number: reader.u64()? },
            FROM_ALIVE => Self::Alive,
            _ => return Err(DecodeError::Invalid("tag")),
        };
        reader.finish()?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(text: &str) -> ToCenter {
        let alert = Alert {
            severity: Severity::Errors,
            at: UnixTime::from_seconds(1_700_000_000),
            text: text.into(),
        };
        ToCenter::Alert { number: 7, alert }
    }

    #[test]
    fn messages_go_both_ways() {
        let version = ALERT_FEED_VERSION;
        let hello = ToCenter::Hello { version, host: "gw-1".into(), role: "gateway".into() };
        for message in [hello, alert("FATAL: a disk is full")] {
            let bytes = message.encode();
            assert_eq!(ToCenter::decode(&bytes), Ok(message));
            for end in 0..bytes.len() {
                assert!(ToCenter::decode(&bytes[..end]).is_err());
            }
        }
        for message in [
            FromCenter::Welcome,
            FromCenter::Refused("no".into()),
            FromCenter::Taken { number: 9 },
            FromCenter::Alive,
        ] {
            assert_eq!(FromCenter::decode(&message.encode()), Ok(message));
        }
        assert!(FromCenter::decode(&[9]).is_err() && ToCenter::decode(&[]).is_err());
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        let ToCenter::Alert { alert: Alert { text, .. }, .. } =
            ToCenter::decode(&alert(&"ß".repeat(2000)).encode()).unwrap()
        else {
            panic!("it is an alert")
        };
        assert_eq!(text, "ß".repeat(ALERT_TEXT_BYTES_MAX / 2));
    }

    #[test]
    fn another_version_is_known_for_one() {
        let bytes = [TO_HELLO, 1, 0, 99];
        assert!(matches!(ToCenter::decode(&bytes), Ok(ToCenter::Hello { version: 1, .. })));
    }
}

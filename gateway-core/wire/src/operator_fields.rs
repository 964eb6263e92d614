//! Bans and what operators say, as they stand in both the job feed and the operator's feed.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use sluice_units::ban::plain_network;
use sluice_units::limits::{
    BAN_REASON_BYTES_MAX, BANS_MAX, NAME_BYTES_MAX, OPERATOR_HOST_BYTES_MAX,
    OPERATOR_TEXT_BYTES_MAX,
};
use sluice_units::operator::is_host;
use sluice_units::{Ban, BanSubject, Reconnect, UnixTime};

use crate::codec::{DecodeError, Reader, Writer, cut};

/// What the byte in front of a subject says.
const FAMILY_V4: u8 = 4;
const FAMILY_V6: u8 = 6;
const FAMILY_ACCOUNT: u8 = 1;

pub(crate) fn write_subject(writer: &mut Writer, subject: &BanSubject) {
    match subject {
        BanSubject::Network(network) => {
            match network.addr() {
                IpAddr::V4(address) => writer.u8(FAMILY_V4).bytes(&address.octets()),
                IpAddr::V6(address) => writer.u8(FAMILY_V6).bytes(&address.octets()),
            }
            .u8(network.prefix_len());
        }
        BanSubject::Account(name) => {
            writer.u8(FAMILY_ACCOUNT).text(name.as_str());
        }
    }
}

pub(crate) fn read_subject(reader: &mut Reader<'_>) -> Result<BanSubject, DecodeError> {
    const NETWORK: DecodeError = DecodeError::Invalid("network");
    let address = match reader.u8()? {
        FAMILY_V4 => IpAddr::V4(Ipv4Addr::from(reader.array::<4>()?)),
        FAMILY_V6 => IpAddr::V6(Ipv6Addr::from(reader.array::<16>()?)),
        FAMILY_ACCOUNT => {
            let account = BanSubject::account(reader.text("account", NAME_BYTES_MAX)?);
            return account.map_err(|_| DecodeError::Invalid("account"));
        }
        _ => return Err(DecodeError::Invalid("family")),
    };
    let network = IpNet::new(address, reader.u8()?).map_err(|_| NETWORK)?;
    // One subject has one form, so that equal ones are found to be equal.
    if plain_network(network) == network { Ok(BanSubject::Network(network)) } else { Err(NETWORK) }
}

pub(crate) fn write_ban(writer: &mut Writer, ban: &Ban) {
    write_subject(writer, &ban.subject);
    writer.u64(ban.until.to_seconds()).text(cut(&ban.reason, BAN_REASON_BYTES_MAX));
}

pub(crate) fn read_ban(reader: &mut Reader<'_>) -> Result<Ban, DecodeError> {
    Ok(Ban {
        subject: read_subject(reader)?,
        until: UnixTime::from_seconds(reader.u64()?),
        reason: reader.text("reason", BAN_REASON_BYTES_MAX)?.to_owned(),
    })
}

pub(crate) fn write_bans(writer: &mut Writer, bans: &[Ban]) {
    writer.length(bans.len());
    for ban in bans {
        write_ban(writer, ban);
    }
}

pub(crate) fn read_bans(reader: &mut Reader<'_>) -> Result<Vec<Ban>, DecodeError> {
    let count = reader.length("bans", BANS_MAX)?;
    (0..count).map(|_| read_ban(reader)).collect()
}

pub(crate) fn write_said(writer: &mut Writer, text: &str) {
    writer.text(cut(text, OPERATOR_TEXT_BYTES_MAX));
}

pub(crate) fn read_said(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    Ok(reader.text("text", OPERATOR_TEXT_BYTES_MAX)?.to_owned())
}

pub(crate) fn write_reconnect(writer: &mut Writer, reconnect: &Reconnect) {
    match &reconnect.host {
        None => writer.u8(0),
        Some((host, port)) => writer.u8(1).text(host).u16(*port),
    }
    .u16(reconnect.wait_s);
}

pub(crate) fn read_reconnect(reader: &mut Reader<'_>) -> Result<Reconnect, DecodeError> {
    let host = match reader.u8()? {
        0 => None,
        1 => {
            let host = reader.text("host", OPERATOR_HOST_BYTES_MAX)?;
            let port = reader.u16()?;
            if !is_host(host) || port == 0 {
                return Err(DecodeError::Invalid("host"));
            }
            Some((host.to_owned(), port))
        }
        _ => return Err(DecodeError::Invalid("host")),
    };
    Ok(Reconnect { host, wait_s: reader.u16()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<BanSubject, DecodeError> {
        let mut reader = Reader::new(bytes);
        let subject = read_subject(&mut reader)?;
        reader.finish()?;
        Ok(subject)
    }

    #[test]
    fn a_network_reads_only_in_its_one_form() {
        let network: BanSubject = "10.0.0.0/8".parse().unwrap();
        assert_eq!(read(&[FAMILY_V4, 10, 0, 0, 0, 8]), Ok(network));
        for bytes in [
            // Bits behind the prefix, a prefix too long, a family that there is not.
            &[FAMILY_V4, 10, 1, 0, 0, 8][..],
            &[FAMILY_V4, 10, 0, 0, 0, 33],
            &[5, 10, 0, 0, 0, 8],
            // 10.1.2.3 as IPv6.
            &[FAMILY_V6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3, 128],
        ] {
            assert!(matches!(read(bytes), Err(DecodeError::Invalid(_))), "{bytes:?}");
        }
    }

    #[test]
    fn an_account_reads_without_a_worker_only() {
        let written = |name: &str| {
            let mut writer = Writer::tagged(FAMILY_ACCOUNT);
            writer.text(name);
            read(&writer.into_bytes())
        };
        let alice: BanSubject = "account:alice".parse().unwrap();
        assert_eq!(written("alice"), Ok(alice));
        assert_eq!(written("alice.rig1"), Err(DecodeError::Invalid("account")));
        assert_eq!(written(&"a".repeat(65)), Err(DecodeError::TooLong("account")));
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let subject = "10.1.2.3".parse().unwrap();
        let ban = Ban { subject, until: UnixTime::from_seconds(1), reason: "\u{e9}".repeat(100) };
        let mut writer = Writer::default();
        write_ban(&mut writer, &ban);
        let read = read_ban(&mut Reader::new(&writer.into_bytes())).unwrap();
        assert_eq!(read, Ban { reason: "\u{e9}".repeat(64), ..ban });
    }

    #[test]
    fn a_list_above_its_bound_is_refused() {
        let mut writer = Writer::default();
        writer.length(BANS_MAX + 1);
        let read = read_bans(&mut Reader::new(&writer.into_bytes()));
        assert_eq!(read, Err(DecodeError::TooLong("bans")));
    }

    #[test]
    fn miners_are_sent_to_hosts_only() {
        for (host, port) in [("", 1), ("a b", 1), ("\"", 1), ("host", 0)] {
            let mut writer = Writer::default();
            let host = Some((host.to_owned(), port));
            write_reconnect(&mut writer, &Reconnect { host, wait_s: 1 });
            let read = read_reconnect(&mut Reader::new(&writer.into_bytes()));
            assert_eq!(read, Err(DecodeError::Invalid("host")));
        }
    }
}

//! Messages of the links between roles: what reads is written back byte for byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_wire::alert_feed::{FromCenter, ToCenter};
use sluice_wire::job_feed::{FromGateway, FromJobmaster};
use sluice_wire::operator_feed::{FromOperator, ToOperator};
use sluice_wire::peer_feed::FromPeer;
use sluice_wire::share_feed::{FromWriter, ToWriter};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = FromGateway::decode(bytes) {
        assert_eq!(FromGateway::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = FromJobmaster::decode(bytes) {
        assert_eq!(FromJobmaster::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = FromOperator::decode(bytes) {
        assert_eq!(FromOperator::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = ToOperator::decode(bytes) {
        assert_eq!(ToOperator::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = ToCenter::decode(bytes) {
        assert_eq!(ToCenter::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = FromCenter::decode(bytes) {
        assert_eq!(FromCenter::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = FromPeer::decode(bytes) {
        assert_eq!(FromPeer::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = ToWriter::decode(bytes) {
        assert_eq!(ToWriter::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = FromWriter::decode(bytes) {
        assert_eq!(FromWriter::decode(&message.encode()), Ok(message));
    }
});

//! The first bytes of a balancer: never a panic, and never more taken than came.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_wire::proxy_header::{self, ProxyHeader};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(ProxyHeader::Whole { bytes: taken, .. }) = proxy_header::decode(bytes) {
        assert!(taken <= bytes.len());
    }
});

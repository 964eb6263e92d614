//! A pool's line, whatever it holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_wire::stratum::ServerMessage;

fuzz_target!(|line: &[u8]| {
    let _ = ServerMessage::decode(line);
});

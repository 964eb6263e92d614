//! A miner's line, whatever it holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_wire::stratum::Request;

fuzz_target!(|line: &[u8]| {
    if let Ok(request) = Request::decode(line) {
        // What is echoed must be JSON, or the reply would not be.
        serde_json::from_str::<serde_json::Value>(request.id).expect("an id is JSON");
    }
});

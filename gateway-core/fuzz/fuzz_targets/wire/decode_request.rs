//! A miner's line, whatever it holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use sluice_wire::stratum::Request;

fuzz_target!(|line: &[u8]| {
    if let Ok(request) = Request::decode(line) {
        // What is echoed must be JSON, or the reply would not be; its numbers may be beyond what anybody can hold.
        serde_json::from_str::<&RawValue>(request.id).expect("an id is JSON");
    }
});

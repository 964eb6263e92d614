//! A node's answer to getblocktemplate.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_wire::node_rpc::{BlockTemplate, RpcResponse};

fuzz_target!(|bytes: &[u8]| {
    let _ = serde_json::from_slice::<RpcResponse<BlockTemplate>>(bytes);
});

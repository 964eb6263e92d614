//! A submit's line read: by the gateway, and by the libraries for JSON.

use std::hint::black_box;

use serde::Deserialize;
use sluice_wire::stratum::{Call, Request};

use super::sampling::{Case, Sampled, sample};
use crate::child::Interruption;
use crate::error::BenchError;

/// As most miners write it: 122 bytes.
const LINE: &str = concat!(
    r#"{"id":12345,"method":"mining.submit","params":["alice.rig00001","6553f1a0b2c3d4e5","#,
    r#""0102030405060708","6553f100","deadbeef","00800000"]}"#
);

/// The line's fields, borrowed from it.
#[derive(Deserialize)]
struct Line<'a> {
    id: u64,
    #[serde(borrow)]
    method: &'a str,
    #[serde(borrow)]
    params: Vec<&'a str>,
}

pub(super) fn measure(
    seconds: f64,
    interruption: &Interruption,
) -> Result<Vec<Sampled>, BenchError> {
    let line = LINE.as_bytes();
    let is_submit = |request: &Request<'_>| matches!(request.call, Call::Submit(_));
    if !Request::decode(line).is_ok_and(|request| is_submit(&request)) {
        return Err(BenchError::Check(format!("the gateway does not read {LINE}")));
    }
    let mut simd_bytes = Vec::new();
    let mut simd_buffers = simd_json::Buffers::new(line.len());
    let mut cases = [
        Case::new("gateway", || {
            let _ = black_box(Request::decode(black_box(line)));
            1
        }),
        Case::new("serde_json", || {
            let read: Line<'_> = serde_json::from_slice(black_box(line)).expect("it is JSON");
            black_box((read.id, read.method, read.params.len()));
            1
        }),
        // It writes into what it reads, so it gets a copy.
        Case::new("simd-json", || {
            simd_bytes.clear();
            simd_bytes.extend_from_slice(black_box(line));
            let tape = simd_json::to_tape_with_buffers(&mut simd_bytes, &mut simd_buffers);
            black_box(tape.expect("it is JSON").0.len());
            1
        }),
    ];
    sample(&mut cases, seconds, interruption)
}

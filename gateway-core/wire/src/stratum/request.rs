//! Miner to pool: decoding for the pool, encoding for the miner.

use std::borrow::Cow;
use std::io::Write;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sluice_units::limits::REQUEST_ID_BYTES_MAX;
use sluice_units::{Extranonce2, JobId, hex};

/// One line of a miner.
#[derive(Clone, PartialEq, Debug)]
pub struct Request<'a> {
    /// The id as JSON, echoed as it came; `null` where the line has none.
    pub id: &'a str,
    /// What is asked.
    pub call: Call<'a>,
}

/// What a miner asks.
#[derive(Clone, PartialEq, Debug)]
pub enum Call<'a> {
    /// `mining.configure` (BIP 310).
    Configure(Configure),
    /// `mining.subscribe`.
    Subscribe {
        /// What the miner calls itself; may be empty.
        user_agent: String,
    },
    /// `mining.authorize`.
    Authorize {
        /// Account and worker, as the miner writes them.
        user: String,
    },
    /// `mining.submit`.
    Submit(Submit),
    /// `mining.submit` with a field that is missing, of the wrong length, or no hexadecimal number.
    MalformedSubmit,
    /// `mining.suggest_difficulty`.
    SuggestDifficulty(f64),
    /// `mining.extranonce.subscribe`.
    ExtranonceSubscribe,
    /// `mining.get_transactions`.
    GetTransactions,
    /// `mining.ping`.
    Ping,
    /// An answer to something that the pool asked; needs no reply.
    Answer,
    /// A method that is not known here.
    Unknown(Cow<'a, str>),
}

/// The parameters of `mining.configure`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Configure {
    /// The extensions, in the order named.
    pub extensions: Vec<String>,
    /// `version-rolling.mask`, where given.
    pub version_mask: Option<u32>,
    /// `minimum-difficulty.value`, where given, as the bits of a double.
    pub minimum_difficulty: Option<u64>,
}

/// The parameters of `mining.submit`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submit {
    /// Account and worker, as the miner writes them.
    pub user: String,
    /// The job; `None` where the text can be none of ours.
    pub job: Option<JobId>,
    /// The part of the search space that the miner rolled.
    pub extranonce2: Extranonce2,
    /// Seconds since 1970.
    pub ntime: u32,
    /// What was searched.
    pub nonce: u32,
    /// The rolled version bits (BIP 310), where given.
    pub version_bits: Option<u32>,
}

/// A line that is no request; the connection that sent it is not speaking stratum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MalformedLine;

#[derive(Deserialize)]
struct RawLine<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(default)]
    params: Option<Value>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
}

impl<'a> Request<'a> {
    /// Reads one line, without its newline.
    pub fn decode(line: &'a [u8]) -> Result<Self, MalformedLine> {
        let raw: RawLine<'a> = serde_json::from_slice(line).map_err(|_| MalformedLine)?;
        let id = raw.id.map_or("null", RawValue::get);
        if id.len() > REQUEST_ID_BYTES_MAX {
            return Err(MalformedLine);
        }
        let Some(method) = raw.method else {
            let call = if raw.result.is_some() { Ok(Call::Answer) } else { Err(MalformedLine) };
            return call.map(|call| Request { id, call });
        };
        let params = match raw.params {
            Some(Value::Array(params)) => params,
            _ => Vec::new(),
        };
        let call = match method.as_ref() {
            "mining.submit" => submit(&params).map_or(Call::MalformedSubmit, Call::Submit),
            "mining.subscribe" => Call::Subscribe { user_agent: text(&params, 0).into() },
            "mining.authorize" => Call::Authorize { user: text(&params, 0).into() },
            "mining.configure" => Call::Configure(configure(&params)),
            "mining.suggest_difficulty" => match params.first().and_then(number) {
                Some(difficulty) => Call::SuggestDifficulty(difficulty),
                None => Call::Unknown(method),
            },
            "mining.extranonce.subscribe" => Call::ExtranonceSubscribe,
            "mining.get_transactions" => Call::GetTransactions,
            "mining.ping" => Call::Ping,
            _ => Call::Unknown(method),
        };
        Ok(Request { id, call })
    }
}

fn text(params: &[Value], index: usize) -> &str {
    params.get(index).and_then(Value::as_str).unwrap_or_default()
}

/// A number, or a text that holds one, as some firmware sends it.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn submit(params: &[Value]) -> Option<Submit> {
    let mut extranonce2 = Extranonce2([0; 8]);
    hex::decode_into(params.get(2)?.as_str()?.as_bytes(), &mut extranonce2.0)?;
    Some(Submit {
        user: params.first()?.as_str()?.to_owned(),
        job: job_id(params.get(1)?.as_str()?),
        extranonce2,
        ntime: hex_u32(params.get(3)?)?,
        nonce: hex_u32(params.get(4)?)?,
        version_bits: match params.get(5) {
            None | Some(Value::Null) => None,
            Some(bits) => Some(hex_u32(bits)?),
        },
    })
}

/// Only the spelling that [`JobId`] shows: any other would name one job in two ways.
fn job_id(text: &str) -> Option<JobId> {
    let job = JobId::from_u64(u64::from_str_radix(text, 16).ok()?);
    (job.to_string() == text).then_some(job)
}

fn hex_u32(value: &Value) -> Option<u32> {
    let mut bytes = [0; 4];
    hex::decode_into(value.as_str()?.as_bytes(), &mut bytes)?;
    Some(u32::from_be_bytes(bytes))
}

fn configure(params: &[Value]) -> Configure {
    let extensions = params.first().and_then(Value::as_array).map_or(Vec::new(), |names| {
        names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    });
    let options = params.get(1);
    let option = |name: &str| options.and_then(|options| options.get(name));
    Configure {
        extensions,
        version_mask: option("version-rolling.mask")
            .and_then(Value::as_str)
            .and_then(|mask| u32::from_str_radix(mask, 16).ok()),
        minimum_difficulty: option("minimum-difficulty.value").and_then(number).map(f64::to_bits),
    }
}

/// Appends `mining.configure` asking for version rolling with the given mask.
pub fn encode_configure(out: &mut Vec<u8>, id: u64, version_mask: u32) {
    line(
        out,
        format_args!(
            r#"{{"id":{id},"method":"mining.configure","params":[["version-rolling"],{{"version-rolling.mask":"{version_mask:08x}","version-rolling.min-bit-count":2}}]}}"#
        ),
    );
}

/// Appends `mining.subscribe`.
pub fn encode_subscribe(out: &mut Vec<u8>, id: u64, user_agent: &str) {
    let user_agent = Value::from(user_agent);
    line(out, format_args!(r#"{{"id":{id},"method":"mining.subscribe","params":[{user_agent}]}}"#));
}

/// Appends `mining.authorize`.
pub fn encode_authorize(out: &mut Vec<u8>, id: u64, user: &str, password: &str) {
    let (user, password) = (Value::from(user), Value::from(password));
    line(
        out,
        format_args!(r#"{{"id":{id},"method":"mining.authorize","params":[{user},{password}]}}"#),
    );
}

/// Appends `mining.submit`; `job` is the pool's text, `extranonce2` the miner's bytes.
pub fn encode_submit(
    out: &mut Vec<u8>,
    id: u64,
    user: &str,
    job: &str,
    extranonce2: &[u8],
    [ntime, nonce]: [u32; 2],
    version_bits: Option<u32>,
) {
    let (user, job, extranonce2) = (Value::from(user), Value::from(job), hex::encode(extranonce2));
    let bits = version_bits.map_or(String::new(), |bits| format!(r#","{bits:08x}""#));
    line(
        out,
        format_args!(
            r#"{{"id":{id},"method":"mining.submit","params":[{user},{job},"{extranonce2}","{ntime:08x}","{nonce:08x}"{bits}]}}"#
        ),
    );
}

pub(super) fn line(out: &mut Vec<u8>, text: core::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a vector takes every byte");
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(text: &str) -> Result<Request<'_>, MalformedLine> {
        Request::decode(text.as_bytes())
    }

    #[test]
    fn reads_what_the_encoders_write() {
        let mut out = Vec::new();
        encode_submit(
            &mut out,
            7,
            "alice.rig1",
            "1a2b",
            &[1, 2, 3, 4, 5, 6, 7, 8],
            [0x6553_f100, 0xdead_beef],
            Some(0x1fff_e000),
        );
        assert_eq!(out.pop(), Some(b'\n'));
        let request = Request::decode(&out).unwrap();
        assert_eq!(request.id, "7");
        assert_eq!(
            request.call,
            Call::Submit(Submit {
                user: "alice.rig1".into(),
                job: Some(JobId::from_u64(0x1a2b)),
                extranonce2: Extranonce2([1, 2, 3, 4, 5, 6, 7, 8]),
                ntime: 0x6553_f100,
                nonce: 0xdead_beef,
                version_bits: Some(0x1fff_e000),
            })
        );

        out.clear();
        encode_configure(&mut out, 1, 0x1fff_e000);
        encode_subscribe(&mut out, 2, "quote\"d");
        encode_authorize(&mut out, 3, "alice", "x");
        let calls: Vec<Call<'_>> = out
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| Request::decode(line).unwrap().call)
            .collect();
        assert_eq!(
            calls,
            [
                Call::Configure(Configure {
                    extensions: vec!["version-rolling".into()],
                    version_mask: Some(0x1fff_e000),
                    minimum_difficulty: None,
                }),
                Call::Subscribe { user_agent: "quote\"d".into() },
                Call::Authorize { user: "alice".into() },
            ]
        );
    }

    #[test]
    fn takes_any_id_and_odd_parameters() {
        let line = r#"{"id":"xnsub","method":"mining.extranonce.subscribe","params":[]}"#;
        assert_eq!(decode(line).unwrap().id, "\"xnsub\"");
        let line = r#"{"method":"mining.suggest_difficulty","params":[0.00015]}"#;
        let request = decode(line).unwrap();
        assert_eq!((request.id, request.call), ("null", Call::SuggestDifficulty(0.00015)));
        let line = r#"{"id":1,"method":"mining.authorize","params":["alice",null]}"#;
        assert_eq!(decode(line).unwrap().call, Call::Authorize { user: "alice".into() });
        let line = r#"{"id":4,"result":"pong","error":null}"#;
        assert_eq!(decode(line).unwrap().call, Call::Answer);
    }

    #[test]
    fn a_submit_with_a_wrong_field_is_malformed() {
        let good = ["\"u\"", "\"1\"", "\"0000000000000000\"", "\"00000000\"", "\"00000000\""];
        let submit = |fields: &[&str]| {
            let line =
                format!(r#"{{"id":1,"method":"mining.submit","params":[{}]}}"#, fields.join(","));
            matches!(decode(&line).unwrap().call, Call::Submit(_))
        };
        assert!(submit(&good));
        for (index, bad) in
            [(0, "1"), (1, "null"), (2, "\"00\""), (3, "\"0\""), (4, "\"0000000g\"")]
        {
            let mut fields = good;
            fields[index] = bad;
            assert!(!submit(&fields), "field {index}");
            assert!(!submit(&good[..index]));
        }
    }

    #[test]
    fn a_job_has_one_spelling() {
        assert_eq!(job_id("ab"), Some(JobId::from_u64(0xab)));
        for other in ["AB", "0ab", "+ab", "", "abz", "11111111111111111"] {
            assert_eq!(job_id(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        let long_id = format!(r#"{{"id":"{}","method":"mining.ping"}}"#, "x".repeat(80));
        for line in ["", "[]", "GET / HTTP/1.1", "{}", "{\"id\":1}", "{\"method\":1}", &long_id] {
            assert_eq!(decode(line), Err(MalformedLine), "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Request::decode(&bytes);
        }

        #[test]
        fn no_json_panics(params in "[\\[\\]{}\",:0-9a-z\\\\]{0,60}") {
            let line = format!(r#"{{"id":1,"method":"mining.submit","params":{params}}}"#);
            let _ = Request::decode(line.as_bytes());
        }
    }
}

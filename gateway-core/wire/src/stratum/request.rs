//! Miner to pool: decoding for the pool, encoding for the miner.

use std::borrow::Cow;
use std::io::Write;

use serde_json::Value;
use serde_json::value::RawValue;
use sluice_units::limits::REQUEST_ID_BYTES_MAX;
use sluice_units::{Extranonce2, JobId, ShareDifficulty, Target, hex};

use super::params::{Param, Params, Text};
use super::raw_line::RawLine;
use super::submit_scan;

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
        user_agent: Cow<'a, str>,
        /// The id of a session to resume; may be empty.
        session_id: Cow<'a, str>,
    },
    /// `mining.authorize`.
    Authorize {
        /// Account and worker, as the miner writes them.
        user: Cow<'a, str>,
        /// May hold wishes; empty where there is none.
        password: Cow<'a, str>,
    },
    /// `mining.submit`.
    Submit(Submit<'a>),
    /// `mining.submit` with a field that is missing, of the wrong length, or no hexadecimal number.
    MalformedSubmit {
        /// Account and worker, as the miner writes them; empty where there is none.
        user: Cow<'a, str>,
    },
    /// `mining.suggest_difficulty`, or `mining.suggest_target` as a difficulty.
    SuggestDifficulty(f64),
    /// `mining.multi_version` or `mining.capabilities`: what a miner can do, to be taken note of.
    Announcement,
    /// `mining.extranonce.subscribe`.
    ExtranonceSubscribe,
    /// `mining.get_transactions`.
    GetTransactions,
    /// `mining.ping`.
    Ping,
    /// An answer to something that the pool asked, also where it is dressed as a request; needs no reply.
    Answer {
        /// What was answered, where that is a text.
        text: Option<Cow<'a, str>>,
    },
    /// A method that is known, with parameters that make no sense.
    MalformedParameters,
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
    /// `minimum-difficulty.value`, where given and a difficulty.
    pub minimum_difficulty: Option<ShareDifficulty>,
}

/// The parameters of `mining.submit`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submit<'a> {
    /// Account and worker, as the miner writes them.
    pub user: Cow<'a, str>,
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

impl<'a> Request<'a> {
    /// Reads one line, without its newline. What is asked for every share allocates nothing.
    pub fn decode(line: &'a [u8]) -> Result<Self, MalformedLine> {
        submit_scan::scan(line).map_or_else(|| Self::decode_json(line), Ok)
    }

    /// Reads whatever is JSON.
    pub(super) fn decode_json(line: &'a [u8]) -> Result<Self, MalformedLine> {
        let raw: RawLine<'a> = serde_json::from_slice(line).map_err(|_| MalformedLine)?;
        let id = raw.id.map_or("null", RawValue::get);
        if id.len() > REQUEST_ID_BYTES_MAX {
            return Err(MalformedLine);
        }
        let Some(Text(method)) = raw.method else {
            let text = match (raw.result, raw.error) {
                (None, None) => return Err(MalformedLine),
                (None, Some(_)) => None,
                (Some(result), _) => serde_json::from_str(result.get()).ok().map(|Text(text)| text),
            };
            return Ok(Request { id, call: Call::Answer { text } });
        };
        if method == "mining.configure" {
            return Ok(Request { id, call: Call::Configure(configure(line)?) });
        }
        let mut params = raw.params;
        let call = match method.as_ref() {
            "mining.submit" => match submit(params) {
                Ok(submit) => Call::Submit(submit),
                Err(user) => Call::MalformedSubmit { user },
            },
            "mining.subscribe" => {
                let user_agent = params.take_text(0).unwrap_or_default();
                Call::Subscribe { user_agent, session_id: params.take_text(1).unwrap_or_default() }
            }
            "mining.authorize" => Call::Authorize {
                user: params.take_text(0).unwrap_or_default(),
                password: params.take_text(1).unwrap_or_default(),
            },
            "mining.suggest_difficulty" => match params.get(0).as_number() {
                Some(difficulty) => Call::SuggestDifficulty(difficulty),
                None => Call::MalformedParameters,
            },
            "mining.suggest_target" => match params.get(0).as_text().and_then(difficulty_of) {
                Some(difficulty) => Call::SuggestDifficulty(difficulty),
                None => Call::MalformedParameters,
            },
            "mining.multi_version" | "mining.capabilities" => Call::Announcement,
            "mining.extranonce.subscribe" => Call::ExtranonceSubscribe,
            "mining.get_transactions" => Call::GetTransactions,
            "mining.ping" => Call::Ping,
            "pong" | "mining.pong" => Call::Answer { text: None },
            _ => match within_name(&method) {
                Some(difficulty) => Call::SuggestDifficulty(difficulty),
                None => Call::Unknown(method),
            },
        };
        Ok(Request { id, call })
    }
}

/// Digits of the longest name of a job.
const JOB_DIGITS_MAX: usize = 16;

/// `mining.suggest_difficulty(1000)`, as some firmware writes it.
fn within_name(method: &str) -> Option<f64> {
    method.strip_prefix("mining.suggest_difficulty(")?.strip_suffix(')')?.trim().parse().ok()
}

/// The difficulty of a target: up to 64 hexadecimal digits.
fn difficulty_of(target: &str) -> Option<f64> {
    let mut digits = [b'0'; 64];
    let start = digits.len().checked_sub(target.len())?;
    digits[start..].copy_from_slice(target.as_bytes());
    let mut bytes = [0; 32];
    hex::decode_into(&digits, &mut bytes)?;
    Target::from_be_bytes(bytes).difficulty()
}

/// A submit, or whose it would be.
fn submit(mut params: Params<'_>) -> Result<Submit<'_>, Cow<'_, str>> {
    let Some(user) = params.take_text(0) else { return Err(Cow::default()) };
    match submit_fields(&params) {
        Some(submit) => Ok(Submit { user, ..submit }),
        None => Err(user),
    }
}

/// All but the user.
fn submit_fields<'a>(params: &Params<'_>) -> Option<Submit<'a>> {
    let text = |index: usize| params.get(index).as_text().map(str::as_bytes);
    let version_bits = match params.get(5) {
        Param::Missing | Param::Null => None,
        bits => Some(word(bits)?),
    };
    Some(Submit {
        user: Cow::default(),
        job: job_id(text(1)?),
        extranonce2: Extranonce2(hex::decode_sixteen(text(2)?.try_into().ok()?)?.to_be_bytes()),
        ntime: word(params.get(3))?,
        nonce: word(params.get(4))?,
        version_bits,
    })
}

fn job_id(text: &[u8]) -> Option<JobId> {
    let mut first = [0; JOB_DIGITS_MAX];
    first.get_mut(..text.len())?.copy_from_slice(text);
    job_id_among(first, text.len())
}

/// The job whose name the first of these bytes are, as many as told. Only the spelling that [`JobId`] shows: any
/// other would name one job in two ways.
#[inline]
pub(super) fn job_id_among(first: [u8; JOB_DIGITS_MAX], bytes: usize) -> Option<JobId> {
    const EACH: u128 = u128::MAX / 0xff;
    const ZEROS: u128 = b'0' as u128 * EACH;
    let has_leading_zero = first[0] == b'0' && bytes > 1;
    if bytes == 0 || bytes > JOB_DIGITS_MAX || has_leading_zero {
        return None;
    }
    let name = u128::from_be_bytes(first) >> (8 * (JOB_DIGITS_MAX - bytes));
    // Capital letters have the first of these bits and not the second, digits the second alone.
    let capitals = name & (0x40 * EACH) & !((name & (0x20 * EACH)) << 1);
    if capitals != 0 {
        return None;
    }
    let digits = name | (ZEROS << (8 * (bytes - 1))) << 8;
    Some(JobId::from_u64(hex::decode_sixteen(digits.to_be_bytes())?))
}

/// A number of 32 bits: eight hexadecimal digits, or as some programs write it a plain number.
fn word(param: &Param<'_>) -> Option<u32> {
    match param {
        Param::Text(text) => hex::decode_eight(text.as_bytes().try_into().ok()?),
        Param::Number(number) => {
            let word = *number as u32;
            (f64::from(word) == *number).then_some(word)
        }
        Param::Missing | Param::Null | Param::Other => None,
    }
}

/// Reads the line once more: these parameters alone are lists and maps.
fn configure(line: &[u8]) -> Result<Configure, MalformedLine> {
    let line: Value = serde_json::from_slice(line).map_err(|_| MalformedLine)?;
    let params = &line["params"];
    let extensions = params.get(0).and_then(Value::as_array).map_or(Vec::new(), |names| {
        names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    });
    let option = |name: &str| params.get(1).and_then(|options| options.get(name));
    Ok(Configure {
        extensions,
        version_mask: option("version-rolling.mask")
            .and_then(Value::as_str)
            .and_then(|mask| u32::from_str_radix(mask, 16).ok()),
        minimum_difficulty: option("minimum-difficulty.value")
            .and_then(number)
            .and_then(ShareDifficulty::from_f64),
    })
}

/// A number, or a text that holds one, as some firmware sends it.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
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

/// Appends `mining.subscribe`, with the id of a session to resume where there is one.
pub fn encode_subscribe(out: &mut Vec<u8>, id: u64, user_agent: &str, session_id: Option<&str>) {
    let params: Value = [Some(user_agent), session_id].into_iter().flatten().collect();
    line(out, format_args!(r#"{{"id":{id},"method":"mining.subscribe","params":{params}}}"#));
}

/// Appends `mining.extranonce.subscribe`.
pub fn encode_extranonce_subscribe(out: &mut Vec<u8>, id: u64) {
    line(out, format_args!(r#"{{"id":{id},"method":"mining.extranonce.subscribe","params":[]}}"#));
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

/// Appends the answer to a request of the pool.
pub fn encode_answer(out: &mut Vec<u8>, id: u64, text: &str) {
    let text = Value::from(text);
    line(out, format_args!(r#"{{"id":{id},"result":{text},"error":null}}"#));
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
        encode_subscribe(&mut out, 2, "quote\"d", None);
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
                Call::Subscribe { user_agent: "quote\"d".into(), session_id: "".into() },
                Call::Authorize { user: "alice".into(), password: "x".into() },
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
        assert_eq!(
            decode(line).unwrap().call,
            Call::Authorize { user: "alice".into(), password: "".into() }
        );
        let line = r#"{"id":1,"method":"x","id":2,"params":[1],"method":"mining.ping","more":{}}"#;
        assert_eq!(decode(line), Ok(Request { id: "2", call: Call::Ping }));
        let line = r#"{"id":4,"result":"pong","error":null}"#;
        assert_eq!(decode(line).unwrap().call, Call::Answer { text: Some("pong".into()) });
        let line = r#"{"id":4,"error":[-3,"Method not found",null]}"#;
        assert_eq!(decode(line).unwrap().call, Call::Answer { text: None });
        let line = r#"{"id":4,"result":null,"error":null}"#;
        assert_eq!(decode(line).unwrap().call, Call::Answer { text: None });
        assert_eq!(decode(r#"{"id":4}"#), Err(MalformedLine));
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
    fn a_plain_submit_is_borrowed_and_an_escaped_one_read_all_the_same() {
        let line = r#"{"id":"\u0031","method":"mining.submit","params":["al\u0069ce","1","0000000000000000","00000000","00000000",null]}"#;
        let plain = line.replace("\\u0069", "i");
        for (line, borrowed) in [(plain.as_str(), true), (line, false)] {
            let request = decode(line).unwrap();
            assert_eq!(request.id, r#""\u0031""#, "echoed as it came");
            let Call::Submit(submit) = request.call else { panic!("{line}") };
            assert_eq!(submit.user, "alice");
            assert_eq!(matches!(submit.user, Cow::Borrowed(_)), borrowed);
        }
    }

    #[test]
    fn a_job_has_one_spelling() {
        assert_eq!(job_id(b"ab"), Some(JobId::from_u64(0xab)));
        assert_eq!(job_id(b"0"), Some(JobId::from_u64(0)));
        assert_eq!(job_id(b"ffffffffffffffff"), Some(JobId::from_u64(u64::MAX)));
        for other in ["AB", "0ab", "00", "+ab", "", "abz", "11111111111111111"] {
            assert_eq!(job_id(other.as_bytes()), None, "{other}");
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

//! Pool to miner: what comes unasked. Encoding for the pool, decoding for the miner.

use serde::Deserialize;
use serde_json::Value;
use sluice_units::extranonce::EXTRANONCE2_BYTES;
use sluice_units::limits::MERKLE_BRANCH_MAX;
use sluice_units::{CompactTarget, Extranonce1, Hash256, Job, ShareDifficulty, hex};

use super::request::{MalformedLine, line};
use super::turn_words;

/// Appends `mining.notify`. `clean` tells the miner to drop all earlier work.
pub fn encode_notify(out: &mut Vec<u8>, job: &Job, clean: bool) {
    out.extend_from_slice(br#"{"id":null,"method":"mining.notify","params":[""#);
    out.extend_from_slice(job.id.to_string().as_bytes());
    out.extend_from_slice(br#"",""#);
    hex::encode_onto(&turn_words(job.parent.as_bytes()), out);
    out.extend_from_slice(br#"",""#);
    hex::encode_onto(&job.coinbase_prefix, out);
    out.extend_from_slice(br#"",""#);
    hex::encode_onto(&job.coinbase_suffix, out);
    out.extend_from_slice(br#"",["#);
    for (index, sibling) in job.merkle_branch.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"\"" } else { b",\"" });
        hex::encode_onto(sibling.as_bytes(), out);
        out.push(b'"');
    }
    let (version, nbits, ntime) = (job.version, job.nbits.to_bits(), job.ntime);
    line(out, format_args!(r#"],"{version:08x}","{nbits:08x}","{ntime:08x}",{clean}]}}"#));
}

/// Appends `mining.set_difficulty`; it holds from the next job on.
pub fn encode_set_difficulty(out: &mut Vec<u8>, difficulty: ShareDifficulty) {
    line(
        out,
        format_args!(r#"{{"id":null,"method":"mining.set_difficulty","params":[{difficulty}]}}"#),
    );
}

/// Appends `mining.set_version_mask` (BIP 310): what the miner may roll from the next job on.
pub fn encode_set_version_mask(out: &mut Vec<u8>, mask: u32) {
    line(
        out,
        format_args!(r#"{{"id":null,"method":"mining.set_version_mask","params":["{mask:08x}"]}}"#),
    );
}

/// Appends `mining.set_extranonce`: the miner's part of the search space from the next job on.
pub fn encode_set_extranonce(out: &mut Vec<u8>, extranonce1: Extranonce1) {
    line(
        out,
        format_args!(
            r#"{{"id":null,"method":"mining.set_extranonce","params":["{extranonce1}",{EXTRANONCE2_BYTES}]}}"#
        ),
    );
}

/// The id of our own requests: no miner's firmware counts that far.
pub const OWN_REQUEST_ID: u32 = 0x7fff_ffff;

/// Appends `mining.ping`, a request.
pub fn encode_ping(out: &mut Vec<u8>) {
    line(out, format_args!(r#"{{"id":{OWN_REQUEST_ID},"method":"mining.ping","params":[]}}"#));
}

/// Appends `client.get_version`, a request: the miner answers with its user agent.
pub fn encode_get_version(out: &mut Vec<u8>) {
    line(
        out,
        format_args!(r#"{{"id":{OWN_REQUEST_ID},"method":"client.get_version","params":[]}}"#),
    );
}

/// Appends `client.show_message`: a text for whoever looks at the miner.
pub fn encode_show_message(out: &mut Vec<u8>, text: &str) {
    let text = Value::from(text);
    line(out, format_args!(r#"{{"id":null,"method":"client.show_message","params":[{text}]}}"#));
}

/// Appends `client.reconnect`: to where the miner is now, or to a host and port after some seconds. Firmware takes a
/// host of the pool's own domain alone.
pub fn encode_reconnect(out: &mut Vec<u8>, to: Option<(&str, u16)>, wait_s: u16) {
    let params = match to {
        None => String::new(),
        Some((host, port)) => format!("{},{port},{wait_s}", Value::from(host)),
    };
    line(out, format_args!(r#"{{"id":null,"method":"client.reconnect","params":[{params}]}}"#));
}

/// What a miner hears from its pool.
#[derive(Clone, PartialEq, Debug)]
pub enum ServerMessage {
    /// `mining.notify`.
    Notify(NotifiedJob),
    /// `mining.set_difficulty`.
    SetDifficulty(f64),
    /// `mining.set_version_mask`.
    SetVersionMask(u32),
    /// `mining.set_extranonce`: extranonce1, and the bytes that the miner rolls.
    SetExtranonce(Vec<u8>, usize),
    /// `mining.ping` or `client.get_version`, with the id to answer.
    Question {
        /// The request's id.
        id: u64,
        /// Whether the pool wants to know what the miner is; it is to say that it is there else.
        asks_version: bool,
    },
    /// `client.reconnect`.
    Reconnect,
    /// `client.show_message`.
    ShowMessage(String),
    /// The answer to a request.
    Reply {
        /// The request's id.
        id: u64,
        /// Its result, or the error's code and text.
        result: Result<Value, (i64, String)>,
    },
    /// Anything else; a miner may ignore it.
    Other,
}

/// A job as a miner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotifiedJob {
    /// The pool's name for it, echoed in submits.
    pub id: String,
    /// Hash of the tip it builds on.
    pub parent: Hash256,
    /// The coinbase up to the extranonce.
    pub coinbase_prefix: Vec<u8>,
    /// The coinbase after the extranonce.
    pub coinbase_suffix: Vec<u8>,
    /// Right-hand siblings on the way to the merkle root.
    pub merkle_branch: Vec<Hash256>,
    /// Version before rolling.
    pub version: u32,
    /// The network's target.
    pub nbits: CompactTarget,
    /// Seconds since 1970.
    pub ntime: u32,
    /// Whether earlier work is worthless.
    pub clean: bool,
}

#[derive(Deserialize)]
struct RawLine {
    #[serde(default)]
    id: Option<u64>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    params: Vec<Value>,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    error: Value,
}

impl ServerMessage {
    /// Reads one line, without its newline.
    pub fn decode(line: &[u8]) -> Result<Self, MalformedLine> {
        let raw: RawLine = serde_json::from_slice(line).map_err(|_| MalformedLine)?;
        let params = &raw.params;
        match (raw.method.as_deref(), raw.id) {
            (Some("mining.notify"), _) => notified(params).map(Self::Notify).ok_or(MalformedLine),
            (Some("mining.set_difficulty"), _) => {
                params.first().and_then(Value::as_f64).map(Self::SetDifficulty).ok_or(MalformedLine)
            }
            (Some("mining.set_version_mask"), _) => {
                hex_u32(params, 0).map(Self::SetVersionMask).ok_or(MalformedLine)
            }
            (Some("mining.set_extranonce"), _) => set_extranonce(params).ok_or(MalformedLine),
            (Some(method @ ("mining.ping" | "client.get_version")), Some(id)) => {
                Ok(Self::Question { id, asks_version: method == "client.get_version" })
            }
            (Some("client.reconnect"), _) => Ok(Self::Reconnect),
            (Some("client.show_message"), _) => {
                let text = params.first().and_then(Value::as_str).unwrap_or_default();
                Ok(Self::ShowMessage(text.to_owned()))
            }
            (None, Some(id)) => Ok(Self::Reply { id, result: outcome(raw.result, &raw.error) }),
            _ => Ok(Self::Other),
        }
    }
}

fn outcome(result: Value, error: &Value) -> Result<Value, (i64, String)> {
    if error.is_null() {
        return Ok(result);
    }
    let code = error.get(0).and_then(Value::as_i64).unwrap_or(20);
    let text = error.get(1).and_then(Value::as_str).unwrap_or("no reason given");
    Err((code, text.to_owned()))
}

fn notified(params: &[Value]) -> Option<NotifiedJob> {
    let bytes = |index: usize| hex::decode(params.get(index)?.as_str()?);
    let hash = |bytes: Vec<u8>| -> Option<[u8; 32]> { bytes.try_into().ok() };
    let branch = params.get(4)?.as_array()?;
    if branch.len() > MERKLE_BRANCH_MAX {
        return None;
    }
    Some(NotifiedJob {
        id: params.first()?.as_str()?.to_owned(),
        parent: Hash256::from_bytes(turn_words(&hash(bytes(1)?)?)),
        coinbase_prefix: bytes(2)?,
        coinbase_suffix: bytes(3)?,
        merkle_branch: branch
            .iter()
            .map(|sibling| Some(Hash256::from_bytes(hash(hex::decode(sibling.as_str()?)?)?)))
            .collect::<Option<_>>()?,
        version: hex_u32(params, 5)?,
        nbits: CompactTarget::from_bits(hex_u32(params, 6)?),
        ntime: hex_u32(params, 7)?,
        clean: params.get(8)?.as_bool()?,
    })
}

fn set_extranonce(params: &[Value]) -> Option<ServerMessage> {
    let extranonce1 = hex::decode(params.first()?.as_str()?)?;
    let extranonce2_bytes = usize::try_from(params.get(1)?.as_u64()?).ok()?;
    Some(ServerMessage::SetExtranonce(extranonce1, extranonce2_bytes))
}

fn hex_u32(params: &[Value], index: usize) -> Option<u32> {
    u32::from_str_radix(params.get(index)?.as_str()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use sluice_units::{JobId, JobKind};

    use super::*;

    fn job() -> Job {
        Job {
            id: JobId::from_u64(0xabc),
            kind: JobKind::Clean,
            height: 1,
            parent: "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
                .parse()
                .unwrap(),
            version: 0x2000_0000,
            version_mask: 0x1fff_e000,
            nbits: CompactTarget::from_bits(0x1d00_ffff),
            ntime: 0x4966_bc61,
            ntime_min: 0,
            coinbase_prefix: vec![1, 2],
            coinbase_suffix: vec![3],
            merkle_branch: vec![Hash256::from_bytes([4; 32]), Hash256::from_bytes([5; 32])],
            aux_target: None,
        }
    }

    #[test]
    fn a_job_reads_back_as_it_was() {
        let mut out = Vec::new();
        encode_notify(&mut out, &job(), true);
        assert_eq!(out.pop(), Some(b'\n'));
        // The parent's words are turned, as miners expect: the hash's zeros come last.
        assert!(
            String::from_utf8_lossy(&out)
                .contains("\"0a8ce26f72b3f1b646a2a6c14ff763ae65831e939c085ae10019d66800000000\"")
        );
        let Ok(ServerMessage::Notify(seen)) = ServerMessage::decode(&out) else {
            panic!("a notify line is a notification");
        };
        let job = job();
        assert_eq!(seen.id, job.id.to_string());
        assert_eq!(seen.parent, job.parent);
        assert_eq!(seen.coinbase_prefix, job.coinbase_prefix);
        assert_eq!(seen.coinbase_suffix, job.coinbase_suffix);
        assert_eq!(seen.merkle_branch, job.merkle_branch);
        assert_eq!((seen.version, seen.nbits, seen.ntime), (job.version, job.nbits, job.ntime));
        assert!(seen.clean);
    }

    #[test]
    fn reads_replies_and_settings() {
        for (text, expected) in [
            (
                r#"{"id":3,"result":true,"error":null}"#,
                ServerMessage::Reply { id: 3, result: Ok(true.into()) },
            ),
            (
                r#"{"id":4,"result":null,"error":[23,"Low difficulty share",null]}"#,
                ServerMessage::Reply { id: 4, result: Err((23, "Low difficulty share".into())) },
            ),
            (
                r#"{"id":null,"method":"mining.set_difficulty","params":[0.5]}"#,
                ServerMessage::SetDifficulty(0.5),
            ),
            (
                r#"{"id":null,"method":"mining.set_version_mask","params":["1fffe000"]}"#,
                ServerMessage::SetVersionMask(0x1fff_e000),
            ),
            (r#"{"id":null,"method":"client.whatever","params":[]}"#, ServerMessage::Other),
            (r#"{"id":null,"method":"mining.ping","params":[]}"#, ServerMessage::Other),
        ] {
            assert_eq!(ServerMessage::decode(text.as_bytes()), Ok(expected));
        }
    }

    #[test]
    fn what_the_pool_says_is_heard_as_it_was_meant() {
        let heard = |encode: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            encode(&mut out);
            ServerMessage::decode(out.trim_ascii_end()).unwrap()
        };
        let own = u64::from(OWN_REQUEST_ID);
        let extranonce1 = Extranonce1::new(1, 2, 3);
        assert_eq!(
            heard(&|out| encode_set_extranonce(out, extranonce1)),
            ServerMessage::SetExtranonce(extranonce1.to_bytes().to_vec(), EXTRANONCE2_BYTES)
        );
        assert_eq!(
            heard(&|out| encode_set_version_mask(out, 0x1fff_e000)),
            ServerMessage::SetVersionMask(0x1fff_e000)
        );
        assert_eq!(heard(&encode_ping), ServerMessage::Question { id: own, asks_version: false });
        assert_eq!(
            heard(&encode_get_version),
            ServerMessage::Question { id: own, asks_version: true }
        );
        assert_eq!(
            heard(&|out| encode_show_message(out, "a \"word\"")),
            ServerMessage::ShowMessage("a \"word\"".into())
        );
        for to in [None, Some(("pool.example", 3333))] {
            assert_eq!(heard(&|out| encode_reconnect(out, to, 5)), ServerMessage::Reconnect);
        }
        let mut out = Vec::new();
        encode_reconnect(&mut out, Some(("pool.example", 3333)), 5);
        assert!(String::from_utf8_lossy(&out).contains(r#""params":["pool.example",3333,5]"#));
    }

    #[test]
    fn difficulties_keep_their_fraction() {
        let mut out = Vec::new();
        encode_set_difficulty(&mut out, ShareDifficulty::from_hashes(1 << 18));
        encode_set_difficulty(&mut out, ShareDifficulty::from_f64(16384.0).unwrap());
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("[0.00006103515625]") && text.contains("[16384]"), "{text}");
    }
}

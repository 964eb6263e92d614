//! Pool to miner: answers to requests. The id is JSON, echoed as it came.

use sluice_units::extranonce::EXTRANONCE2_BYTES;
use sluice_units::{Extranonce1, RejectReason};

use super::request::{Configure, line};

/// Appends a plain `true`: what nearly every share is answered, so it is put together by hand.
pub fn encode_true(out: &mut Vec<u8>, id: &str) {
    for part in [r#"{"id":"#, id, r#","result":true,"error":null}"#, "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Appends the answer to `mining.ping`.
pub fn encode_pong(out: &mut Vec<u8>, id: &str) {
    line(out, format_args!(r#"{{"id":{id},"result":"pong","error":null}}"#));
}

/// Appends an empty list, the answer to `mining.get_transactions`.
pub fn encode_empty_list(out: &mut Vec<u8>, id: &str) {
    line(out, format_args!(r#"{{"id":{id},"result":[],"error":null}}"#));
}

/// Appends the answer to `mining.subscribe`: subscriptions, extranonce1, bytes of extranonce2. The subscriptions' id is
/// what the miner shows to resume its session.
pub fn encode_subscribed(out: &mut Vec<u8>, id: &str, session_id: &str, extranonce1: Extranonce1) {
    line(
        out,
        format_args!(
            r#"{{"id":{id},"result":[[["mining.set_difficulty","{session_id}"],["mining.notify","{session_id}"]],"{extranonce1}",{EXTRANONCE2_BYTES}],"error":null}}"#
        ),
    );
}

/// Appends the answer to `mining.configure`: a verdict for every extension named (BIP 310).
///
/// `version_mask` is the mask that was granted, where version rolling was asked for. What a miner tells of itself is
/// always taken, what it wants as its least difficulty where that is one.
pub fn encode_configured(
    out: &mut Vec<u8>,
    id: &str,
    configure: &Configure,
    version_mask: Option<u32>,
) {
    let mut result = serde_json::Map::new();
    for extension in &configure.extensions {
        let granted = match extension.as_str() {
            "version-rolling" => version_mask.is_some(),
            "minimum-difficulty" => configure.minimum_difficulty.is_some(),
            "info" | "subscribe-extranonce" => true,
            _ => false,
        };
        result.insert(extension.clone(), granted.into());
    }
    if let Some(mask) = version_mask {
        result.insert("version-rolling.mask".into(), format!("{mask:08x}").into());
    }
    let result = serde_json::Value::Object(result);
    line(out, format_args!(r#"{{"id":{id},"result":{result},"error":null}}"#));
}

/// Appends a refused share, with the code and text of its reason.
pub fn encode_rejected(out: &mut Vec<u8>, id: &str, reason: RejectReason) {
    encode_error(out, id, reason.code(), reason.text());
}

/// Appends an error: code, text, no traceback. The text is ours and needs no escaping.
pub fn encode_error(out: &mut Vec<u8>, id: &str, code: u32, text: &str) {
    line(out, format_args!(r#"{{"id":{id},"result":null,"error":[{code},"{text}",null]}}"#));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(encode: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        encode(&mut out);
        let text = String::from_utf8(out).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
        text
    }

    #[test]
    fn answers_look_as_miners_expect() {
        let extranonce1 = Extranonce1::new(1, 2, 3);
        assert_eq!(
            encoded(|out| encode_subscribed(out, "2", "5e55", extranonce1)),
            "{\"id\":2,\"result\":[[[\"mining.set_difficulty\",\"5e55\"],\
             [\"mining.notify\",\"5e55\"]],\"0001000000020003\",8],\"error\":null}\n"
        );
        assert_eq!(
            encoded(|out| encode_rejected(out, "null", RejectReason::Duplicate)),
            "{\"id\":null,\"result\":null,\"error\":[22,\"Duplicate share\",null]}\n"
        );
        let extensions = vec!["version-rolling".to_owned(), "in\"fo".to_owned()];
        let configure = Configure { extensions, ..Configure::default() };
        assert_eq!(
            encoded(|out| encode_configured(out, "1", &configure, Some(0x1fff_e000))),
            "{\"id\":1,\"result\":{\"in\\\"fo\":false,\"version-rolling\":true,\
             \"version-rolling.mask\":\"1fffe000\"},\"error\":null}\n"
        );
        assert_eq!(
            encoded(|out| encode_true(out, "\"a\"")),
            "{\"id\":\"a\",\"result\":true,\"error\":null}\n"
        );
    }
}

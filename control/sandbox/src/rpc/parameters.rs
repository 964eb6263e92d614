//! Parameters of one call, by position.

use bitcoin::BlockHash;
use bitcoin::hex::FromHex;
use serde_json::{Map, Value};

use super::envelope::{RpcError, code};

/// The parameters; what was left out or is null counts as absent.
pub(super) struct Parameters(Vec<Value>);

impl Parameters {
    /// Puts named parameters into the order of `names`; an array stays as it is.
    pub(super) fn new(params: Value, names: &[&str]) -> Result<Self, RpcError> {
        let values = match params {
            Value::Array(values) => values,
            Value::Object(named) => positions(named, names)?,
            _ => vec![],
        };
        if values.len() > names.len() {
            let message = format!("too many parameters: there are {}", names.len());
            return Err(RpcError::new(code::MISC_ERROR, message));
        }
        Ok(Self(values))
    }

    /// The parameter at `position`, if it is there.
    pub(super) fn get(&self, position: usize) -> Option<&Value> {
        self.0.get(position).filter(|value| !value.is_null())
    }

    fn required(&self, position: usize, name: &str) -> Result<&Value, RpcError> {
        let missing = || RpcError::new(code::MISC_ERROR, format!("parameter '{name}' is missing"));
        self.get(position).ok_or_else(missing)
    }

    /// A string that must be there.
    pub(super) fn string(&self, position: usize, name: &str) -> Result<&str, RpcError> {
        let value = self.required(position, name)?;
        value.as_str().ok_or_else(|| type_error(value, "string"))
    }

    /// An integer that must be there.
    pub(super) fn integer(&self, position: usize, name: &str) -> Result<i64, RpcError> {
        let value = self.required(position, name)?;
        value.as_i64().ok_or_else(|| type_error(value, "number"))
    }

    /// A block hash that must be there.
    pub(super) fn block_hash(&self, position: usize, name: &str) -> Result<BlockHash, RpcError> {
        parse_block_hash(self.string(position, name)?, name)
    }

    /// A truth value that may be left out.
    pub(super) fn boolean_or(&self, position: usize, default: bool) -> Result<bool, RpcError> {
        let Some(value) = self.get(position) else { return Ok(default) };
        value.as_bool().ok_or_else(|| type_error(value, "bool"))
    }
}

fn positions(mut named: Map<String, Value>, names: &[&str]) -> Result<Vec<Value>, RpcError> {
    let values = names.iter().map(|name| named.remove(*name).unwrap_or(Value::Null)).collect();
    match named.keys().next() {
        None => Ok(values),
        Some(unknown) => {
            let message = format!("Unknown named parameter {unknown}");
            Err(RpcError::new(code::INVALID_PARAMETER, message))
        }
    }
}

/// Reads a hash from its hex, in the byte order in which hashes are shown.
pub(super) fn parse_block_hash(text: &str, name: &str) -> Result<BlockHash, RpcError> {
    let invalid = |message| Err(RpcError::new(code::INVALID_PARAMETER, message));
    if text.len() != 64 {
        return invalid(format!("{name} must be of length 64 (not {}, for '{text}')", text.len()));
    }
    match text.parse() {
        Ok(hash) => Ok(hash),
        Err(_) => invalid(format!("{name} must be hexadecimal string (not '{text}')")),
    }
}

/// Reads a block from its hex.
pub(super) fn parse_block_bytes(text: &str) -> Result<Vec<u8>, RpcError> {
    Vec::from_hex(text)
        .map_err(|_| RpcError::new(code::DESERIALIZATION_ERROR, "Block decode failed"))
}

/// The error for a JSON value of another type.
pub(super) fn type_error(value: &Value, expected: &str) -> RpcError {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let message = format!("JSON value of type {found} is not of expected type {expected}");
    RpcError::new(code::TYPE_ERROR, message)
}

//! JSON-RPC 1.0 and 2.0 around calls and answers, as Bitcoin Core speaks them.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// Error codes of Bitcoin Core's RPC.
pub(super) mod code {
    pub(in crate::rpc) const MISC_ERROR: i32 = -1;
    pub(in crate::rpc) const TYPE_ERROR: i32 = -3;
    pub(in crate::rpc) const INVALID_ADDRESS_OR_KEY: i32 = -5;
    pub(in crate::rpc) const INVALID_PARAMETER: i32 = -8;
    pub(in crate::rpc) const CLIENT_NOT_CONNECTED: i32 = -9;
    pub(in crate::rpc) const DESERIALIZATION_ERROR: i32 = -22;
    pub(in crate::rpc) const INVALID_REQUEST: i32 = -32_600;
    pub(in crate::rpc) const METHOD_NOT_FOUND: i32 = -32_601;
    pub(in crate::rpc) const PARSE_ERROR: i32 = -32_700;
}

/// The error of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RpcError {
    pub(super) code: i32,
    pub(super) message: String,
}

impl RpcError {
    pub(super) fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Which shape a reply has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// 1.0 and what names no version: result and error are both there, errors change the status.
    Legacy,
    /// 2.0: one of result and error, always status 200.
    Two,
}

/// Where one reply goes, known even if the rest of the request is bad.
#[derive(Clone, Debug)]
pub(super) struct ReplyTo {
    id: Option<Value>,
    dialect: Dialect,
}

/// One call that can be made.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: String,
    /// An array, an object, or null.
    pub(super) params: Value,
}

impl ReplyTo {
    /// For requests that cannot be read at all.
    pub(super) fn nobody() -> Self {
        Self { id: None, dialect: Dialect::Legacy }
    }

    /// Whether no reply is wanted: a 2.0 request without id.
    pub(super) fn is_notification(&self) -> bool {
        self.dialect == Dialect::Two && self.id.is_none()
    }

    /// The reply.
    pub(super) fn reply(&self, outcome: &Result<Value, RpcError>) -> Value {
        let id = self.id.clone().unwrap_or(Value::Null);
        let error = |error: &RpcError| json!({"code": error.code, "message": error.message});
        match (self.dialect, outcome) {
            (Dialect::Legacy, Ok(result)) => json!({"result": result, "error": null, "id": id}),
            (Dialect::Legacy, Err(cause)) => {
                json!({"result": null, "error": error(cause), "id": id})
            }
            (Dialect::Two, Ok(result)) => json!({"jsonrpc": "2.0", "result": result, "id": id}),
            (Dialect::Two, Err(cause)) => {
                json!({"jsonrpc": "2.0", "error": error(cause), "id": id})
            }
        }
    }

    /// The HTTP status of a reply that is not part of a batch.
    pub(super) fn status(&self, outcome: &Result<Value, RpcError>) -> StatusCode {
        match (self.dialect, outcome) {
            (Dialect::Two, _) if self.is_notification() => StatusCode::NO_CONTENT,
            (Dialect::Two, _) | (Dialect::Legacy, Ok(_)) => StatusCode::OK,
            (Dialect::Legacy, Err(error)) => match error.code {
                code::INVALID_REQUEST => StatusCode::BAD_REQUEST,
                code::METHOD_NOT_FOUND => StatusCode::NOT_FOUND,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }
}

/// Takes one request apart.
pub(super) fn parse(request: &Value) -> (ReplyTo, Result<Call, RpcError>) {
    let invalid = |message: &str| Err(RpcError::new(code::INVALID_REQUEST, message));
    let Some(request) = request.as_object() else {
        return (ReplyTo::nobody(), invalid("Invalid Request object"));
    };
    let mut reply_to = ReplyTo { id: request.get("id").cloned(), dialect: Dialect::Legacy };
    match request.get("jsonrpc").map(Value::as_str) {
        None | Some(Some("1.0")) => {}
        Some(Some("2.0")) => reply_to.dialect = Dialect::Two,
        Some(Some(_)) => return (reply_to, invalid("JSON-RPC version not supported")),
        Some(None) => return (reply_to, invalid("jsonrpc field must be a string")),
    }
    let method = match request.get("method") {
        None | Some(Value::Null) => return (reply_to, invalid("Missing method")),
        Some(Value::String(method)) => method.clone(),
        Some(_) => return (reply_to, invalid("Method must be a string")),
    };
    let params = request.get("params").cloned().unwrap_or(Value::Null);
    if !(params.is_array() || params.is_object() || params.is_null()) {
        return (reply_to, invalid("Params must be an array or object"));
    }
    (reply_to, Ok(Call { method, params }))
}

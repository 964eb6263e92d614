//! A blocking JSON-RPC client for a node, small enough to show exactly what was asked and answered.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

/// How long one call may take. Mining some hundred blocks is one call.
const CALL_WAIT: Duration = Duration::from_secs(120);

/// Why a call gave no result.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// No connection, or it broke.
    #[error("the node at {address} cannot be reached: {error}; is it running?")]
    Unreachable {
        /// Where the node was expected.
        address: SocketAddr,
        /// What the socket said.
        error: std::io::Error,
    },
    /// HTTP status other than 200, 401 for a wrong password.
    #[error("the node answered with HTTP status {0}; 401 means a wrong password")]
    Status(u16),
    /// The answer is not HTTP, or its body is not JSON.
    #[error("the node's answer cannot be read: {0:?}")]
    Unreadable(String),
    /// The node refused the call.
    #[error("the node refused the call with code {code}: {message}")]
    Refused {
        /// JSON-RPC error code.
        code: i64,
        /// The node's words.
        message: String,
    },
}

/// Call `method` over HTTP POST with basic authentication (RFC 7617), one connection a call, and return `result`.
///
/// # Errors
///
/// Every way in which there is no result: see [`RpcError`].
pub fn call(
    address: SocketAddr,
    user: &str,
    password: &str,
    method: &str,
    params: Value,
) -> Result<Value, RpcError> {
    let body = json!({ "jsonrpc": "1.0", "id": 1, "method": method, "params": params }).to_string();
    let credentials = BASE64.encode(format!("{user}:{password}"));
    // HTTP 1.0: the answer ends where the connection does.
    let request = format!(
        "POST / HTTP/1.0\r\nHost: {address}\r\nAuthorization: Basic {credentials}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(address, request.as_bytes())
        .map_err(|error| RpcError::Unreachable { address, error })?;
    result_of_answer(&String::from_utf8_lossy(&answer))
}

fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, CALL_WAIT)?;
    stream.set_read_timeout(Some(CALL_WAIT))?;
    stream.set_write_timeout(Some(CALL_WAIT))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn result_of_answer(answer: &str) -> Result<Value, RpcError> {
    let unreadable = || RpcError::Unreadable(answer.chars().take(200).collect());
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(unreadable)?;
    let status: u16 =
        head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(unreadable)?;
    // Bitcoin Core gives errors of a method a status of 404 or 500 and a body, bcoin gives them 200.
    let mut parsed: Value = match serde_json::from_str(body) {
        Ok(parsed) => parsed,
        Err(_) if status != 200 => return Err(RpcError::Status(status)),
        Err(_) => return Err(unreadable()),
    };
    let error = &parsed["error"];
    if error.is_null() {
        return Ok(parsed["result"].take());
    }
    Err(RpcError::Refused {
        code: error["code"].as_i64().unwrap_or_default(),
        message: error["message"].as_str().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_every_kind_are_told_apart() {
        let result =
            result_of_answer("HTTP/1.1 200 OK\r\nA: b\r\n\r\n{\"result\":[7],\"error\":null}");
        assert_eq!(result.expect("a result"), json!([7]));
        assert!(matches!(
            result_of_answer("HTTP/1.1 401 Unauthorized\r\n\r\n"),
            Err(RpcError::Status(401))
        ));
        let core = "HTTP/1.1 500 Internal Server Error\r\n\r\n\
                    {\"result\":null,\"error\":{\"code\":-28,\"message\":\"Loading\"}}";
        assert!(matches!(
            result_of_answer(core),
            Err(RpcError::Refused { code: -28, message }) if message == "Loading"
        ));
        for cut_short in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n{\"resu"] {
            assert!(matches!(result_of_answer(cut_short), Err(RpcError::Unreadable(_))));
        }
    }
}

//! HTTP around the calls: authentication, bounds, batches, and the table of methods.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::envelope::{Call, ReplyTo, RpcError, code, parse};
use super::parameters::Parameters;
use super::state::NodeState;
use super::{block_methods, mining_methods, node_methods};
use crate::chain::limits::BLOCK_WEIGHT_MAX;

/// Bytes that a request may have: the largest block in hex, and room for the call around it.
const REQUEST_BYTES_MAX: usize = 2 * BLOCK_WEIGHT_MAX + 64 * 1024;

/// Time in which a body must have arrived; a slower one is answered with HTTP 408.
const REQUEST_READ_MAX: Duration = Duration::from_secs(30);

/// Calls that one batch may have.
const BATCH_CALLS_MAX: usize = 100;

/// The service behind `/`; other paths are not found.
pub(crate) fn router(state: Arc<NodeState>) -> Router {
    Router::new().route("/", any(handle_request)).with_state(state)
}

async fn handle_request(State(state): State<Arc<NodeState>>, request: Request) -> Response {
    if request.method() != Method::POST {
        let message = "JSONRPC server handles only POST requests";
        return (StatusCode::METHOD_NOT_ALLOWED, message).into_response();
    }
    let authorization = request.headers().get(AUTHORIZATION).map(|value| value.as_bytes());
    if !authorization.is_some_and(|value| state.is_authorized(value)) {
        let challenge = [(WWW_AUTHENTICATE, "Basic realm=\"jsonrpc\"")];
        return (StatusCode::UNAUTHORIZED, challenge, Body::empty()).into_response();
    }
    let Ok(_permit) = state.request_permits.try_acquire() else {
        state.requests_refused.fetch_add(1, Ordering::Relaxed);
        return (StatusCode::SERVICE_UNAVAILABLE, "Work queue depth exceeded").into_response();
    };
    let reading = to_bytes(request.into_body(), REQUEST_BYTES_MAX);
    match timeout(REQUEST_READ_MAX, reading).await {
        Ok(Ok(body)) => answer(&state, &body).await,
        Ok(Err(_)) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

async fn answer(state: &NodeState, body: &Bytes) -> Response {
    match serde_json::from_slice(body) {
        Ok(Value::Array(requests)) if requests.len() > BATCH_CALLS_MAX => {
            let message = format!("a batch may have {BATCH_CALLS_MAX} calls; send it in parts");
            failure(RpcError::new(code::INVALID_REQUEST, message))
        }
        Ok(Value::Array(requests)) => answer_batch(state, &requests).await,
        Ok(request @ Value::Object(_)) => {
            let (reply_to, call) = parse(&request);
            let outcome = execute(state, call).await;
            let status = reply_to.status(&outcome);
            if status == StatusCode::NO_CONTENT {
                return status.into_response();
            }
            json_response(status, &reply_to.reply(&outcome))
        }
        Ok(_) => failure(RpcError::new(code::PARSE_ERROR, "Top-level object parse error")),
        Err(_) => failure(RpcError::new(code::PARSE_ERROR, "Parse error")),
    }
}

async fn answer_batch(state: &NodeState, requests: &[Value]) -> Response {
    let mut replies = vec![];
    for request in requests {
        let (reply_to, call) = parse(request);
        let outcome = execute(state, call).await;
        if !reply_to.is_notification() {
            replies.push(reply_to.reply(&outcome));
        }
    }
    if replies.is_empty() && !requests.is_empty() {
        return StatusCode::NO_CONTENT.into_response();
    }
    json_response(StatusCode::OK, &Value::Array(replies))
}

/// The response to a body that holds no request that could be answered on its own.
fn failure(error: RpcError) -> Response {
    let (reply_to, outcome) = (ReplyTo::nobody(), Err(error));
    json_response(reply_to.status(&outcome), &reply_to.reply(&outcome))
}

fn json_response(status: StatusCode, reply: &Value) -> Response {
    // A newline ends the body, which line-oriented clients of Bitcoin Core rely on.
    (status, [(CONTENT_TYPE, "application/json")], format!("{reply}\n")).into_response()
}

async fn execute(state: &NodeState, call: Result<Call, RpcError>) -> Result<Value, RpcError> {
    let call = call?;
    let Some(names) = parameter_names(&call.method) else {
        return Err(RpcError::new(code::METHOD_NOT_FOUND, "Method not found"));
    };
    let params = Parameters::new(call.params, names)?;
    let summary = || state.chain().summary();
    match call.method.as_str() {
        "getbestblockhash" => Ok(json!(summary().best_block_hash.to_string())),
        "getblock" => block_methods::block(state, &params),
        "getblockchaininfo" => Ok(block_methods::chain_overview(state)),
        "getblockcount" => Ok(json!(summary().height)),
        "getblockhash" => block_methods::block_hash(state, &params),
        "getblockheader" => block_methods::block_header(state, &params),
        "getblocktemplate" => mining_methods::block_template(state, &params).await,
        "getdifficulty" => Ok(json!(state.chain().target().difficulty_float())),
        "getmempoolinfo" => Ok(node_methods::mempool_overview(state)),
        "getmininginfo" => Ok(mining_methods::mining_overview(state)),
        "getnetworkinfo" => Ok(node_methods::network_overview()),
        "getrawmempool" => node_methods::raw_mempool(state, &params),
        "submitblock" => mining_methods::submit_block(state, &params),
        "uptime" => Ok(json!(state.uptime_seconds())),
        "validateaddress" => node_methods::validate_address(&params),
        method => unreachable!("{method} has parameter names and no implementation"),
    }
}

/// Names of a method's parameters in their order; `None` for an unknown method.
fn parameter_names(method: &str) -> Option<&'static [&'static str]> {
    Some(match method {
        "getbestblockhash" | "getblockchaininfo" | "getblockcount" | "getdifficulty"
        | "getmempoolinfo" | "getmininginfo" | "getnetworkinfo" | "uptime" => &[],
        "getblock" => &["blockhash", "verbosity"],
        "getblockhash" => &["height"],
        "getblockheader" => &["blockhash", "verbose"],
        "getblocktemplate" => &["template_request"],
        "getrawmempool" => &["verbose", "mempool_sequence"],
        "submitblock" => &["hexdata", "dummy"],
        "validateaddress" => &["address"],
        _ => return None,
    })
}

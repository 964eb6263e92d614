//! A node's JSON-RPC over HTTP.

use std::time::Duration;

use reqwest::{Client, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sluice_control_core::NodeTip;
use sluice_units::Hash256;
use sluice_units::limits::NODE_ANSWER_BYTES_MAX;
use sluice_wire::node_rpc::{
    BlockHeaderInfo, BlockTemplate, BlockchainInfo, RpcError, RpcRequest, RpcResponse,
};
use thiserror::Error;

/// Bitcoin Core: the node is loading its block index, or verifying it.
const LOADING: i64 = -28;
/// How long a node may hold back the answer to a long poll. Bitcoin Core does for minutes where nothing
/// happens, and a connection that broke unseen must not be waited on for ever.
const LONG_POLL_TIME_MAX: Duration = Duration::from_secs(300);

/// Why a node gave no answer that can be used. Each message is one line with cause and remedy.
#[derive(Debug, Error)]
pub enum NodeError {
    /// The address cannot be used at all.
    #[error("'{0}' is no node address: write http://USER:PASSWORD@HOST:PORT")]
    BadUrl(String),
    /// User or password is wrong.
    #[error(
        "the node at {0} refuses the user or the password: compare them with rpcuser and rpcpassword (or rpcauth) in its bitcoin.conf"
    )]
    Unauthorized(String),
    /// Nobody answers.
    #[error("no node answers at {address}: {cause}; start it, or correct the address")]
    Unreachable {
        /// Host and port.
        address: String,
        /// The innermost cause.
        cause: String,
    },
    /// Something answers that is no node.
    #[error("what answers at {address} is no Bitcoin node: {cause}; correct the address")]
    NotANode {
        /// Host and port.
        address: String,
        /// What was odd.
        cause: String,
    },
    /// The node is starting.
    #[error("the node at {address} is still starting ({message}); wait until it is done")]
    Loading {
        /// Host and port.
        address: String,
        /// The node's words.
        message: String,
    },
    /// The node knows less than the network.
    #[error("the node at {0} is still downloading the chain; wait until it is done")]
    InitialDownload(String),
    /// The node refused the call.
    #[error("the node at {address} refuses {method}: {message} ({code})")]
    Refused {
        /// Host and port.
        address: String,
        /// The call.
        method: &'static str,
        /// The node's number.
        code: i64,
        /// The node's words.
        message: String,
    },
}

impl NodeError {
    /// Whether waiting may help.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Loading { .. } | Self::InitialDownload(_))
    }
}

/// One node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    client: Client,
    url: Url,
    user: String,
    password: Option<String>,
    address: String,
    timeout: Duration,
    /// The version of JSON-RPC.
    jsonrpc: &'static str,
}

/// Where a node's chain ends.
#[derive(Clone, Debug)]
pub(crate) struct Blockchain {
    /// The network, as the node calls it.
    pub(crate) chain: String,
    pub(crate) tip: NodeTip,
    /// The network has more than the node.
    pub(crate) is_behind: bool,
}

impl Node {
    pub(crate) fn new(url: &str, timeout: Duration) -> Result<Self, NodeError> {
        // The text is not repeated: it holds a password.
        let bad = |_| NodeError::BadUrl("the given text".into());
        let mut url: Url = url.parse().map_err(bad)?;
        let host = url.host_str().filter(|_| url.scheme() == "http");
        let host = host.ok_or_else(|| NodeError::BadUrl(url.scheme().to_owned() + "://..."))?;
        let address = format!("{host}:{}", url.port_or_known_default().unwrap_or(8332));
        let decoded = |text: &str| percent_decoded(text);
        let (user, password) = (decoded(url.username()), url.password().map(decoded));
        // The client would otherwise send them in the form of the address.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let client = Client::builder()
            .no_proxy()
            // Nodes close idle connections, some after 5 s: a call must not meet one in closing.
            .pool_idle_timeout(Duration::from_secs(2))
            .build()
            .map_err(|error| NodeError::BadUrl(error.to_string()))?;
        Ok(Self { client, url, user, password, address, timeout, jsonrpc: "1.0" })
    }

    /// The same node, spoken to in version 2.0 of JSON-RPC.
    pub(crate) fn in_version_2(self) -> Self {
        Self { jsonrpc: "2.0", ..self }
    }

    pub(crate) async fn blockchain(&self) -> Result<Blockchain, NodeError> {
        let info: BlockchainInfo = self.require("getblockchaininfo", json!([])).await?;
        let hash: Hash256 = info.bestblockhash.parse().map_err(|error| self.not_a_node(&error))?;
        let work = work(&info.chainwork)
            .ok_or_else(|| self.not_a_node(&"its chainwork is no hexadecimal number"))?;
        // On a private chain nobody extends, a node calls itself behind for ever.
        let is_behind = info.initialblockdownload && info.chain != "regtest";
        let tip = NodeTip { hash, height: info.blocks, work };
        Ok(Blockchain { chain: info.chain, tip, is_behind })
    }

    pub(crate) async fn template(&self, rules: &[&str]) -> Result<BlockTemplate, NodeError> {
        self.require("getblocktemplate", json!([{ "rules": rules }])).await
    }

    /// The template that follows the one of this name, once there is one (BIP 22, long polling).
    pub(crate) async fn await_template(
        &self,
        rules: &[&str],
        id: &str,
    ) -> Result<BlockTemplate, NodeError> {
        let params = json!([{ "rules": rules, "longpollid": id }]);
        let answer = self.call_within(LONG_POLL_TIME_MAX, "getblocktemplate", params).await?;
        answer.ok_or_else(|| self.not_a_node(&"getblocktemplate has no result"))
    }

    /// The time of the block of a height, seconds since 1970.
    pub(crate) async fn block_time(&self, height: u32) -> Result<u32, NodeError> {
        let hash: String = self.require("getblockhash", json!([height])).await?;
        let header: BlockHeaderInfo = self.require("getblockheader", json!([hash, true])).await?;
        Ok(header.time)
    }

    /// Submits a block; the answer is nothing, or the node's reason (BIP 22).
    pub(crate) async fn submit(&self, block: &[u8]) -> Result<Option<String>, NodeError> {
        let block = sluice_units::hex::encode(block);
        match self.call("submitblock", json!([block])).await {
            // Some nodes answer a block that they refuse with an error instead of a reason.
            Err(NodeError::Refused { message, .. }) => Ok(Some(message)),
            answer => answer,
        }
    }

    pub(crate) async fn require<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: impl Serialize,
    ) -> Result<T, NodeError> {
        let answer = self.call(method, params).await?;
        answer.ok_or_else(|| self.not_a_node(&format!("{method} has no result")))
    }

    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: impl Serialize,
    ) -> Result<Option<T>, NodeError> {
        self.call_within(self.timeout, method, params).await
    }

    async fn call_within<T: DeserializeOwned>(
        &self,
        timeout: Duration,
        method: &'static str,
        params: impl Serialize,
    ) -> Result<Option<T>, NodeError> {
        let request = RpcRequest { jsonrpc: self.jsonrpc, id: 1, method, params };
        let sent = self
            .client
            .post(self.url.clone())
            .timeout(timeout)
            .basic_auth(&self.user, self.password.as_ref())
            .json(&request)
            .send();
        let mut response = sent.await.map_err(|error| self.unreachable(&error))?;
        if matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(NodeError::Unauthorized(self.address.clone()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + chunk.len() > NODE_ANSWER_BYTES_MAX {
                return Err(self.not_a_node(&"its answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        let status = response.status();
        let answer: RpcResponse<T> = serde_json::from_slice(&body).map_err(|error| {
            self.not_a_node(&format!("{method} answered {status}, which does not read: {error}"))
        })?;
        match answer.error {
            None => Ok(answer.result),
            Some(error) => Err(self.refused(method, error)),
        }
    }

    fn refused(&self, method: &'static str, RpcError { code, message }: RpcError) -> NodeError {
        let address = self.address.clone();
        match code {
            LOADING => NodeError::Loading { address, message },
            _ => NodeError::Refused { address, method, code, message },
        }
    }

    pub(crate) fn not_a_node(&self, cause: &impl ToString) -> NodeError {
        NodeError::NotANode { address: self.address.clone(), cause: cause.to_string() }
    }

    fn unreachable(&self, error: &reqwest::Error) -> NodeError {
        let cause = if error.is_timeout() {
            "it does not answer in time".to_owned()
        } else {
            innermost(error)
        };
        NodeError::Unreachable { address: self.address.clone(), cause }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

/// Expected hashes, from up to 64 hexadecimal digits. More than 2^128 count as that many.
fn work(text: &str) -> Option<u128> {
    let digits = text.trim_start_matches('0');
    if digits.is_empty() || digits.bytes().any(|byte| !byte.is_ascii_hexdigit()) {
        return (digits.is_empty() && !text.is_empty()).then_some(0);
    }
    Some(u128::from_str_radix(digits, 16).unwrap_or(u128::MAX))
}

/// The outer layers of an HTTP error say only that something failed.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// RFC 3986, section 2.1; what is no escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = match bytes[at..] {
            [b'%', high, low, ..] => sluice_units::hex::decode_pair(high, low),
            _ => None,
        };
        decoded.push(escape.unwrap_or(bytes[at]));
        at += if escape.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_and_hides_passwords() {
        let node =
            Node::new("http://us%40er:p%3Ass@localhost:18443/", Duration::from_secs(1)).unwrap();
        assert_eq!((node.user.as_str(), node.password.as_deref()), ("us@er", Some("p:ss")));
        assert_eq!(node.address(), "localhost:18443");
        assert!(!node.url.as_str().contains("ss@"));
        for bad in ["user:secret@host", "https://user:secret@host", "nonsense secret"] {
            let error = Node::new(bad, Duration::from_secs(1)).unwrap_err().to_string();
            assert!(error.contains("http://USER") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn reads_the_work_of_a_chain() {
        for (text, expected) in [
            (
                "00000000000000000000000000000000000000008d1b5a2d7e8f9a0b1c2d3e4f",
                Some(0x8d1b_5a2d_7e8f_9a0b_1c2d_3e4f),
            ),
            ("00", Some(0)),
            ("f123456789abcdef0123456789abcdef01", Some(u128::MAX)),
            ("", None),
            ("-1", None),
            ("0x10", None),
        ] {
            assert_eq!(work(text), expected, "{text}");
        }
    }

    #[tokio::test]
    async fn a_closed_port_is_told_with_its_address() {
        // Taken, so that nobody else gets the port, and never listened on.
        let silent = tokio::net::TcpSocket::new_v4().unwrap();
        silent.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = silent.local_addr().unwrap();
        let node = Node::new(&format!("http://u:p@{address}"), Duration::from_secs(1)).unwrap();
        let error = node.blockchain().await.unwrap_err();
        assert!(error.is_passing());
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        assert!(error.to_string().contains("start it"), "{error}");
    }
}

//! How Redis is reached: one server, the master that Sentinels name, or a cluster; by TLS where the URL says so.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, Cmd, ConnectionAddr, ConnectionInfo,
    IntoConnectionInfo, Pipeline, RedisError, RedisFuture, RedisResult, TlsCertificates, TlsMode,
    Value,
};
use thiserror::Error;
use tokio::sync::Mutex;

/// The Redis that is used where none is configured.
pub const DEFAULT_URL: &str = "redis://127.0.0.1:6379/0";

/// Moved keys and lost nodes that one call to a cluster gets over by itself.
const CLUSTER_RETRIES: u32 = 3;
/// Waits for a node that gives no answer which opening a cluster must get over, one after the other: of the nodes that are
/// named, and of those that these know. The caller's wait covers them all.
const CLUSTER_WAITS: u32 = 4;

/// Where Redis is, as configured.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// `redis://[USER:PASSWORD@]HOST:PORT/DATABASE`; `rediss` for TLS. With Sentinels the host is the master's name.
    pub url: Option<String>,
    /// Sentinels that say which Redis is the master.
    pub sentinel_urls: Vec<String>,
    /// Nodes of a Redis Cluster, one or more.
    pub cluster_urls: Vec<String>,
    /// Authorities whose certificates are taken, in PEM form; the system's unless given.
    pub ca_file: Option<PathBuf>,
    /// Our own certificate.
    pub certificate_file: Option<PathBuf>,
    /// The certificate's key.
    pub key_file: Option<PathBuf>,
    /// How long opening a connection may take; of a cluster each node has a part of it.
    pub connect_timeout: Duration,
    /// How long a node of a cluster may take to answer a call.
    pub reply_timeout: Duration,
}

/// Why a place cannot be used, whether Redis is there or not.
#[derive(Debug, Error)]
pub enum AccessError {
    /// A URL is none.
    #[error(
        "redis_url, or one of redis_cluster_urls or redis_sentinel_urls, is no Redis address ({cause}); write redis://HOST:PORT/0, rediss://HOST:PORT/0 for TLS, or redis+unix:///PATH"
    )]
    BadUrl {
        /// What is wrong with it.
        cause: String,
    },
    /// Certificates are configured, and nothing would use them.
    #[error(
        "redis_ca_file, redis_certificate_file and redis_key_file are for TLS, and {key} names {address} without it; write rediss:// there, or remove them"
    )]
    NoTls {
        /// The key that holds the URL.
        key: &'static str,
        /// Host and port.
        address: String,
    },
    /// Some URLs of a list are for TLS.
    #[error("{key} has URLs with TLS and without it; write rediss:// in all of them, or in none")]
    MixedTls {
        /// The key that holds the URLs.
        key: &'static str,
    },
    /// Certificates and keys that were read, but make no TLS.
    #[error(
        "redis_ca_file, redis_certificate_file or redis_key_file cannot be used ({cause}); each is a PEM file, and the key is the certificate's"
    )]
    Tls {
        /// What is wrong with them.
        cause: String,
    },
    /// A certificate or key for TLS cannot be read.
    #[error("{path}: {cause}; see redis_ca_file, redis_certificate_file and redis_key_file")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
}

/// The way to Redis.
pub struct Access {
    way: Way,
    address: String,
}

enum Way {
    Single(Box<Client>),
    Sentinel(Box<Mutex<SentinelClient>>),
    Cluster(Box<ClusterClient>),
}

/// An open connection; clones share it.
#[derive(Clone)]
pub enum Connection {
    /// To one server.
    Single(MultiplexedConnection),
    /// To all nodes of a cluster.
    Cluster(ClusterConnection),
}

impl Access {
    /// As configured; nothing is opened yet.
    pub fn new(place: &Place) -> Result<Self, AccessError> {
        // The client library leaves the choice of the cryptography to its user. Somebody may have made it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = place.url.as_deref();
        if !place.cluster_urls.is_empty() {
            return cluster(place);
        }
        if !place.sentinel_urls.is_empty() {
            let master = url.ok_or_else(|| AccessError::BadUrl {
                cause: "with redis_sentinel_urls it names the master".into(),
            })?;
            return sentinel(place, master);
        }
        let info = url.unwrap_or(DEFAULT_URL).into_connection_info().map_err(bad_url)?;
        let address = info.addr().to_string();
        let client = match certificates(place, std::slice::from_ref(&info), "redis_url")? {
            Some(certificates) => Client::build_with_tls(info, certificates),
            None => Client::open(info),
        };
        Ok(Self { way: Way::Single(Box::new(client.map_err(bad_url)?)), address })
    }

    /// What it is called in messages: without passwords.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Opens a connection. The library's own waits are off: the caller's cover the whole.
    pub async fn connect(&self) -> RedisResult<Connection> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        match &self.way {
            Way::Single(client) => {
                let connection = client.get_multiplexed_async_connection_with_config(&config);
                connection.await.map(Connection::Single)
            }
            Way::Sentinel(client) => {
                let master = client.lock().await.async_get_client().await?;
                let connection = master.get_multiplexed_async_connection_with_config(&config);
                connection.await.map(Connection::Single)
            }
            Way::Cluster(client) => client.get_async_connection().await.map(Connection::Cluster),
        }
    }
}

fn cluster(place: &Place) -> Result<Access, AccessError> {
    let nodes = infos(&place.cluster_urls)?;
    let address = format!("the cluster of {}", names(&nodes));
    let certificates = certificates(place, &nodes, "redis_cluster_urls")?;
    let mut builder = ClusterClient::builder(nodes)
        .retries(CLUSTER_RETRIES)
        .connection_timeout(place.connect_timeout / CLUSTER_WAITS)
        .response_timeout(place.reply_timeout);
    if let Some(certificates) = certificates {
        builder = builder.certs(certificates);
    }
    let client = builder.build().map_err(bad_url)?;
    Ok(Access { way: Way::Cluster(Box::new(client)), address })
}

fn sentinel(place: &Place, master_url: &str) -> Result<Access, AccessError> {
    let master = master_url.into_connection_info().map_err(bad_url)?;
    let name = match master.addr() {
        ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => host.clone(),
        _ => {
            return Err(AccessError::BadUrl {
                cause: "with redis_sentinel_urls it names the master: redis://MASTER".into(),
            });
        }
    };
    let certificates = certificates(place, std::slice::from_ref(&master), "redis_url")?;
    let sentinels = infos(&place.sentinel_urls)?;
    let sentinels_have_tls = have_tls(&sentinels, "redis_sentinel_urls")?;
    let addresses = sentinels.iter().map(|info| info.addr().clone());
    let server_type = SentinelServerType::Master;
    let mut builder = SentinelClientBuilder::new(addresses, &name, server_type).map_err(bad_url)?;
    let settings = master.redis_settings();
    builder = builder.set_client_to_redis_db(settings.db());
    if let Some(user) = settings.username() {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = settings.password() {
        builder = builder.set_client_to_redis_password(password);
    }
    // All Sentinels are asked with what the first one wants.
    let first = &sentinels[0];
    if let Some(user) = first.redis_settings().username() {
        builder = builder.set_client_to_sentinel_username(user);
    }
    if let Some(password) = first.redis_settings().password() {
        builder = builder.set_client_to_sentinel_password(password);
    }
    if is_tls(&master) {
        builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
    }
    if sentinels_have_tls {
        builder = builder.set_client_to_sentinel_tls_mode(TlsMode::Secure);
    }
    if let Some(certificates) = certificates {
        // Sentinels without TLS may watch a master with it.
        if sentinels_have_tls {
            builder = builder.set_client_to_sentinel_certificates(certificates.clone());
        }
        builder = builder.set_client_to_redis_certificates(certificates);
    }
    let client = builder.build().map_err(bad_url)?;
    let address = format!("{name} of the Sentinels {}", names(&sentinels));
    Ok(Access { way: Way::Sentinel(Box::new(Mutex::new(client))), address })
}

fn infos(urls: &[String]) -> Result<Vec<ConnectionInfo>, AccessError> {
    urls.iter().map(|url| url.as_str().into_connection_info().map_err(bad_url)).collect()
}

fn names(infos: &[ConnectionInfo]) -> String {
    infos.iter().map(|info| info.addr().to_string()).collect::<Vec<_>>().join(", ")
}

fn is_tls(info: &ConnectionInfo) -> bool {
    matches!(info.addr(), ConnectionAddr::TcpTls { .. })
}

/// Whether all have TLS; `false` where none has.
fn have_tls(infos: &[ConnectionInfo], key: &'static str) -> Result<bool, AccessError> {
    let tls = infos.iter().filter(|info| is_tls(info)).count();
    if tls > 0 && tls < infos.len() {
        return Err(AccessError::MixedTls { key });
    }
    Ok(tls > 0)
}

/// What TLS takes besides the system's authorities, for the URLs of this key; `None` where nothing is configured.
fn certificates(
    place: &Place,
    infos: &[ConnectionInfo],
    key: &'static str,
) -> Result<Option<TlsCertificates>, AccessError> {
    let have_tls = have_tls(infos, key)?;
    let Place { ca_file, certificate_file, key_file, .. } = place;
    if ca_file.is_none() && certificate_file.is_none() && key_file.is_none() {
        return Ok(None);
    }
    if !have_tls {
        return Err(AccessError::NoTls { key, address: names(infos) });
    }
    let read = |path: &Path| {
        fs::read(path).map_err(|error| AccessError::Certificate {
            path: path.to_owned(),
            cause: error.to_string(),
        })
    };
    let own = match (certificate_file, key_file) {
        (Some(certificate), Some(key)) => {
            Some(ClientTlsConfig { client_cert: read(certificate)?, client_key: read(key)? })
        }
        (None, None) => None,
        (Some(path), None) | (None, Some(path)) => {
            return Err(AccessError::Certificate {
                path: path.clone(),
                cause: "redis_certificate_file and redis_key_file belong together".into(),
            });
        }
    };
    let root_cert = ca_file.as_deref().map(read).transpose()?;
    let certificates = TlsCertificates { client_tls: own, root_cert };
    // Behind Sentinels the library would look at them no earlier than when it connects.
    Client::build_with_tls(infos[0].clone(), certificates.clone())
        .map_err(|error| AccessError::Tls { cause: error.to_string() })?;
    Ok(Some(certificates))
}

/// The library's words about a bad URL, without the URL: it may hold a password.
fn bad_url(error: RedisError) -> AccessError {
    let cause = error.detail().map_or_else(|| "it cannot be read".to_owned(), str::to_owned);
    AccessError::BadUrl { cause }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

#[cfg(test)]
mod tests;

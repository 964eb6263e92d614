//! What goes wrong with a store, each on one line with cause and remedy.

use std::path::{Path, PathBuf};

use redis::RedisError;
use sluice_redis_access::AccessError;
use sluice_relay_core::PlanError;
use thiserror::Error;

/// How Redis begins to say that the user may not run a command of a script, or not on this key.
const DENIED_IN_SCRIPT: &str = "The user executing the script can't";

/// Redis ends a connection that sends much before the password, without the error that it has for that.
const TOO_LONG_WITHOUT_PASSWORD: &str = "Protocol error: unauthenticated";

/// How a Redis that runs another program's script says so; among several answers of a connection the code is lost.
const BUSY_WITH_SCRIPT: &str = "is busy running a";

/// What a wrong password is in the client library's list of nodes that it could not connect to.
const REFUSED_BY_CLUSTER: &str = "Password authentication failed";
/// What TLS says of our certificate or theirs.
const OF_CERTIFICATES: [&str; 2] = ["peer certificate", "fatal alert"];

/// Why a store did not take a batch.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The batch can never be stored; every other cause may pass.
    #[error(transparent)]
    BadBatch(#[from] PlanError),
    /// Nothing listens at the address.
    #[error(
        "no Redis answers at {address} ({cause}); start it, or correct --redis / store.redis_url"
    )]
    Unreachable {
        /// Host and port, or the path of a socket.
        address: String,
        /// The system's error.
        cause: String,
    },
    /// A password is missing or wrong.
    #[error(
        "Redis at {address} does not accept the password ({cause}); set the right one in the store's URLs: redis://:PASSWORD@HOST:PORT"
    )]
    Password {
        /// Host and port, or the path of a socket.
        address: String,
        /// Redis's words.
        cause: String,
    },
    /// One side does not take the other's certificate.
    #[error(
        "TLS with Redis at {address} fails ({cause}); see store.redis_ca_file, store.redis_certificate_file and store.redis_key_file"
    )]
    Tls {
        /// Host and port, or the master and the Sentinels, or the nodes.
        address: String,
        /// The library's words.
        cause: String,
    },
    /// Too long without an answer.
    #[error(
        "Redis at {address} did not answer within {waited_ms} ms; see what keeps it busy, or raise store.connect_timeout_ms / store.reply_timeout_ms"
    )]
    Timeout {
        /// Host and port, or the path of a socket.
        address: String,
        /// How long was waited.
        waited_ms: u64,
    },
    /// The connection ended before the answer.
    #[error("Redis at {address} closed the connection ({cause}); see its log")]
    Dropped {
        /// Host and port, or the path of a socket.
        address: String,
        /// The system's error.
        cause: String,
    },
    /// `maxmemory` is reached.
    #[error("Redis at {address} is out of memory; raise its maxmemory, or remove old minutes")]
    Full {
        /// Host and port, or the path of a socket.
        address: String,
    },
    /// It is a replica.
    #[error("Redis at {address} is a read-only replica; point store.redis_url at its master")]
    ReadOnly {
        /// Host and port, or the path of a socket.
        address: String,
    },
    /// A batch is on the master, but not on as many replicas as it must be.
    #[error(
        "{found} replicas of Redis at {address} have the batch, and store.redis_replicas_min asks for {wanted}; start them, see their link to the master, or lower the key"
    )]
    FewReplicas {
        /// Host and port, or the master and the Sentinels.
        address: String,
        /// As configured.
        wanted: u32,
        /// How many there are.
        found: u32,
    },
    /// It has fewer replicas than its own configuration asks for.
    #[error(
        "Redis at {address} refuses writes because too few replicas follow it; start them, see their link to it, or lower its min-replicas-to-write"
    )]
    NoReplicas {
        /// Host and port, or the path of a socket.
        address: String,
    },
    /// It is a replica that has lost its master, and does not say what it has.
    #[error(
        "Redis at {address} is a replica without a link to its master; start the master, and point store.redis_url at it"
    )]
    MasterDown {
        /// Host and port, or the path of a socket.
        address: String,
    },
    /// Some slots of a cluster are served by nobody.
    #[error(
        "the cluster of Redis at {address} is down ({cause}); start the nodes that are away, and see redis-cli --cluster check there"
    )]
    ClusterDown {
        /// Host and port, or the nodes.
        address: String,
        /// Redis's words.
        cause: String,
    },
    /// It runs a script without an end.
    #[error(
        "Redis at {address} is busy with a script, of another program most likely; wait for its end, or run SCRIPT KILL there"
    )]
    Busy {
        /// Host and port, or the path of a socket.
        address: String,
    },
    /// It cannot save to its disk.
    #[error(
        "Redis at {address} refuses writes because it cannot save to its disk; free space there, see its log"
    )]
    NotSaving {
        /// Host and port, or the path of a socket.
        address: String,
    },
    /// It has just started.
    #[error("Redis at {address} is still loading its data; wait until it is done")]
    Loading {
        /// Host and port, or the path of a socket.
        address: String,
    },
    /// A cluster moves a slot from one node to another.
    #[error(
        "Redis at {address} does not take this batch while a slot is moving; wait until it has, or run redis-cli --cluster fix there"
    )]
    Moving {
        /// The nodes.
        address: String,
    },
    /// The user may not run what is needed.
    #[error(
        "Redis at {address} does not allow its user to do this ({cause}); grant it EVALSHA, SCRIPT LOAD and the other commands that metawriter.toml lists, on all keys"
    )]
    NotAllowed {
        /// Host and port, or the path of a socket.
        address: String,
        /// Redis's words.
        cause: String,
    },
    /// A key holds what we would never write.
    #[error("the store's key {cause}: another program wrote it; rename or remove that key")]
    BadKey {
        /// The key, and what is wrong with it.
        cause: String,
    },
    /// Redis answered with an error that has no case of its own.
    #[error("Redis at {address} answers: {cause}")]
    Answer {
        /// Host and port, or the path of a socket.
        address: String,
        /// Redis's words.
        cause: String,
    },
    /// The configuration names no way to Redis.
    #[error("store: {0}")]
    Access(#[from] AccessError),
    /// No Sentinel has heard of the master.
    #[error(
        "no Sentinel names a master for {address} ({cause}); see store.redis_sentinel_urls, and that the host in store.redis_url is the master's name"
    )]
    NoMaster {
        /// The master and the Sentinels.
        address: String,
        /// The library's words.
        cause: String,
    },
    /// Another process has the embedded store open.
    #[error(
        "the store {path} is open in another process; stop that one, or choose another store.embedded_path"
    )]
    Locked {
        /// The store's file.
        path: PathBuf,
    },
    /// The embedded store's file was not closed, and only a writer may repair it.
    #[error(
        "the store {path} was not closed, since its writer was killed; start the role that writes it once, which repairs it"
    )]
    Unrepaired {
        /// The store's file.
        path: PathBuf,
    },
    /// A call of the store goes on without an answer.
    #[error(
        "the store has not answered for {waited_s} s; see its disk, and what else keeps it busy"
    )]
    Silent {
        /// How long it has been waited for so far.
        waited_s: u64,
    },
    /// The embedded store's file fails us.
    #[error("the store {path}: {cause}; see that its folder exists, is writable and has space")]
    File {
        /// The store's file.
        path: PathBuf,
        /// The system's error.
        cause: String,
    },
}

impl StoreError {
    /// Sorts an error of the client library by what an operator can do about it.
    pub(crate) fn from_redis(error: &RedisError, address: &str) -> Self {
        let cause = one_line(&error.to_string());
        let address = address.to_owned();
        // Redis before 7 wraps what a script met into a text of its own, so codes are looked for
        // in the whole text, most telling first.
        let says = |code: &str| error.code() == Some(code) || cause.contains(code);
        if error.code() == Some("BADKEY") {
            return Self::BadKey { cause: error.detail().unwrap_or_default().to_owned() };
        }
        if error.kind() == redis::ErrorKind::MasterNameNotFoundBySentinel {
            return Self::NoMaster { address, cause };
        }
        if error.is_connection_refusal() {
            return Self::Unreachable { address, cause };
        }
        if says("NOAUTH")
            || says("WRONGPASS")
            || cause.contains(TOO_LONG_WITHOUT_PASSWORD)
            || cause.contains(REFUSED_BY_CLUSTER)
            || error.kind() == redis::ErrorKind::AuthenticationFailed
        {
            return Self::Password { address, cause };
        }
        match () {
            () if says("OOM") => Self::Full { address },
            () if says("READONLY") => Self::ReadOnly { address },
            () if says("NOREPLICAS") => Self::NoReplicas { address },
            () if says("MASTERDOWN") => Self::MasterDown { address },
            () if says("CLUSTERDOWN") => Self::ClusterDown { address, cause },
            () if error.code() == Some("BUSY") || cause.contains(BUSY_WITH_SCRIPT) => {
                Self::Busy { address }
            }
            () if says("MISCONF") => Self::NotSaving { address },
            () if says("TRYAGAIN") => Self::Moving { address },
            () if says("LOADING") => Self::Loading { address },
            () if says("NOPERM") || cause.contains(DENIED_IN_SCRIPT) => {
                Self::NotAllowed { address, cause }
            }
            () if OF_CERTIFICATES.iter().any(|words| cause.contains(words)) => {
                Self::Tls { address, cause }
            }
            () if error.is_io_error() => Self::Dropped { address, cause },
            () => Self::Answer { address, cause },
        }
    }

    /// An error of the embedded store's library.
    pub(crate) fn from_file(error: &redb::Error, path: &Path) -> Self {
        let path = path.to_owned();
        match error {
            redb::Error::DatabaseAlreadyOpen => Self::Locked { path },
            redb::Error::RepairAborted => Self::Unrepaired { path },
            other => Self::File { path, cause: one_line(&other.to_string()) },
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

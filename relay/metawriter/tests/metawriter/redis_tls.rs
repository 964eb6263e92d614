//! Redis that asks for TLS and certificates, of every kind.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use sluice_metawriter::StoreConfig;
use sluice_metawriter::store::{Applied, RedisStore, Store};

use crate::batches::{MINUTE, crowd, field, shares};
use crate::redis_nodes::{Cluster, Sentinel};
use crate::redis_server::{RedisServer, Setup, patient_config, store_config};
use crate::waits::wait_until;

/// An authority, and what it vouches for: a server at 127.0.0.1, and a client.
fn certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    for (name, host) in [("server", "127.0.0.1"), ("client", "metawriter")] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

/// What a server with the certificates of a folder is started with.
pub(crate) fn tls_arguments(folder: &Path, port: u16) -> Vec<String> {
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let pairs = [
        ("--tls-port", port.to_string()),
        ("--tls-cert-file", file("server.pem")),
        ("--tls-key-file", file("server.key")),
        ("--tls-ca-cert-file", file("ca.pem")),
    ];
    pairs.into_iter().flat_map(|(key, value)| [key.to_owned(), value]).collect()
}

/// A store's configuration with the certificates of a folder.
fn tls_config(folder: &Path) -> StoreConfig {
    StoreConfig {
        redis_ca_file: Some(folder.join("ca.pem")),
        redis_certificate_file: Some(folder.join("client.pem")),
        redis_key_file: Some(folder.join("client.key")),
        ..patient_config()
    }
}

/// Asks for a password too.
fn with_tls(certificates: &Path) -> Setup<'_> {
    Setup { password: Some("word"), certificates: Some(certificates), ..Setup::default() }
}

#[tokio::test]
async fn redis_may_ask_for_tls_and_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let server = RedisServer::start_as(with_tls(folder.path())).await;
    let tls_port = server.tls_port();
    let redis_url = Some(format!("rediss://:word@127.0.0.1:{tls_port}"));
    let config = StoreConfig { redis_url, ..tls_config(folder.path()) };
    let store = RedisStore::new(&config).unwrap();
    store.check().await.unwrap();
    assert_eq!(store.apply(&shares(1, 1, 1, 1)).await.unwrap(), Applied::New);
    assert_eq!(field(&server.dump().await, "btc:s:alice", MINUTE).unwrap(), "1");

    // An authority that the system does not know, a client without a certificate, no TLS where it is asked for.
    let unknown = StoreConfig { redis_ca_file: None, ..config.clone() };
    let nameless =
        StoreConfig { redis_certificate_file: None, redis_key_file: None, ..config.clone() };
    let plain = store_config(&format!("redis://:word@127.0.0.1:{tls_port}"));
    for (config, told) in [
        (unknown, "see store.redis_ca_file"),
        (nameless, "store.redis_certificate_file"),
        (plain, "closed the connection"),
    ] {
        let error = RedisStore::new(&config).unwrap().check().await.unwrap_err().to_string();
        assert!(error.contains(&format!("127.0.0.1:{tls_port}")), "{error}");
        assert!(error.contains(told) && !error.contains("word@"), "{error}");
    }
}

#[tokio::test]
async fn sentinels_may_watch_a_master_with_tls() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let master = RedisServer::start_as(with_tls(folder.path())).await;
    // It reaches the master by TLS in both cases, and is reached by it in the second one.
    let sentinel = Sentinel::start(master.tls_port(), "word", Some(folder.path()));
    let config = StoreConfig {
        redis_url: Some("rediss://:word@pool".into()),
        redis_sentinel_urls: vec![sentinel.url()],
        ..tls_config(folder.path())
    };
    let by_tls = StoreConfig { redis_sentinel_urls: vec![sentinel.tls_url()], ..config.clone() };
    for (sequence, config) in (1..).zip([&config, &by_tls]) {
        let store = RedisStore::new(config).unwrap();
        wait_until("the Sentinel answers", || async { store.check().await.is_ok() }).await;
        assert_eq!(store.apply(&shares(1, sequence, 1, 1)).await.unwrap(), Applied::New);
    }
    assert_eq!(field(&master.dump().await, "btc:s:alice", MINUTE).unwrap(), "2");
    let unknown = StoreConfig { redis_ca_file: None, ..config };
    let unknown = RedisStore::new(&unknown).unwrap();
    // Behind Sentinels the library does not wait for long, and says then that nobody answers.
    wait_until("the authority is missed", || async {
        unknown.check().await.unwrap_err().to_string().contains("see store.redis_ca_file")
    })
    .await;
}

#[tokio::test]
async fn a_cluster_may_ask_for_a_password_and_tls() {
    const WORKERS: u64 = 50;
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let cluster = Cluster::start_as(3, with_tls(folder.path())).await;
    let url = |password: &str| {
        let tls_port = cluster.nodes[1].tls_port();
        vec![format!("rediss://:{password}@127.0.0.1:{tls_port}")]
    };
    let config = StoreConfig { redis_cluster_urls: url("word"), ..tls_config(folder.path()) };
    let store = RedisStore::new(&config).unwrap();
    store.check().await.unwrap();
    assert_eq!(store.apply(&crowd(1, WORKERS)).await.unwrap(), Applied::New);
    let lines = cluster.dump().await;
    assert_eq!(field(&lines, "btc:s:alice", MINUTE).unwrap(), (3 * WORKERS).to_string());
    for node in &cluster.nodes {
        assert!(node.run::<u64>(&["DBSIZE"]).await > 0, "each node has a part of it");
    }
    let wrong = StoreConfig { redis_cluster_urls: url("wrong"), ..config.clone() };
    let unknown = StoreConfig { redis_ca_file: None, ..config };
    for (config, told) in [(wrong, "the password"), (unknown, "see store.redis_ca_file")] {
        let error = RedisStore::new(&config).unwrap().check().await.unwrap_err().to_string();
        assert!(error.contains(told) && !error.contains("wrong@"), "{error}");
    }
}

//! A gateway with a certificate: miners with TLS and without on one port, and a renewal while it runs.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::roles::Roles;
use sluice_end_to_end::sluice::PATIENCE;

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const HOST: &str = "pool.example";
const GREETING: &[u8] = b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\"]}\n\
                          {\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"alice\"]}\n";

/// Writes a fresh certificate and its key; gives what a miner has to trust.
fn issue(folder: &Path) -> CertificateDer<'static> {
    let issued = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
    fs::write(folder.join("key.pem"), issued.signing_key.serialize_pem()).unwrap();
    fs::write(folder.join("certificate.pem"), issued.cert.pem()).unwrap();
    issued.cert.der().clone()
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Greets, and hears of a job.
fn mines(mut stream: impl Read + Write) -> std::io::Result<()> {
    stream.write_all(GREETING)?;
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&heard).contains("\"mining.notify\",\"params\"") {
        match stream.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            length => heard.extend_from_slice(&buffer[..length]),
        }
    }
    Ok(())
}

fn mines_with_tls(address: &str, trusted: &CertificateDer<'static>) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(builder.with_root_certificates(roots).with_no_client_auth());
    let name = ServerName::try_from(HOST).unwrap();
    let session = ClientConnection::new(config, name).unwrap();
    mines(StreamOwned::new(session, connect(address))).is_ok()
}

#[test]
fn miners_with_tls_and_without_share_a_port_and_a_certificate_is_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let node = BcoinNode::start();
    let store = format!("embedded_path = {:?}", folder.path().join("store.redb"));
    let roles = Roles::configure(folder.path(), "bare", &node.url(), ADDRESS, &store);
    let first = issue(folder.path());
    let text = roles.gateway_text("gateway-data", &roles.stratum);
    let certificate = format!(
        "tls_certificate_file = {:?}\ntls_key_file = {:?}\n",
        roles.path("certificate.pem"),
        roles.path("key.pem")
    );
    roles.write("gateway", &(certificate + &text));
    let _jobmaster = roles.start("jobmaster", "jobmaster");
    let gateway = roles.start("gateway", "gateway");
    gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
    mines(connect(&roles.stratum)).unwrap();
    assert!(mines_with_tls(&roles.stratum, &first));

    let second = issue(folder.path());
    let deadline = Instant::now() + PATIENCE;
    while !mines_with_tls(&roles.stratum, &second) {
        assert!(Instant::now() < deadline, "{}", gateway.log_tail());
        thread::sleep(Duration::from_millis(100));
    }
    assert!(!mines_with_tls(&roles.stratum, &first));
    // It may have looked between the second certificate and its key, and told so.
    let told = || gateway.lines().iter().filter(|line| line.contains("former certificate")).count();
    let (before, deadline) = (told(), Instant::now() + PATIENCE);
    fs::write(folder.path().join("certificate.pem"), "nothing").unwrap();
    while told() == before {
        assert!(Instant::now() < deadline, "{}", gateway.log_tail());
        thread::sleep(Duration::from_millis(20));
    }
    assert!(mines_with_tls(&roles.stratum, &second));
}

//! Miners that speak TLS, on the port of those that do not.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, TryRecvError};
use std::thread::{self, JoinHandle};

use allocation_counter::measure;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sluice_mining::vardiff::VardiffPolicy;
use sluice_ring::EngineConfig;
use sluice_session::{EndCause, PortPolicy, ShardConfig};
use sluice_units::{JobKind, ShareDifficulty, SourceId};

use super::{Bench, GIVE_UP};
use crate::tls::certificates::{CertificateError, CertificateFiles, Certificates};

const HOST: &str = "pool.example";
const GREETING: &[u8] = b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\"]}\n\
                          {\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"alice\"]}\n";

/// A certificate in files, and what a miner trusts.
struct Authority {
    folder: tempfile::TempDir,
    trusted: CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trusted = issue(folder.path());
        Self { folder, trusted }
    }

    fn files(&self) -> CertificateFiles {
        let path = |name: &str| self.folder.path().join(name);
        CertificateFiles { certificate: path("certificate.pem"), key: path("key.pem") }
    }
}

/// Writes a fresh certificate and its key.
fn issue(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([HOST.to_owned()]).unwrap();
    fs::write(folder.join("certificate.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

fn client_config(trusted: &CertificateDer<'static>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

fn open(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(GIVE_UP)).unwrap();
    stream
}

fn secure(
    stream: TcpStream,
    config: Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let name = ServerName::try_from(HOST).unwrap();
    StreamOwned::new(ClientConnection::new(config, name).unwrap(), stream)
}

/// What comes until a line holds the text.
fn hear(stream: &mut impl Read, wanted: &str) -> std::io::Result<String> {
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&heard).contains(wanted) {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        heard.extend_from_slice(&buffer[..length]);
    }
    Ok(String::from_utf8(heard).unwrap())
}

/// A shard with a job; its first port speaks TLS, its second does not, and 127.0.0.9 is a balancer.
fn pool(authority: &Authority) -> (Bench, Arc<Certificates>) {
    let certificates = Certificates::read(authority.files()).unwrap();
    let vardiff = VardiffPolicy::fixed(ShareDifficulty::MIN);
    let source = SourceId { gateway_id: 1, shard: 0 };
    let config = ShardConfig {
        ports: [true, false].map(|tls| PortPolicy { vardiff, tls }).to_vec(),
        proxies_trusted: vec!["127.0.0.9/32".parse().unwrap()],
        ..ShardConfig::new(source, vardiff)
    };
    let listen = vec![([127, 0, 0, 1], 0).into(), ([127, 0, 0, 1], 0).into()];
    let engine = EngineConfig { listen, ..EngineConfig::default() };
    let tls = certificates.server_config().unwrap();
    let mut bench = Bench::with_tls(engine, config, Some(tls));
    bench.send_job(1, JobKind::Clean);
    bench.step();
    (bench, certificates)
}

/// Serves while the client does something; gives what it gives.
fn serve<T: Send + 'static>(
    bench: &mut Bench,
    client: impl FnOnce([SocketAddr; 2]) -> T + Send + 'static,
) -> T {
    let addresses = bench.drive.engine.local_addresses().try_into().unwrap();
    let client: JoinHandle<T> = thread::spawn(move || client(addresses));
    while !client.is_finished() {
        bench.step();
    }
    client.join().unwrap()
}

#[test]
fn one_port_answers_miners_with_tls_and_without() {
    let authority = Authority::new();
    let (mut bench, _) = pool(&authority);
    let config = client_config(&authority.trusted);
    let told = serve(&mut bench, move |[address, _]| {
        let mut secure = secure(open(address), config);
        secure.write_all(GREETING).unwrap();
        let mut plain = open(address);
        plain.write_all(GREETING).unwrap();
        [
            hear(&mut secure, "mining.notify\",").unwrap(),
            hear(&mut plain, "mining.notify\",").unwrap(),
        ]
    });
    for told in told {
        assert!(told.contains("\"id\":2,\"result\":true"), "{told}");
    }
    assert_eq!(bench.drive.shard.stats().ended, [0; EndCause::COUNT]);
}

#[test]
fn jobs_replies_and_the_end_come_through_tls_in_order() {
    let authority = Authority::new();
    let (mut bench, _) = pool(&authority);
    let config = client_config(&authority.trusted);
    let address = bench.address();
    let (works, has_work) = mpsc::channel();
    let miner = thread::spawn(move || {
        let mut miner = secure(open(address), config);
        // In small pieces, as a slow network brings them.
        for byte in GREETING.chunks(7) {
            miner.write_all(byte).unwrap();
            miner.flush().unwrap();
        }
        let mut told = hear(&mut miner, "mining.notify\",").unwrap();
        works.send(()).unwrap();
        miner.read_to_string(&mut told).expect("TLS is ended in good order");
        told
    });
    while has_work.try_recv() == Err(TryRecvError::Empty) {
        bench.step();
    }
    for job in 2..40 {
        bench.send_job(job, JobKind::Refresh);
        bench.step();
    }
    bench.drive.shard.handle_drain();
    while !miner.is_finished() {
        bench.step();
    }
    let told = miner.join().unwrap();
    let position = |text: &str| told.find(text).unwrap_or_else(|| panic!("no {text}: {told}"));
    assert!(
        position("\"id\":2,\"result\":true") < position("\"method\":\"mining.set_difficulty\"")
    );
    assert!(told.trim_end().ends_with("\"method\":\"client.reconnect\",\"params\":[]}"), "{told}");
    assert!(told.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{told}");
}

/// A record holds 16 KiB, and short questions have long answers.
#[test]
fn a_record_full_of_questions_gets_all_its_answers() {
    const QUESTIONS: usize = 500;
    let authority = Authority::new();
    let (mut bench, _) = pool(&authority);
    let config = client_config(&authority.trusted);
    let told = serve(&mut bench, move |[address, _]| {
        let mut miner = secure(open(address), config);
        let mut questions = "{\"method\":\"mining.subscribe\"}\n".repeat(QUESTIONS);
        questions.push_str("{\"id\":\"last\",\"method\":\"mining.ping\"}\n");
        assert!(questions.len() < 16 * 1024);
        miner.write_all(questions.as_bytes()).unwrap();
        hear(&mut miner, "\"id\":\"last\"").unwrap()
    });
    assert_eq!(told.matches("\"result\":[[[").count(), QUESTIONS);
    assert!(told.len() > 64 * 1024, "{}", told.len());
}

#[test]
fn a_balancer_s_header_comes_before_tls() {
    let authority = Authority::new();
    let (mut bench, _) = pool(&authority);
    let config = client_config(&authority.trusted);
    serve(&mut bench, move |[address, _]| {
        let mut stream = from_balancer(address);
        stream.write_all(b"PROXY TCP4 203.0.113.7 192.0.2.1 4000 3333\r\n").unwrap();
        let mut miner = secure(stream, config);
        miner.write_all(GREETING).unwrap();
        hear(&mut miner, "mining.notify\",").unwrap();
    });
}

/// A connection from 127.0.0.9.
fn from_balancer(address: SocketAddr) -> TcpStream {
    use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddr::from(([127, 0, 0, 9], 0))).unwrap();
    connect(&socket, &address).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(GIVE_UP)).unwrap();
    stream
}

#[test]
fn what_is_no_tls_after_all_ends_the_connection_alone() {
    let authority = Authority::new();
    let (mut bench, _) = pool(&authority);
    let config = client_config(&authority.trusted);
    serve(&mut bench, move |[address, plain_only]| {
        let mut miner = secure(open(address), Arc::clone(&config));
        miner.write_all(GREETING).unwrap();
        hear(&mut miner, "mining.notify\",").unwrap();
        for rubbish in [&b"\x16\x03\x01\x00\x05rubbish"[..], &[22; 5000], b"\x16{\"id\":1}\n"] {
            let mut stream = open(address);
            stream.write_all(rubbish).unwrap();
            let mut rest = Vec::new();
            // An alert, or what the kernel makes of bytes that nobody read.
            let _ = stream.read_to_end(&mut rest);
        }
        // In the midst of a conversation that was in order.
        miner.sock.write_all(b"\x17\x03\x03\x00\x20not what was agreed upon, at all").unwrap();
        assert!(hear(&mut miner, "never").is_err());
        // Where TLS is not spoken it is no stratum.
        let mut stream = secure(open(plain_only), config);
        assert!(stream.write_all(GREETING).and_then(|()| stream.flush()).is_err());
    });
    bench.step_until(|bench| bench.drive.shard.stats().connections == 0);
    let ended = &bench.drive.shard.stats().ended;
    assert_eq!(ended[EndCause::NotStratum.index()], 5);
}

#[test]
fn a_renewed_certificate_is_shown_and_a_broken_one_is_not() {
    let mut authority = Authority::new();
    let (mut bench, certificates) = pool(&authority);
    let greets = |bench: &mut Bench, trusted: &CertificateDer<'static>| {
        let config = client_config(trusted);
        serve(bench, move |[address, _]| {
            let mut miner = secure(open(address), config);
            miner.write_all(GREETING).is_ok() && hear(&mut miner, "mining.notify\",").is_ok()
        })
    };
    assert!(greets(&mut bench, &authority.trusted));
    let first = authority.trusted.clone();
    authority.trusted = issue(authority.folder.path());
    assert!(greets(&mut bench, &first) && !greets(&mut bench, &authority.trusted));
    certificates.renew();
    assert!(!greets(&mut bench, &first) && greets(&mut bench, &authority.trusted));
    // A certificate without its key yet, as a renewal writes one file after the other.
    let key = fs::read(authority.files().key).unwrap();
    let next = issue(authority.folder.path());
    fs::write(authority.files().key, key).unwrap();
    certificates.renew();
    assert!(greets(&mut bench, &authority.trusted) && !greets(&mut bench, &next));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let authority = Authority::new();
    let files = authority.files();
    let read = |files: &CertificateFiles| Certificates::read(files.clone()).unwrap_err();
    let missing = CertificateFiles { key: "/nowhere/key.pem".into(), ..files.clone() };
    assert!(read(&missing).to_string().contains("/nowhere/key.pem: there is no such file"));
    let swapped =
        CertificateFiles { certificate: files.key.clone(), key: files.certificate.clone() };
    let error = read(&swapped).to_string();
    assert!(error.contains("key.pem: nothing of the kind is in it"), "{error}");
    let other = Authority::new();
    let mixed = CertificateFiles { key: other.files().key, ..files };
    assert!(matches!(read(&mixed), CertificateError::Pair { .. }));
}

#[test]
fn a_session_takes_at_most_24_kb() {
    const SESSIONS: usize = 100;
    let authority = Authority::new();
    let (mut bench, _) = pool(&authority);
    let config = client_config(&authority.trusted);
    let address = bench.address();
    // What all sessions share is there before.
    let greet = move || {
        let mut miner = secure(open(address), Arc::clone(&config));
        miner.write_all(GREETING).unwrap();
        hear(&mut miner, "mining.notify\",").unwrap();
        miner
    };
    let mut miners = Vec::new();
    let mut join = |bench: &mut Bench| {
        let greet = greet.clone();
        let miner = thread::spawn(greet);
        while !miner.is_finished() {
            bench.drive.step(super::Patience::None).unwrap();
        }
        miners.push(miner.join().unwrap());
    };
    (0..20).for_each(|_| join(&mut bench));
    let taken = measure(|| (0..SESSIONS).for_each(|_| join(&mut bench)));
    let each = taken.bytes_current / SESSIONS as i64;
    assert!(each <= 24 * 1024, "{each} bytes a session");
    assert!(each > 1024, "{each} bytes cannot be all");
}

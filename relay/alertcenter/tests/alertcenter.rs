//! The role over real sockets: who gets a receipt when, and what outlives an end of it.

use std::time::Duration;

use sluice_alertcenter::{Alertcenter, AlertcenterConfig, OwnAlerts, StartError, start};
use sluice_service::ClusterKey;
use sluice_service::alerts::{self, AlertSender, AlertTarget, Collector};
use sluice_service::link::{self, Inbound, LinkSender};
use sluice_units::UnixTime;
use sluice_wire::alert_feed::{ALERT_FEED_VERSION, Alert, FromCenter, Severity, ToCenter};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;

/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Posts that came, each of which waits for its answer.
struct Webhook {
    url: String,
    posts: mpsc::Receiver<(String, TcpStream)>,
}

impl Webhook {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (posts_in, posts) = mpsc::channel(64);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(read_post(stream, posts_in.clone()));
            }
        });
        Self { url, posts }
    }

    /// The text of the next post, and the way to answer it.
    async fn next(&mut self) -> (String, TcpStream) {
        tokio::time::timeout(PATIENCE, self.posts.recv()).await.expect("a post comes").unwrap()
    }

    async fn take(&mut self) -> String {
        let (text, stream) = self.next().await;
        answer(stream, "204 No Content").await;
        text
    }
}

async fn read_post(mut stream: TcpStream, posts: mpsc::Sender<(String, TcpStream)>) {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    // The client says how long the body is; a JSON object that can be read is all of it.
    loop {
        let length = stream.read(&mut part).await.unwrap_or(0);
        if length == 0 {
            return;
        }
        bytes.extend_from_slice(&part[..length]);
        let body =
            String::from_utf8_lossy(&bytes).split_once("\r\n\r\n").map(|(_, it)| it.to_owned());
        let json = body.and_then(|body| serde_json::from_str::<serde_json::Value>(&body).ok());
        if let Some(json) = json {
            let text = json["text"].as_str().unwrap().to_owned();
            // A test that has seen enough reads no more posts.
            let _ = posts.send((text, stream)).await;
            return;
        }
    }
}

async fn answer(mut stream: TcpStream, status: &str) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
}

/// An address that is given to nobody else while the socket lives, bound and never listened on. Who names it may
/// listen there, end, and listen there again.
fn reserved_address() -> (String, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    // Listeners have it as well, and so may share the port with this socket.
    socket.set_reuseaddr(true).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (socket.local_addr().unwrap().to_string(), socket)
}

struct Bench {
    key: ClusterKey,
    webhook: Webhook,
    own: Collector,
}

impl Bench {
    async fn new() -> Self {
        let (key, webhook) = (ClusterKey::generate().unwrap(), Webhook::start().await);
        Self { key, webhook, own: Collector::default() }
    }

    fn config(&self, listen: &str) -> AlertcenterConfig {
        let webhooks = vec![self.webhook.url.clone()];
        AlertcenterConfig { listen: listen.into(), webhooks, ..AlertcenterConfig::default() }
    }

    fn own(&self) -> OwnAlerts {
        OwnAlerts { collector: self.own.clone(), host: "center".into() }
    }

    async fn start(&self) -> Alertcenter {
        start(self.config("127.0.0.1:0"), self.key.clone(), self.own()).await.unwrap()
    }

    fn send(&self, center: &Alertcenter, collector: &Collector) -> AlertSender {
        let target = AlertTarget {
            address: center.local_address().to_string(),
            key: self.key.clone(),
            host: "a".into(),
            role: "gateway".into(),
        };
        alerts::send(target, collector)
    }
}

/// A role that sends by hand.
struct Role {
    sender: LinkSender,
    inbound: Inbound<FromCenter>,
}

impl Role {
    async fn link(bench: &Bench, center: &Alertcenter) -> Self {
        let address = center.local_address().to_string();
        let (sender, receiver) = link::connect(&address, &bench.key).await.unwrap();
        let inbound = Inbound::start(receiver, FromCenter::decode);
        let mut role = Self { sender, inbound };
        let (host, role_name) = ("a".into(), "gateway".into());
        let hello = ToCenter::Hello { version: ALERT_FEED_VERSION, host, role: role_name };
        role.sender.send(&hello.encode()).await.unwrap();
        assert_eq!(role.inbound.receive().await, Ok(FromCenter::Welcome));
        role
    }

    async fn send(&mut self, number: u64, text: &str) {
        let at = UnixTime::from_seconds(9);
        let alert = Alert { severity: Severity::Fatal, at, text: text.into() };
        self.sender.send(&ToCenter::Alert { number, alert }.encode()).await.unwrap();
    }

    async fn next(&mut self) -> FromCenter {
        let next = tokio::time::timeout(PATIENCE, self.inbound.receive()).await;
        next.expect("the center shows that it is there").unwrap()
    }

    async fn receipt(&mut self) -> u64 {
        loop {
            match self.next().await {
                FromCenter::Taken { number } => return number,
                FromCenter::Alive => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_receipt_comes_once_people_have_the_alert() {
    let mut bench = Bench::new().await;
    let center = bench.start().await;
    let mut role = Role::link(&bench, &center).await;
    role.send(1, "FATAL: x").await;
    let (text, first) = bench.webhook.next().await;
    assert_eq!(text, "a: gateway: FATAL: x");
    // The same again, as after a link that broke: it owes its receipt to the same message.
    role.send(2, "FATAL: x").await;
    for _ in 0..2 {
        assert_eq!(role.next().await, FromCenter::Alive, "nobody has it yet");
    }
    answer(first, "503 Service Unavailable").await;
    assert_eq!(bench.webhook.take().await, text);
    assert_eq!((role.receipt().await, role.receipt().await), (1, 2));
    // Now it is a repeat, which the next message counts.
    role.send(3, "FATAL: x").await;
    assert_eq!(role.receipt().await, 3);
}

#[tokio::test]
async fn a_center_that_is_killed_loses_no_alert() {
    let mut bench = Bench::new().await;
    let collector = Collector::default();
    let (address, _held) = reserved_address();
    let config = bench.config(&address);
    let center = start(config.clone(), bench.key.clone(), bench.own()).await.unwrap();
    collector.add(Severity::Fatal, "FATAL: x");
    let _sender = bench.send(&center, &collector);
    let (text, unanswered) = bench.webhook.next().await;
    drop(center);
    drop(unanswered);
    // Nobody listens there any more once its tasks have noticed.
    while TcpListener::bind(&address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let own = OwnAlerts { collector: Collector::default(), host: "center".into() };
    let _center = start(config, bench.key.clone(), own).await.unwrap();
    while bench.webhook.take().await != text {}
}

#[tokio::test]
async fn an_orderly_end_tells_what_nobody_was_told_yet() {
    let mut bench = Bench::new().await;
    let center = bench.start().await;
    let mut role = Role::link(&bench, &center).await;
    role.send(1, "FATAL: x").await;
    assert_eq!(bench.webhook.take().await, "a: gateway: FATAL: x");
    for number in 2..4 {
        role.send(number, "FATAL: x").await;
    }
    while role.receipt().await != 3 {}
    let stopping = tokio::spawn(center.stop());
    let text = bench.webhook.take().await;
    assert!(text.starts_with("a: gateway: 2 more within "), "{text}");
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_center_tells_people_of_its_own_trouble() {
    let mut bench = Bench::new().await;
    let center = bench.start().await;
    bench.own.add(Severity::Fatal, "FATAL: a broken invariant");
    assert_eq!(bench.webhook.take().await, "center: alertcenter: FATAL: a broken invariant");
    // One that cannot listen says so before it ends.
    let config = bench.config(&center.local_address().to_string());
    let starting = tokio::spawn(start(config, bench.key.clone(), bench.own()));
    let text = bench.webhook.take().await;
    assert!(text.contains("FATAL: it cannot start") && text.contains("taken"), "{text}");
    assert!(matches!(starting.await.unwrap(), Err(StartError::Listen(_))));
}

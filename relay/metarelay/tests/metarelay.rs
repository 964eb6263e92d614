//! Batches through one relay and several, while what is behind them is away, and over the end of a relay.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use sluice_delivery::folder;
use sluice_delivery::intake::{self, LinkCounts, Received};
use sluice_delivery::{BatchSpool, Courier, CourierConfig, Delivery, Notice};
use sluice_metarelay::{Metarelay, MetarelayConfig, StartError, start};
use sluice_service::ClusterKey;
use sluice_service::link::{self, LinkListener};
use sluice_session::BatchName;
use sluice_thread_log::ThreadLog;
use sluice_units::SourceId;
use sluice_wire::share_feed::Batch;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

const LOCALHOST: &str = "127.0.0.1:0";
/// More than enough: a handshake has 5 s.
const ATTEMPTS_MAX: usize = 10;

fn batch(shard: u16, sequence: u64) -> Batch {
    Batch::empty(
        SourceId { gateway_id: 1, shard },
        5,
        sequence,
        "btc".parse().unwrap(),
        "gw".parse().unwrap(),
    )
}

fn config(folder: &Path, upstream: &str) -> MetarelayConfig {
    MetarelayConfig {
        listen: LOCALHOST.into(),
        upstream: upstream.into(),
        data_folder: folder.to_owned(),
        stop_wait_s: 0,
        ..MetarelayConfig::default()
    }
}

/// An address that is given to nobody else while the socket lives, bound and never listened on. Who names it may
/// listen there, go away, and come back.
fn reserved_address() -> (String, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    // Listeners have it as well, and so may share the port with this socket.
    socket.set_reuseaddr(true).unwrap();
    socket.bind(LOCALHOST.parse().unwrap()).unwrap();
    (socket.local_addr().unwrap().to_string(), socket)
}

/// The end of the way: takes batches, and counts how often each came.
struct End {
    address: String,
    received: mpsc::Receiver<Received>,
    _stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl End {
    async fn listen(address: &str, key: &ClusterKey) -> Self {
        let listener = LinkListener::bind(address, key.clone()).await.unwrap();
        let address = listener.local_address().to_string();
        let (received_in, received) = mpsc::channel(64);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(intake::accept_links(
            listener,
            None,
            received_in,
            stopped,
            LinkCounts::default(),
        ));
        Self { address, received, _stop: stop, task }
    }

    /// Takes batches until so many different ones have come; every other one is answered.
    async fn take(&mut self, wanted: usize) -> BTreeMap<(u16, u64), usize> {
        let mut seen = BTreeMap::new();
        while seen.len() < wanted {
            let Received { batch, answer } = self.received.recv().await.unwrap();
            *seen.entry((batch.source.shard, batch.sequence)).or_default() += 1;
            answer.accept();
        }
        seen
    }

    async fn go_away(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// What a gateway does with its batches.
struct Gateway {
    batches: mpsc::Sender<Delivery>,
    backlog: watch::Receiver<usize>,
    _stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Gateway {
    fn start(folder: &Path, upstreams: Vec<String>, key: &ClusterKey) -> Self {
        let spool = BatchSpool::open(folder, u64::MAX).unwrap();
        let (batches, incoming) = mpsc::channel(64);
        let (backlog_in, backlog) = watch::channel(0);
        let (stop, stopped) = watch::channel(false);
        let config = CourierConfig {
            upstreams,
            key: key.clone(),
            name: "gateway 1".into(),
            instance: 1,
            stop: stopped,
            stop_wait: Duration::ZERO,
        };
        let courier = Courier::new(config, spool, incoming, backlog_in).unwrap();
        Self { batches, backlog, _stop: stop, task: tokio::spawn(courier.run()) }
    }

    async fn publish(&self, batch: Batch) -> oneshot::Receiver<BatchName> {
        let (safe_in, safe) = oneshot::channel();
        let delivery = Delivery { batch: Box::new(batch), notice: Notice::Once(safe_in) };
        self.batches.send(delivery).await.unwrap();
        safe
    }

    async fn wait_until_rid(&mut self) {
        self.backlog.wait_for(|backlog| *backlog == 0).await.unwrap();
    }
}

async fn stopped(relay: Metarelay) {
    relay.stop().await;
}

#[tokio::test]
async fn a_gateway_is_rid_of_what_the_relay_has_and_the_relay_of_what_the_store_has() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let path = |name: &str| folder.path().join(name);
    let mut end = End::listen(LOCALHOST, &key).await;
    let relay = start(config(&path("relay"), &end.address), key.clone()).await.unwrap();
    let address = relay.local_address().to_string();
    let mut gateway = Gateway::start(&path("gateway"), vec![address], &key);
    for sequence in 1..=20 {
        gateway.publish(batch(0, sequence)).await.await.unwrap();
    }
    // Nothing was answered at the end yet.
    gateway.wait_until_rid().await;
    assert_eq!(relay.backlog(), 20);
    let seen = end.take(20).await;
    assert!(seen.values().all(|times| *times == 1), "{seen:?}");
    while relay.backlog() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stopped(relay).await;
}

#[tokio::test]
async fn two_relays_in_a_row_bring_everything_though_each_is_killed() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let path = |name: &str| folder.path().join(name);
    let [(address, _held), (far_address, _far_held), (near_address, _near_held)] =
        std::array::from_fn(|_| reserved_address());
    let at = |name, upstream: &str, listen: &str| MetarelayConfig {
        listen: listen.into(),
        ..config(&path(name), upstream)
    };
    // Nobody is at the end yet.
    let far = start(at("far", &address, &far_address), key.clone()).await.unwrap();
    let near = start(at("near", &far_address, &near_address), key.clone()).await.unwrap();
    let mut gateway = Gateway::start(&path("gateway"), vec![near_address.clone()], &key);
    for sequence in 1..=10 {
        gateway.publish(batch(0, sequence)).await;
    }
    gateway.wait_until_rid().await;

    stopped(near).await;
    stopped(far).await;
    for sequence in 11..=15 {
        // Safe on the gateway's own disk.
        gateway.publish(batch(0, sequence)).await.await.unwrap();
    }
    let mut end = End::listen(&address, &key).await;
    let far = start(at("far", &address, &far_address), key.clone()).await.unwrap();
    let near = start(at("near", &far_address, &near_address), key.clone()).await.unwrap();
    let seen = end.take(15).await;
    assert_eq!(
        seen.keys().copied().collect::<Vec<_>>(),
        (1..=15).map(|it| (0, it)).collect::<Vec<_>>()
    );
    gateway.wait_until_rid().await;
    drop(gateway.batches);
    gateway.task.await.unwrap();
    stopped(near).await;
    stopped(far).await;
}

/// What comes to the first end; `None` where something comes to the second one.
async fn next_of_both(first: &mut End, second: &mut End) -> Option<Received> {
    tokio::select! {
        received = first.received.recv() => received,
        _ = second.received.recv() => None,
    }
}

/// Answers one batch at the first end, and has that one die with the next one in hand; what the second end gets then.
/// `None` where a handshake took so long that the second one was asked before.
async fn take_the_other_way() -> Option<BTreeMap<(u16, u64), usize>> {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let mut first = End::listen(LOCALHOST, &key).await;
    let mut second = End::listen(LOCALHOST, &key).await;
    let ways = vec![first.address.clone(), second.address.clone()];
    let mut gateway = Gateway::start(folder.path(), ways, &key);
    gateway.publish(batch(3, 1)).await.await.unwrap();
    next_of_both(&mut first, &mut second).await?.answer.accept();
    gateway.wait_until_rid().await;
    gateway.publish(batch(3, 2)).await.await.unwrap();
    let unanswered = next_of_both(&mut first, &mut second).await?;
    // It has taken this one, and dies before it has said so.
    first.go_away().await;
    drop(unanswered);
    gateway.publish(batch(3, 3)).await.await.unwrap();
    Some(second.take(2).await)
}

#[tokio::test]
async fn another_way_is_taken_where_the_first_one_is_gone() {
    for _ in 0..ATTEMPTS_MAX {
        if let Some(seen) = take_the_other_way().await {
            assert_eq!(seen.into_keys().collect::<Vec<_>>(), [(3, 2), (3, 3)]);
            return;
        }
    }
    panic!("the second one is asked while the first one is there");
}

#[tokio::test]
async fn a_full_disk_holds_up_nothing_that_can_be_sent() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let mut end = End::listen(LOCALHOST, &key).await;
    // Room for two files, each of which takes a block of the disk.
    let config = MetarelayConfig { spool_bytes_max: 8192, ..config(folder.path(), &end.address) };
    let relay = start(config, key.clone()).await.unwrap();
    let gateway_folder = tempfile::tempdir().unwrap();
    let address = relay.local_address().to_string();
    let mut gateway = Gateway::start(gateway_folder.path(), vec![address], &key);
    for sequence in 1..=8 {
        gateway.publish(batch(0, sequence)).await.await.unwrap();
    }
    // The gateway has all of them by now. Two fit the relay's disk; of the others it is not rid before they are further
    // on.
    gateway.backlog.wait_for(|backlog| *backlog <= 6).await.unwrap();
    let mut unanswered = Vec::new();
    for _ in 0..8 {
        unanswered.push(end.received.recv().await.unwrap());
    }
    assert_eq!((*gateway.backlog.borrow(), relay.backlog()), (6, 8));
    let seen: BTreeSet<_> = unanswered.iter().map(|received| received.batch.sequence).collect();
    assert_eq!(seen, (1..=8).collect());
    unanswered.into_iter().for_each(|received| received.answer.accept());
    gateway.wait_until_rid().await;
    assert!(end.received.try_recv().is_err(), "each came once");
    stopped(relay).await;
}

#[tokio::test]
async fn strangers_reach_nothing() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let mut end = End::listen(LOCALHOST, &key).await;
    let relay = start(config(folder.path(), &end.address), key.clone()).await.unwrap();
    let address = relay.local_address().to_string();
    // With a key of its own.
    let stranger = ClusterKey::generate().unwrap();
    let linked = link::connect(&address, &stranger).await;
    assert!(linked.is_err(), "it has another key");
    // As the reference's senders do, whose receivers trust an address, or over UDP anybody: bytes in the clear.
    let message =
        [&0xe7d5_c474_u32.to_be_bytes()[..], &[0, 0, 0, 40, 0, 0, 0, 101], &[7; 60]].concat();
    let mut plain = tokio::net::TcpStream::connect(&address).await.unwrap();
    plain.write_all(&message).await.unwrap();
    let datagrams = tokio::net::UdpSocket::bind(LOCALHOST).await.unwrap();
    let _ = datagrams.send_to(&message, &address).await;
    // The relay serves those with the key all the same, and has nothing but theirs.
    let gateway_folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(gateway_folder.path(), vec![address], &key);
    gateway.publish(batch(0, 1)).await;
    assert_eq!(end.take(1).await, BTreeMap::from([((0, 1), 1)]));
    assert!(end.received.try_recv().is_err());
    stopped(relay).await;
}

/// A relay whose first upstream is itself, under a name that its configuration does not give away. It is not found by
/// listening on 0.0.0.0: that port must be free of every address of the machine, also of connections that have just
/// ended, and `reserved_address` holds it for 127.0.0.1 alone.
fn looped(folder: &Path, address: &str, more_upstreams: Vec<String>) -> MetarelayConfig {
    let own_by_another_name = address.replace("127.0.0.1:", "127.1:");
    assert_ne!(own_by_another_name, address);
    let listen = address.to_owned();
    MetarelayConfig { listen, more_upstreams, ..config(folder, &own_by_another_name) }
}

#[tokio::test]
async fn a_relay_that_reaches_itself_keeps_its_batches_and_says_so() {
    let log = ThreadLog::capture();
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let (relay_folder, gateway_folder) =
        (folder.path().join("relay"), folder.path().join("gateway"));
    let (address, _held) = reserved_address();
    let config = looped(&relay_folder, &address, Vec::new());
    let relay = start(config, key.clone()).await.unwrap();
    let mut gateway = Gateway::start(&gateway_folder, vec![address], &key);
    gateway.publish(batch(0, 1)).await.await.unwrap();
    gateway.wait_until_rid().await;
    let before = relay.links().refused();
    let told = ["ERROR", "reached itself", "out of upstream and more_upstreams"];
    let tried = async {
        while relay.backlog() > 0
            && (relay.links().refused() == before || log.lines_with(&told).is_empty())
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let tried = tokio::time::timeout(Duration::from_secs(60), tried).await;
    tried.expect("it goes on trying, and says why that is in vain");
    let files = folder::files(&relay_folder.join("batches"), "batch").unwrap();
    assert_eq!((relay.backlog(), files.len()), (1, 1));
    stopped(relay).await;
}

#[tokio::test]
async fn a_relay_that_reaches_itself_goes_on_to_its_next_upstream() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let mut end = End::listen(LOCALHOST, &key).await;
    let (address, _held) = reserved_address();
    let config = looped(&folder.path().join("relay"), &address, vec![end.address.clone()]);
    let relay = start(config, key.clone()).await.unwrap();
    let mut gateway = Gateway::start(&folder.path().join("gateway"), vec![address], &key);
    gateway.publish(batch(0, 1)).await.await.unwrap();
    gateway.wait_until_rid().await;
    let taken = tokio::time::timeout(Duration::from_secs(60), end.take(1)).await;
    assert_eq!(taken.expect("it is not lost"), BTreeMap::from([((0, 1), 1)]));
    stopped(relay).await;
}

#[tokio::test]
async fn a_folder_serves_one_relay() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let relay = start(config(folder.path(), "127.0.0.1:1"), key.clone()).await.unwrap();
    let second = start(config(folder.path(), "127.0.0.1:1"), key).await;
    assert!(matches!(second, Err(StartError::Folder(_))));
    stopped(relay).await;
}

/// Nobody is meant to have it so: what goes round is still there when one of them names a writer.
#[tokio::test]
async fn relays_that_name_each_other_lose_nothing() {
    const BATCHES: u64 = 100;
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let [(first, _first_held), (second, _second_held)] = [(); 2].map(|()| reserved_address());
    let place = |name: &str| folder.path().join(name);
    let between = |own: &str, place: &Path, other: &str| MetarelayConfig {
        listen: own.to_owned(),
        ..config(place, other)
    };
    let mut relays = Vec::new();
    for (own, name, other) in [(&first, "first", &second), (&second, "second", &first)] {
        relays.push(start(between(own, &place(name), other), key.clone()).await.unwrap());
    }
    let mut gateway = Gateway::start(&place("gateway"), vec![first.clone()], &key);
    for sequence in 1..=BATCHES {
        gateway.publish(batch(0, sequence)).await.await.unwrap();
    }
    gateway.wait_until_rid().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    for relay in relays {
        stopped(relay).await;
    }
    let kept: BTreeSet<_> = ["first", "second"]
        .iter()
        .flat_map(|name| folder::files(&place(name).join("batches"), "batch").unwrap())
        .map(|path| path.file_name().unwrap().to_owned())
        .collect();
    assert_eq!(kept.len() as u64, BATCHES);
}

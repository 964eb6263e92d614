//! The courier beside disks that give nothing back, and ends that take nothing.

use std::path::Path;
use std::time::Duration;

use sluice_delivery::intake::{self, Answer, LinkCounts, Received};
use sluice_delivery::spool::name_of;
use sluice_delivery::{BatchSpool, Courier, CourierConfig, Delivery, Notice};
use sluice_service::ClusterKey;
use sluice_service::link::{self, Inbound, LinkListener, LinkSender};
use sluice_session::BatchName;
use sluice_thread_log::ThreadLog;
use sluice_units::limits::{BATCH_BYTES_IN_FLIGHT_MAX, BATCH_ENTRIES_MAX, BATCHES_HELD_MAX};
use sluice_units::{Identity, SourceId, Tally, UnixTime};
use sluice_wire::share_feed::{Batch, FromWriter, SHARE_FEED_VERSION, ToWriter};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

const LOCALHOST: &str = "127.0.0.1:0";
/// Nobody listens there.
const NOBODY: &str = "127.0.0.1:1";

fn batch(sequence: u64) -> Batch {
    Batch::empty(
        SourceId { gateway_id: 1, shard: 0 },
        5,
        sequence,
        "btc".parse().unwrap(),
        "gw".parse().unwrap(),
    )
}

/// As large as a batch gets.
fn large_batch(sequence: u64) -> Batch {
    let minute = UnixTime::from_seconds(1_700_000_040).minute();
    let tally = |entry: usize| {
        let worker: Identity = format!("{entry:060}.{entry:060}").parse().unwrap();
        (minute, worker, Tally { accepted: 1, ..Tally::default() })
    };
    Batch { tallies: (0..BATCH_ENTRIES_MAX).map(tally).collect(), ..batch(sequence) }
}

/// A courier, and whoever brings it batches.
struct Sender {
    batches: mpsc::Sender<Delivery>,
    backlog: watch::Receiver<usize>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Sender {
    fn start(spool: BatchSpool, upstream: &str, key: &ClusterKey) -> Self {
        let (batches, incoming) = mpsc::channel(4);
        let (backlog_in, backlog) = watch::channel(0);
        let (stop, stopped) = watch::channel(false);
        let config = CourierConfig {
            upstreams: vec![upstream.to_owned()],
            key: key.clone(),
            name: "gateway 1".into(),
            instance: 1,
            stop: stopped,
            stop_wait: Duration::ZERO,
        };
        let courier = Courier::new(config, spool, incoming, backlog_in).unwrap();
        Self { batches, backlog, stop, task: tokio::spawn(courier.run()) }
    }

    fn delivery(batch: Batch) -> (Delivery, oneshot::Receiver<BatchName>) {
        let (safe_in, safe) = oneshot::channel();
        (Delivery { batch: Box::new(batch), notice: Notice::Once(safe_in) }, safe)
    }

    async fn publish(&self, batch: Batch) -> oneshot::Receiver<BatchName> {
        let (delivery, safe) = Self::delivery(batch);
        self.batches.send(delivery).await.unwrap();
        safe
    }
}

fn spool(folder: &Path) -> BatchSpool {
    BatchSpool::open(folder, u64::MAX).unwrap()
}

#[tokio::test]
async fn a_batch_that_cannot_be_read_at_first_is_sent_later_and_holds_up_no_other() {
    let log = ThreadLog::capture();
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let mut written = spool(folder.path());
    (1..=3).for_each(|sequence| written.write(&batch(sequence)).unwrap());
    // What stands in the place of the first one gives an error of the system's, not what is no batch.
    let first = folder.path().join("1-0-5-1.batch");
    let aside = tempfile::tempdir().unwrap();
    std::fs::rename(&first, aside.path().join("first")).unwrap();
    std::fs::create_dir(&first).unwrap();

    let listener = LinkListener::bind(LOCALHOST, key.clone()).await.unwrap();
    let address = listener.local_address().to_string();
    let (received_in, mut received) = mpsc::channel(64);
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(intake::accept_links(listener, None, received_in, stopped, LinkCounts::default()));
    let mut sender = Sender::start(spool(folder.path()), &address, &key);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let Received { batch, answer } = received.recv().await.unwrap();
        seen.push(batch.sequence);
        answer.accept();
    }
    assert_eq!(seen, [2, 3]);
    // It is tried again each second, and told once.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(log.lines_with(&["FATAL", "cannot be read from disk"]).len(), 1);
    std::fs::remove_dir(&first).unwrap();
    std::fs::rename(aside.path().join("first"), &first).unwrap();
    let Received { batch, answer } = received.recv().await.unwrap();
    assert_eq!(batch.sequence, 1);
    answer.accept();
    sender.backlog.wait_for(|backlog| *backlog == 0).await.unwrap();
}

#[tokio::test]
async fn an_end_that_reads_nothing_keeps_no_batch_from_the_disk() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let listener = LinkListener::bind(LOCALHOST, key.clone()).await.unwrap();
    let address = listener.local_address().to_string();
    let silent = tokio::spawn(async move {
        let (pending, _) = listener.accept().await.unwrap();
        let (mut sender, mut receiver) = pending.open().await.unwrap();
        receiver.receive().await.unwrap();
        sender.send(&FromWriter::Welcome.encode()).await.unwrap();
        // It holds the link, and reads no further.
        std::future::pending::<()>().await;
    });
    let sender = Sender::start(spool(folder.path()), &address, &key);
    // Some 16 MB: more than the buffers of a connection hold.
    for sequence in 1..=20 {
        let safe = sender.publish(large_batch(sequence)).await;
        assert_eq!(safe.await.unwrap().sequence, sequence, "it is on the disk");
    }
    assert!(!silent.is_finished());
    silent.abort();
}

/// A writer whose store is away holds in memory what it was sent, of each of its links.
#[tokio::test]
async fn no_more_is_under_way_than_a_writer_can_hold_of_each_link() {
    const BATCHES: u64 = 20;
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let mut written = spool(folder.path());
    (1..=BATCHES).for_each(|sequence| written.write(&large_batch(sequence)).unwrap());
    let (mut end, address) = listen(&key).await;
    let mut sender = Sender::start(spool(folder.path()), &address, &key);
    let (mut unanswered, mut bytes) = (Vec::new(), 0);
    for _ in 0..BATCHES {
        let next = tokio::time::timeout(Duration::from_secs(60), end.recv()).await;
        let Received { batch, answer } = next.expect("it sends what it may").unwrap();
        unanswered.push(answer);
        bytes += ToWriter::Batch(*batch).encode().len();
        if bytes >= BATCH_BYTES_IN_FLIGHT_MAX {
            let further = tokio::time::timeout(Duration::from_millis(200), end.recv()).await;
            assert!(further.is_err(), "{bytes} bytes are unanswered");
            unanswered.drain(..).for_each(Answer::accept);
            bytes = 0;
        }
    }
    unanswered.into_iter().for_each(Answer::accept);
    sender.backlog.wait_for(|backlog| *backlog == 0).await.unwrap();
}

#[tokio::test]
async fn a_stop_ends_though_neither_disk_nor_writer_take_anything() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let full = BatchSpool::open(folder.path(), 0).unwrap();
    let sender = Sender::start(full, NOBODY, &key);
    let mut notices = Vec::new();
    // Until it takes in no more, and the queue before it is full.
    let mut backlog = sender.backlog.clone();
    for sequence in 1.. {
        let (delivery, safe) = Sender::delivery(batch(sequence));
        notices.push(safe);
        if let Err(error) = sender.batches.try_send(delivery) {
            assert!(matches!(error, mpsc::error::TrySendError::Full(_)));
            if *backlog.borrow_and_update() == BATCHES_HELD_MAX {
                break;
            }
            backlog.changed().await.unwrap();
        }
    }
    sender.stop.send_replace(true);
    sender.task.await.unwrap();
    assert!(notices.iter_mut().all(|safe| safe.try_recv().is_err()), "nothing of it is safe");
}

#[tokio::test]
async fn what_comes_again_takes_its_room_once() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    // Room for two files.
    let spool = BatchSpool::open(folder.path(), 8192).unwrap();
    let sender = Sender::start(spool, NOBODY, &key);
    for _ in 0..10 {
        sender.publish(batch(1)).await.await.unwrap();
    }
    let safe = sender.publish(batch(2)).await.await.unwrap();
    assert_eq!((safe, *sender.backlog.borrow()), (name_of(&batch(2)), 2));
}

#[tokio::test]
async fn all_links_that_bring_a_batch_hear_of_it_where_no_disk_takes_it() {
    let (folder, key) = (tempfile::tempdir().unwrap(), ClusterKey::generate().unwrap());
    let (mut end, address) = listen(&key).await;
    let full = BatchSpool::open(folder.path(), 0).unwrap();
    let sender = Sender::start(full, &address, &key);
    let (mut brought, relay) = listen(&key).await;
    let mut links = [relay_link(&relay, &key).await, relay_link(&relay, &key).await];
    for (link, _) in &mut links {
        link.send(&ToWriter::Batch(batch(1)).encode()).await.unwrap();
        let Received { batch, answer } = brought.recv().await.unwrap();
        let delivery = Delivery { batch, notice: Notice::Link(answer) };
        sender.batches.send(delivery).await.unwrap();
    }
    // Both have been taken in once the third one is on its way.
    sender.publish(batch(2)).await;
    let mut backlog = sender.backlog.clone();
    backlog.wait_for(|backlog| *backlog == 2).await.unwrap();
    // What came again while it was under way goes once more.
    tokio::spawn(async move {
        while let Some(received) = end.recv().await {
            received.answer.accept();
        }
    });
    for (_, inbound) in &mut links {
        let receipt = tokio::time::timeout(Duration::from_secs(60), inbound.receive()).await;
        let acknowledged = receipt.expect("a receipt comes").unwrap();
        assert!(matches!(acknowledged, FromWriter::Acknowledged { sequence: 1, .. }));
    }
}

/// Each link that is gone would hold what it has brought until the store is back.
#[tokio::test]
async fn a_link_that_is_gone_is_let_go_though_nobody_takes_its_batches() {
    let key = ClusterKey::generate().unwrap();
    let listener = LinkListener::bind(LOCALHOST, key.clone()).await.unwrap();
    let address = listener.local_address().to_string();
    let (received_in, mut received) = mpsc::channel(1);
    let (_stop, stopped) = watch::channel(false);
    let counts = LinkCounts::default();
    tokio::spawn(intake::accept_links(listener, None, received_in, stopped, counts.clone()));
    let until = async |what: &str, is_so: &dyn Fn() -> bool| {
        let waiting = async {
            while !is_so() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.expect(what);
    };
    let (mut link, inbound) = relay_link(&address, &key).await;
    for sequence in 1..=3 {
        link.send(&ToWriter::Batch(batch(sequence)).encode()).await.unwrap();
    }
    until("the first one is brought", &|| received.len() == 1 && counts.open() == 1).await;
    drop((link, inbound));
    until("it is let go", &|| counts.open() == 0).await;
    assert_eq!(received.try_recv().unwrap().batch.sequence, 1);
    assert!(received.try_recv().is_err(), "what waited is sent again, on another link");
}

/// Takes batches in.
async fn listen(key: &ClusterKey) -> (mpsc::Receiver<Received>, String) {
    let listener = LinkListener::bind(LOCALHOST, key.clone()).await.unwrap();
    let address = listener.local_address().to_string();
    let (received_in, received) = mpsc::channel(64);
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        let _stop = stop;
        intake::accept_links(listener, None, received_in, stopped, LinkCounts::default()).await;
    });
    (received, address)
}

/// A link that was welcomed.
async fn relay_link(address: &str, key: &ClusterKey) -> (LinkSender, Inbound<FromWriter>) {
    let (mut sender, receiver) = link::connect(address, key).await.unwrap();
    let hello =
        ToWriter::Hello { version: SHARE_FEED_VERSION, instance: 2, name: "metarelay".into() };
    sender.send(&hello.encode()).await.unwrap();
    let mut inbound = Inbound::start(receiver, FromWriter::decode);
    assert_eq!(inbound.receive().await, Ok(FromWriter::Welcome));
    (sender, inbound)
}

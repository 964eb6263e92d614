use sluice_service::link::LinkListener;
use sluice_thread_log::ThreadLog;
use tokio::sync::oneshot;

use super::*;
use crate::spool::tests::batch;

async fn wait_for(log: &ThreadLog, words: &str) {
    let logged = async {
        while log.count(words) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), logged).await.expect(words);
}

/// A courier, and what it hears from.
struct Bench {
    courier: Courier,
    _batches: mpsc::Sender<Delivery>,
    backlog: watch::Receiver<usize>,
    _stop: watch::Sender<bool>,
    _folder: tempfile::TempDir,
}

impl Bench {
    /// Its patience is over at once: no minute is to be waited for here.
    fn new(upstreams: Vec<String>, key: ClusterKey) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spool = BatchSpool::open(folder.path(), u64::MAX).unwrap();
        let (_stop, stop) = watch::channel(false);
        let (name, stop_wait) = ("gateway 1".into(), Duration::ZERO);
        let config = CourierConfig { upstreams, key, name, instance: 1, stop, stop_wait };
        let (_batches, incoming) = mpsc::channel(1);
        let (backlog_in, backlog) = watch::channel(0);
        let mut courier = Courier::new(config, spool, incoming, backlog_in).unwrap();
        courier.outage = Outage::new(Duration::ZERO);
        Self { courier, _batches, backlog, _stop, _folder: folder }
    }
}

/// Opens the next link, takes its hello, and says welcome.
async fn greet(listener: &LinkListener) -> (LinkSender, Inbound<ToWriter>) {
    let (pending, _) = listener.accept().await.unwrap();
    let (mut sender, receiver) = pending.open().await.unwrap();
    let mut inbound = Inbound::start(receiver, ToWriter::decode);
    assert!(matches!(inbound.receive().await, Ok(ToWriter::Hello { .. })));
    sender.send(&FromWriter::Welcome.encode()).await.unwrap();
    (sender, inbound)
}

const fn acknowledged(&BatchName { source, epoch, sequence }: &BatchName) -> FromWriter {
    FromWriter::Acknowledged { source, epoch, sequence }
}

#[tokio::test]
async fn a_writer_that_welcomes_and_takes_nothing_is_an_outage_all_the_same() {
    let mut bench = Bench::new(vec!["127.0.0.1:1".into()], ClusterKey::generate().unwrap());
    let courier = &mut bench.courier;
    let name = name_of(&batch(0, 1));
    courier.publisher.handle_batch(name);
    let log = ThreadLog::capture();
    let mut backoff = Backoff::for_links();
    for _ in 0..3 {
        courier.handle(FromWriter::Welcome, &mut backoff).unwrap();
        courier.tell_trouble("it takes nothing", Duration::ZERO);
    }
    assert_eq!((log.count("goes on trying"), log.count("FATAL: nobody has taken")), (1, 1));
    courier.handle(acknowledged(&name), &mut backoff).unwrap();
    courier.tell_trouble("it is gone", Duration::ZERO);
    assert_eq!((log.count("goes on trying"), log.count("FATAL: nobody has taken")), (2, 2));
}

#[tokio::test]
async fn the_only_writer_that_acknowledges_nothing_is_told_of_and_waited_for() {
    let key = ClusterKey::generate().unwrap();
    let listener = LinkListener::bind("127.0.0.1:0", key.clone()).await.unwrap();
    let address = listener.local_address().to_string();
    let mut bench = Bench::new(vec![address], key);
    bench.courier.silence_max = Duration::from_secs(5);
    bench.courier.spool.write(&batch(0, 1)).unwrap();
    let name = name_of(&batch(0, 1));
    bench.courier.publisher.handle_batch(name);
    bench.courier.report_backlog();
    let log = ThreadLog::capture();
    let courier = tokio::spawn(bench.courier.run());
    let (mut sender, mut inbound) = greet(&listener).await;
    assert!(matches!(inbound.receive().await, Ok(ToWriter::Batch(_))));
    wait_for(&log, "FATAL: nobody has taken").await;
    assert_eq!(log.count("it has acknowledged nothing for"), 2, "at first, and that it lasts");
    // The link is the same.
    sender.send(&acknowledged(&name).encode()).await.unwrap();
    bench.backlog.wait_for(|backlog| *backlog == 0).await.unwrap();
    assert_eq!((log.count("FATAL"), log.count("batches are taken again")), (1, 1));
    courier.abort();
}

#[tokio::test]
async fn a_silence_that_goes_on_is_told_once_and_ends_the_link_where_there_is_another_writer() {
    let address = "127.0.0.1:1".to_owned();
    let mut bench = Bench::new(vec![address.clone()], ClusterKey::generate().unwrap());
    let courier = &mut bench.courier;
    let log = ThreadLog::capture();
    assert!(courier.handle_silence().unwrap_err().contains("has not said welcome"));
    courier.handle(FromWriter::Welcome, &mut Backoff::for_links()).unwrap();
    for _ in 0..3 {
        courier.handle_silence().unwrap();
    }
    assert_eq!((log.count("FATAL"), log.count("ERROR")), (2, 4), "two outages");
    courier.config.upstreams.push(address);
    assert!(courier.handle_silence().unwrap_err().contains("has acknowledged nothing"));
}

#[tokio::test]
async fn an_end_that_never_says_welcome_gives_way_to_the_next() {
    let key = ClusterKey::generate().unwrap();
    let mute = LinkListener::bind("127.0.0.1:0", key.clone()).await.unwrap();
    let next = LinkListener::bind("127.0.0.1:0", key.clone()).await.unwrap();
    let upstreams = [&mute, &next].map(|listener| listener.local_address().to_string());
    let mut bench = Bench::new(upstreams.to_vec(), key);
    bench.courier.silence_max = Duration::from_millis(20);
    let courier = tokio::spawn(bench.courier.run());
    let (pending, _) = mute.accept().await.unwrap();
    let _kept = pending.open().await.unwrap();
    let called = tokio::time::timeout(Duration::from_secs(60), next.accept()).await;
    assert!(called.is_ok(), "the next one is tried");
    courier.abort();
}

#[test]
fn those_who_are_gone_are_not_kept_for_an_answer() {
    let mut held = Held::new(Box::new(batch(0, 1)));
    let (notice, _waits) = oneshot::channel();
    held.add_notice(Notice::Once(notice));
    for _ in 0..100 {
        held.add_notice(Notice::Once(oneshot::channel().0));
    }
    assert_eq!(held.notices.len(), 2, "who waits, and the last");
}

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::*;

/// Takes what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn count(&self, words: &str) -> usize {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(words)).count()
    }
}

#[tokio::test]
async fn a_writer_that_welcomes_and_takes_nothing_is_an_outage_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let spool = BatchSpool::open(folder.path(), u64::MAX).unwrap();
    let (_stop, stop) = watch::channel(false);
    let config = CourierConfig {
        upstreams: vec!["127.0.0.1:1".into()],
        key: ClusterKey::generate().unwrap(),
        name: "gateway 1".into(),
        stop,
        stop_wait: Duration::ZERO,
    };
    let (_batches, incoming) = mpsc::channel(1);
    let mut courier = Courier::new(config, spool, incoming, watch::channel(0).0).unwrap();
    // No minute is to be waited for here.
    courier.outage = Outage::new(Duration::ZERO);
    let name = BatchName { source: SourceId { gateway_id: 1, shard: 0 }, epoch: 5, sequence: 1 };
    courier.publisher.handle_batch(name);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let mut backoff = Backoff::for_links();
    for _ in 0..3 {
        courier.handle(FromWriter::Welcome, &mut backoff).unwrap();
        courier.tell_trouble("it takes nothing");
    }
    assert_eq!((log.count("trying again"), log.count("FATAL: nobody has taken")), (1, 1));
    let BatchName { source, epoch, sequence } = name;
    courier.handle(FromWriter::Acknowledged { source, epoch, sequence }, &mut backoff).unwrap();
    courier.tell_trouble("it is gone");
    assert_eq!((log.count("trying again"), log.count("FATAL: nobody has taken")), (2, 2));
    drop(guard);
}

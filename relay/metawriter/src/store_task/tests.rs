use std::io::Write;

use tokio::sync::Notify;

use super::*;
use crate::store::tests::batch;

/// A store whose calls last until it is told.
#[derive(Default)]
struct Hanging(Notify);

impl Store for Arc<Hanging> {
    async fn apply(&self, _: &Batch) -> Result<Applied, StoreError> {
        self.0.notified().await;
        Ok(Applied::New)
    }

    async fn forget(&self, _: Minute) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

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
async fn a_store_that_does_not_answer_is_told_of_and_waited_for() {
    let (log, store) = (Log::default(), Arc::new(Hanging::default()));
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (stats, newest) = (SharedStats::default(), watch::Sender::new(None));
    let patience = Duration::from_millis(20);
    let calls = Arc::new(Calls::new(Arc::clone(&store), patience, stats, newest));
    let (_stop, stopped) = watch::channel(false);
    let mut applying = JoinSet::new();
    for sequence in 1..=3 {
        let (calls, stopped) = (Arc::clone(&calls), stopped.clone());
        applying.spawn(async move {
            calls.apply_until_taken(&batch(sequence), stopped).await.unwrap().unwrap()
        });
    }
    let told = async {
        while calls.stats.read().store_failures < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), told).await.expect("it is told");
    assert!(!calls.stats.read().store_reachable);
    assert_eq!(log.count("FATAL"), 1, "not one for each batch");
    assert_eq!(log.count("takes batches again"), 0);
    store.0.notify_waiters();
    assert_eq!(applying.join_all().await, [Applied::New; 3], "no call was given up");
    assert!(calls.stats.read().store_reachable);
    assert_eq!((log.count("FATAL"), log.count("takes batches again")), (1, 1));
}

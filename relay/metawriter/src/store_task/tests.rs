use sluice_thread_log::ThreadLog;
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

#[tokio::test]
async fn a_store_that_does_not_answer_is_told_of_and_waited_for() {
    let (log, store) = (ThreadLog::capture(), Arc::new(Hanging::default()));
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

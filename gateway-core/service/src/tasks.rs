//! The tasks that make up a role. None of them ends before the role stops: where one does, the role is deaf or mute, and
//! better ends as a whole, so that it is started again.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use thiserror::Error;
use tokio::task::JoinHandle;

/// Why a role cannot go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error(
    "a task of the role met a broken invariant, which the log has; start the role again, and report it"
)]
pub struct TaskEnded;

/// Dropped, it lets them run: a role's stop is what ends them.
#[derive(Debug, Default)]
pub struct RoleTasks(Vec<JoinHandle<()>>);

impl RoleTasks {
    /// Starts one more.
    pub fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.push(tokio::spawn(task));
    }

    /// Whether one has ended before the stop; told once.
    pub fn failure(&mut self) -> Option<TaskEnded> {
        let ended = self.0.iter().position(JoinHandle::is_finished)?;
        drop(self.0.swap_remove(ended));
        Some(TaskEnded)
    }

    /// Returns once one has ended before the stop. May be cancelled.
    pub async fn wait_for_failure(&mut self) -> TaskEnded {
        poll_fn(|context| {
            let mut tasks = self.0.iter_mut();
            let Some(ended) = tasks.position(|task| Pin::new(task).poll(context).is_ready()) else {
                return Poll::Pending;
            };
            drop(self.0.swap_remove(ended));
            Poll::Ready(TaskEnded)
        })
        .await
    }

    /// Waits until all have ended, but for those that were told of, as they do once the role stops.
    ///
    /// # Panics
    ///
    /// Where one of them does.
    pub async fn join(self) {
        for task in self.0 {
            task.await.expect("the role's tasks do not panic");
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::watch;

    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_early_is_told_once_and_the_others_stop_in_order() {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = RoleTasks::default();
        for _ in 0..3 {
            let mut stopped = stopped.clone();
            tasks.spawn(async move { drop(stopped.wait_for(|stops| *stops).await) });
        }
        assert_eq!(tasks.failure(), None);
        tasks.spawn(async { panic!("a broken invariant of the test's") });
        tasks.wait_for_failure().await;
        assert_eq!(tasks.failure(), None);
        stop.send_replace(true);
        tasks.join().await;
    }
}

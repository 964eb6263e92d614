//! What a broken invariant does to a role: wherever it was met, people are told, and the role ends, so that it is
//! started again. Living on without the task or the thread that met it, it would be deaf or mute.

use sluice_service::alerts::collector;
use sluice_service::tasks::TaskEnded;
use sluice_wire::alert_feed::Severity;
use tokio::sync::watch;

/// The panics of this process.
#[derive(Clone)]
pub(crate) struct Panics(watch::Receiver<bool>);

impl Panics {
    /// From here on every panic is an alert as well, behind what Rust itself prints, and is remembered.
    pub(crate) fn watch() -> Self {
        let (met_in, met) = watch::channel(false);
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            print(panic);
            collector().add(Severity::Fatal, &format!("FATAL: a broken invariant: {panic}"));
            met_in.send_replace(true);
        }));
        Self(met)
    }

    /// None to come.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self(watch::channel(false).1)
    }

    /// Whether there was one.
    pub(crate) fn met(&self) -> Option<TaskEnded> {
        self.0.borrow().then_some(TaskEnded)
    }

    /// Returns once there was one. May be cancelled.
    pub(crate) async fn wait(&mut self) -> TaskEnded {
        let met = self.0.wait_for(|met| *met).await.map(|_| TaskEnded);
        met.expect("the hook lives as long as the process")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_anywhere_in_the_process_is_told_and_remembered() {
        let mut panics = Panics::watch();
        assert_eq!(panics.met(), None);
        let thread = std::thread::spawn(|| panic!("a broken invariant of the test's"));
        assert_eq!(panics.wait().await, TaskEnded);
        assert!(thread.join().is_err());
        assert_eq!(panics.met(), Some(TaskEnded));
    }
}

//! What a test's thread logs, and with it all tasks of a runtime of one thread: for the test to look at.
//!
//! There is one subscriber for the whole process. With one for each test, a line that another test's thread comes to first
//! is switched off for good where that thread has no subscriber.

#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::io::{self, Write};
use std::marker::PhantomData;
use std::sync::Once;

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The lines of this thread, from level INFO on.
#[derive(Debug)]
pub struct ThreadLog(PhantomData<*const ()>);

struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ThreadLog {
    /// Begins with no lines.
    ///
    /// # Panics
    ///
    /// Where the process has another subscriber.
    pub fn capture() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(|| Writer);
            tracing::subscriber::set_global_default(subscriber.finish())
                .expect("tests have no other subscriber");
        });
        LOG.take();
        Self(PhantomData)
    }

    /// The lines that hold all of these words.
    pub fn lines_with(&self, words: &[&str]) -> Vec<String> {
        LOG.with_borrow(|log| {
            let text = String::from_utf8_lossy(log);
            let has_all = |line: &&str| words.iter().all(|word| line.contains(word));
            text.lines().filter(has_all).map(str::to_owned).collect()
        })
    }

    /// How many lines hold these words.
    pub fn count(&self, words: &str) -> usize {
        self.lines_with(&[words]).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str) {
        tracing::info!("{text}");
    }

    #[test]
    fn a_line_that_another_thread_came_to_first_is_heard() {
        std::thread::spawn(|| say("elsewhere")).join().unwrap();
        let log = ThreadLog::capture();
        say("here and now");
        std::thread::spawn(|| say("elsewhere")).join().unwrap();
        assert_eq!((log.count("elsewhere"), log.count("here")), (0, 1));
        assert_eq!(log.lines_with(&["now", "here"]).len(), 1);
        assert_eq!(log.lines_with(&["now", "there"]), [""; 0]);
        assert_eq!(ThreadLog::capture().count("here"), 0);
    }
}

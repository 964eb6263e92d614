//! A connection that breaks at the worst moment.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Passes everything to a server and back, until it is told to lose an answer or a request.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    lose_answer: Arc<AtomicBool>,
    lose_request: Arc<AtomicBool>,
    /// What an answer must hold to be lost.
    words: Arc<Mutex<&'static str>>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let lose_answer = Arc::new(AtomicBool::new(false));
        let lose_request = Arc::new(AtomicBool::new(false));
        let (answer, request) = (Arc::clone(&lose_answer), Arc::clone(&lose_request));
        let words = Arc::new(Mutex::new(""));
        let of_answer = Arc::clone(&words);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let Ok(server) = TcpStream::connect(&server).await else { continue };
                let answer = (Arc::clone(&answer), Arc::clone(&of_answer));
                tokio::spawn(pass(client, server, (Arc::clone(&request), Arc::default()), answer));
            }
        });
        Self { address, lose_answer, lose_request, words, task }
    }

    /// The next answer is swallowed, and its connection cut: the server has done the work.
    pub(crate) fn lose_next_answer(&self) {
        self.lose_answer.store(true, Ordering::SeqCst);
    }

    /// The same with the next answer that holds these words.
    pub(crate) fn lose_next_answer_with(&self, words: &'static str) {
        *self.words.lock().unwrap() = words;
        self.lose_next_answer();
    }

    /// The next request is swallowed, and its connection cut: the server never saw it.
    pub(crate) fn lose_next_request(&self) {
        self.lose_request.store(true, Ordering::SeqCst);
    }

    /// Whether what was to be lost has been lost.
    pub(crate) fn has_lost(&self) -> bool {
        !self.lose_answer.load(Ordering::SeqCst) && !self.lose_request.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whether something is to be lost, and what it must hold.
type Loss = (Arc<AtomicBool>, Arc<Mutex<&'static str>>);

/// Ends, and with it both connections, as soon as one direction ends.
async fn pass(client: TcpStream, server: TcpStream, lose_request: Loss, lose_answer: Loss) {
    let (client_reading, client_writing) = client.into_split();
    let (server_reading, server_writing) = server.into_split();
    tokio::select! {
        () = pass_one_way(client_reading, server_writing, lose_request) => {}
        () = pass_one_way(server_reading, client_writing, lose_answer) => {}
    }
}

async fn pass_one_way(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    (lose, words): Loss,
) {
    let mut bytes = vec![0; 65_536];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        let has_words = String::from_utf8_lossy(&bytes[..length]).contains(*words.lock().unwrap());
        if has_words && lose.swap(false, Ordering::SeqCst)
            || to.write_all(&bytes[..length]).await.is_err()
        {
            return;
        }
    }
}

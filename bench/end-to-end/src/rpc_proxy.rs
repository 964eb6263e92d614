//! Between a jobmaster and its node: calls of one method fail while a test wants them to.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

const REFUSAL: &[u8] =
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[derive(Default)]
struct Orders {
    failing: Mutex<Option<String>>,
    failed: AtomicU64,
    ended: AtomicBool,
}

/// A proxy on a free port. Dropping it ends it.
pub struct RpcProxy {
    address: SocketAddr,
    orders: Arc<Orders>,
}

impl RpcProxy {
    /// Forwards to a node's RPC.
    pub fn start(node: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound listener has an address");
        let orders = Arc::new(Orders::default());
        let shared = Arc::clone(&orders);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.ended.load(Ordering::Relaxed) {
                    return;
                }
                let orders = Arc::clone(&shared);
                thread::spawn(move || forward(client, node, &orders));
            }
        });
        Self { address, orders }
    }

    /// A node's URL that leads here instead.
    pub fn url(&self, node_url: &str) -> String {
        let (user, _) = node_url.rsplit_once('@').expect("a URL with a password");
        format!("{user}@{}", self.address)
    }

    /// From now on calls of this method fail.
    pub fn fail(&self, method: &str) {
        *self.lock() = Some(format!("\"{method}\""));
    }

    /// From now on all calls go through.
    pub fn recover(&self) {
        *self.lock() = None;
    }

    /// How many calls have failed.
    pub fn failed(&self) -> u64 {
        self.orders.failed.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.orders.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RpcProxy {
    fn drop(&mut self) {
        self.orders.ended.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

/// One call on one connection; whoever hangs up meanwhile ends it.
fn forward(mut client: TcpStream, node: SocketAddr, orders: &Orders) {
    let Some(request) = read_request(&mut client) else { return };
    let text = String::from_utf8_lossy(&request);
    let failing = orders.failing.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if failing.is_some_and(|method| text.contains(&method)) {
        orders.failed.fetch_add(1, Ordering::Relaxed);
        let _ = client.write_all(REFUSAL);
        return;
    }
    let Ok(mut upstream) = TcpStream::connect(node) else { return };
    // The node then ends its answer by closing, and so does this.
    let request = text.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    if upstream.write_all(request.as_bytes()).is_ok() {
        let _ = std::io::copy(&mut upstream, &mut client);
    }
    let _ = client.shutdown(Shutdown::Both);
}

/// A whole HTTP request, head and body; `None` where the connection ends before.
pub fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let length = client.read(&mut part).ok().filter(|length| *length > 0)?;
        request.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let wanted: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        if body.len() >= wanted {
            return Some(request);
        }
    }
}

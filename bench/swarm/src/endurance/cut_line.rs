//! A line between two roles that can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::error::BenchError;

const PIECE_BYTES: usize = 64 * 1024;

/// Passes on what comes to its address. Both ends of what is open are kept, to be cut.
pub(crate) struct CutLine {
    pub(crate) address: SocketAddr,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

/// One that has its address, and passes nothing on yet.
pub(crate) struct BoundLine(TcpListener);

impl BoundLine {
    /// Passes on to this address for as long as this process runs.
    pub(crate) fn start(self, to: SocketAddr) -> Result<CutLine, BenchError> {
        let Self(listener) = self;
        let address = listener.local_addr().map_err(failed)?;
        let open = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&open);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // Whoever connects finds out that nobody is there.
                if let Ok(far) = TcpStream::connect(to) {
                    pass_both_ways(&near, &far, &kept);
                }
            }
        });
        Ok(CutLine { address, open })
    }
}

impl CutLine {
    pub(crate) fn bind() -> Result<BoundLine, BenchError> {
        TcpListener::bind("127.0.0.1:0").map(BoundLine).map_err(failed)
    }

    /// Ends everything that is open, in both directions, whatever is on its way.
    pub(crate) fn cut(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in open.drain(..) {
            // It may have ended by itself.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn failed(source: std::io::Error) -> BenchError {
    BenchError::Scratch { what: "a line to be cut", source }
}

fn pass_both_ways(near: &TcpStream, far: &TcpStream, kept: &Mutex<Vec<TcpStream>>) {
    for (from, to) in [(near, far), (far, near)] {
        let (Ok(mut reading), Ok(mut writing)) = (from.try_clone(), to.try_clone()) else { return };
        if let Ok(stream) = from.try_clone() {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
        }
        thread::spawn(move || {
            let mut piece = vec![0; PIECE_BYTES];
            while let Ok(count @ 1..) = reading.read(&mut piece) {
                if writing.write_all(&piece[..count]).is_err() {
                    break;
                }
            }
            let _ = (reading.shutdown(Shutdown::Both), writing.shutdown(Shutdown::Both));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_ends_with_a_cut_and_goes_on_with_a_new_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = CutLine::bind().unwrap().start(listener.local_addr().unwrap()).unwrap();
        for _ in 0..2 {
            let mut near = TcpStream::connect(line.address).unwrap();
            let (mut far, _) = listener.accept().unwrap();
            let mut bytes = [0; 4];
            near.write_all(b"ping").unwrap();
            far.read_exact(&mut bytes).unwrap();
            far.write_all(b"pong").unwrap();
            near.read_exact(&mut bytes).unwrap();
            assert_eq!(&bytes, b"pong");
            line.cut();
            assert_eq!(near.read(&mut bytes).unwrap_or(0), 0);
        }
    }
}

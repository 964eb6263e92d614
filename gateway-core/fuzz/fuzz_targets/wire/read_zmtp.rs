//! What a publisher says: cut anywhere it reads the same, and what is read makes a notice or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_wire::node_zmq::{BLOCK_TOPICS, notice_of};
use sluice_wire::zmtp::{ZmtpEvent, ZmtpReader, greeting};

fuzz_target!(|bytes: &[u8]| {
    let Some((cut, said)) = bytes.split_first() else { return };
    let whole = [&greeting()[..], said].concat();
    let mut at_once = Vec::new();
    let end = ZmtpReader::new(&BLOCK_TOPICS).read(&whole, |event| at_once.push(event));
    let (mut reader, mut in_pieces) = (ZmtpReader::new(&BLOCK_TOPICS), Vec::new());
    let mut pieces_end = Ok(());
    for piece in whole.chunks(usize::from(*cut).max(1)) {
        pieces_end = reader.read(piece, |event| in_pieces.push(event));
        if pieces_end.is_err() {
            break;
        }
    }
    assert_eq!((end, &at_once), (pieces_end, &in_pieces));
    for event in at_once {
        if let ZmtpEvent::Published(published) = event {
            let _ = notice_of(&published);
        }
    }
});

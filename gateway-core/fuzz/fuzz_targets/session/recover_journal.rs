//! Whatever stands in a journal, a start makes batches of it that can be kept and sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_session::journal::recover;
use sluice_units::SourceId;
use sluice_wire::journal::{Begin, Record, open_frame, seal_frame, write_record};
use sluice_wire::share_feed::Batch;

fuzz_target!(|bytes: &[u8]| {
    let _ = recover(&[bytes]);
    // The same as records of a frame that is whole.
    let (epoch, turn) = (5, 1);
    let begin = Begin {
        source: SourceId { gateway_id: 1, shard: 2 },
        epoch,
        turn,
        coin: "btc".parse().expect("letters are a name"),
        host: "host".parse().expect("letters are a name"),
        next_sequence: 1,
    };
    let mut file = Vec::new();
    open_frame(&mut file);
    write_record(&mut file, &Record::Begin(begin));
    file.extend_from_slice(bytes);
    seal_frame(&mut file, epoch, turn, 0);
    for batch in recover(&[file]).batches {
        assert_eq!(Batch::decode(&batch.encode()), Ok(batch));
    }
});

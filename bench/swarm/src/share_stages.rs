//! What becomes of a share's processor time between reading and writing: the shard alone, without a
//! ring, fed with the lines that a run's miners send.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Seek};
use std::net::IpAddr;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use serde_json::Value;
use sluice_mining::share::{CheckPolicy, PreparedJob, Share};
use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::{Action, JOURNAL_FILES, Shard, ShardConfig, journal};
use sluice_sha256d::Kernel;
use sluice_units::{
    ConnectionId, Extranonce1, Hash256, Instant, Job, Now, ShareDifficulty, SourceId, UnixTime, hex,
};
use sluice_wire::stratum::{Call, Request, ServerMessage, notification};

use crate::error::BenchError;
use crate::jobs::JobRow;
use crate::monotonic::{now_ns, thread_ns};
use crate::shares::{FIRST_SUBMIT_ID, ShareSource};
use crate::statistics::median;

/// Shares of one turn: a group of the widest kernel that processors commonly have.
const SHARES_PER_TURN: usize = 4;
const SHARES_PER_PASS: usize = 4096;
const PASSES: u64 = 9;
/// Of each file of the journal: all passes fit into one.
const JOURNAL_FILE_BYTES: u64 = 16 << 20;
const STARTED_UNIX_S: u32 = 1_700_000_000;
const WORKER: &str = "bench.w0000001";
const CONNECTION: ConnectionId = ConnectionId { slot: 0, generation: 0 };

/// Microseconds of processor time a share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stages {
    /// The line read.
    pub(crate) scan_us: f64,
    /// The share hashed.
    pub(crate) check_us: f64,
    /// All else that the shard does: finding session, worker and job, the verdict, the credit, the reply.
    pub(crate) account_us: f64,
    /// The share written to the journal; not among the others. It is a difference: where the machine is busy with other
    /// things it says little, and may be nothing.
    pub(crate) journal_us: f64,
}

/// Where a shard's journal goes; nowhere without one.
type JournalFiles = Option<[File; JOURNAL_FILES]>;

/// Medians of some passes over shares of which none is like another. What the journal takes is the median of the passes'
/// differences, since a machine that is slow in one pass is so for both shards.
pub(crate) fn measure() -> Result<Stages, BenchError> {
    let checks = CheckPolicy { kernel: Kernel::fastest(now_ns), ..CheckPolicy::default() };
    let job = JobRow::new(STARTED_UNIX_S).next_clean();
    let mut shard = Shard::new(now(), config(checks));
    shard.handle_job(now(), job.clone());
    let extranonce1 = greet(&mut shard)?;
    let mut files = Some([scratch_file()?, scratch_file()?]);
    let journal_file_bytes = Some(JOURNAL_FILE_BYTES);
    let mut recording = Shard::new(now(), ShardConfig { journal_file_bytes, ..config(checks) });
    recording.handle_job(now(), job.clone());
    if greet(&mut recording)? != extranonce1 {
        return Err(BenchError::Check("two shards of one name give other extranonces".into()));
    }
    let mut prepared = PreparedJob::new(job.clone(), checks, 0)
        .ok_or_else(|| BenchError::Check("the job's bits are no target".into()))?;
    let mut source = source(&job, extranonce1)?;
    let (mut scans, mut checked) = (Vec::new(), Vec::new());
    let (mut wholes, mut differences) = (Vec::new(), Vec::new());
    for pass in 0..PASSES {
        let first = FIRST_SUBMIT_ID + pass * SHARES_PER_PASS as u64;
        let ids = first..first + SHARES_PER_PASS as u64;
        let lines: Vec<_> = ids.map(|id| source.next_line(id).to_vec()).collect();
        scans.push(timed(|| {
            for line in &lines {
                let _ = black_box(Request::decode(&line[..line.len() - 1]));
            }
        }));
        let shares: Vec<_> = lines.iter().filter_map(|line| share(line, extranonce1)).collect();
        checked.push(timed(|| hash(&mut prepared, &shares)));
        let mut whole = || timed(|| serve(&mut shard, &None, &lines));
        let mut recorded = || timed(|| serve(&mut recording, &files, &lines));
        // The second one finds the lines in the cache: each is so in turn.
        let (whole, recorded) = if pass % 2 == 0 {
            (whole(), recorded())
        } else {
            let recorded = recorded();
            (whole(), recorded)
        };
        wholes.push(whole);
        differences.push(recorded - whole);
    }
    let submitted = PASSES * SHARES_PER_PASS as u64;
    for accepted in [shard.stats().accepted, recording.stats().accepted] {
        if accepted != submitted {
            let text = format!("{accepted} of {submitted} shares were accepted");
            return Err(BenchError::Check(text));
        }
    }
    check_journal(files.take(), submitted)?;
    let [scan_us, check_us, whole_us, journal_us] =
        [scans, checked, wholes, differences].map(|times| median(times).unwrap_or_default());
    let account_us = (whole_us - scan_us - check_us).max(0.0);
    Ok(Stages { scan_us, check_us, account_us, journal_us: journal_us.max(0.0) })
}

fn scratch_file() -> Result<File, BenchError> {
    tempfile::tempfile().map_err(|source| BenchError::Scratch { what: "a journal's file", source })
}

/// Whether the next start would find every share.
fn check_journal(files: JournalFiles, submitted: u64) -> Result<(), BenchError> {
    let mut journals = Vec::new();
    for mut file in files.into_iter().flatten() {
        let mut bytes = Vec::new();
        let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
        read.map_err(|source| BenchError::Scratch { what: "a journal's file", source })?;
        journals.push(bytes);
    }
    let batches = journal::recover(&journals).batches;
    let tallies = batches.iter().flat_map(|batch| &batch.tallies);
    let found: u64 = tallies.map(|(_, _, tally)| tally.accepted).sum();
    if found == submitted {
        return Ok(());
    }
    Err(BenchError::Check(format!("the journal has {found} of {submitted} shares")))
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = thread_ns();
    work();
    (thread_ns() - start) as f64 / 1000.0 / SHARES_PER_PASS as f64
}

fn hash(prepared: &mut PreparedJob, shares: &[Share]) {
    let mut hashes = [Hash256::ZERO; SHARES_PER_TURN];
    for group in shares.chunks_exact(SHARES_PER_TURN) {
        prepared.hash(group, &mut hashes);
        black_box(&hashes);
    }
}

fn serve(shard: &mut Shard, files: &JournalFiles, lines: &[Vec<u8>]) {
    for turn in lines.chunks(SHARES_PER_TURN) {
        for line in turn {
            shard.handle_received(now(), CONNECTION, line);
        }
        while let Some(action) = shard.poll_action() {
            write_down(shard, files);
            black_box(action);
        }
    }
}

/// As the gateway does, before each action.
fn write_down(shard: &mut Shard, files: &JournalFiles) {
    let Some(files) = files.as_ref().filter(|_| shard.has_journal_writes()) else { return };
    let written = shard
        .journal_writes()
        .try_for_each(|write| files[write.file].write_all_at(write.bytes, write.offset));
    // Where it fails the journal lacks shares, and the run fails.
    if written.is_ok() {
        shard.handle_journal_written();
    }
}

/// Subscribes and authorises, and reads what the shard says.
fn greet(shard: &mut Shard) -> Result<Extranonce1, BenchError> {
    shard.handle_connected(now(), CONNECTION, IpAddr::from([127, 0, 0, 1]), 0);
    let lines = format!(
        "{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}}\n\
         {{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{WORKER}\",\"x\"]}}\n"
    );
    // Shares with rolled version bits follow.
    let configure = "{\"id\":0,\"method\":\"mining.configure\",\"params\":[[\"version-rolling\"],\
                     {\"version-rolling.mask\":\"1fffe000\"}]}\n";
    shard.handle_received(now(), CONNECTION, configure.as_bytes());
    shard.handle_received(now(), CONNECTION, lines.as_bytes());
    let mut said = Vec::new();
    while let Some(action) = shard.poll_action() {
        if let Action::Send { bytes, .. } = action {
            said.extend_from_slice(shard.outbox(&bytes));
        }
    }
    let mut replies = said.split(|byte| *byte == b'\n').filter_map(|line| {
        let reply: Value = serde_json::from_slice(line).ok()?;
        (reply["id"] == 1).then(|| hex::decode(reply["result"][1].as_str()?))?
    });
    let extranonce1 = replies.next().and_then(|bytes| bytes.try_into().ok());
    let extranonce1 = extranonce1.map(Extranonce1::from_bytes);
    extranonce1.ok_or_else(|| BenchError::Check("the shard greets in an unknown way".into()))
}

fn source(job: &Job, extranonce1: Extranonce1) -> Result<ShareSource, BenchError> {
    let mut line = Vec::new();
    notification::encode_notify(&mut line, job, true);
    let Ok(ServerMessage::Notify(notified)) = ServerMessage::decode(line.trim_ascii()) else {
        return Err(BenchError::Check("a job's line is no notification".into()));
    };
    Ok(ShareSource::new(&notified, &extranonce1.to_bytes(), 8, WORKER))
}

fn share(line: &[u8], extranonce1: Extranonce1) -> Option<Share> {
    let Call::Submit(submit) = Request::decode(line.trim_ascii()).ok()?.call else { return None };
    Some(Share {
        extranonce1,
        extranonce2: submit.extranonce2,
        ntime: submit.ntime,
        nonce: submit.nonce,
        version_bits: submit.version_bits,
        version_mask: sluice_units::header::VERSION_MASK,
        difficulty: ShareDifficulty::MIN,
    })
}

fn config(checks: CheckPolicy) -> ShardConfig {
    let hour = Duration::from_secs(3600);
    let source = SourceId { gateway_id: 1, shard: 0 };
    ShardConfig {
        checks,
        handshake_timeout: hour,
        idle_timeout: hour,
        feed_timeout: hour,
        ..ShardConfig::new(source, VardiffPolicy::fixed(ShareDifficulty::MIN))
    }
}

fn now() -> Now {
    Now { instant: Instant::ZERO, unix: UnixTime::from_seconds(STARTED_UNIX_S.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_takes_some_time() {
        let stages = measure().unwrap();
        assert!(stages.scan_us > 0.0 && stages.check_us > 0.0, "{stages:?}");
        assert!(stages.account_us.is_finite() && stages.journal_us.is_finite(), "{stages:?}");
    }
}

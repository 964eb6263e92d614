//! What a process has used: processor time of its threads, memory. Read from /proc (proc(5)).

use std::fs;
use std::path::PathBuf;

use crate::error::BenchError;

/// What the threads begin with that serve miners, in the gateway and in the bare engine.
const SHARD_THREAD: &str = "shard-";
/// Threads of the kernel that a ring has made; only shards have rings.
const RING_WORKER_THREAD: &str = "iou-wrk-";

/// Processor time since a process began, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct ProcessorTime {
    /// Of the threads that serve miners.
    pub(crate) shards_ns: u64,
    /// Of all threads that still run.
    pub(crate) process_ns: u64,
}

impl ProcessorTime {
    /// What was used since an earlier reading.
    pub(crate) const fn since(self, earlier: Self) -> Self {
        Self {
            shards_ns: self.shards_ns.saturating_sub(earlier.shards_ns),
            process_ns: self.process_ns.saturating_sub(earlier.process_ns),
        }
    }
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Memory {
    /// All that is resident (`VmRSS`).
    pub(crate) resident_bytes: u64,
    /// What of it belongs to no file (`RssAnon`).
    pub(crate) anonymous_bytes: u64,
}

/// Reads the processor time of a process, from `/proc/PID/task/*/schedstat`.
pub(crate) fn processor_time(process: u32) -> Result<ProcessorTime, BenchError> {
    let folder = PathBuf::from(format!("/proc/{process}/task"));
    let threads = fs::read_dir(&folder).map_err(|error| BenchError::read(&folder, error))?;
    let mut sum = ProcessorTime::default();
    for thread in threads.flatten() {
        // A thread may end between the listing and the reading.
        let read = |file: &str| fs::read_to_string(thread.path().join(file)).ok();
        let (Some(name), Some(schedstat)) = (read("comm"), read("schedstat")) else { continue };
        let nanoseconds = parse_schedstat(&schedstat).ok_or(BenchError::NoScheduleStatistics)?;
        sum.process_ns += nanoseconds;
        if name.starts_with(SHARD_THREAD) || name.starts_with(RING_WORKER_THREAD) {
            sum.shards_ns += nanoseconds;
        }
    }
    if sum.process_ns == 0 { Err(BenchError::NoScheduleStatistics) } else { Ok(sum) }
}

/// Reads the memory of a process, from `/proc/PID/status`.
pub(crate) fn memory(process: u32) -> Result<Memory, BenchError> {
    let file = PathBuf::from(format!("/proc/{process}/status"));
    let text = fs::read_to_string(&file).map_err(|error| BenchError::read(&file, error))?;
    let field = |name| parse_kilobytes(&text, name).unwrap_or_default();
    Ok(Memory { resident_bytes: field("VmRSS:"), anonymous_bytes: field("RssAnon:") })
}

/// Memory of this machine that programs could still have, in bytes.
pub(crate) fn memory_available_bytes() -> Option<u64> {
    parse_kilobytes(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")
}

/// The first number of a `schedstat`: nanoseconds on a processor.
fn parse_schedstat(text: &str) -> Option<u64> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// The bytes of a line such as `VmRSS:  1234 kB`.
fn parse_kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim_end().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_spelling() {
        assert_eq!(parse_schedstat("122391834 22851637 205\n"), Some(122_391_834));
        assert_eq!(parse_schedstat(""), None);
        let status = "Name:\tsluice\nVmRSS:\t    1234 kB\nRssAnon:\t     400 kB\n";
        assert_eq!(parse_kilobytes(status, "VmRSS:"), Some(1234 * 1024));
        assert_eq!(parse_kilobytes(status, "RssAnon:"), Some(400 * 1024));
        assert_eq!(parse_kilobytes(status, "VmSwap:"), None);
    }

    #[test]
    fn this_process_uses_time_and_memory_and_its_shards_are_told_apart() {
        let process = std::process::id();
        let before = processor_time(process).unwrap();
        let (started, wait) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let shard = std::thread::Builder::new().name("shard-7".into()).spawn(move || {
            let sum = (0..20_000_000_u64).fold(0, |sum, number| std::hint::black_box(sum ^ number));
            started.send(sum).unwrap();
            ended.recv().unwrap_err();
        });
        wait.recv().unwrap();
        // Other threads of this process may have ended in between, and their time with them.
        let after = processor_time(process).unwrap();
        assert!(after.since(before).shards_ns > 0, "{before:?}, {after:?}");
        assert!(after.process_ns >= after.shards_ns, "{after:?}");
        drop(end);
        shard.unwrap().join().unwrap();
        let memory = memory(process).unwrap();
        assert!(memory.resident_bytes > memory.anonymous_bytes && memory.anonymous_bytes > 0);
        assert!(memory_available_bytes().unwrap() > memory.resident_bytes);
    }
}

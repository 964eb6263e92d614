//! What a running process holds, as the kernel counts it: descriptors, slots of its rings, memory.

use std::fs;

/// What one io_uring holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HeldByRing {
    /// Occupied slots in the table of direct descriptors.
    pub slots: usize,
    /// Operations that wait for a socket to become ready: accepts and receives.
    pub operations: usize,
}

/// Descriptors, and what the rings hold besides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldDescriptors {
    /// Entries of `/proc/PID/fd`.
    pub descriptors: usize,
    /// Every io_uring, in the order of what they hold.
    pub rings: Vec<HeldByRing>,
}

impl HeldDescriptors {
    /// Occupied slots of all rings.
    pub fn ring_slots(&self) -> usize {
        self.rings.iter().map(|ring| ring.slots).sum()
    }
}

/// What a process holds at this moment, or `None` where the kernel could not tell: a ring whose lock is taken leaves
/// its table out of `fdinfo`. A descriptor that goes while it is looked at is not held.
pub fn held_descriptors(process_id: u32) -> Option<HeldDescriptors> {
    let names: Vec<_> = fs::read_dir(format!("/proc/{process_id}/fd"))
        .expect("a running process has descriptors")
        .map(|entry| entry.map(|entry| entry.file_name().into_string()))
        .collect::<Result<_, _>>()
        .ok()?;
    let mut held = HeldDescriptors { descriptors: names.len(), rings: Vec::new() };
    for name in names {
        let name = name.expect("descriptors are numbers");
        let Ok(target) = fs::read_link(format!("/proc/{process_id}/fd/{name}")) else {
            held.descriptors -= 1;
            continue;
        };
        if target.to_string_lossy() == "anon_inode:[io_uring]" {
            let text = fs::read_to_string(format!("/proc/{process_id}/fdinfo/{name}")).ok()?;
            held.rings.push(parse_ring(&text)?);
        }
    }
    held.rings.sort_unstable();
    Some(held)
}

/// Bytes of memory that belong to a process alone and are backed by no file (RssAnon).
pub fn anonymous_memory_bytes(process_id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process_id}/status"))
        .expect("a running process has a status");
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:")?.strip_suffix("kB")?.trim().parse().ok());
    kibibytes.map(|kibibytes: u64| kibibytes * 1024).expect("Linux writes RssAnon in kB")
}

/// Reads the `fdinfo` of an io_uring, or `None` where it lacks the tables.
fn parse_ring(text: &str) -> Option<HeldByRing> {
    // Before Linux 6.13 empty slots are listed as well.
    let slots = rows_below(text, "UserFiles:")?.filter(|row| !row.ends_with("<none>")).count();
    Some(HeldByRing { slots, operations: rows_below(text, "PollList:")?.count() })
}

/// The lines below a table's title: they begin with a number, which has blanks before it up to five digits.
fn rows_below<'a>(text: &'a str, title: &'a str) -> Option<impl Iterator<Item = &'a str>> {
    let mut lines = text.lines().skip_while(move |line| !line.starts_with(title));
    lines.next()?;
    Some(
        lines.take_while(|line| {
            line.starts_with(|first: char| first == ' ' || first.is_ascii_digit())
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn occupied_slots_and_waiting_operations_are_counted() {
        let text = "pos:\t0\nUserFiles:\t4\n    0: socket:[9925985]\n    1: <none>\n    3: socket:[77]\n\
                    UserBufs:\t0\nPollList:\n  op=13, task_works=0\nCqOverflowList:\nNAPI:\tdisabled\n";
        assert_eq!(parse_ring(text), Some(HeldByRing { slots: 2, operations: 1 }));
        let high = text.replace("    3:", "16383:");
        assert_eq!(parse_ring(&high), parse_ring(text), "numbers may fill their column");
        assert_eq!(parse_ring("pos:\t0\nflags:\t02000002\n"), None, "the ring's lock was taken");
    }

    #[test]
    fn an_open_file_and_touched_memory_are_seen() {
        let this = std::process::id();
        // Other tests of this process open files as well, so only a lower bound holds.
        let files: Vec<File> = (0..500).map(|_| File::open("/dev/null").unwrap()).collect();
        let held = loop {
            if let Some(held) = held_descriptors(this) {
                break held;
            }
        };
        assert!(held.descriptors > files.len(), "{held:?}");
        let memory = vec![1_u8; 64 << 20];
        assert!(anonymous_memory_bytes(this) >= memory.len() as u64);
    }
}

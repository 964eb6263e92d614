//! Conversations in the shapes that real mining programs are known to use, line by line, against what
//! the pool answers.
//!
//! `testdata/conversations/*.txt` says in its first lines how it is read. With `SLUICE_RECORD=1` in
//! the environment the pool's lines are written anew: look at the difference before keeping it.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use sluice_session::{Action, Shard};
use sluice_units::{ConnectionId, Instant, Job, JobKind, Now, UnixTime};

use pool::{CONNECTION, START_UNIX_S};

#[path = "../testdata/conversations/pool.rs"]
mod pool;

/// One shard and one miner; every id and every second is fixed.
struct Conversation {
    shard: Shard,
    now: Now,
    connection: ConnectionId,
    jobs: u32,
    tip: u8,
}

impl Conversation {
    fn new() -> Self {
        let now = Now { instant: Instant::ZERO, unix: UnixTime::from_seconds(START_UNIX_S) };
        let shard = Shard::new(now, pool::config(0));
        let mut conversation = Self { shard, now, connection: CONNECTION, jobs: 0, tip: 0 };
        conversation.job(JobKind::Clean);
        conversation.shard.handle_connected(now, CONNECTION, IpAddr::from([127, 0, 0, 1]), 0);
        conversation
    }

    fn job(&mut self, kind: JobKind) {
        self.jobs += 1;
        self.tip += u8::from(kind == JobKind::Clean);
        self.give(pool::job(self.jobs, self.tip, kind));
    }

    /// One that leaves fewer version bits.
    fn narrow_job(&mut self) {
        self.jobs += 1;
        self.give(pool::narrow_job(self.jobs, self.tip));
    }

    fn end(&mut self) {
        self.shard.handle_drain();
        self.continue_walk();
    }

    fn give(&mut self, job: Job) {
        self.shard.handle_job(self.now, job);
        self.continue_walk();
    }

    fn continue_walk(&mut self) {
        while self.shard.poll_timeout() <= self.now.instant {
            self.shard.handle_timeout(self.now);
        }
    }

    /// The miner comes back, into the slot that it had.
    fn reconnect(&mut self) {
        let peer = IpAddr::from([127, 0, 0, 1]);
        self.shard.handle_closed(self.now, self.connection);
        self.connection.generation += 1;
        self.shard.handle_connected(self.now, self.connection, peer, 0);
    }

    /// What a direction of the file asks for, beside the miner's lines.
    fn direct(&mut self, direction: &str) {
        match direction {
            "job refresh" => self.job(JobKind::Refresh),
            "job clean" => self.job(JobKind::Clean),
            "job narrow" => self.narrow_job(),
            "end" => self.end(),
            "reconnect" => self.reconnect(),
            _ => panic!("no such direction: {direction}"),
        }
    }

    /// The pool's lines since the last call; `closed` where it hangs up.
    fn answers(&mut self) -> Vec<String> {
        let mut text = String::new();
        let mut closed = false;
        while let Some(action) = self.shard.poll_action() {
            match action {
                Action::Send { bytes, .. } => {
                    text += std::str::from_utf8(self.shard.outbox(&bytes)).unwrap();
                }
                Action::SendJob { bytes, .. } => text += std::str::from_utf8(&bytes).unwrap(),
                Action::Close { .. } | Action::Refuse { .. } => closed = true,
                Action::FoundBlock(_)
                | Action::HandOver { .. }
                | Action::AskAccount(_)
                | Action::Ban(_)
                | Action::Publish(_) => {}
            }
        }
        let mut lines: Vec<String> = text.lines().map(|line| format!("< {line}")).collect();
        lines.extend(closed.then(|| "< closed".to_owned()));
        lines
    }
}

/// The file as it would be recorded now.
fn record(text: &str) -> String {
    let mut conversation = Conversation::new();
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('<')) {
        lines.push(line.to_owned());
        if let Some(said) = line.strip_prefix("> ") {
            let (now, connection) = (conversation.now, conversation.connection);
            conversation.shard.handle_received(now, connection, pool::line(said).as_bytes());
        } else if let Some(direction) = line.strip_prefix("! ") {
            conversation.direct(direction);
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "no line of a conversation: {line}");
        }
        lines.extend(conversation.answers());
    }
    lines.join("\n") + "\n"
}

#[test]
fn the_pool_answers_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/conversations");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    assert!(paths.len() >= 28, "{paths:?}");
    let recording = std::env::var_os("SLUICE_RECORD").is_some();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\n> ") && (recording || text.contains("\n< ")), "{path:?}");
        let recorded = record(&text);
        if recording {
            fs::write(&path, recorded).unwrap();
            continue;
        }
        for (number, (expected, answered)) in text.lines().zip(recorded.lines()).enumerate() {
            assert_eq!(answered, expected, "{}:{}", path.display(), number + 1);
        }
        assert_eq!(recorded, text, "{}", path.display());
    }
}

/// The list of oddities names every conversation, and nothing that is not there.
#[test]
fn every_oddity_is_held_by_something() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/conversations");
    let list = fs::read_to_string(folder.join("README.md")).unwrap();
    let rows: String = list.lines().filter(|line| line.starts_with("| ")).collect();
    let named: Vec<&str> = rows.split('`').skip(1).step_by(2).collect();
    let conversations = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    for name in conversations.map(|name| name.into_string().unwrap()) {
        assert!(!name.ends_with(".txt") || named.contains(&name.as_str()), "{name} is not listed");
    }
    let mut sources = String::new();
    for part in ["gateway-core/session", "gateway-core/gateway", "gateway-core/mining"] {
        read_sources(&repository.join(part), &mut sources);
    }
    for name in named {
        let is_there = match name.rsplit_once('.') {
            Some((_, "txt")) => folder.join(name).exists(),
            // A method.
            Some(_) => true,
            None => sources.contains(&format!("fn {name}(")),
        };
        assert!(is_there, "{name} is no conversation and no test");
    }
}

fn read_sources(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            *sources += &fs::read_to_string(&path).unwrap();
        }
    }
}

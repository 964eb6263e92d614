//! Conversations in the shapes that real mining programs are known to use, line by line, against what
//! the pool answers.
//!
//! `testdata/conversations/*.txt` says in its first lines how it is read. With `SLUICE_RECORD=1` in
//! the environment the pool's lines are written anew: look at the difference before keeping it.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sluice_mining::share::CheckPolicy;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::{Action, Shard, ShardConfig};
use sluice_units::{
    CompactTarget, ConnectionId, Hash256, Instant, Job, JobId, JobKind, Now, ShareDifficulty,
    SourceId, UnixTime,
};

const START_UNIX_S: u64 = 1_700_000_040;
const CONNECTION: ConnectionId = ConnectionId { slot: 5, generation: 2 };

/// One shard and one miner; every id and every second is fixed.
struct Conversation {
    shard: Shard,
    now: Now,
    jobs: u32,
    tip: u8,
}

impl Conversation {
    fn new() -> Self {
        let now = Now { instant: Instant::ZERO, unix: UnixTime::from_seconds(START_UNIX_S) };
        let config = ShardConfig {
            source: SourceId { gateway_id: 1, shard: 0 },
            epoch: 0,
            coin: "btc".parse().unwrap(),
            host: "host".parse().unwrap(),
            connections_max: 8,
            connections_per_address_max: 8,
            proxies_trusted: Vec::new(),
            checks: CheckPolicy::default(),
            vardiff: VardiffPolicy {
                difficulty_start: ShareDifficulty::from_hashes(1 << 16),
                difficulty_min: ShareDifficulty::from_hashes(1 << 8),
                rental_difficulty_min: ShareDifficulty::from_hashes(1 << 24),
                difficulty_max: ShareDifficulty::from_hashes(1 << 40),
                share_interval_target: Duration::from_secs(10),
                retarget_interval: Duration::from_secs(60),
            },
            handshake_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(600),
            feed_timeout: Duration::from_secs(600),
        };
        let shard = Shard::new(now, config);
        let mut conversation = Self { shard, now, jobs: 0, tip: 0 };
        conversation.job(JobKind::Clean);
        conversation.shard.handle_connected(now, CONNECTION, IpAddr::from([127, 0, 0, 1]));
        conversation
    }

    fn job(&mut self, kind: JobKind) {
        self.jobs += 1;
        self.tip += u8::from(kind == JobKind::Clean);
        let ntime = START_UNIX_S as u32 + self.jobs;
        let job = Job {
            id: JobId::new(1, START_UNIX_S as u32, self.jobs),
            kind,
            height: 800_000 + u32::from(self.tip),
            parent: Hash256::from_bytes([self.tip; 32]),
            version: 0x2000_0000,
            version_mask: 0x1fff_e000,
            nbits: CompactTarget::from_bits(0x1d00_ffff),
            ntime,
            ntime_min: START_UNIX_S as u32,
            coinbase_prefix: vec![0xc0; 6],
            coinbase_suffix: vec![0xc1; 6],
            merkle_branch: vec![Hash256::from_bytes([0xb0; 32])],
        };
        self.shard.handle_job(self.now, job);
        while self.shard.poll_timeout() <= self.now.instant {
            self.shard.handle_timeout(self.now);
        }
    }

    /// What a direction of the file asks for, beside the miner's lines.
    fn direct(&mut self, direction: &str) {
        match direction {
            "job refresh" => self.job(JobKind::Refresh),
            "job clean" => self.job(JobKind::Clean),
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
                Action::FoundBlock(_) | Action::Publish(_) => {}
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
            let now = conversation.now;
            conversation.shard.handle_received(now, CONNECTION, format!("{said}\n").as_bytes());
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
    assert!(paths.len() >= 6, "{paths:?}");
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

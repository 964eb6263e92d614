//! A shard and its miners in one thread: what one side sends, the other receives, in odd pieces.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde_json::Value;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::miner_client::{ClientAction, ClientStats, MinerClient, Solution, Work};
use sluice_session::quirk::Quirk;
use sluice_session::{Action, JOURNAL_FILE_BYTES_MIN, JOURNAL_FILES, Shard, ShardConfig};
use sluice_sha256d::sha256d;
use sluice_units::{
    Ban, CompactTarget, ConnectionId, FoundBlock, Hash256, Instant, Job, JobId, JobKind, Now,
    ShareDifficulty, SourceId, UnixTime,
};
use sluice_wire::share_feed::Batch;

/// When every test begins: the first second of a minute.
pub(crate) const START_UNIX_S: u64 = 1_700_000_040;
/// No test finds a block at this difficulty, which is 1.
pub(crate) const HARD_NBITS: u32 = 0x1d00_ffff;
/// 2^12 hashes a block.
pub(crate) const EASY_NBITS: u32 = 0x1f10_0000;
/// Where every miner starts: 2^8 hashes a share.
pub(crate) const START_HASHES: u64 = 1 << 8;

/// What a shard did, in order.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Event {
    Line(ConnectionId, String),
    Closed(ConnectionId),
    Block(FoundBlock),
}

struct Seat {
    client: MinerClient,
    works: Vec<Work>,
}

/// One shard and any number of miners.
pub(crate) struct Pair {
    pub(crate) shard: Shard,
    pub(crate) now: Now,
    pub(crate) events: Vec<Event>,
    pub(crate) batches: Vec<Batch>,
    pub(crate) bans: Vec<Ban>,
    pub(crate) asked: Vec<String>,
    pub(crate) leaving: Vec<(ConnectionId, u16)>,
    /// What the shard wrote down.
    pub(crate) journal: [Vec<u8>; JOURNAL_FILES],
    /// Nothing can be written at present.
    pub(crate) disk_fails: bool,
    /// Batches are safe as soon as they are published.
    pub(crate) is_spooled: bool,
    /// Batches whose end is not written down.
    pub(crate) unpublished: Vec<Batch>,
    seats: BTreeMap<ConnectionId, Seat>,
    /// The generation that the next occupant of each slot gets, and whether it is taken.
    slots: Vec<(u32, bool)>,
    pieces_cut: usize,
}

pub(crate) fn difficulty(hashes: u64) -> ShareDifficulty {
    ShareDifficulty::from_hashes(hashes)
}

pub(crate) fn config() -> ShardConfig {
    let vardiff = VardiffPolicy {
        difficulty_start: difficulty(START_HASHES),
        difficulty_min: difficulty(1 << 4),
        rental_difficulty_min: difficulty(1 << 16),
        difficulty_max: difficulty(1 << 40),
        share_interval_target: Duration::from_secs(1),
        retarget_interval: Duration::from_secs(60),
    };
    ShardConfig {
        epoch: 1_700_000_000,
        host: "gateway-a".parse().unwrap(),
        journal_file_bytes: Some(JOURNAL_FILE_BYTES_MIN),
        connections_max: 2048,
        handshake_timeout: Duration::from_secs(10),
        idle_timeout: Duration::from_secs(600),
        feed_timeout: Duration::from_secs(30),
        ..ShardConfig::new(SourceId { gateway_id: 7, shard: 3 }, vardiff)
    }
}

/// A job by its number; the parent's bytes say which tip it builds on.
pub(crate) fn job(number: u64, kind: JobKind, tip: u8, nbits: u32) -> Job {
    Job {
        id: JobId::from_u64(number),
        kind,
        height: 800_000 + u32::from(tip),
        parent: Hash256::from_bytes([tip; 32]),
        version: 0x2000_0000,
        version_mask: 0x1fff_e000,
        nbits: CompactTarget::from_bits(nbits),
        ntime: START_UNIX_S as u32,
        ntime_min: START_UNIX_S as u32 - 3600,
        coinbase_prefix: [&[2; 90][..], &number.to_le_bytes()].concat(),
        coinbase_suffix: vec![3; 70],
        merkle_branch: vec![Hash256::from_bytes([4; 32]); 3],
        aux_target: None,
    }
}

impl Pair {
    /// A shard that was never sent a job.
    pub(crate) fn without_job() -> Self {
        Self::of(config())
    }

    /// The same, configured by the test.
    pub(crate) fn of(config: ShardConfig) -> Self {
        let now = Now {
            instant: Instant::from_millis(5_000),
            unix: UnixTime::from_seconds(START_UNIX_S),
        };
        Self {
            shard: Shard::new(now, config),
            now,
            events: Vec::new(),
            batches: Vec::new(),
            bans: Vec::new(),
            asked: Vec::new(),
            leaving: Vec::new(),
            journal: Default::default(),
            disk_fails: false,
            is_spooled: true,
            unpublished: Vec::new(),
            seats: BTreeMap::new(),
            slots: Vec::new(),
            pieces_cut: 0,
        }
    }

    /// A shard with job 1 on tip 1, at a difficulty that no test meets by chance.
    pub(crate) fn new() -> Self {
        Self::with_nbits(HARD_NBITS)
    }

    pub(crate) fn with_nbits(nbits: u32) -> Self {
        let mut pair = Self::without_job();
        pair.job(job(1, JobKind::Clean, 1, nbits));
        pair
    }

    pub(crate) fn job(&mut self, job: Job) {
        self.shard.handle_job(self.now, job);
        self.settle();
    }

    /// Lets time pass, second by second, as a shell would; the jobmaster stays alive.
    pub(crate) fn pass(&mut self, seconds: u64) {
        self.tick(seconds, true);
    }

    /// The same without a word from the jobmaster.
    pub(crate) fn pass_in_silence(&mut self, seconds: u64) {
        self.tick(seconds, false);
    }

    /// Time in which nothing happens, not even a tick.
    pub(crate) fn skip(&mut self, seconds: u64) {
        self.now.instant = self.now.instant + Duration::from_secs(seconds);
        self.now.unix = UnixTime::from_seconds(self.now.unix.to_seconds() + seconds);
    }

    fn tick(&mut self, seconds: u64, alive: bool) {
        for _ in 0..seconds {
            self.skip(1);
            if alive {
                self.shard.handle_alive(self.now);
            }
            if self.now.instant >= self.shard.poll_timeout() {
                self.shard.handle_timeout(self.now);
            }
            self.settle();
        }
    }

    /// A connection without a client: the test speaks for it.
    pub(crate) fn connect(&mut self) -> ConnectionId {
        let slot = self.slots.iter().position(|(_, taken)| !taken).unwrap_or(self.slots.len());
        let peer = Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + slot as u32);
        self.connect_from(peer.into())
    }

    /// The same from an address of the test's choice.
    pub(crate) fn connect_from(&mut self, peer: IpAddr) -> ConnectionId {
        let connection = self.free_slot();
        self.shard.handle_connected(self.now, connection, peer, 0);
        self.settle();
        connection
    }

    /// A free slot for a connection that the test hands in.
    pub(crate) fn free_slot(&mut self) -> ConnectionId {
        let slot = self.slots.iter().position(|(_, taken)| !taken).unwrap_or_else(|| {
            self.slots.push((0, false));
            self.slots.len() - 1
        });
        let connection = ConnectionId { slot: slot as u32, generation: self.slots[slot].0 };
        self.slots[slot] = (connection.generation + 1, true);
        connection
    }

    /// A connection leaves for another shard; `false` where it is gone already.
    pub(crate) fn leave(&mut self, connection: ConnectionId) -> bool {
        let (next, taken) = &mut self.slots[connection.slot as usize];
        let is_here = *taken && *next == connection.generation + 1;
        *taken &= !is_here;
        is_here
    }

    /// As if a free slot had had so many more occupants.
    pub(crate) fn skip_generations(&mut self, slot: u32, count: u32) {
        let (generation, taken) = &mut self.slots[slot as usize];
        assert!(!*taken, "the slot is free");
        *generation += count;
    }

    /// A connection that is greeted and then the test's own.
    pub(crate) fn greet(&mut self, user: &str) -> ConnectionId {
        let connection = self.connect();
        let greeting = format!(
            "{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"test/1\"]}}\n\
             {{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{user}\"]}}\n"
        );
        self.say(connection, &greeting);
        connection
    }

    /// A whole miner, greeted and, where there is work, working.
    pub(crate) fn join(&mut self, user: &str) -> ConnectionId {
        let connection = self.connect();
        let seat = Seat {
            client: MinerClient::new("test/1", user, "x", Quirk::None, None),
            works: Vec::new(),
        };
        self.seats.insert(connection, seat);
        self.settle();
        connection
    }

    /// The miner goes away.
    pub(crate) fn hang_up(&mut self, connection: ConnectionId) {
        self.slots[connection.slot as usize].1 = false;
        self.shard.handle_closed(self.now, connection);
        self.settle();
    }

    /// Hands text in, in pieces, and gives the lines that this connection got in return. The
    /// connection's client, where it has one, hears nothing of answers to what it did not say.
    pub(crate) fn say(&mut self, connection: ConnectionId, text: &str) -> Vec<String> {
        let before = self.events.len();
        let seat = self.seats.remove(&connection);
        self.receive(connection, text.as_bytes());
        self.settle();
        self.seats.extend(seat.map(|seat| (connection, seat)));
        lines_of(&self.events[before..], connection)
    }

    pub(crate) fn submit(&mut self, connection: ConnectionId, solution: &Solution) {
        let seat = self.seats.get_mut(&connection).expect("the miner joined");
        seat.client.submit(solution);
        self.settle();
    }

    /// The miner's newest work.
    pub(crate) fn work(&self, connection: ConnectionId) -> Work {
        self.seats[&connection].works.last().expect("the miner has work").clone()
    }

    pub(crate) fn works(&self, connection: ConnectionId) -> usize {
        self.seats[&connection].works.len()
    }

    pub(crate) fn client_stats(&self, connection: ConnectionId) -> ClientStats {
        self.seats[&connection].client.stats().clone()
    }

    pub(crate) fn blocks<'a>(&'a self) -> Vec<&'a FoundBlock> {
        let block = |event: &'a Event| match event {
            Event::Block(block) => Some(block),
            Event::Line(..) | Event::Closed(_) => None,
        };
        Vec::from_iter(self.events.iter().filter_map(block))
    }

    pub(crate) fn closes(&self, connection: ConnectionId) -> usize {
        self.events.iter().filter(|event| **event == Event::Closed(connection)).count()
    }

    fn receive(&mut self, connection: ConnectionId, bytes: &[u8]) {
        for piece in pieces(bytes, &mut self.pieces_cut) {
            self.shard.handle_received(self.now, connection, piece);
        }
    }

    /// Carries everything over until neither side has anything to say.
    pub(crate) fn settle(&mut self) {
        loop {
            let mut closed = Vec::new();
            while let Some(action) = self.shard.poll_action() {
                self.write_journal();
                match action {
                    Action::Send { .. } | Action::SendJob { .. } if self.disk_fails => {}
                    Action::Send { connection, bytes } => {
                        let bytes = self.shard.outbox(&bytes).to_vec();
                        self.deliver(connection, &bytes);
                    }
                    Action::SendJob { connection, bytes, clean } => {
                        assert_eq!(is_clean(&bytes), clean);
                        self.deliver(connection, &bytes);
                    }
                    Action::Close { connection } | Action::Refuse { connection } => {
                        closed.push(connection);
                    }
                    Action::FoundBlock(block) => self.events.push(Event::Block(*block)),
                    Action::HandOver { connection, shard } => {
                        self.leaving.push((connection, shard))
                    }
                    Action::Ban(ban) => self.bans.push(*ban),
                    Action::AskAccount(account) => self.asked.push(account),
                    Action::Publish(batch) => self.unpublished.push(*batch),
                }
            }
            self.write_journal();
            self.publish();
            for connection in &closed {
                self.events.push(Event::Closed(*connection));
                self.slots[connection.slot as usize].1 = false;
                self.shard.handle_closed(self.now, *connection);
            }
            let said = self.poll_clients();
            // A broadcast under way goes on as soon as the shell comes round again.
            let unfinished = self.shard.poll_timeout() == Instant::ZERO;
            if closed.is_empty() && said.is_empty() && !unfinished {
                return;
            }
            if unfinished {
                self.shard.handle_timeout(self.now);
            }
            for (connection, bytes) in said {
                self.receive(connection, &bytes);
            }
        }
    }

    fn deliver(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).expect("stratum is text");
        assert!(text.ends_with('\n'), "only whole lines leave: {text}");
        self.events.extend(text.lines().map(|line| Event::Line(connection, line.to_owned())));
        if let Some(seat) = self.seats.get_mut(&connection) {
            for piece in pieces(bytes, &mut self.pieces_cut) {
                seat.client.handle_received(piece);
            }
        }
    }

    fn poll_clients(&mut self) -> Vec<(ConnectionId, Vec<u8>)> {
        let mut said = Vec::new();
        for (connection, seat) in &mut self.seats {
            while let Some(action) = seat.client.poll_action() {
                match action {
                    ClientAction::Send(bytes) => said.push((*connection, bytes)),
                    ClientAction::Work(work) => seat.works.push(*work),
                    ClientAction::Reconnect | ClientAction::Show(_) => {}
                    ClientAction::GiveUp(why) => panic!("{connection} gave up: {why}"),
                }
            }
        }
        said
    }
}

/// Pieces of 1, 2, 3, 5, 8, 13, 21, then all that is left; where the row begins differs every time.
fn pieces<'a>(mut bytes: &'a [u8], turn: &mut usize) -> Vec<&'a [u8]> {
    const LENGTHS: [usize; 8] = [1, 2, 3, 5, 8, 13, 21, usize::MAX];
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(LENGTHS[*turn % LENGTHS.len()].min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
        *turn += 1;
    }
    pieces
}

pub(crate) fn lines_of(events: &[Event], connection: ConnectionId) -> Vec<String> {
    let line = |event: &Event| match event {
        Event::Line(to, line) if *to == connection => Some(line.clone()),
        _ => None,
    };
    events.iter().filter_map(line).collect()
}

/// Whether a notify line tells the miner to drop all earlier work.
pub(crate) fn is_clean(line: &[u8]) -> bool {
    let value: Value = serde_json::from_slice(line).expect("every line is JSON");
    value["params"][8].as_bool().expect("a job says whether it is clean")
}

/// Names a line by its method, or by the id that it answers.
pub(crate) fn kind(line: &str) -> String {
    let value: Value = serde_json::from_str(line).expect("every line is JSON");
    match value["method"].as_str() {
        Some(method) => method.to_owned(),
        None => format!("reply {}", value["id"]),
    }
}

/// The error code of a reply; zero where it is `true`.
pub(crate) fn code(line: &str) -> u64 {
    let value: Value = serde_json::from_str(line).expect("every line is JSON");
    if value["result"] == true { 0 } else { value["error"][0].as_u64().expect("an error") }
}

/// Searches nonces, from `first_nonce`, until a hash is as wanted.
pub(crate) fn mine(
    work: &Work,
    first_nonce: u32,
    version_bits: Option<u32>,
    wanted: impl Fn(&Hash256) -> bool,
) -> Solution {
    let extranonce2 = vec![0xe2; work.extranonce2_bytes];
    let mut header = work.header(&extranonce2);
    if let Some(bits) = version_bits {
        header.version = header.version & !work.version_mask | bits;
    }
    header.nonce = first_nonce;
    while !wanted(&sha256d(&header.to_bytes())) {
        header.nonce += 1;
    }
    Solution {
        job: work.job.id.clone(),
        extranonce2,
        ntime: header.ntime,
        nonce: header.nonce,
        version_bits,
    }
}

/// A share at the work's own difficulty that is no block.
pub(crate) fn mine_share(work: &Work, first_nonce: u32) -> Solution {
    let network = work.job.nbits.to_target().unwrap();
    mine(work, first_nonce, None, |hash| work.target.is_met_by(hash) && !network.is_met_by(hash))
}

/// A share that meets the network's target.
pub(crate) fn mine_block(work: &Work, version_bits: Option<u32>) -> Solution {
    let network = work.job.nbits.to_target().unwrap();
    mine(work, 0, version_bits, |hash| network.is_met_by(hash))
}

/// A submit line with id 9, as [`Pair::say`] takes it.
pub(crate) fn submit_line(user: &str, solution: &Solution) -> String {
    let mut line = Vec::new();
    sluice_wire::stratum::request::encode_submit(
        &mut line,
        9,
        user,
        &solution.job,
        &solution.extranonce2,
        [solution.ntime, solution.nonce],
        solution.version_bits,
    );
    String::from_utf8(line).unwrap()
}

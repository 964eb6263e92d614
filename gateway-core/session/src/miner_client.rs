//! The miner's own side of stratum V1: what it says first, the work it hears of, its submits and the
//! verdicts on them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;
use sluice_sha256d::{merkle_root, sha256d};
use sluice_units::header::VERSION_MASK;
use sluice_units::limits::SUBMITS_OUTSTANDING_MAX;
use sluice_units::{Header, ShareDifficulty, Target, hex};
use sluice_wire::stratum::{NotifiedJob, ServerMessage, request};

use crate::lines::{BlankLines, LineBuffer, LineError};
use crate::quirk::Quirk;

const CONFIGURE_ID: u64 = 1;
const SUBSCRIBE_ID: u64 = 2;
const AUTHORIZE_ID: u64 = 3;
const FIRST_SUBMIT_ID: u64 = 4;
/// Below those that are counted.
const EXTRANONCE_ID: u64 = 0;

/// What a client asks its shell to do, in order.
#[derive(Clone, PartialEq, Debug)]
pub enum ClientAction {
    /// Send these bytes to the pool.
    Send(Vec<u8>),
    /// Work on this from now on.
    Work(Box<Work>),
    /// Give the connection up; the text says why.
    GiveUp(String),
    /// Connect anew, as the pool asks.
    Reconnect,
    /// Show what the pool has to say.
    Show(String),
}

/// A job with all that is needed to search it.
#[derive(Clone, PartialEq, Debug)]
pub struct Work {
    /// The job.
    pub job: NotifiedJob,
    /// The pool's part of the search space.
    pub extranonce1: Vec<u8>,
    /// Bytes that the miner rolls.
    pub extranonce2_bytes: usize,
    /// What a share's hash must not exceed.
    pub target: Target,
    /// Version bits that the miner may roll; none where the pool granted none.
    pub version_mask: u32,
}

impl Work {
    /// The header for one extranonce2; its nonce is zero.
    pub fn header(&self, extranonce2: &[u8]) -> Header {
        let NotifiedJob { coinbase_prefix, coinbase_suffix, .. } = &self.job;
        let coinbase =
            [&coinbase_prefix[..], &self.extranonce1, extranonce2, coinbase_suffix].concat();
        Header {
            version: self.job.version,
            parent: self.job.parent,
            merkle_root: merkle_root(sha256d(&coinbase), &self.job.merkle_branch),
            ntime: self.job.ntime,
            nbits: self.job.nbits,
            nonce: 0,
        }
    }
}

/// A share to hand in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Solution {
    /// The pool's name of the job.
    pub job: String,
    /// What was rolled of the search space.
    pub extranonce2: Vec<u8>,
    /// Seconds since 1970.
    pub ntime: u32,
    /// What was found.
    pub nonce: u32,
    /// The rolled version bits, where the pool granted any.
    pub version_bits: Option<u32>,
}

/// What a client counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientStats {
    /// Shares handed in.
    pub submitted: u64,
    /// Shares that the pool took.
    pub accepted: u64,
    /// Shares that the pool refused, by code and text.
    pub rejected: BTreeMap<(i64, String), u64>,
}

impl ClientStats {
    /// Refused shares, whatever the reason.
    pub fn rejected_total(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Shares that were not answered yet.
    pub fn outstanding(&self) -> u64 {
        self.submitted - self.accepted - self.rejected_total()
    }
}

/// One connection to a pool, seen from the miner.
#[derive(Debug)]
pub struct MinerClient {
    user: String,
    user_agent: String,
    quirk: Quirk,
    lines: LineBuffer,
    blank_lines: BlankLines,
    actions: VecDeque<ClientAction>,
    next_id: u64,
    /// Ids of the submits that the pool has not answered; what answers none of them is not counted.
    unanswered: BTreeSet<u64>,
    subscription: Option<(Vec<u8>, usize)>,
    session_id: Option<String>,
    version_mask: u32,
    difficulty: Option<ShareDifficulty>,
    job: Option<NotifiedJob>,
    stats: ClientStats,
}

impl MinerClient {
    /// A client that greets its pool: configure, subscribe, authorise; in a way of its own where it has one.
    ///
    /// With the id of a session that the pool gave before, it asks for that session's part of the search space.
    pub fn new(
        user_agent: &str,
        user: &str,
        password: &str,
        quirk: Quirk,
        session_id: Option<&str>,
    ) -> Self {
        let mut greeting = Vec::new();
        request::encode_configure(&mut greeting, CONFIGURE_ID, VERSION_MASK);
        request::encode_subscribe(&mut greeting, SUBSCRIBE_ID, user_agent, session_id);
        if quirk == Quirk::TakesExtranonce {
            request::encode_extranonce_subscribe(&mut greeting, EXTRANONCE_ID);
        }
        request::encode_authorize(&mut greeting, AUTHORIZE_ID, user, password);
        Self {
            user: user.to_owned(),
            user_agent: user_agent.to_owned(),
            quirk,
            lines: LineBuffer::default(),
            blank_lines: BlankLines::default(),
            actions: VecDeque::from([ClientAction::Send(quirk.spell(&greeting))]),
            next_id: FIRST_SUBMIT_ID,
            unanswered: BTreeSet::new(),
            subscription: None,
            session_id: None,
            version_mask: 0,
            difficulty: None,
            job: None,
            stats: ClientStats::default(),
        }
    }

    /// Bytes came from the pool, cut anywhere.
    pub fn handle_received(&mut self, bytes: &[u8]) {
        let mut lines = core::mem::take(&mut self.lines);
        let mut blank_lines = self.blank_lines;
        let fed = lines.feed(bytes, &mut blank_lines, |line| {
            match ServerMessage::decode(line) {
                Ok(message) => self.handle_message(message),
                Err(_) => self.give_up("the pool sent a line that is not stratum"),
            }
            true
        });
        match fed {
            Ok(_) => {}
            Err(LineError::TooLong) => self.give_up("the pool sent a line that is too long"),
            Err(LineError::OnlyBlankLines) => self.give_up("the pool sends only blank lines"),
        }
        (self.lines, self.blank_lines) = (lines, blank_lines);
    }

    /// Hands a share in.
    pub fn submit(&mut self, solution: &Solution) {
        if self.unanswered.len() >= SUBMITS_OUTSTANDING_MAX {
            return self.give_up("the pool does not answer submits");
        }
        let mut line = Vec::new();
        request::encode_submit(
            &mut line,
            self.next_id,
            &self.user,
            &solution.job,
            &solution.extranonce2,
            [solution.ntime, solution.nonce],
            solution.version_bits,
        );
        self.unanswered.insert(self.next_id);
        self.next_id += 1;
        self.stats.submitted += 1;
        self.actions.push_back(ClientAction::Send(self.quirk.spell(&line)));
    }

    /// The next thing to do; `None` where nothing is left.
    pub fn poll_action(&mut self) -> Option<ClientAction> {
        self.actions.pop_front()
    }

    /// What the pool calls this session, where it gave it a name: to be shown after a reconnect.
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// What was counted since the connection began.
    pub const fn stats(&self) -> &ClientStats {
        &self.stats
    }

    fn handle_message(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Notify(job) => {
                self.job = Some(job);
                self.start_work();
            }
            // It holds from the next job on: the work in hand goes on as it is.
            ServerMessage::SetDifficulty(difficulty) => {
                self.difficulty = ShareDifficulty::from_f64(difficulty);
            }
            ServerMessage::SetVersionMask(mask) => self.version_mask = mask & VERSION_MASK,
            ServerMessage::SetExtranonce(extranonce1, extranonce2_bytes) => {
                // It holds from the next job on, as a difficulty does.
                self.subscription = Some((extranonce1, extranonce2_bytes));
            }
            ServerMessage::Question { id, asks_version } => {
                let mut line = Vec::new();
                let answer = if asks_version { &self.user_agent } else { "pong" };
                request::encode_answer(&mut line, id, answer);
                self.actions.push_back(ClientAction::Send(line));
            }
            ServerMessage::Reconnect => self.actions.push_back(ClientAction::Reconnect),
            ServerMessage::ShowMessage(text) => self.actions.push_back(ClientAction::Show(text)),
            ServerMessage::Reply { id, result } => self.handle_reply(id, result),
            ServerMessage::Other => {}
        }
    }

    fn handle_reply(&mut self, id: u64, result: Result<Value, (i64, String)>) {
        match (id, result) {
            // A pool that cannot roll versions may say so in any way.
            (CONFIGURE_ID, result) => {
                let mask = result.ok().and_then(|result| granted_mask(&result));
                self.version_mask = mask.unwrap_or(0) & VERSION_MASK;
            }
            (SUBSCRIBE_ID, Ok(result)) => match subscription(&result) {
                Some(subscription) => {
                    self.subscription = Some(subscription);
                    self.session_id = session_id(&result);
                }
                None => self.give_up("the pool's answer to mining.subscribe cannot be read"),
            },
            (AUTHORIZE_ID, Ok(Value::Bool(true))) => {}
            (AUTHORIZE_ID, Ok(other)) => {
                self.give_up(&format!("the pool refused this worker: {other}"));
            }
            (SUBSCRIBE_ID | AUTHORIZE_ID, Err((code, text))) => {
                self.give_up(&format!("the pool refused this worker: {text} ({code})"));
            }
            (id, _) if !self.unanswered.remove(&id) => {}
            (_, Ok(Value::Bool(true))) => self.stats.accepted += 1,
            (_, Ok(other)) => self.count_rejected(20, other.to_string()),
            (_, Err((code, text))) => self.count_rejected(code, text),
        }
    }

    fn count_rejected(&mut self, code: i64, text: String) {
        *self.stats.rejected.entry((code, text)).or_default() += 1;
    }

    fn start_work(&mut self) {
        let (Some(job), Some((extranonce1, extranonce2_bytes)), Some(difficulty)) =
            (&self.job, &self.subscription, self.difficulty)
        else {
            return;
        };
        let work = Work {
            job: job.clone(),
            extranonce1: extranonce1.clone(),
            extranonce2_bytes: *extranonce2_bytes,
            target: difficulty.to_target(),
            version_mask: self.version_mask,
        };
        self.actions.push_back(ClientAction::Work(Box::new(work)));
    }

    fn give_up(&mut self, why: &str) {
        self.actions.push_back(ClientAction::GiveUp(why.to_owned()));
    }
}

/// The id of the subscription to jobs.
fn session_id(result: &Value) -> Option<String> {
    let subscriptions = result[0].as_array()?;
    let of_jobs = subscriptions.iter().find(|one| one[0] == "mining.notify")?;
    of_jobs[1].as_str().map(str::to_owned)
}

fn granted_mask(result: &Value) -> Option<u32> {
    if result.get("version-rolling")?.as_bool()? {
        u32::from_str_radix(result.get("version-rolling.mask")?.as_str()?, 16).ok()
    } else {
        None
    }
}

fn subscription(result: &Value) -> Option<(Vec<u8>, usize)> {
    let extranonce1 = hex::decode(result.get(1)?.as_str()?)?;
    let extranonce2_bytes = usize::try_from(result.get(2)?.as_u64()?).ok()?;
    (extranonce1.len() <= 32 && (2..=16).contains(&extranonce2_bytes))
        .then_some((extranonce1, extranonce2_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> MinerClient {
        let mut client = MinerClient::new("test/1", "alice.rig1", "x", Quirk::None, None);
        let Some(ClientAction::Send(greeting)) = client.poll_action() else {
            panic!("a client greets first");
        };
        assert_eq!(greeting.iter().filter(|byte| **byte == b'\n').count(), 3);
        client
    }

    const GREETED: &str = concat!(
        r#"{"id":1,"result":{"version-rolling":true,"version-rolling.mask":"1fffe000"},"error":null}"#,
        "\n",
        r#"{"id":2,"result":[[],"0011223344556677",8],"error":null}"#,
        "\n",
        r#"{"id":3,"result":true,"error":null}"#,
        "\n",
    );

    #[test]
    fn counts_what_the_pool_answers() {
        let mut client = client();
        client.handle_received(GREETED.as_bytes());
        let solution = Solution {
            job: "1".into(),
            extranonce2: vec![0; 8],
            ntime: 1,
            nonce: 2,
            version_bits: Some(0x2000),
        };
        for _ in 0..3 {
            client.submit(&solution);
        }
        client.handle_received(
            b"{\"id\":4,\"result\":true,\"error\":null}\n{\"id\":5,\"result\":null,\"error\":[23,\"Low\",null]}\n",
        );
        assert_eq!(client.stats().accepted, 1);
        assert_eq!(client.stats().rejected_total(), 1);
        assert_eq!(client.stats().outstanding(), 1);
    }

    #[test]
    fn an_answer_to_nothing_is_not_counted() {
        let mut client = client();
        client.handle_received(GREETED.as_bytes());
        let solution = Solution {
            job: "1".into(),
            extranonce2: vec![0; 8],
            ntime: 1,
            nonce: 2,
            version_bits: None,
        };
        client.submit(&solution);
        for (id, accepted) in [(99, 0), (5, 0), (4, 1), (4, 1)] {
            client.handle_received(format!("{{\"id\":{id},\"result\":true}}\n").as_bytes());
            assert_eq!(
                (client.stats().accepted, client.stats().outstanding()),
                (accepted, 1 - accepted)
            );
        }
    }

    #[test]
    fn gives_up_on_a_pool_that_refuses_or_babbles() {
        for line in [
            r#"{"id":3,"result":null,"error":[24,"Unauthorized worker",null]}"#,
            r#"{"id":2,"result":[[],"00",99],"error":null}"#,
            "HTTP/1.1 400 Bad Request",
        ] {
            let mut client = client();
            client.handle_received(format!("{line}\n").as_bytes());
            assert!(matches!(client.poll_action(), Some(ClientAction::GiveUp(_))), "{line}");
        }
    }
}

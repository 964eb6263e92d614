//! The task that owns the desks and plugs node, clock and gateways into them.

mod operators;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use sluice_control_core::{BlockDesk, DeskAction, DeskPolicy, JobDesk, SubmitAnswer};
use sluice_service::clock::Clock;
use sluice_units::limits::NODE_ANSWERS_MAX;
use sluice_units::{BlockVerdict, FoundBlock, Hash256, Instant};
use sluice_wire::job_feed::FromJobmaster;
use sluice_wire::node_rpc::BlockTemplate;
use tokio::sync::{mpsc, watch};
use tracing::{error, info, warn};

use crate::gateways::{GatewayEvent, Gateways, LinkNumber};
use crate::node::{Node, NodeError};
use crate::rests::{RestFolder, RestWriter};
use crate::start::JobmasterStatus;
pub(crate) use operators::Bans;

/// What a call to the node came to.
enum NodeAnswer {
    Tip(Result<Hash256, NodeError>),
    Template(Result<Box<BlockTemplate>, NodeError>),
    Submit(Hash256, Result<Option<String>, NodeError>),
}

pub(crate) struct Drive {
    node: Node,
    rules: &'static [&'static str],
    clock: Clock,
    jobs: JobDesk,
    blocks: BlockDesk,
    gateways: Gateways,
    /// Who waits for the verdict on a block.
    waiting: BTreeMap<Hash256, Vec<LinkNumber>>,
    rests: RestFolder,
    rest_writer: RestWriter,
    bans: Bans,
    status: Arc<Mutex<JobmasterStatus>>,
    answers_in: mpsc::Sender<NodeAnswer>,
    answers: mpsc::Receiver<NodeAnswer>,
}

impl Drive {
    pub(crate) fn new(
        node: Node,
        chain: &str,
        policy: DeskPolicy,
        rests: RestFolder,
        bans: Bans,
        status: Arc<Mutex<JobmasterStatus>>,
    ) -> Self {
        let clock = Clock::start();
        let (answers_in, answers) = mpsc::channel(NODE_ANSWERS_MAX);
        Self {
            node,
            rules: if chain == "signet" { &["segwit", "signet"] } else { &["segwit"] },
            clock,
            jobs: JobDesk::new(clock.now(), policy),
            blocks: BlockDesk::default(),
            gateways: Gateways::default(),
            waiting: BTreeMap::new(),
            rest_writer: RestWriter::start(rests.clone()),
            rests,
            bans,
            status,
            answers_in,
            answers,
        }
    }

    pub(crate) async fn run(
        mut self,
        mut events: mpsc::Receiver<GatewayEvent>,
        mut stopped: watch::Receiver<bool>,
    ) {
        loop {
            self.carry_out().await;
            self.turn_bans();
            let now = self.clock.now();
            let others = [self.blocks.poll_timeout(), self.bans.desk.poll_timeout(now)];
            let next = others.into_iter().flatten().fold(self.jobs.poll_timeout(), Instant::min);
            tokio::select! {
                _ = stopped.changed() => break,
                Some(event) = events.recv() => self.handle_gateway(event),
                Some(answer) = self.answers.recv() => self.handle_node(answer),
                () = tokio::time::sleep(next.since(now.instant)) => {
                    self.jobs.handle_timeout(self.clock.now());
                }
            }
        }
        self.bans.writer.stop().await;
    }

    /// Does what the desks want done.
    async fn carry_out(&mut self) {
        while let Some(action) = self.jobs.poll_action() {
            match action {
                DeskAction::AskTip => {
                    self.ask(|node| async move { NodeAnswer::Tip(node.tip().await) });
                }
                DeskAction::AskTemplate => {
                    let rules = self.rules;
                    self.ask(move |node| async move {
                        NodeAnswer::Template(node.template(rules).await.map(Box::new))
                    });
                }
                DeskAction::Publish(job, rest) => {
                    self.rest_writer.keep(job.id, rest).await;
                    let (height, kind, branch) = (job.height, job.kind, job.merkle_branch.len());
                    info!(job = %job.id, height, ?kind, branch, "new job");
                    self.change_status(|status| {
                        status.jobs += 1;
                        status.height = height;
                    });
                    self.gateways.send_to_all(&FromJobmaster::Job((*job).clone()));
                }
                DeskAction::Alive => self.gateways.send_to_all(&FromJobmaster::Alive),
            }
        }
        let now: Instant = self.clock.now().instant;
        while let Some((hash, block)) = self.blocks.poll_submit(now) {
            self.ask(
                move |node| async move { NodeAnswer::Submit(hash, node.submit(&block).await) },
            );
        }
    }

    fn ask<F>(&self, call: impl FnOnce(Node) -> F)
    where
        F: Future<Output = NodeAnswer> + Send + 'static,
    {
        let answers = self.answers_in.clone();
        let call = call(self.node.clone());
        tokio::spawn(async move {
            // The task has ended where nobody takes the answer.
            let _ = answers.send(call.await).await;
        });
    }

    fn handle_node(&mut self, answer: NodeAnswer) {
        let now = self.clock.now();
        match answer {
            NodeAnswer::Tip(Ok(tip)) => {
                self.end_trouble();
                self.jobs.handle_tip(now, tip);
            }
            NodeAnswer::Template(Ok(template)) => {
                self.end_trouble();
                if let Err(cause) = self.jobs.handle_template(now, &template) {
                    self.tell_trouble(cause);
                }
            }
            NodeAnswer::Tip(Err(error)) | NodeAnswer::Template(Err(error)) => {
                self.tell_trouble(error.to_string());
                self.jobs.handle_failure(now);
            }
            NodeAnswer::Submit(hash, result) => {
                let answer = match result {
                    Ok(reason) => SubmitAnswer::Answered(reason),
                    Err(cause) => {
                        error!(%hash, "FATAL: a found block is not at the node yet: {cause}");
                        SubmitAnswer::Failed
                    }
                };
                if let Some(verdict) = self.blocks.handle_answer(now.instant, hash, &answer) {
                    self.end_block(hash, &verdict);
                    self.jobs.handle_tip_hint(now);
                }
            }
        }
    }

    fn handle_gateway(&mut self, event: GatewayEvent) {
        match event {
            GatewayEvent::Hello { link, gateway_id, version, outbound } => {
                match self.gateways.welcome(link, gateway_id, version, outbound) {
                    Ok(()) => {
                        info!(gateway_id, "a gateway connected");
                        // Before any job, so that nobody who is banned gets work.
                        let bans = FromJobmaster::Bans(self.bans.desk.list());
                        self.gateways.send(link, &bans);
                        if let Some(job) = self.jobs.latest() {
                            let job = FromJobmaster::Job((**job).clone());
                            self.gateways.send(link, &job);
                        }
                    }
                    Err(cause) => warn!(gateway_id, "a gateway was refused: {cause}"),
                }
            }
            GatewayEvent::Found { link, block } => self.handle_found(link, &block),
            GatewayEvent::Banned { link, ban } => self.handle_banned(link, ban),
            GatewayEvent::Operator { request, answer } => self.handle_operator(request, answer),
            GatewayEvent::Gone { link } => {
                if let Some(gateway_id) = self.gateways.remove(link) {
                    info!(gateway_id, "a gateway is gone");
                }
                for links in self.waiting.values_mut() {
                    links.retain(|waiting| *waiting != link);
                }
            }
        }
        let gateways = self.gateways.count();
        self.change_status(|status| status.gateways = gateways);
    }

    fn handle_found(&mut self, link: LinkNumber, block: &FoundBlock) {
        let (hash, height, finder) = (block.hash, block.height, &block.finder);
        info!(%hash, height, user = finder.user(), worker = finder.worker(), "block found");
        let rest = self.jobs.rest_of(block.job).cloned();
        // A job of an earlier life of this jobmaster is on disk.
        let rest = rest.or_else(|| self.rests.read(block.job).map(Arc::new));
        let now = self.clock.now().instant;
        match self.blocks.handle_found(now, block, rest.as_deref()) {
            Some(verdict) => self.gateways.send(link, &FromJobmaster::Verdict { hash, verdict }),
            None => self.waiting.entry(hash).or_default().push(link),
        }
    }

    fn end_block(&mut self, hash: Hash256, verdict: &BlockVerdict) {
        if verdict.is_kept_by_node() {
            info!(%hash, ?verdict, "the node has the block");
            self.change_status(|status| status.blocks_accepted += 1);
        } else {
            error!(%hash, ?verdict, "FATAL: the node refuses a found block");
            self.change_status(|status| status.blocks_rejected += 1);
        }
        for link in self.waiting.remove(&hash).unwrap_or_default() {
            let verdict = verdict.clone();
            self.gateways.send(link, &FromJobmaster::Verdict { hash, verdict });
        }
    }

    /// Logs trouble with the node once, however long it lasts.
    fn tell_trouble(&self, cause: String) {
        let told =
            self.status.lock().unwrap_or_else(PoisonError::into_inner).node_trouble.is_some();
        if !told {
            error!("{cause}; miners keep their job meanwhile, and the call is repeated");
            self.change_status(|status| status.node_trouble = Some(cause));
        }
    }

    fn end_trouble(&self) {
        self.change_status(|status| {
            if status.node_trouble.take().is_some() {
                info!("the node answers again");
            }
        });
    }

    fn change_status(&self, change: impl FnOnce(&mut JobmasterStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::path::Path;
    use std::pin::pin;
    use std::task::Poll;
    use std::time::Duration;

    use sluice_control_core::BanDesk;
    use sluice_mining::coinbase::Tag;
    use sluice_service::clock::unix_time;
    use sluice_units::{Ban, JobId, UnixTime};
    use sluice_wire::job_feed::JOB_FEED_VERSION;
    use sluice_wire::operator_feed::{FromOperator, ToOperator};
    use tokio::sync::oneshot;

    use super::*;

    fn drive(data_folder: &Path) -> Drive {
        let policy = DeskPolicy {
            jobmaster_id: 1,
            started_unix_s: 7,
            tag: Tag::default(),
            payout: bitcoin::ScriptBuf::from_bytes(vec![0x51]),
            version_mask: u32::MAX,
            poll_interval: Duration::from_secs(1),
            refresh_interval: Duration::from_secs(30),
            alive_interval: Duration::from_secs(5),
        };
        // Nobody listens there: what is asked gets no answer that this test would take.
        let node = Node::new("http://127.0.0.1:1", Duration::from_secs(1)).unwrap();
        let rests = RestFolder::open(data_folder).unwrap();
        let bans = Bans::open(data_folder, BanDesk::default(), unix_time()).unwrap();
        Drive::new(node, "regtest", policy, rests, bans, Arc::default())
    }

    fn template() -> BlockTemplate {
        serde_json::from_value(serde_json::json!({
            "version": 0x2000_0000, "previousblockhash": "07".repeat(32), "transactions": [],
            "coinbasevalue": 50, "mintime": 1, "curtime": 2, "bits": "1d00ffff", "height": 3,
            "rules": ["segwit"],
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn a_job_is_on_disk_before_a_gateway_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut drive = drive(folder.path());
        let (outbound, mut sent) = mpsc::channel(8);
        drive.gateways.welcome(1, 1, JOB_FEED_VERSION, outbound).unwrap();
        assert_eq!(sent.recv().await, Some(FromJobmaster::Welcome.encode()));
        // The write hangs until somebody reads this pipe.
        let job = JobId::new(1, 7, 1);
        let pipe = folder.path().join("jobs").join(format!("{:016x}.writing", job.to_u64()));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());

        drive.handle_node(NodeAnswer::Template(Ok(Box::new(template()))));
        let mut carrying = pin!(drive.carry_out());
        let first =
            poll_fn(|context| Poll::Ready(carrying.as_mut().poll(context).is_ready())).await;
        assert!(!first, "the disk has not answered yet");
        assert!(sent.try_recv().is_err(), "no gateway has the job before the disk");
        let reader = tokio::task::spawn_blocking(move || std::fs::read(pipe).unwrap());
        carrying.await;
        assert!(!reader.await.unwrap().is_empty());
        let sent = sent.try_recv().unwrap();
        assert!(
            matches!(FromJobmaster::decode(&sent), Ok(FromJobmaster::Job(sent)) if sent.id == job)
        );
    }

    fn hello(link: LinkNumber, outbound: mpsc::Sender<Vec<u8>>) -> GatewayEvent {
        let (gateway_id, version) = (1, JOB_FEED_VERSION);
        GatewayEvent::Hello { link, gateway_id, version, outbound }
    }

    fn banned(subject: &str) -> Ban {
        let until = UnixTime::from_seconds(unix_time().to_seconds() + 1000);
        Ban { subject: subject.parse().unwrap(), until, reason: "test".into() }
    }

    /// What a gateway was sent since it was last asked.
    fn sent_to(gateway: &mut mpsc::Receiver<Vec<u8>>) -> Vec<FromJobmaster> {
        let mut messages = Vec::new();
        while let Ok(bytes) = gateway.try_recv() {
            messages.push(FromJobmaster::decode(&bytes).unwrap());
        }
        messages
    }

    #[tokio::test]
    async fn a_gateway_hears_of_bans_before_its_first_job_and_whenever_they_change() {
        let folder = tempfile::tempdir().unwrap();
        let mut drive = drive(folder.path());
        drive.handle_node(NodeAnswer::Template(Ok(Box::new(template()))));
        drive.carry_out().await;
        let (outbound, mut gateway) = mpsc::channel(8);
        drive.handle_gateway(hello(1, outbound));
        let sent = sent_to(&mut gateway);
        assert_eq!(sent[..2], [FromJobmaster::Welcome, FromJobmaster::Bans(vec![])]);
        assert!(matches!(sent[2..], [FromJobmaster::Job(_)]), "{sent:?}");

        // Nobody has welcomed this one.
        drive.handle_gateway(GatewayEvent::Banned { link: 9, ban: banned("10.0.0.9") });
        drive.turn_bans();
        assert!(sent_to(&mut gateway).is_empty());
        drive.handle_gateway(GatewayEvent::Banned { link: 1, ban: banned("10.1.2.3") });
        drive.turn_bans();
        let sent = sent_to(&mut gateway);
        let [FromJobmaster::Bans(bans)] = &sent[..] else {
            panic!("the whole list comes");
        };
        assert_eq!(bans[..], drive.bans.desk.list());
        assert_eq!(bans.len(), 1);
    }

    #[tokio::test]
    async fn an_operators_ban_is_on_disk_once_it_is_answered() {
        let folder = tempfile::tempdir().unwrap();
        let mut drive = drive(folder.path());
        let mut ask = |request| {
            let (answer, answered) = oneshot::channel();
            drive.handle_gateway(GatewayEvent::Operator { request, answer });
            answered
        };
        let done = ask(FromOperator::AddBan(banned("account:alice"))).await;
        assert_eq!(done, Ok(ToOperator::Done { gateways: 0, changed: true }));
        let open = || Bans::open(folder.path(), BanDesk::default(), unix_time()).unwrap().desk;
        assert_eq!(open().list().len(), 1);
        let over = Ban { until: UnixTime::from_seconds(1), ..banned("10.1.2.3") };
        let refused = ask(FromOperator::AddBan(over)).await;
        assert!(matches!(refused, Ok(ToOperator::Refused(_))), "{refused:?}");
        let alice = "account:alice".parse().unwrap();
        let done = ask(FromOperator::RemoveBan(alice)).await;
        assert_eq!(done, Ok(ToOperator::Done { gateways: 0, changed: true }));
        assert!(open().list().is_empty());
        assert_eq!(ask(FromOperator::ListBans).await, Ok(ToOperator::Bans(vec![])));
    }
}

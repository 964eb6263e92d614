use std::path::PathBuf;

use sluice_service::link::LinkListener;
use sluice_session::BatchName;
use sluice_units::limits::LINK_QUEUE_MAX;
use sluice_units::{JobId, SourceId, UnixTime};

use super::*;
use crate::queues::kept_blocks;
use crate::spool::Spool;

struct Bench {
    hub: Hub,
    kept: mpsc::Receiver<KeptBlock>,
    /// What each jobmaster was sent.
    sent: Vec<mpsc::Receiver<Vec<u8>>>,
    _spool: Spool,
    folder: tempfile::TempDir,
}

fn block() -> FoundBlock {
    FoundBlock {
        job: JobId::from_u64(1),
        height: 2,
        hash: Hash256::from_bytes([7; 32]),
        header: [3; 80],
        coinbase: vec![4],
        finder: "alice".parse().unwrap(),
    }
}

/// A block that other chains may have as well.
fn merged() -> FoundBlock {
    FoundBlock { coinbase: b"before \xfa\xbemm after".to_vec(), ..block() }
}

fn nmc() -> Name {
    "nmc".parse().unwrap()
}

fn nmc_hash() -> Hash256 {
    Hash256::from_bytes([9; 32])
}

const PATIENCE: Duration = Duration::from_secs(60);
const SPOOLED: BatchName =
    BatchName { source: SourceId { gateway_id: 1, shard: 0 }, epoch: 1, sequence: 1 };

async fn wait_until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it becomes so");
}

impl Bench {
    /// A gateway of two jobmasters, both of which welcome it.
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(folder.path(), UnixTime::from_seconds(1), 1).unwrap();
        let (kept_in, kept) = kept_blocks();
        let hub = Hub {
            jobmasters: vec![Jobmaster::default(), Jobmaster::default()],
            shards: Vec::new(),
            folder: spool.block_folder(),
            kept: kept_in,
            waiting: BTreeMap::new(),
            blocks: 0,
            clock: Clock::start(),
            silence: Outage::new(OUTAGE_ALERT_AFTER),
            links: Vec::new(),
        };
        let mut bench = Self { hub, kept, sent: Vec::new(), _spool: spool, folder };
        for jobmaster in 0..2 {
            let sent = bench.link(jobmaster).await;
            bench.sent.push(sent);
        }
        bench
    }

    async fn link(&mut self, jobmaster: JobmasterIndex) -> mpsc::Receiver<Vec<u8>> {
        let (outbound, sent) = mpsc::channel(4);
        self.hub.handle(LinkEvent::Up { jobmaster, outbound }).await;
        sent
    }

    /// The link of a jobmaster is lost and comes back.
    async fn relink(&mut self, jobmaster: JobmasterIndex) {
        self.hub.handle(LinkEvent::Down { jobmaster }).await;
        self.sent[jobmaster] = self.link(jobmaster).await;
    }

    /// A jobmaster's last word.
    async fn verdict(&mut self, jobmaster: JobmasterIndex, verdict: BlockVerdict) {
        self.say_verdict(jobmaster, verdict, true).await;
    }

    async fn say_verdict(&mut self, jobmaster: JobmasterIndex, verdict: BlockVerdict, last: bool) {
        let message = FromJobmaster::Verdict { hash: block().hash, verdict, last };
        self.hub.handle(LinkEvent::Message { jobmaster, message }).await;
    }

    /// A jobmaster tells that another chain has a block by the share.
    async fn aux_verdict(&mut self, jobmaster: JobmasterIndex) {
        let message =
            FromJobmaster::AuxVerdict { share: block().hash, chain: nmc(), hash: nmc_hash() };
        self.hub.handle(LinkEvent::Message { jobmaster, message }).await;
    }

    /// A found block, on disk as a shard leaves it.
    fn find(&mut self, block: FoundBlock) {
        self.hub.folder.write(&block).unwrap();
        self.hub.handle_found(block);
    }

    fn is_sent_to(&mut self, jobmaster: JobmasterIndex, block: FoundBlock) -> bool {
        let wanted = FromGateway::FoundBlock(block).encode();
        self.sent[jobmaster].try_recv().is_ok_and(|sent| sent == wanted)
    }

    /// The file of the block with this ending.
    fn file(&self, ending: &str) -> PathBuf {
        self.folder.path().join("blocks").join(format!("{}.{ending}", block().hash))
    }

    /// What is recorded next.
    async fn record(&mut self) -> KeptBlock {
        let kept = tokio::time::timeout(PATIENCE, self.kept.recv()).await;
        kept.expect("a block is recorded").expect("the hub can have blocks recorded")
    }

    /// The same, once it is on disk: the hash, and the chain where it is another one.
    async fn recorded(&mut self) -> (Hash256, Option<Name>) {
        let kept = self.record().await;
        kept.spooled.send(SPOOLED).expect("it is awaited");
        (kept.block.hash, kept.chain)
    }

    /// Returns once the block is kept for a person to look at.
    async fn set_aside(&self) {
        assert!(self.hub.waiting.is_empty());
        let aside = self.file("refused");
        wait_until(|| aside.exists()).await;
    }

    /// Returns once nothing of the block is left.
    async fn forgotten(&self) {
        assert!(self.hub.waiting.is_empty());
        let (file, aside) = (self.file("block"), self.file("refused"));
        wait_until(|| !file.exists()).await;
        assert!(!aside.exists());
    }
}

#[tokio::test]
async fn a_block_goes_to_every_jobmaster_and_is_recorded_once() {
    for found in [block(), merged()] {
        let mut bench = Bench::start().await;
        bench.find(found.clone());
        assert!(bench.is_sent_to(0, found.clone()) && bench.is_sent_to(1, found));
        bench.verdict(1, BlockVerdict::UnknownJob).await;
        bench.verdict(0, BlockVerdict::Accepted).await;
        bench.verdict(1, BlockVerdict::Accepted).await;
        assert_eq!(bench.recorded().await, (block().hash, None));
        assert!(bench.kept.try_recv().is_err(), "once");
        bench.forgotten().await;
    }
}

#[tokio::test]
async fn a_block_of_this_chain_alone_waits_for_no_jobmaster_that_is_away() {
    let mut bench = Bench::start().await;
    bench.hub.handle(LinkEvent::Down { jobmaster: 0 }).await;
    bench.find(block());
    bench.verdict(1, BlockVerdict::SideBranch).await;
    assert_eq!(bench.recorded().await, (block().hash, None));
    bench.forgotten().await;
}

#[tokio::test]
async fn a_share_stays_on_disk_until_the_other_chains_have_answered() {
    let mut bench = Bench::start().await;
    bench.find(merged());
    bench.verdict(1, BlockVerdict::OtherChains).await;
    bench.say_verdict(0, BlockVerdict::Accepted, false).await;
    assert_eq!(bench.recorded().await, (block().hash, None));
    bench.aux_verdict(0).await;
    assert_eq!(bench.recorded().await, (nmc_hash(), Some(nmc())));
    assert_eq!(bench.hub.waiting.len(), 1);
    bench.verdict(0, BlockVerdict::Accepted).await;
    assert!(bench.kept.try_recv().is_err(), "each is recorded once");
    bench.forgotten().await;
    // A share that only other chains wanted leaves no record of this one.
    bench.find(merged());
    bench.verdict(0, BlockVerdict::OtherChains).await;
    bench.verdict(1, BlockVerdict::OtherChains).await;
    assert!(bench.kept.try_recv().is_err());
    bench.forgotten().await;
}

#[tokio::test]
async fn a_share_stays_on_disk_until_each_of_its_records_is_there() {
    // A share that is a block of this chain as well, one that is not, and one that this chain refuses.
    let rejected = BlockVerdict::Rejected("bad-cb".into());
    for word in [BlockVerdict::Accepted, BlockVerdict::OtherChains, rejected] {
        let mut bench = Bench::start().await;
        bench.find(merged());
        bench.aux_verdict(0).await;
        bench.verdict(0, word.clone()).await;
        bench.aux_verdict(1).await;
        bench.verdict(1, word.clone()).await;
        assert!(bench.hub.waiting.is_empty());
        let mut records = vec![bench.record().await];
        if word == BlockVerdict::Accepted {
            records.push(bench.record().await);
        }
        // Those of this chain first.
        records.sort_by_key(|record| record.chain.clone());
        for record in records {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(
                bench.file("block").exists(),
                "{word:?}: {:?} is in memory alone",
                record.chain
            );
            record.spooled.send(SPOOLED).expect("it is awaited");
        }
        assert!(bench.kept.try_recv().is_err(), "each is recorded once");
        match word {
            BlockVerdict::Rejected(_) => bench.set_aside().await,
            _ => bench.forgotten().await,
        }
    }
}

#[tokio::test]
async fn a_share_whose_record_goes_nowhere_stays_on_disk() {
    let mut bench = Bench::start().await;
    bench.find(merged());
    bench.aux_verdict(0).await;
    bench.verdict(0, BlockVerdict::OtherChains).await;
    bench.verdict(1, BlockVerdict::OtherChains).await;
    drop(bench.record().await);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(bench.file("block").exists());
}

#[tokio::test]
async fn the_last_word_of_one_jobmaster_ends_no_share_for_the_others() {
    // What the quicker one says that does not mine the other chain along.
    for word in [BlockVerdict::OtherChains, BlockVerdict::Accepted, BlockVerdict::UnknownJob] {
        let mut bench = Bench::start().await;
        bench.find(merged());
        bench.verdict(1, word.clone()).await;
        // At once, whatever may follow.
        if word == BlockVerdict::Accepted {
            assert_eq!(bench.recorded().await, (block().hash, None));
        }
        assert!(bench.file("block").exists() && bench.hub.awaits_verdict(), "{word:?}");
        bench.aux_verdict(0).await;
        assert_eq!(bench.recorded().await, (nmc_hash(), Some(nmc())), "{word:?}");
        bench.verdict(0, BlockVerdict::OtherChains).await;
        bench.forgotten().await;
    }
}

#[tokio::test]
async fn a_jobmaster_that_was_away_gets_the_shares_that_the_others_have_ended() {
    let mut bench = Bench::start().await;
    bench.hub.handle(LinkEvent::Down { jobmaster: 0 }).await;
    bench.find(merged());
    assert!(bench.is_sent_to(1, merged()) && bench.hub.awaits_verdict());
    bench.verdict(1, BlockVerdict::OtherChains).await;
    assert!(!bench.hub.awaits_verdict(), "a gateway that stops waits for nobody who is away");
    // Whoever comes back may know more than it did: its former word counts no more.
    bench.relink(1).await;
    assert!(bench.is_sent_to(1, merged()));
    bench.relink(0).await;
    assert!(bench.is_sent_to(0, merged()));
    bench.aux_verdict(0).await;
    assert_eq!(bench.recorded().await, (nmc_hash(), Some(nmc())));
    bench.verdict(0, BlockVerdict::OtherChains).await;
    assert_eq!(bench.hub.waiting.len(), 1, "the other one was asked again");
    // It was restarted since, and has forgotten the job: that makes it no block that is lost.
    bench.verdict(1, BlockVerdict::UnknownJob).await;
    bench.forgotten().await;
}

#[tokio::test]
async fn a_block_that_is_kept_is_not_lost_whoever_has_forgotten_it() {
    let mut bench = Bench::start().await;
    bench.find(merged());
    bench.verdict(0, BlockVerdict::Accepted).await;
    assert_eq!(bench.recorded().await, (block().hash, None));
    bench.relink(0).await;
    bench.verdict(0, BlockVerdict::UnknownJob).await;
    bench.verdict(1, BlockVerdict::UnknownJob).await;
    bench.forgotten().await;
}

#[tokio::test]
async fn of_blocks_for_jobmasters_that_are_away_the_oldest_give_way() {
    let mut bench = Bench::start().await;
    bench.hub.handle(LinkEvent::Down { jobmaster: 0 }).await;
    let found = |number: usize| {
        // In another order than they are found.
        let hash = [255 - (number % 256) as u8, (number / 256) as u8].repeat(16);
        FoundBlock { hash: Hash256::from_bytes(hash.try_into().unwrap()), ..merged() }
    };
    let file = |bench: &Bench, number| {
        bench.folder.path().join("blocks").join(format!("{}.block", found(number).hash))
    };
    for number in 0..BLOCKS_HELD_MAX + 2 {
        bench.find(found(number));
        assert!(bench.is_sent_to(1, found(number)));
        let (hash, verdict) = (found(number).hash, BlockVerdict::OtherChains);
        // Nobody has told all of the first one: it is not among those that give way.
        let message = FromJobmaster::Verdict { hash, verdict, last: number > 0 };
        bench.hub.handle(LinkEvent::Message { jobmaster: 1, message }).await;
    }
    assert_eq!(bench.hub.waiting.len(), BLOCKS_HELD_MAX + 1);
    let given_up = file(&bench, 1);
    wait_until(|| !given_up.exists()).await;
    assert!(file(&bench, 0).exists() && file(&bench, 2).exists());
    let (outbound, mut sent) = mpsc::channel(LINK_QUEUE_MAX);
    bench.hub.handle(LinkEvent::Up { jobmaster: 0, outbound }).await;
    let latest = FromGateway::FoundBlock(found(BLOCKS_HELD_MAX + 1)).encode();
    assert_eq!(sent.recv().await, Some(latest), "the latest goes out first");
    assert!(bench.hub.jobmasters[0].outbound.is_some());
}

#[tokio::test]
async fn a_block_is_given_up_only_where_all_are_against_it() {
    let mut bench = Bench::start().await;
    bench.find(block());
    bench.verdict(0, BlockVerdict::UnknownJob).await;
    bench.verdict(0, BlockVerdict::UnknownJob).await;
    assert_eq!(bench.hub.waiting.len(), 1, "the other one has not told");
    // It comes back and may know more: it is asked again, and its former word counts no more.
    bench.relink(0).await;
    assert!(bench.is_sent_to(0, block()));
    bench.verdict(1, BlockVerdict::Rejected("high-hash".into())).await;
    assert_eq!(bench.hub.waiting.len(), 1);
    bench.verdict(0, BlockVerdict::UnknownJob).await;
    bench.set_aside().await;
}

#[tokio::test]
async fn a_block_that_this_chain_refuses_may_be_one_of_another() {
    let mut bench = Bench::start().await;
    bench.find(merged());
    for jobmaster in [0, 1] {
        bench.say_verdict(jobmaster, BlockVerdict::Rejected("bad-cb".into()), false).await;
    }
    bench.aux_verdict(0).await;
    assert_eq!(bench.recorded().await, (nmc_hash(), Some(nmc())));
    for jobmaster in [0, 1] {
        bench.verdict(jobmaster, BlockVerdict::Rejected("bad-cb".into())).await;
    }
    bench.set_aside().await;
}

#[tokio::test]
async fn a_jobmaster_that_does_not_read_loses_its_link_and_nothing_else() {
    let mut bench = Bench::start().await;
    for byte in 0..10 {
        bench.hub.handle_found(FoundBlock { hash: Hash256::from_bytes([byte; 32]), ..block() });
        assert!(bench.sent[1].try_recv().is_ok());
    }
    assert!(bench.hub.jobmasters[0].outbound.is_none());
    assert!(bench.hub.jobmasters[1].outbound.is_some());
    assert_eq!(bench.hub.waiting.len(), 10);
}

#[tokio::test]
async fn bans_of_all_jobmasters_hold() {
    let mut bench = Bench::start().await;
    let ban = |subject: &str, until: u64| Ban {
        subject: subject.parse().unwrap(),
        until: UnixTime::from_seconds(until),
        reason: String::new(),
    };
    let told = [vec![ban("10.1.2.3", 5), ban("10.1.2.4", 9)], vec![ban("10.1.2.3", 7)]];
    for (jobmaster, bans) in told.into_iter().enumerate() {
        let message = FromJobmaster::Bans(bans);
        bench.hub.handle(LinkEvent::Message { jobmaster, message }).await;
    }
    assert_eq!(bench.hub.all_bans(), [ban("10.1.2.3", 7), ban("10.1.2.4", 9)]);
    bench.hub.handle(LinkEvent::Down { jobmaster: 1 }).await;
    assert_eq!(bench.hub.all_bans().len(), 2, "a lost link ends no ban");
}

#[tokio::test]
async fn people_are_told_where_no_jobmaster_is_heard_for_long() {
    let mut bench = Bench::start().await;
    bench.hub.handle(LinkEvent::Heard).await;
    let first = bench.hub.silence.poll_timeout().expect("it may fall silent");
    let heard_at = bench.hub.clock.now().instant;
    while bench.hub.clock.now().instant == heard_at {
        std::hint::spin_loop();
    }
    bench.hub.handle(LinkEvent::Heard).await;
    let due = bench.hub.silence.poll_timeout().expect("it may fall silent");
    assert!(first < due, "each sign counts");
    bench.hub.handle(LinkEvent::Down { jobmaster: 0 }).await;
    let line = bench.hub.silence_line(due).expect("it is silent");
    assert!(line.starts_with("FATAL: ") && line.contains("60 s"), "{line}");
    assert_eq!(bench.hub.silence_line(due + OUTAGE_ALERT_AFTER), None, "once");
    bench.hub.handle(LinkEvent::Heard).await;
    assert!(bench.hub.silence.poll_timeout().is_some(), "the next silence is another one");
}

#[tokio::test]
async fn jobs_and_signs_of_life_are_heard() {
    let key = ClusterKey::generate().unwrap();
    let listener = LinkListener::bind("127.0.0.1:0", key.clone()).await.unwrap();
    let addresses = vec![listener.local_address().to_string()];
    let jobmasters = Jobmasters { addresses, key, gateway_id: 1, datagram_ports: Vec::new() };
    let (events_in, mut events) = mpsc::channel(8);
    let links = start_links(jobmasters, &[], &events_in);
    let (pending, _) = listener.accept().await.unwrap();
    let (mut sender, _receiver) = pending.open().await.unwrap();
    sender.send(&FromJobmaster::Alive.encode()).await.unwrap();
    assert!(matches!(events.recv().await, Some(LinkEvent::Heard)));
    links.iter().for_each(JoinHandle::abort);
}

use sluice_service::link::LinkListener;
use sluice_units::{JobId, UnixTime};

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

    async fn verdict(&mut self, jobmaster: JobmasterIndex, verdict: BlockVerdict) {
        let message = FromJobmaster::Verdict { hash: block().hash, verdict, last: true };
        self.hub.handle(LinkEvent::Message { jobmaster, message }).await;
    }

    /// A found block, on disk as a shard leaves it.
    fn find(&mut self) {
        self.hub.folder.write(&block()).unwrap();
        self.hub.handle_found(block());
    }

    fn is_sent_to(&mut self, jobmaster: JobmasterIndex) -> bool {
        let wanted = FromGateway::FoundBlock(block()).encode();
        self.sent[jobmaster].try_recv().is_ok_and(|sent| sent == wanted)
    }
}

#[tokio::test]
async fn a_block_goes_to_every_jobmaster_and_is_recorded_once() {
    let mut bench = Bench::start().await;
    bench.find();
    assert!(bench.is_sent_to(0) && bench.is_sent_to(1));
    bench.verdict(1, BlockVerdict::UnknownJob).await;
    bench.verdict(0, BlockVerdict::Accepted).await;
    bench.verdict(1, BlockVerdict::Accepted).await;
    assert_eq!(bench.kept.recv().await.unwrap().block, block());
    assert!(bench.kept.try_recv().is_err(), "once");
}

#[tokio::test]
async fn a_share_stays_on_disk_until_the_other_chains_have_answered() {
    let mut bench = Bench::start().await;
    bench.find();
    let (share, hash) = (block().hash, Hash256::from_bytes([9; 32]));
    let verdict =
        |last| FromJobmaster::Verdict { hash: share, verdict: BlockVerdict::Accepted, last };
    let say = |message| LinkEvent::Message { jobmaster: 0, message };
    bench.hub.handle(say(verdict(false))).await;
    let record = bench.kept.recv().await.unwrap();
    assert_eq!((record.block, record.chain), (block(), None));
    let chain: Name = "nmc".parse().unwrap();
    let taken = FromJobmaster::AuxVerdict { share, chain: chain.clone(), hash };
    bench.hub.handle(say(taken)).await;
    let record = bench.kept.recv().await.unwrap();
    assert_eq!((record.block.hash, record.chain), (hash, Some(chain)));
    assert_eq!(bench.hub.waiting.len(), 1);
    bench.hub.handle(say(verdict(true))).await;
    assert!(bench.hub.waiting.is_empty());
    assert!(bench.kept.try_recv().is_err(), "each is recorded once");
    // A share that only other chains wanted leaves no record of this one.
    bench.find();
    let other =
        FromJobmaster::Verdict { hash: share, verdict: BlockVerdict::OtherChains, last: true };
    bench.hub.handle(say(other)).await;
    assert!(bench.hub.waiting.is_empty() && bench.kept.try_recv().is_err());
    let file = bench.folder.path().join("blocks").join(format!("{share}.block"));
    while file.exists() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_block_is_given_up_only_where_all_are_against_it() {
    let mut bench = Bench::start().await;
    bench.find();
    bench.verdict(0, BlockVerdict::UnknownJob).await;
    bench.verdict(0, BlockVerdict::UnknownJob).await;
    assert_eq!(bench.hub.waiting.len(), 1, "the other one has not told");
    // It comes back and may know more: it is asked again, and its former word counts no more.
    bench.hub.handle(LinkEvent::Down { jobmaster: 0 }).await;
    bench.sent[0] = bench.link(0).await;
    assert!(bench.is_sent_to(0));
    bench.verdict(1, BlockVerdict::Rejected("high-hash".into())).await;
    assert_eq!(bench.hub.waiting.len(), 1);
    bench.verdict(0, BlockVerdict::UnknownJob).await;
    assert!(bench.hub.waiting.is_empty());
    let aside = bench.folder.path().join("blocks").join(format!("{}.refused", block().hash));
    assert!(aside.exists(), "it is kept for a person to look at");
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

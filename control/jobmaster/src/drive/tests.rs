use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use sluice_control_core::{Asked, AuxAnswer, BanDesk};
use sluice_mining::merged::{AuxKind, AuxWork};
use sluice_service::ClusterKey;
use sluice_service::clock::unix_time;
use sluice_units::limits::BLOCKS_PENDING_MAX;
use sluice_units::{Ban, BlockVerdict, FoundBlock, Job, JobId, Name, Now, Target, UnixTime};
use sluice_wire::job_feed::JOB_FEED_VERSION;
use sluice_wire::node_rpc::BlockTemplate;
use sluice_wire::operator_feed::{FromOperator, ToOperator};
use tokio::sync::oneshot;

use super::nodes::Answer;
use super::*;
use crate::JobmasterConfig;
use crate::gateways::{GatewayCaller, LinkNumber};
use crate::message_file::MessageFile;
use crate::node::NodeError;
use crate::rests::tests::HangingWrite;

fn drive(data_folder: &Path) -> Drive {
    let config = JobmasterConfig {
        // Nobody listens there: what is asked gets no answer that this test would take.
        node_url: "http://127.0.0.1:1".into(),
        payout_address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080".into(),
        ..JobmasterConfig::default()
    };
    let policy = DeskPolicy {
        jobmaster_id: 1,
        started_unix_s: 7,
        nodes: 1,
        rules: rules_of("regtest").unwrap(),
        coinbase: config.coinbase("regtest", "").unwrap(),
        version_mask: u32::MAX,
        poll_interval: Duration::from_secs(1),
        long_poll: true,
        refresh_interval: Duration::from_secs(30),
        empty_job_time: Duration::from_secs(20),
        alive_interval: Duration::from_secs(5),
    };
    let file = MessageFile::of(data_folder);
    Drive::new(Parts {
        nodes: config.nodes().unwrap(),
        chain: "regtest".into(),
        policy,
        chains: Vec::new(),
        rests: RestFolder::open(data_folder).unwrap(),
        bans: Bans::open(data_folder, BanDesk::default(), unix_time()).unwrap(),
        settings: Settings { config, message: String::new(), file, reload: None },
        datagrams: DatagramFeed::new(None).unwrap(),
        peers: Peers::start(&[], &ClusterKey::generate().unwrap(), 1),
        status: Arc::default(),
    })
}

fn handle_template(drive: &mut Drive) {
    let answer = Answer::Template(Asked::Now, Ok(Box::new(template())));
    drive.handle_node(NodeAnswer { node: 0, answer });
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
    drive.gateways.welcome(1, caller(), outbound).unwrap();
    let welcome = FromJobmaster::decode(&sent.recv().await.unwrap());
    assert!(matches!(welcome, Ok(FromJobmaster::Welcome { .. })));
    let job = JobId::new(1, 7, 1);
    let hanging = HangingWrite::of(folder.path(), job);

    handle_template(&mut drive);
    let mut carrying = pin!(drive.carry_out());
    let first = poll_fn(|context| Poll::Ready(carrying.as_mut().poll(context).is_ready())).await;
    assert!(!first, "the disk has not answered yet");
    assert!(sent.try_recv().is_err(), "no gateway has the job before the disk");
    let pipe = hanging.pipe.clone();
    let reader = tokio::task::spawn_blocking(move || std::fs::read(pipe).unwrap());
    carrying.await;
    assert!(!reader.await.unwrap().is_empty());
    let sent = sent.try_recv().unwrap();
    assert!(
        matches!(FromJobmaster::decode(&sent), Ok(FromJobmaster::Job { job: sent, .. }) if sent.id == job)
    );
}

#[tokio::test]
async fn a_block_that_no_node_has_is_not_ended_by_the_other_chains() {
    let folder = tempfile::tempdir().unwrap();
    let mut drive = drive(folder.path());
    handle_template(&mut drive);
    drive.carry_out().await;
    let (job, _) = drive.jobs.latest().expect("there is a template");
    let (id, coinbase) =
        (job.id, [&job.coinbase_prefix[..], &[0; 16], &job.coinbase_suffix].concat());
    // Its target is the easiest there is.
    let header = [&[0; 72][..], &0x207f_ffff_u32.to_le_bytes(), &[0; 4]].concat();
    let found = |number: usize| {
        let hash = [&number.to_le_bytes()[..], &[0; 24]].concat().try_into().unwrap();
        FoundBlock {
            job: id,
            height: 3,
            hash: Hash256::from_bytes(hash),
            header: header.clone().try_into().unwrap(),
            coinbase: coinbase.clone(),
            finder: "alice".parse().unwrap(),
        }
    };
    let (outbound, mut gateway) = mpsc::channel(8);
    drive.handle_gateway(hello(1, outbound));
    sent_to(&mut gateway);
    // The last one is beyond those that may wait for a node.
    for number in 0..=BLOCKS_PENDING_MAX {
        drive.handle_found(1, &found(number));
        drive.settle(found(number).hash);
        assert_eq!(sent_to(&mut gateway), [], "{number}");
    }
    // It is one of other chains alone.
    let header = [&[0; 72][..], &0x1d00_ffff_u32.to_le_bytes(), &[0; 4]].concat();
    let hash = Hash256::from_bytes([0xff; 32]);
    drive.handle_found(1, &FoundBlock { hash, header: header.try_into().unwrap(), ..found(0) });
    let verdict = FromJobmaster::Verdict { hash, verdict: BlockVerdict::OtherChains, last: true };
    assert_eq!(sent_to(&mut gateway), [verdict]);
}

#[tokio::test]
async fn a_gateway_that_was_away_hears_which_chains_took_its_share() {
    let folder = tempfile::tempdir().unwrap();
    let mut drive = drive(folder.path());
    let (now, chain): (Now, Name) = (drive.clock.now(), "nmc".parse().unwrap());
    drive.aux = AuxDesk::new(now.instant, [(chain.clone(), Duration::from_secs(3600))]);
    let block = Hash256::from_bytes([1; 32]);
    let (kind, target) = (AuxKind::AuxPow { chain_id: 1 }, Target::from_be_bytes([0x40; 32]));
    drive.jobs.set_aux(now, vec![AuxWork { chain: chain.clone(), kind, hash: block, target }]);
    handle_template(&mut drive);
    let (job, _) = drive.jobs.latest().expect("there is a template");
    let header = [&[0; 72][..], &0x1d00_ffff_u32.to_le_bytes(), &[0; 4]].concat();
    let share = Hash256::from_bytes([0x30; 32]);
    let found = FoundBlock {
        job: job.id,
        height: 3,
        hash: share,
        header: header.try_into().unwrap(),
        coinbase: [&job.coinbase_prefix[..], &[0; 16], &job.coinbase_suffix].concat(),
        finder: "alice".parse().unwrap(),
    };
    let (outbound, mut gateway) = mpsc::channel(8);
    drive.handle_gateway(hello(1, outbound));
    drive.handle_found(1, &found);
    // Its link is down when the chain answers.
    drive.handle_gateway(GatewayEvent::Gone { link: 1 });
    sent_to(&mut gateway);
    while drive.aux.poll_action().is_some() {}
    drive.aux.handle_answer(now.instant, 0, share, &AuxAnswer::Taken);
    drive.carry_out_aux();
    let (outbound, mut gateway) = mpsc::channel(8);
    drive.handle_gateway(hello(2, outbound));
    sent_to(&mut gateway);
    drive.handle_found(2, &found);
    let told = [
        FromJobmaster::AuxVerdict { share, chain, hash: block },
        FromJobmaster::Verdict { hash: share, verdict: BlockVerdict::OtherChains, last: true },
    ];
    assert_eq!(sent_to(&mut gateway), told);
}

#[tokio::test]
async fn people_are_told_where_no_node_can_be_used_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let mut drive = drive(folder.path());
    let fail = |drive: &mut Drive| {
        let error = NodeError::InitialDownload("node-a".into());
        drive.handle_node(NodeAnswer { node: 0, answer: Answer::Template(Asked::Now, Err(error)) });
    };
    fail(&mut drive);
    let due = drive.outage.poll_timeout().expect("it may last");
    handle_template(&mut drive);
    assert_eq!(drive.outage_line(due), None, "it has passed");
    fail(&mut drive);
    let due = drive.outage.poll_timeout().expect("it may last");
    fail(&mut drive);
    let line = drive.outage_line(due).expect("it has lasted");
    assert!(
        line.starts_with("FATAL: ") && line.contains("60 s") && line.contains("node-a"),
        "{line}"
    );
    assert_eq!(drive.outage_line(due + OUTAGE_ALERT_AFTER), None, "once");
}

/// The job that a gateway is given next, as soon as the desk gives one.
async fn next_job(drive: &mut Drive, gateway: &mut mpsc::Receiver<Vec<u8>>) -> Job {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        drive.jobs.handle_timeout(drive.clock.now());
        drive.carry_out().await;
        let job = sent_to(gateway).into_iter().find_map(|message| match message {
            FromJobmaster::Job { job, .. } => Some(job),
            _ => None,
        });
        if let Some(job) = job {
            return job;
        }
        assert!(tokio::time::Instant::now() < deadline, "no job came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_gateway_that_comes_again_gets_no_job_that_it_may_have_had() {
    let folder = tempfile::tempdir().unwrap();
    let mut drive = drive(folder.path());
    let greet = |drive: &mut Drive, link: LinkNumber, gateway_id: u16| {
        let (outbound, sent) = mpsc::channel(8);
        let caller = GatewayCaller { gateway_id, ..caller() };
        drive.handle_gateway(GatewayEvent::Hello { link, caller, outbound });
        sent
    };
    // It has the first job by way of all, and the second in the same way.
    let mut before = greet(&mut drive, 1, 1);
    handle_template(&mut drive);
    let mut had = vec![next_job(&mut drive, &mut before).await];
    let mut other = greet(&mut drive, 2, 2);
    assert_eq!(next_job(&mut drive, &mut other).await, had[0], "to this one it is new");
    for link in [1, 3] {
        drive.handle_gateway(GatewayEvent::Gone { link });
        let mut again = greet(&mut drive, link + 2, 1);
        let renewed = next_job(&mut drive, &mut again).await;
        let other_work = |former: &Job| {
            renewed.id > former.id && renewed.coinbase_suffix != former.coinbase_suffix
        };
        assert!(had.iter().all(other_work), "{renewed:?} {had:?}");
        assert!(drive.rests.read(renewed.id).is_some(), "it is on disk");
        assert_eq!(next_job(&mut drive, &mut other).await, renewed, "all have the same");
        had.push(renewed);
    }
    // Whoever was given it at its coming has had it as well.
    let mut third = greet(&mut drive, 7, 3);
    assert_eq!(next_job(&mut drive, &mut third).await, had[2]);
    drive.handle_gateway(GatewayEvent::Gone { link: 7 });
    let mut third = greet(&mut drive, 8, 3);
    assert!(next_job(&mut drive, &mut third).await.id > had[2].id);
}

fn hello(link: LinkNumber, outbound: mpsc::Sender<Vec<u8>>) -> GatewayEvent {
    GatewayEvent::Hello { link, caller: caller(), outbound }
}

fn caller() -> GatewayCaller {
    GatewayCaller { gateway_id: 1, version: JOB_FEED_VERSION, datagrams: Vec::new() }
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
    handle_template(&mut drive);
    drive.carry_out().await;
    let (outbound, mut gateway) = mpsc::channel(8);
    drive.handle_gateway(hello(1, outbound));
    let sent = sent_to(&mut gateway);
    let [FromJobmaster::Welcome { .. }, FromJobmaster::Bans(bans), FromJobmaster::Job { .. }] =
        &sent[..]
    else {
        panic!("{sent:?}");
    };
    assert!(bans.is_empty());

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

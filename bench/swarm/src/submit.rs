//! `sluice bench submit`: what one share costs, beside what an echo costs on the same engine.

use std::time::Duration;

use crate::child::Interruption;
use crate::cores::{Placement, allowed};
use crate::crew::{Crew, CrewPlan};
use crate::error::BenchError;
use crate::gateway_under_test::{GatewaySetup, GatewayUnderTest, notify_prefix};
use crate::process_usage::ProcessorTime;
use crate::progress::Progress;
use crate::protocol::{BareSetup, Conduct, Ran};
use crate::report::Report;
use crate::rival::Rival;
use crate::share_stages::{self, Stages};
use crate::sizing;
use crate::statistics::{median, ratio, us_each};
use crate::store_end::StoreSum;

/// Phases of each of the two at least; they alternate.
const PHASES_MIN: u32 = 3;
/// Longest phase: a job holds 2^20 shares of one shard, and each phase has a job of its own.
const PHASE_S_MAX: f64 = 2.0;
const CONNECTS_IN_FLIGHT: u32 = 128;
const CONNECT_TIMEOUT_S: u64 = 15;

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct SubmitOptions {
    /// Miners.
    pub connections: u32,
    /// Shares in flight, over all miners.
    pub outstanding: u32,
    /// How long shares are submitted to the gateway in all; the echo takes as long again.
    pub seconds: f64,
    /// Cores of the gateway alone; unless given its shard has the first core and the miners the rest.
    pub cores: Option<Vec<usize>>,
    /// What drives the shards; the gateway's default unless given.
    pub runtime: Option<String>,
}

/// What one phase came to.
struct Phase {
    ran: Ran,
    used: ProcessorTime,
}

impl Phase {
    fn per_second(&self) -> f64 {
        self.ran.accepted as f64 * 1e9 / self.ran.elapsed_ns.max(1) as f64
    }

    fn shard_us(&self) -> f64 {
        us_each(self.used.shards_ns, self.ran.accepted)
    }

    fn process_us(&self) -> f64 {
        us_each(self.used.process_ns, self.ran.accepted)
    }
}

/// Runs it.
pub fn run(options: &SubmitOptions, interruption: &Interruption) -> Result<Report, BenchError> {
    let mut progress = Progress::new();
    let placement = Placement::apart(&allowed(), options.cores.clone());
    let room = sizing::connections_per_shard_max(options.connections, 1, sizing::descriptors_max());
    let mut gateway = GatewayUnderTest::start(
        &GatewaySetup {
            shards: 1,
            connections_per_shard_max: room,
            runtime: options.runtime.clone(),
            cores: placement.gateway.clone(),
        },
        interruption,
    )?;
    let bare = BareSetup { engines: 1, connections_max: room };
    let mut rival = Rival::start(&bare, placement.gateway.clone(), interruption)?;
    let mut miners = submitters(options, gateway.address, false, &placement, interruption)?;
    let mut echoers = submitters(options, rival.address, true, &placement, interruption)?;
    let phases = PHASES_MIN.max((options.seconds / PHASE_S_MAX).ceil() as u32);
    let time = Duration::from_secs_f64(options.seconds / f64::from(phases));
    progress.say(format_args!(
        "{} miners, {} shares in flight; {phases} phases of {} ms for gateway and echo each",
        options.connections,
        options.outstanding,
        time.as_millis()
    ));
    let (mut shares, mut echoes) = (Vec::new(), Vec::new());
    // The first one of each warms caches and branches, and is left out.
    for phase in 0..=phases {
        let job = gateway.next_job();
        miners.expect(&notify_prefix(&job))?;
        gateway.hand_out(job)?;
        let seen = miners.wait_until_seen()?;
        crate::connections::check_seen(options.connections, seen.connections, seen.unexpected)?;
        let before = gateway.processor_time()?;
        let ran = submit_for(&mut miners, time, "shares", &mut progress)?;
        shares.push(Phase { ran, used: gateway.processor_time()?.since(before) });
        let before = rival.processor_time()?;
        let ran = submit_for(&mut echoers, time, "echoes", &mut progress)?;
        echoes.push(Phase { ran, used: rival.processor_time()?.since(before) });
        tell_phase(phase, &shares, &echoes, &mut progress);
    }
    miners.end()?;
    echoers.end()?;
    rival.end()?;
    let store = gateway.end()?;
    check_store(shares.iter().map(|phase| &phase.ran), store)?;
    progress.say(format_args!("the shard alone, for the stages of a share"));
    let stages = share_stages::measure()?;
    Ok(report(options, &shares[1..], &echoes[1..], &stages))
}

fn submitters(
    options: &SubmitOptions,
    target: std::net::SocketAddr,
    is_echo: bool,
    placement: &Placement,
    interruption: &Interruption,
) -> Result<Crew, BenchError> {
    let plan = CrewPlan {
        name: if is_echo { "echoing clients" } else { "submitting miners" },
        target,
        first: 0,
        connections: options.connections,
        rings: 1,
        in_flight: CONNECTS_IN_FLIGHT,
        connect_timeout_s: CONNECT_TIMEOUT_S,
        is_echo,
        conduct: Conduct::Pipeline { outstanding: options.outstanding, batch: 1 },
        cores: placement.miners.clone(),
        niceness: None,
    };
    open_all(&plan, interruption)
}

/// A crew of which everybody is authorised.
pub(crate) fn open_all(plan: &CrewPlan, interruption: &Interruption) -> Result<Crew, BenchError> {
    let mut crew = Crew::start(plan, interruption)?;
    let opened = crew.open(|_| {})?;
    if opened.open != plan.connections {
        return Err(BenchError::Check(format!(
            "{}: {} of {} could not be opened; `sluice doctor` may say why",
            plan.name, opened.failed, plan.connections
        )));
    }
    Ok(crew)
}

fn tell_phase(phase: u32, shares: &[Phase], echoes: &[Phase], progress: &mut Progress) {
    let (Some(share), Some(echo)) = (shares.last(), echoes.last()) else { return };
    let name = if phase == 0 { "warm-up".to_owned() } else { format!("phase {phase}") };
    progress.say(format_args!(
        "{name}: {:.0} shares/s at {:.1} us, {:.0} echoes/s at {:.1} us",
        share.per_second(),
        share.shard_us(),
        echo.per_second(),
        echo.shard_us()
    ));
}

fn submit_for(
    crew: &mut Crew,
    time: Duration,
    what: &str,
    progress: &mut Progress,
) -> Result<Ran, BenchError> {
    crew.start_submitting()?;
    crew.watch(time, |answered| progress.count(what, answered, None))?;
    let ran = crew.stop_submitting()?;
    check_answers(&ran, false)?;
    Ok(ran)
}

/// Whether every share was answered `true`; where tips change, some may have come too late for theirs.
pub(crate) fn check_answers(ran: &Ran, may_be_stale: bool) -> Result<(), BenchError> {
    let late = if may_be_stale { ran.stale } else { 0 };
    if ran.accepted + late == ran.shares && ran.rejected == 0 && ran.lost == 0 {
        return Ok(());
    }
    let said = ran.first_rejection.as_deref().unwrap_or("no refusal was read");
    Err(BenchError::Check(format!(
        "of {} shares {} were accepted, {} stale, {} refused, and {} miners lost: {said}",
        ran.shares, ran.accepted, ran.stale, ran.rejected, ran.lost
    )))
}

/// Whether the store was told of exactly what the miners saw.
pub(crate) fn check_store<'a>(
    runs: impl IntoIterator<Item = &'a Ran>,
    store: StoreSum,
) -> Result<(), BenchError> {
    let (mut accepted, mut refused) = (0, 0);
    for ran in runs {
        accepted += ran.accepted;
        refused += ran.stale + ran.rejected;
    }
    if (accepted, refused) == (store.accepted, store.rejected) {
        return Ok(());
    }
    Err(BenchError::Check(format!(
        "miners saw {accepted} shares accepted and {refused} refused, and the store has {store:?}"
    )))
}

fn report(options: &SubmitOptions, shares: &[Phase], echoes: &[Phase], stages: &Stages) -> Report {
    let middle = |phases: &[Phase], number: &dyn Fn(&Phase) -> f64| {
        median(phases.iter().map(number)).unwrap_or_default()
    };
    let share_us = middle(shares, &Phase::shard_us);
    let echo_us = middle(echoes, &Phase::shard_us);
    let sum = |number: &dyn Fn(&Ran) -> u64| shares.iter().map(|it| number(&it.ran)).sum::<u64>();
    let mut report = Report::new("submit", options.runtime.as_deref());
    report.add("connections", options.connections, "miners");
    report.add("outstanding", options.outstanding, "shares in flight, over all miners");
    report.add("phases", shares.len(), "of gateway and echo each; figures are medians of them");
    report.add("shares", sum(&|ran| ran.shares), "submitted, each another");
    report.add("accepted", sum(&|ran| ran.accepted), "answered true, and credited in the store");
    report.measured("shares_per_second", middle(shares, &Phase::per_second), "");
    report.measured("cpu_us_per_share", share_us, "processor time of the gateway's shard");
    report.measured(
        "process_cpu_us_per_share",
        middle(shares, &Phase::process_us),
        "of all its threads",
    );
    report.measured("echo_cpu_us", echo_us, "of the bare engine, per line sent back");
    report.measured("ratio_to_echo", ratio(share_us, echo_us), "");
    let Stages { scan_us, check_us, account_us, journal_us } = *stages;
    report.measured("read_write_us", echo_us, "of cpu_us_per_share: what the echo takes");
    report.measured("scan_us", scan_us, "the line read; this and the next two by the shard alone");
    report.measured("check_us", check_us, "the share hashed, four at a time");
    report.measured("account_us", account_us, "verdict, credit and reply");
    report.measured("journal_us", journal_us, "what the same shard takes more with its journal");
    report.measured("journal_part", ratio(journal_us, share_us - journal_us), "of all the rest");
    let rest_us = share_us - echo_us - scan_us - check_us - account_us - journal_us;
    report.measured("rest_us", rest_us, "what the parts do to one another; may be below zero");
    report.measured(
        "p50_us",
        middle(shares, &|it| it.ran.p50_us),
        "submit -> answer, half of them",
    );
    report.measured("p99_us", middle(shares, &|it| it.ran.p99_us), "99 of 100");
    report.measured("echo_p50_us", middle(echoes, &|it| it.ran.p50_us), "");
    report.measured("echo_p99_us", middle(echoes, &|it| it.ran.p99_us), "");
    report
}

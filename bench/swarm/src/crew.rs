//! The run's end of its miners: one crew is some processes that do the same.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sluice_ring::CONNECTS_IN_FLIGHT_MAX;

use crate::child::{Interruption, Launch, RunProcess};
use crate::error::BenchError;
use crate::protocol::{Conduct, MinersOrder, MinersReport, MinersSetup, Ran, RingReport};
use crate::sizing::{connections_per_ring_max, descriptors_max};

/// Rings of one miners' process: their connects in flight are descriptors of the process.
const RINGS_PER_PROCESS_MAX: u32 = 26;
/// Connects in flight of one ring.
const CONNECTS_PER_RING_MAX: u32 = CONNECTS_IN_FLIGHT_MAX as u32;
/// How often the processes are asked in turn while several work.
const TURN_WAIT: Duration = Duration::from_millis(20);
/// How long an opening may show no progress.
const STALL_MAX: Duration = Duration::from_secs(180);

/// Who the miners are.
#[derive(Clone, Debug)]
pub(crate) struct CrewPlan {
    pub(crate) name: &'static str,
    pub(crate) target: SocketAddr,
    /// The number of the first miner: crews of one run have numbers of their own.
    pub(crate) first: u64,
    pub(crate) connections: u32,
    pub(crate) rings: u32,
    /// Connections on their way at one time, in all.
    pub(crate) in_flight: u32,
    pub(crate) connect_timeout_s: u64,
    pub(crate) is_echo: bool,
    pub(crate) conduct: Conduct,
    pub(crate) cores: Option<Vec<usize>>,
    pub(crate) niceness: Option<i32>,
}

/// What came of opening.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Opened {
    pub(crate) open: u32,
    pub(crate) failed: u32,
    pub(crate) retries: u32,
}

/// What came of waiting for a line at everybody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connections: u32,
    pub(crate) unexpected: u64,
    /// When the first one had it, on the machine's monotonic clock; 0 where nobody has.
    pub(crate) first_at_ns: u64,
    /// When the last one had it, on the machine's monotonic clock.
    pub(crate) last_at_ns: u64,
}

/// A crew at work. Dropped, its processes are killed.
pub(crate) struct Crew {
    /// Each with its number of rings.
    processes: Vec<(RunProcess, u32)>,
    interruption: Interruption,
    name: &'static str,
}

impl Crew {
    pub(crate) fn start(plan: &CrewPlan, interruption: &Interruption) -> Result<Self, BenchError> {
        let launch = Launch {
            program: None,
            arguments: ["bench", "swarm-miners"].map(Into::into).to_vec(),
            cores: plan.cores.clone(),
            niceness: plan.niceness,
        };
        let mut processes = Vec::new();
        for setup in setups(plan, descriptors_max()) {
            let mut process = RunProcess::start(plan.name, &launch, interruption)?;
            process.order(&setup)?;
            for _ in 0..setup.engines {
                expect_report(&mut process, "a ring", |report| {
                    matches!(report, MinersReport::Ready).then_some(())
                })?;
            }
            processes.push((process, setup.engines));
        }
        Ok(Self { processes, interruption: interruption.clone(), name: plan.name })
    }

    fn order(&mut self, order: &MinersOrder) -> Result<(), BenchError> {
        self.processes.iter_mut().try_for_each(|(process, _)| process.order(order))
    }

    /// Has all miners connect, and waits until each is authorised or has failed.
    pub(crate) fn open(&mut self, mut progress: impl FnMut(Opened)) -> Result<Opened, BenchError> {
        self.order(&MinersOrder::Open)?;
        let rings: u32 = self.processes.iter().map(|(_, rings)| rings).sum();
        let mut latest = BTreeMap::new();
        let mut over = 0;
        let mut moved = (Opened::default(), Instant::now());
        while over < rings {
            for (index, (process, _)) in self.processes.iter_mut().enumerate() {
                let Some(RingReport { ring, report }) = process.report_within(TURN_WAIT)? else {
                    continue;
                };
                let (open, failed, retries) = match report {
                    MinersReport::Opening { open, failed, retries } => (open, failed, retries),
                    MinersReport::Opened { open, failed, retries } => {
                        over += 1;
                        (open, failed, retries)
                    }
                    other => return Err(unexpected(self.name, &other)),
                };
                latest.insert((index, ring), Opened { open, failed, retries });
            }
            let sum = sum(latest.values());
            progress(sum);
            if sum != moved.0 {
                moved = (sum, Instant::now());
            } else if moved.1.elapsed() > STALL_MAX {
                let text = format!("{}: {sum:?}, and no connection in {STALL_MAX:?}", self.name);
                return Err(BenchError::Check(text));
            }
        }
        Ok(sum(latest.values()))
    }

    /// Has everybody look out for a line that begins like this.
    pub(crate) fn expect(&mut self, prefix: &str) -> Result<(), BenchError> {
        self.order(&MinersOrder::Expect { prefix: prefix.to_owned() })?;
        self.each_ring("the lookout", |report| {
            matches!(report, MinersReport::Expecting).then_some(())
        })?;
        Ok(())
    }

    /// Waits until everybody who is connected has had the expected line.
    pub(crate) fn wait_until_seen(&mut self) -> Result<Seen, BenchError> {
        let seen = self.each_ring("the last miner's job", |report| match report {
            MinersReport::JobSeen { connections, unexpected, first_at_ns, at_ns } => Some(Seen {
                connections: *connections,
                unexpected: *unexpected,
                first_at_ns: *first_at_ns,
                last_at_ns: *at_ns,
            }),
            _ => None,
        })?;
        let add = |sum: Seen, ring: Seen| Seen {
            connections: sum.connections + ring.connections,
            unexpected: sum.unexpected + ring.unexpected,
            first_at_ns: match (sum.first_at_ns, ring.first_at_ns) {
                (0, first) | (first, 0) => first,
                (one, other) => one.min(other),
            },
            last_at_ns: sum.last_at_ns.max(ring.last_at_ns),
        };
        Ok(seen.into_iter().fold(Seen::default(), add))
    }

    /// Has the miners of a crew with one ring submit.
    pub(crate) fn start_submitting(&mut self) -> Result<(), BenchError> {
        self.order(&MinersOrder::Start)
    }

    /// Waits while they submit; `progress` is told the shares answered so far.
    pub(crate) fn watch(
        &mut self,
        time: Duration,
        mut progress: impl FnMut(u64),
    ) -> Result<(), BenchError> {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            let (process, _) = &mut self.processes[0];
            match process.report_within::<RingReport>(left)?.map(|told| told.report) {
                Some(MinersReport::Running { answered }) => progress(answered),
                Some(other) => return Err(unexpected(self.name, &other)),
                None => {}
            }
        }
    }

    /// Has them stop, and waits until every share is answered.
    pub(crate) fn stop_submitting(&mut self) -> Result<Ran, BenchError> {
        self.order(&MinersOrder::Stop)?;
        let (process, _) = &mut self.processes[0];
        expect_report(process, "the last answers", |report| match report {
            MinersReport::Ran(ran) => Some(ran.clone()),
            _ => None,
        })
    }

    /// Closes all connections and ends the processes.
    pub(crate) fn end(mut self) -> Result<(), BenchError> {
        self.interruption.check()?;
        // All at once: closing takes long where there are many.
        self.processes.iter_mut().for_each(|(process, _)| process.hang_up());
        self.processes.into_iter().try_for_each(|(process, _)| process.end(None))
    }

    /// One report of each ring.
    fn each_ring<T>(
        &mut self,
        what: &'static str,
        take: impl Fn(&MinersReport) -> Option<T>,
    ) -> Result<Vec<T>, BenchError> {
        let mut taken = Vec::new();
        for (process, rings) in &mut self.processes {
            for _ in 0..*rings {
                taken.push(expect_report(process, what, &take)?);
            }
        }
        Ok(taken)
    }
}

/// The next report that `take` takes; progress is passed over.
fn expect_report<T>(
    process: &mut RunProcess,
    what: &'static str,
    take: impl Fn(&MinersReport) -> Option<T>,
) -> Result<T, BenchError> {
    loop {
        let RingReport { report, .. } = process.report(what)?;
        match (take(&report), report) {
            (Some(taken), _) => return Ok(taken),
            (None, MinersReport::Running { .. } | MinersReport::Opening { .. }) => {}
            (None, other) => return Err(unexpected("miners", &other)),
        }
    }
}

fn unexpected(name: &str, report: &MinersReport) -> BenchError {
    match report {
        MinersReport::Failed { cause } => BenchError::Miners(cause.clone()),
        other => BenchError::Miners(format!("{name} reports out of turn: {other:?}")),
    }
}

fn sum<'a>(rings: impl Iterator<Item = &'a Opened>) -> Opened {
    rings.fold(Opened::default(), |sum, ring| Opened {
        open: sum.open + ring.open,
        failed: sum.failed + ring.failed,
        retries: sum.retries + ring.retries,
    })
}

/// The rings of a plan, spread over as few processes as can hold them.
fn setups(plan: &CrewPlan, descriptors_max: u32) -> Vec<MinersSetup> {
    let per_ring_max = connections_per_ring_max(descriptors_max);
    let needed = plan.connections.div_ceil(per_ring_max);
    let rings = plan.rings.max(needed).max(1);
    // A connect in flight is a descriptor of its process, whose rings take some more.
    let connects_max = descriptors_max / 5 * 4;
    let in_flight =
        plan.in_flight.div_ceil(rings).min(connects_max).clamp(1, CONNECTS_PER_RING_MAX);
    let rings_each = (connects_max / in_flight).clamp(1, RINGS_PER_PROCESS_MAX);
    let processes = rings.div_ceil(rings_each);
    let mut first = plan.first;
    (0..processes)
        .map(|index| {
            let share = |whole: u32| whole / processes + u32::from(index < whole % processes);
            let setup = MinersSetup {
                target: plan.target,
                first,
                connections: share(plan.connections),
                engines: share(rings).max(share(plan.connections).div_ceil(per_ring_max)),
                in_flight_max: u16::try_from(in_flight).expect("clamped to a number of 16 bits"),
                connect_timeout_s: plan.connect_timeout_s,
                is_echo: plan.is_echo,
                conduct: plan.conduct,
            };
            first += u64::from(setup.connections);
            setup
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_fits_a_few_processes_and_nobody_is_left_out() {
        for (connections, rings, in_flight) in [
            (1, 1, 1),
            (50_000, 3, 512),
            (1_000_000, 53, 512),
            (50_000, 13, 50_000),
            (60_001, 1, 9),
        ] {
            let plan = CrewPlan {
                name: "miners",
                target: "127.0.0.1:1".parse().unwrap(),
                first: 7,
                connections,
                rings,
                in_flight,
                connect_timeout_s: 1,
                is_echo: false,
                conduct: Conduct::Hold,
                cores: None,
                niceness: None,
            };
            let setups = setups(&plan, 20_000);
            assert_eq!(setups.iter().map(|setup| setup.connections).sum::<u32>(), connections);
            let mut first = 7;
            for setup in &setups {
                assert_eq!(setup.first, first);
                first += u64::from(setup.connections);
                assert!(setup.connections <= setup.engines * 19_000, "{setup:?}");
                let in_flight = setup.engines * u32::from(setup.in_flight_max);
                assert!(in_flight < 20_000, "{setup:?}");
            }
            assert!(setups.len() <= 4, "{setups:?}");
        }
    }
}

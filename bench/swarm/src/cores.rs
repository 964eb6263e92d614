//! Which cores the two ends of a run have.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::error::BenchError;

/// Where the gateway and the miners run; `None` leaves the choice to the system.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Placement {
    /// The gateway's cores; its shards are pinned to them, one after another.
    pub gateway: Option<Vec<usize>>,
    /// The miners' cores.
    pub miners: Option<Vec<usize>>,
}

impl Placement {
    /// The gateway on the cores given, else wherever it likes, its one shard on the first core; the
    /// miners on what is left, or anywhere where nothing is left.
    pub fn apart(allowed: &[usize], gateway: Option<Vec<usize>>) -> Self {
        let shard_core = allowed.first().copied();
        let taken = |core: &usize| match &gateway {
            Some(cores) => cores.contains(core),
            None => shard_core == Some(*core),
        };
        let rest: Vec<usize> = allowed.iter().copied().filter(|core| !taken(core)).collect();
        Self { miners: (!rest.is_empty()).then_some(rest), gateway }
    }

    /// The miners everywhere unless the gateway was given cores of its own.
    pub fn together(allowed: &[usize], gateway: Option<Vec<usize>>) -> Self {
        if gateway.is_some() { Self::apart(allowed, gateway) } else { Self::default() }
    }
}

/// The cores that this process may use, in order.
pub fn allowed() -> Vec<usize> {
    let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
}

/// Keeps this thread, and those that it starts from now on, on some cores.
pub fn stay_on(cores: &[usize]) -> Result<(), BenchError> {
    let mut set = CpuSet::new();
    for core in cores.iter().filter(|core| **core < CpuSet::MAX_CPU) {
        set.set(*core);
    }
    sched_setaffinity(None, &set)
        .map_err(|errno| BenchError::Cores { list: to_list(cores), cause: errno.into() })
}

/// Reads a list such as `0,2-5`.
pub fn parse_list(text: &str) -> Result<Vec<usize>, String> {
    let bad = || format!("\"{text}\": write cores as in 0,2-5");
    let mut cores = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| text.trim().parse::<usize>().map_err(|_| bad());
        let (first, last) = (number(first)?, number(last)?);
        if first > last || last >= CpuSet::MAX_CPU {
            return Err(bad());
        }
        cores.extend(first..=last);
    }
    cores.sort_unstable();
    cores.dedup();
    Ok(cores)
}

/// Writes a list that [`parse_list`] reads.
pub fn to_list(cores: &[usize]) -> String {
    cores.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_go_both_ways() {
        assert_eq!(parse_list("3,0-1"), Ok(vec![0, 1, 3]));
        assert_eq!(parse_list(&to_list(&[0, 5, 9])), Ok(vec![0, 5, 9]));
        for bad in ["", "a", "1-", "4-2", "0,,1", "99999"] {
            assert!(parse_list(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn miners_keep_away_from_the_shards_core_where_there_is_another() {
        let apart = |allowed: &[usize], gateway| Placement::apart(allowed, gateway).miners;
        assert_eq!(apart(&[0, 1], None), Some(vec![1]));
        assert_eq!(apart(&[4], None), None);
        assert_eq!(apart(&[0, 1, 2, 3], Some(vec![2, 3])), Some(vec![0, 1]));
        assert_eq!(Placement::together(&[0, 1], None), Placement::default());
    }

    #[test]
    fn a_thread_stays_where_it_is_put() {
        let last = *allowed().last().unwrap();
        std::thread::spawn(move || {
            stay_on(&[last]).unwrap();
            assert_eq!(allowed(), [last]);
            assert!(stay_on(&[]).is_err());
        })
        .join()
        .unwrap();
    }
}

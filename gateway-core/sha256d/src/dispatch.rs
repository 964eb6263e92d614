//! Which kernel hashes shares: what this processor can run, and what is fastest on it.

use core::fmt;

use sluice_units::{CompactTarget, Hash256, Header};
use thiserror::Error;

use crate::kernel::LaneKernel;
#[cfg(target_arch = "x86_64")]
use crate::kernel::assembly::Assembly;
#[cfg(target_arch = "x86_64")]
use crate::kernel::avx2::{self, Avx2};
#[cfg(target_arch = "x86_64")]
use crate::kernel::instruction_mix;
use crate::kernel::library::Library;
use crate::kernel::portable::Portable;
#[cfg(target_arch = "x86_64")]
use crate::kernel::sha_ni::ShaNi;
use crate::share::{EXTRANONCE_BYTES_MAX, JobHasher, ShareInput};

/// How long each kernel is tried by [`Kernel::fastest`], in nanoseconds.
const TRIAL_NS: u64 = 200_000;
/// Shares of one step of a trial: a group of the widest kernel.
const TRIAL_SHARES: usize = 8;

/// A kernel that this processor can run.
#[derive(Clone, Copy, Debug)]
pub struct Kernel(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Portable,
    Library,
    #[cfg(target_arch = "x86_64")]
    ShaNi(ShaNi),
    #[cfg(target_arch = "x86_64")]
    Assembly(Assembly),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
}

/// A kernel that this processor cannot run, or that there is none of.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("there is no kernel \"{name}\" on this processor: choose one of {}", available.join(", "))]
pub struct NoSuchKernel {
    name: String,
    available: Vec<&'static str>,
}

impl Kernel {
    /// Plain Rust: slow, the same everywhere, and the oracle of all others.
    pub const PORTABLE: Self = Self(Kind::Portable);
    /// The `sha2` crate.
    pub const LIBRARY: Self = Self(Kind::Library);

    /// Every kernel that this processor can run, the portable one first.
    pub fn available() -> Vec<Self> {
        let everywhere = [Self::PORTABLE, Self::LIBRARY].into_iter();
        #[cfg(target_arch = "x86_64")]
        let everywhere = everywhere.chain(
            [
                Avx2::detect().map(Kind::Avx2),
                ShaNi::detect().map(Kind::ShaNi),
                Assembly::detect().map(Kind::Assembly),
            ]
            .into_iter()
            .flatten()
            .map(Self),
        );
        everywhere.collect()
    }

    /// The kernel of that name.
    ///
    /// # Errors
    ///
    /// Where there is none on this processor; the error names those that there are.
    pub fn named(name: &str) -> Result<Self, NoSuchKernel> {
        let available = Self::available();
        available.iter().find(|kernel| kernel.name() == name).copied().ok_or_else(|| NoSuchKernel {
            name: name.into(),
            available: available.iter().map(|kernel| kernel.name()).collect(),
        })
    }

    /// Tries every kernel but the portable one for a moment; about a millisecond in all.
    ///
    /// `clock_ns` tells nanoseconds that only grow.
    pub fn fastest(mut clock_ns: impl FnMut() -> u64) -> Self {
        let job = trial_job();
        let shares = [trial_share(); TRIAL_SHARES];
        let mut hashes = [Hash256::ZERO; TRIAL_SHARES];
        let mut steps_in_trial = |kernel: &Self| {
            // The first step loads what the others find loaded.
            job.hash(*kernel, &shares, &mut hashes);
            let end = clock_ns() + TRIAL_NS;
            let mut steps = 0_u32;
            while clock_ns() < end {
                job.hash(*kernel, &shares, &mut hashes);
                steps += 1;
            }
            steps
        };
        let mut kernels = Self::available();
        kernels.retain(|kernel| !matches!(kernel.0, Kind::Portable));
        kernels.into_iter().max_by_key(|kernel| steps_in_trial(kernel)).unwrap_or(Self::LIBRARY)
    }

    /// As configurations and logs name it.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            Kind::Library => "sha2",
            #[cfg(target_arch = "x86_64")]
            Kind::ShaNi(_) => "sha-ni",
            #[cfg(target_arch = "x86_64")]
            Kind::Assembly(_) => "sha-ni-assembly",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(_) => "avx2",
        }
    }

    /// How many shares it hashes side by side.
    pub const fn lanes(self) -> usize {
        match self.0 {
            Kind::Portable | Kind::Library => 1,
            #[cfg(target_arch = "x86_64")]
            Kind::ShaNi(_) | Kind::Assembly(_) => 4,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(_) => avx2::LANES,
        }
    }

    /// Runs the instructions that a group of [`Kernel::lanes`] shares of the job takes, none of which waits for
    /// another or for memory: the time that it takes is a bound of the kernel's. `false` where there is no such bound:
    /// only the kernels that are written instruction by instruction have one.
    ///
    /// That of AVX2 counts every block as a whole one, although half of many is known beforehand.
    pub fn run_instruction_mix(self, job: &JobHasher) -> bool {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Assembly(kernel) => instruction_mix::run_sha_ni(kernel, &job.blocks()),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(kernel) => instruction_mix::run_avx2(kernel, &job.blocks()),
            _ => return false,
        }
        true
    }

    pub(crate) fn hash(self, job: &JobHasher, shares: &[ShareInput], hashes: &mut [Hash256]) {
        match self.0 {
            Kind::Portable => one_by_one(Portable, job, shares, hashes),
            Kind::Library => one_by_one(Library, job, shares, hashes),
            #[cfg(target_arch = "x86_64")]
            Kind::ShaNi(kernel) => by_fours(kernel, job, shares, hashes),
            #[cfg(target_arch = "x86_64")]
            Kind::Assembly(kernel) => by_fours(kernel, job, shares, hashes),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(kernel) => by_eights(kernel, job, shares, hashes),
        }
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What every processor can run.
impl Default for Kernel {
    fn default() -> Self {
        Self::LIBRARY
    }
}

impl PartialEq for Kernel {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Kernel {}

fn one_by_one<K: LaneKernel<1>>(
    kernel: K,
    job: &JobHasher,
    shares: &[ShareInput],
    hashes: &mut [Hash256],
) {
    for (share, place) in shares.iter().zip(hashes.chunks_mut(1)) {
        job.hash_group(kernel, &[*share], place);
    }
}

#[cfg(target_arch = "x86_64")]
fn by_fours<K>(kernel: K, job: &JobHasher, shares: &[ShareInput], hashes: &mut [Hash256])
where
    K: LaneKernel<1> + LaneKernel<2> + LaneKernel<3> + LaneKernel<4>,
{
    let (fours, rest) = shares.as_chunks::<4>();
    let (places, rest_places) = hashes.split_at_mut(4 * fours.len());
    for (group, places) in fours.iter().zip(places.chunks_exact_mut(4)) {
        job.hash_group(kernel, group, places);
    }
    match *rest {
        [] => {}
        [a] => job.hash_group(kernel, &[a], rest_places),
        [a, b] => job.hash_group(kernel, &[a, b], rest_places),
        [a, b, c] => job.hash_group(kernel, &[a, b, c], rest_places),
        _ => unreachable!("less than four are left of groups of four"),
    }
}

/// A single share leaves seven lanes empty, which costs more than the library does.
#[cfg(target_arch = "x86_64")]
fn by_eights(kernel: Avx2, job: &JobHasher, shares: &[ShareInput], hashes: &mut [Hash256]) {
    for (group, places) in shares.chunks(avx2::LANES).zip(hashes.chunks_mut(avx2::LANES)) {
        if let [one] = group {
            job.hash_group(Library, &[*one], places);
            continue;
        }
        let mut full = [group[0]; avx2::LANES];
        full[..group.len()].copy_from_slice(group);
        job.hash_group(kernel, &full, places);
    }
}

/// A job such as a busy day has: a coinbase of 250 bytes and twelve branches.
fn trial_job() -> JobHasher {
    let header = Header {
        version: 0x2000_0000,
        parent: Hash256::from_bytes([1; 32]),
        merkle_root: Hash256::ZERO,
        ntime: 0,
        nbits: CompactTarget::from_bits(0x1d00_ffff),
        nonce: 0,
    };
    let branch = [Hash256::from_bytes([2; 32]); 12];
    JobHasher::new([&[3; 110], &[4; 124]], EXTRANONCE_BYTES_MAX, &branch, &header)
}

const fn trial_share() -> ShareInput {
    ShareInput { extranonce: [5; EXTRANONCE_BYTES_MAX], version: 0x2000_0000, ntime: 6, nonce: 7 }
}

//! Whether Redis has what miners saw.

use std::collections::BTreeMap;

use super::miner::Seen;
use crate::accounting::RedisUnderTest;
use crate::error::BenchError;

/// Every account's shares, minute by minute; gives how many shares are stored in all.
pub(crate) fn check(seen: &[Seen], redis: &mut RedisUnderTest) -> Result<u64, BenchError> {
    let mut stored = 0;
    for one in seen {
        let account = &one.account;
        let held = redis.minutes(&format!("btc:s:{account}"))?;
        check_account(one, &held)
            .map_err(|cause| BenchError::Check(format!("{account}: {cause}")))?;
        let of_worker = redis.minutes(&format!("btc:s:{account}:rig"))?;
        if of_worker != held {
            let text = format!("{account}: the worker has {of_worker:?}, its account {held:?}");
            return Err(BenchError::Check(text));
        }
        let sum: u64 = held.values().sum();
        // Every share is of the lowest difficulty, which one hash meets on average.
        let whole = redis.sum(&format!("btc:p:{account}"))?;
        let rest = redis.sum(&format!("sluice:rest:{{btc:p:{account}}}"))?;
        if (u128::from(whole) << 32) + u128::from(rest) != u128::from(sum) {
            let text =
                format!("{account}: {sum} shares, and work of {whole} x 2^32 + {rest} hashes");
            return Err(BenchError::Check(text));
        }
        stored += sum;
    }
    let pool = redis.sum("btc:m:share")?;
    if pool != stored {
        let text = format!("all accounts have {stored} shares, the pool has {pool}");
        return Err(BenchError::Check(text));
    }
    Ok(stored)
}

/// What an account must have: exactly what its miner saw, and of what nobody answered at most all.
fn check_account(seen: &Seen, held: &BTreeMap<u64, u64>) -> Result<(), String> {
    let (accepted, sum) = (seen.accepted(), held.values().sum::<u64>());
    if !(accepted..=accepted + seen.unanswered).contains(&sum) {
        return Err(format!(
            "{accepted} shares were seen accepted and {} not answered; Redis has {sum}",
            seen.unanswered
        ));
    }
    let minutes = seen.sure.keys().chain(held.keys());
    for minute in minutes {
        let sure = seen.sure.get(minute).copied().unwrap_or(0);
        let either = seen.either.iter().filter(|((from, to), _)| (*from..=*to).contains(minute));
        let most = sure + either.map(|(_, count)| count).sum::<u64>() + seen.unanswered;
        let held = held.get(minute).copied().unwrap_or(0);
        if !(sure..=most).contains(&held) {
            return Err(format!(
                "minute {minute}: {sure} to {most} shares were seen; Redis has {held}"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(sure: &[(u64, u64)], either: &[((u64, u64), u64)], unanswered: u64) -> Seen {
        Seen {
            sure: sure.iter().copied().collect(),
            either: either.iter().copied().collect(),
            unanswered,
            ..Seen::default()
        }
    }

    #[test]
    fn a_share_too_many_or_too_few_is_found() {
        let held = |counts: &[(u64, u64)]| BTreeMap::from_iter(counts.iter().copied());
        let exact = seen(&[(60, 5), (120, 7)], &[], 0);
        assert!(check_account(&exact, &held(&[(60, 5), (120, 7)])).is_ok());
        for wrong in
            [&[(60, 5), (120, 6)][..], &[(60, 5), (120, 8)], &[(60, 6), (120, 6)], &[(60, 12)]]
        {
            assert!(check_account(&exact, &held(wrong)).is_err(), "{wrong:?}");
        }
        // A share at the turn of the minute may be of either, one without an answer of any or none.
        let loose = seen(&[(60, 5)], &[((60, 120), 1)], 1);
        for right in [
            &[(60, 6)][..],
            &[(60, 5), (120, 1)],
            &[(60, 6), (120, 1)],
            &[(60, 5), (120, 1), (180, 1)],
        ] {
            assert!(check_account(&loose, &held(right)).is_ok(), "{right:?}");
        }
        for wrong in [&[(60, 5)][..], &[(60, 8)], &[(60, 4), (120, 2)]] {
            assert!(check_account(&loose, &held(wrong)).is_err(), "{wrong:?}");
        }
    }
}

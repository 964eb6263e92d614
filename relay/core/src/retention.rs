//! Which hashes of minutes there are, for whoever removes old ones: readers find them by the sets of the format, and what
//! is ours by theirs.

use crate::schema::remainder;

/// A listed key, and the one beside it: work below 2^32 hashes is in the second alone. While either is there the key stays
/// listed, since no one else tells of them.
pub fn keys_of_listed(listed: &str) -> [String; 2] {
    [listed.to_owned(), remainder(listed)]
}

/// The hashes of minutes that a member of `mining:keys` tells of, itself among them.
pub fn hashes_of_mining_key(listed: &str) -> Vec<String> {
    let mut hashes = vec![listed.to_owned()];
    let mut parts = listed.splitn(3, ':');
    let (Some(coin), Some(kind), Some(owner)) = (parts.next(), parts.next(), parts.next()) else {
        return hashes;
    };
    match kind {
        "p" => hashes.push(remainder(listed)),
        "s" => {
            let owner = owner.strip_suffix(":reject").unwrap_or(owner);
            hashes.push(format!("{coin}:x:{owner}"));
        }
        _ => {}
    }
    hashes
}

/// The set of the hosts that a member of `monitor:keys` has a hash of minutes for; `None` where it is none of ours.
pub fn hosts_of_monitor_key(listed: &str) -> Option<String> {
    let (coin, counter) = listed.split_once(":m:")?;
    Some(format!("{coin}:mk:{counter}"))
}

/// The hashes of minutes of a member of `monitor:keys`, with those of its hosts.
pub fn hashes_of_monitor_key(listed: &str, hosts: &[String]) -> Vec<String> {
    let mut hashes = vec![listed.to_owned()];
    if let Some((coin, counter)) = listed.split_once(":m:") {
        hashes.extend(hosts.iter().map(|host| format!("{coin}:mh:{host}:{counter}")));
    }
    let remainders: Vec<String> = hashes.iter().map(|hash| remainder(hash)).collect();
    hashes.extend(remainders);
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_of_minutes_is_found_by_the_sets_that_readers_walk() {
        assert_eq!(hashes_of_mining_key("btc:g:alice"), ["btc:g:alice"]);
        assert_eq!(
            hashes_of_mining_key("btc:p:alice:rig"),
            ["btc:p:alice:rig", "sluice:rest:{btc:p:alice:rig}"]
        );
        assert_eq!(hashes_of_mining_key("btc:s:alice:rig"), ["btc:s:alice:rig", "btc:x:alice:rig"]);
        assert_eq!(
            hashes_of_mining_key("btc:s:alice:reject"),
            ["btc:s:alice:reject", "btc:x:alice"]
        );
        assert_eq!(hashes_of_mining_key("strange"), ["strange"]);
        assert_eq!(hosts_of_monitor_key("btc:m:pow").unwrap(), "btc:mk:pow");
        assert_eq!(
            hashes_of_monitor_key("btc:m:pow", &["gw-1".into()]),
            [
                "btc:m:pow",
                "btc:mh:gw-1:pow",
                "sluice:rest:{btc:m:pow}",
                "sluice:rest:{btc:mh:gw-1:pow}"
            ]
        );
        assert_eq!(hosts_of_monitor_key("strange"), None);
    }
}

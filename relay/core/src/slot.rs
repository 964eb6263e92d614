//! Where a Redis Cluster keeps a key (Redis Cluster Specification, "Key distribution model").
//!
//! A script may change keys of one slot only. So a batch goes into a cluster slot by slot, and each slot remembers the
//! batches that it has taken, under a key of its own that leads there.

use std::collections::BTreeMap;

use crate::command::Command;

/// Slots of a cluster.
pub const SLOTS: u16 = 16_384;

/// CRC-16/XMODEM: polynomial x^16 + x^12 + x^5 + 1, nothing reflected, starting at zero (the specification's appendix).
const POLYNOMIAL: u16 = 0x1021;

/// The slot of a key. Of a key with a part in braces that part alone counts (section "Hash tags").
pub fn slot_of(key: &str) -> u16 {
    let tag = key.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    let tag = tag.map(|(tag, _)| tag).filter(|tag| !tag.is_empty());
    checksum(tag.unwrap_or(key)) % SLOTS
}

fn checksum(text: &str) -> u16 {
    text.bytes().fold(0, |sum, byte| {
        let index = usize::from(sum >> 8) ^ usize::from(byte);
        (sum << 8) ^ TABLE[index]
    })
}

/// The checksum of each byte.
const TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut bit) = ((byte as u16) << 8, 0);
        while bit < 8 {
            sum = (sum << 1) ^ (if sum & 0x8000 == 0 { 0 } else { POLYNOMIAL });
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};

/// For each slot a text that leads there in braces: the smallest number that does.
pub fn tags() -> Vec<String> {
    let mut tags = vec![String::new(); usize::from(SLOTS)];
    let mut missing = tags.len();
    for number in 0_u32.. {
        if missing == 0 {
            break;
        }
        let text = number.to_string();
        let tag = &mut tags[usize::from(slot_of(&text))];
        if tag.is_empty() {
            *tag = text;
            missing -= 1;
        }
    }
    tags
}

/// Commands by the slot of what they change, in their order.
pub fn by_slot(commands: Vec<Command>) -> BTreeMap<u16, Vec<Command>> {
    let mut slots: BTreeMap<u16, Vec<Command>> = BTreeMap::new();
    for command in commands {
        slots.entry(slot_of(command.key())).or_default().push(command);
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_where_redis_says() {
        // The specification's own check value, and answers of CLUSTER KEYSLOT.
        assert_eq!(checksum("123456789"), 0x31c3);
        for (key, slot) in
            [("", 0), ("foo", 12182), ("bar", 5061), ("mining:keys", 9021), ("btc:m:share", 8145)]
        {
            assert_eq!(slot_of(key), slot, "{key}");
        }
        assert_eq!(slot_of("a{foo}b{bar}"), slot_of("foo"));
        assert_eq!(slot_of("{}foo"), checksum("{}foo") % SLOTS, "nothing in the braces");
        assert_eq!(slot_of("{foo"), checksum("{foo") % SLOTS, "braces that do not end");
        assert_eq!(slot_of("foo{{bar}}"), slot_of("{bar"));
    }

    #[test]
    fn every_slot_has_a_tag_that_leads_there() {
        let tags = tags();
        for (slot, tag) in tags.iter().enumerate() {
            assert_eq!(usize::from(slot_of(&format!("sluice:applied:{{{tag}}}:1-0"))), slot);
        }
    }
}

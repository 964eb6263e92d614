//! The set of unspent outputs, and what one block changes in it.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::{Amount, OutPoint, TxOut};

use super::scripts::SpendKind;

/// One unspent output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Coin {
    pub(super) output: TxOut,
    /// Height of the block that created it.
    pub(super) height: u32,
    /// Created by a coinbase, and so spendable only when mature. The outputs of the genesis block
    /// are exempt, like everything that is hard-coded.
    pub(super) is_coinbase: bool,
}

/// What connecting one block does to the coins; its inverse disconnects the block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CoinChanges {
    /// Coins of earlier blocks that this one spends.
    pub(super) spent: BTreeMap<OutPoint, Coin>,
    /// Coins of this block that it does not spend itself.
    pub(super) created: BTreeMap<OutPoint, Coin>,
    /// Fees of all its transactions.
    pub(super) fees: Amount,
}

/// All unspent outputs of the active chain. It grows with the coinbases, which nobody spends:
/// its bound is the height's times the outputs of a coinbase.
#[derive(Clone, Debug, Default)]
pub(super) struct CoinSet {
    coins: BTreeMap<OutPoint, Coin>,
    /// Those that the sandbox spends in its generated transactions.
    generated: BTreeSet<OutPoint>,
}

impl CoinSet {
    pub(super) fn get(&self, outpoint: &OutPoint) -> Option<&Coin> {
        self.coins.get(outpoint)
    }

    /// Outpoints that a generated transaction may spend, in a fixed order.
    pub(super) fn generated(&self) -> &BTreeSet<OutPoint> {
        &self.generated
    }

    /// Connects a block.
    pub(super) fn apply(&mut self, changes: &CoinChanges) {
        changes.spent.keys().for_each(|outpoint| self.remove(outpoint));
        changes.created.iter().for_each(|(outpoint, coin)| self.insert(*outpoint, coin));
    }

    /// Disconnects the block that was connected last.
    pub(super) fn revert(&mut self, changes: &CoinChanges) {
        changes.created.keys().for_each(|outpoint| self.remove(outpoint));
        changes.spent.iter().for_each(|(outpoint, coin)| self.insert(*outpoint, coin));
    }

    fn insert(&mut self, outpoint: OutPoint, coin: &Coin) {
        // Immature coins would need a second look at each block, so coinbases stay out.
        if !coin.is_coinbase && SpendKind::of(&coin.output.script_pubkey).is_some() {
            self.generated.insert(outpoint);
        }
        let replaced = self.coins.insert(outpoint, coin.clone());
        assert!(replaced.is_none(), "a coin was created twice: {outpoint}");
    }

    fn remove(&mut self, outpoint: &OutPoint) {
        self.generated.remove(outpoint);
        let removed = self.coins.remove(outpoint);
        assert!(removed.is_some(), "a coin was spent that is not in the set: {outpoint}");
    }
}

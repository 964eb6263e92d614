//! A whole shard against its miners, joined in memory: every byte of the conversation is real, and
//! time is an argument.

mod accounts;
mod arbitrary_input;
mod bans;
mod batches;
mod blocks;
mod bounds;
mod broadcast;
mod departures;
mod difficulty;
mod grace;
mod handshake;
mod journal;
mod lifecycle;
mod methods;
mod pair;
mod proxies;
mod resume;
mod shares;
mod turns;
mod two_shards;
mod verdicts;

//! Every bound of the suite, and how they relate.
//!
//! What happens at a bound is defined where it is checked, and counted there.

use core::time::Duration;

/// Bytes of one stratum line, newline included; a longer one ends the connection.
pub const LINE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of an account or worker name; some firmware truncates or overflows above it.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes of the request id that is echoed to a miner; a longer one is a malformed request.
pub const REQUEST_ID_BYTES_MAX: usize = 64;

/// Blank lines in a row that a connection may send; one more ends it as not speaking stratum.
pub const BLANK_LINES_MAX: u16 = 1000;

/// Bytes of a PROXY protocol header, further fields included; a longer one ends the connection.
pub const PROXY_HEADER_BYTES_MAX: usize = 2048;

/// Workers that one connection may authorise.
pub const WORKERS_PER_CONNECTION_MAX: usize = 16;

/// Bytes that consensus allows in a coinbase's scriptSig (Bitcoin Core, `CheckTransaction`).
pub const SCRIPT_SIG_BYTES_MAX: usize = 100;
/// Bytes that a height push takes at most (BIP 34): a length and four bytes.
pub const HEIGHT_PUSH_BYTES_MAX: usize = 5;
/// Bytes that the push of the extranonce slot takes.
pub const SLOT_PUSH_BYTES: usize = 1 + crate::extranonce::EXTRANONCE_SLOT_BYTES;
/// Bytes of a pool's tag in the coinbase: what any height and the slot leave, less its push.
pub const TAG_BYTES_MAX: usize = SCRIPT_SIG_BYTES_MAX - HEIGHT_PUSH_BYTES_MAX - SLOT_PUSH_BYTES - 2;

/// Bytes of the commitment to auxiliary chains: a mark, a hash, and two numbers.
pub const AUX_COMMITMENT_BYTES: usize = 44;
/// Bytes of tag and message in a coinbase that commits to auxiliary chains as well.
pub const TAG_BYTES_BESIDE_AUX_MAX: usize =
    SCRIPT_SIG_BYTES_MAX - HEIGHT_PUSH_BYTES_MAX - SLOT_PUSH_BYTES - (1 + AUX_COMMITMENT_BYTES) - 1;
/// Payouts beside the payout address: each has an output in the coinbase.
pub const PAYOUTS_MAX: usize = 32;

/// Hashes in a merkle branch: enough for 2^16 transactions, more than a block can hold.
pub const MERKLE_BRANCH_MAX: usize = 16;
/// Transactions of one template.
pub const TEMPLATE_TRANSACTIONS_MAX: usize = 1 << MERKLE_BRANCH_MAX;
/// Bytes of the coinbase, extranonce included; firmware copes with no more than this.
pub const COINBASE_BYTES_MAX: usize = 4096;

/// Chains that are mined together with the parent chain under one commitment.
pub const AUX_CHAINS_MAX: usize = 16;
/// Slots of the tree over those chains, a power of two: chain ids that are equal modulo this cannot be mined together.
pub const AUX_TREE_SIZE_MAX: u32 = 256;
/// Hashes that a chain takes from its slot to that tree's root (Namecoin, `CAuxPow::check`).
pub const AUX_BRANCH_MAX: usize = 30;

/// Jobs of the present tip that a shard keeps; the oldest is forgotten first.
pub const JOBS_PER_TIP_MAX: usize = 64;
/// Jobs of former tips that a shard keeps to recognise stale shares and late blocks.
pub const JOBS_STALE_MAX: usize = 16;
/// Starts of jobmasters of which a shard remembers how far it has forgotten their jobs, so that none of those comes
/// again; of more it forgets the earliest.
pub const JOBMASTER_STARTS_MAX: usize = 64;
/// Shares of one job that a shard remembers; above it shares are refused until the next job.
pub const SHARES_PER_JOB_MAX: usize = 1 << 20;
/// Shares that a new job has room for at least, so that the first ones wait for no memory.
pub const SHARES_PER_JOB_RESERVED_MIN: usize = 256;
/// Difficulties that a session remembers, newest first, to judge shares of earlier jobs.
pub const DIFFICULTIES_KEPT_MAX: usize = 8;
/// Workers whose last difficulty a gateway remembers; they share places beyond it. A power of two.
pub const WORKERS_REMEMBERED_MAX: usize = 1 << 20;
/// For how long it does.
pub const DIFFICULTY_REMEMBERED_MINUTES_MAX: u16 = 24 * 60;
/// Nodes of one jobmaster.
pub const NODES_MAX: usize = 16;
/// Tips whose work a jobmaster remembers.
pub const TIPS_KEPT_MAX: usize = 32;
/// Templates, with their transactions, that a jobmaster keeps to build found blocks from.
pub const TEMPLATES_KEPT_MAX: usize = JOBS_PER_TIP_MAX + JOBS_STALE_MAX;
/// Jobs that wait to be told to another jobmaster; of more it misses the oldest.
pub const PEER_RESTS_MAX: usize = 16;
/// How long a job waits for its template to be written to disk; then it goes out all the same.
pub const TEMPLATE_WRITE_WAIT_MAX: Duration = Duration::from_millis(100);

/// Shards of one gateway.
pub const SHARDS_MAX: usize = 1 << SHARD_BITS;
/// Bits of the extranonce's four middle bytes that name the shard.
pub const SHARD_BITS: u32 = 10;
/// Connections of one shard: what is left of those four bytes.
pub const CONNECTIONS_PER_SHARD_MAX: usize = 1 << (32 - SHARD_BITS);

/// Connections that a shard attends to, for a broadcast, for expired deadlines or to let miners go,
/// before it reads again; the others have their turn in the next slices.
pub const BROADCAST_SLICE_MAX: usize = 512;
/// The first slice of a broadcast: what it has goes out before more is made ready.
pub const BROADCAST_FIRST_SLICE_MAX: usize = 32;

/// Workers of a shard that wait until it is known whether their account may mine; further ones are let in, or not, as
/// if nobody could tell.
pub const ACCOUNTS_WAITING_MAX: usize = 4096;
/// For how long they wait at most.
pub const ACCOUNT_WAIT_MAX: Duration = Duration::from_secs(15);
/// Questions of all shards about accounts that wait for the task which answers them; further ones have no answer.
pub const ACCOUNT_QUESTIONS_MAX: usize = 4096;
/// Calls at one time to whoever knows the accounts; further ones wait for these.
pub const ACCOUNT_CALLS_MAX: usize = 32;
/// Accounts whose answers are kept; further ones are asked about each time.
pub const ACCOUNTS_CACHED_MAX: usize = 1 << 17;
/// Accounts of a list, and its bytes.
pub const ACCOUNTS_LISTED_MAX: usize = 1 << 20;
pub const ACCOUNT_LIST_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Addresses, and accounts, that a shard watches for doing too much; further ones are watched once others'
/// windows are over.
pub const WATCHED_MAX: usize = 1 << 16;
/// Bytes that a miner says while its connection goes to another shard; a miner that says more is let go.
pub const DEPARTURE_BYTES_MAX: usize = 64 * 1024;
/// Connections on their way to one shard; a further one stays where it is.
pub const DEPARTURES_MAX: usize = 1024;
/// Announcements of the operator that are on their way to a shard's miners; a further one is left out.
pub const ANNOUNCEMENTS_MAX: usize = 8;

/// Batches of one source that wait for their acknowledgement in memory; older ones wait on disk.
pub const BATCHES_IN_FLIGHT_MAX: usize = 64;
/// Bytes that a role sends of batches before the first of them is acknowledged; the batch that passes this is the last. A
/// writer whose store is away holds as much of each link.
pub const BATCH_BYTES_IN_FLIGHT_MAX: usize = 2 * 1024 * 1024;
/// Batches that a gateway or relay keeps in memory while its disk does not take them; then it takes in no further
/// ones.
pub const BATCHES_HELD_MAX: usize = 256;
/// Batches of one shard that are in its journal alone; it cuts no further one before one of them is safe.
pub const BATCHES_UNSAFE_MAX: u64 = 64;
/// The highest number of a gateway's start, and of a batch: the numbers of Redis' scripts are exact up to here.
pub const BATCH_NUMBER_MAX: u64 = (1 << 53) - 1;
/// Entries of one batch: so many tallies, counters, events and blocks. More tallies go into further ones; of counters the
/// oldest give way, and are counted.
pub const BATCH_ENTRIES_MAX: usize = 4096;
/// Tallies that a shard keeps between two cuts; where there are nearly as many it cuts early.
pub const LEDGER_ROWS_MAX: usize = 1 << 15;
/// Workers of one shard and minute whose refused shares are counted under their names though none was ever accepted on
/// their connection: names cost nothing. What is refused beyond them is counted for the pool.
pub const UNPROVEN_NAMES_PER_MINUTE_MAX: usize = 256;
/// Comings of workers to one shard in a minute that are told of before a share was accepted on their connection: the same
/// name may come as often as it likes. Who comes beyond them is told of with the first accepted share; who goes without
/// one is not, and is counted.
pub const UNPROVEN_ANNOUNCED_PER_MINUTE_MAX: usize = 256;
/// Events that a shard keeps between two cuts: with the next one it cuts early, and where it cannot, that one is counted and
/// dropped.
pub const EVENTS_PER_BATCH_MAX: usize = BATCH_ENTRIES_MAX;

/// Bytes of one message on a link between roles; a longer one ends the link.
pub const LINK_MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Messages that wait to be written to one link; a fuller queue ends the link.
pub const LINK_QUEUE_MAX: usize = 1024;
/// Gateways that one jobmaster or metawriter serves.
pub const LINKS_PER_ROLE_MAX: usize = 1024;
/// Gateways of which a jobmaster remembers that they were given its present job; others are taken for such, too.
pub const GATEWAYS_REMEMBERED_MAX: usize = 2 * LINKS_PER_ROLE_MAX;
/// Messages read from one link that wait for the task which handles them; then the link waits.
pub const LINK_INBOUND_MAX: usize = 256;
/// Bytes of a text in a link's message, such as a refusal's cause; a longer one is cut.
pub const LINK_TEXT_BYTES_MAX: usize = 1024;
/// How long the first message of a link may take.
pub const LINK_HANDSHAKE_MAX: Duration = Duration::from_secs(5);
/// Connections of one role whose handshake is not done; the oldest gives way.
pub const LINKS_PENDING_MAX: usize = 64;

/// Writers and relays that one gateway or relay knows.
pub const METAWRITERS_MAX: usize = 8;
/// Bytes of one shard's journal, both files: a start reads them.
pub const JOURNAL_BYTES_MAX: u64 = 1 << 30;
/// Bytes of an alert's text; a longer one is cut.
pub const ALERT_TEXT_BYTES_MAX: usize = 1024;
/// Alerts of a role that wait for the alertcenter; the oldest gives way, and is counted if it was not sent. As many receipts
/// wait for one message; the oldest gives way, and its alert is sent again over the next link if its sender still has it.
pub const ALERTS_WAITING_MAX: usize = 256;
/// How often an alertcenter shows that it is there.
pub const ALERT_ALIVE_INTERVAL: Duration = Duration::from_secs(3);
/// An alertcenter that says nothing for so long is gone; its link is opened again.
pub const ALERT_SILENCE_MAX: Duration = Duration::from_secs(10);
/// Alerts that an alertcenter remembers, to tell repeats from new ones; the oldest gives way.
pub const ALERTS_REMEMBERED_MAX: usize = 1024;
/// Senders whose messages an alertcenter counts in a minute; further ones are counted together.
pub const ALERT_SENDERS_MAX: usize = 1024;
/// Messages of an alertcenter in a minute; what is more is held back, and told of as one message of each sender.
pub const ALERT_MESSAGES_PER_MINUTE_MAX: u32 = 120;
/// Messages that wait for one webhook, mail server or Redis; the oldest gives way, and is counted.
pub const ALERT_MESSAGES_MAX: usize = 256;
/// Errors of a role in one minute that are not worth an alert.
pub const ERRORS_PER_MINUTE_MAX: u64 = 20;
/// Webhooks of an alertcenter, and whom it writes to.
pub const ALERT_SINKS_MAX: usize = 16;
/// Bytes after which a segment of the share log ends.
pub const SHARE_SEGMENT_BYTES: u64 = 16 << 20;
/// Jobmasters that one gateway listens to.
pub const JOBMASTERS_MAX: usize = 8;
/// Bytes of a datagram of the job feed: it passes every network uncut.
pub const DATAGRAM_BYTES_MAX: usize = 1400;
/// Datagrams of one message; a longer message goes over the link alone.
pub const DATAGRAM_FRAGMENTS_MAX: usize = 8;
/// Messages of which some datagrams are there and some are not; the oldest gives way.
pub const DATAGRAM_MESSAGES_MAX: usize = 4;

/// Bans that a pool holds at one time; the one that ends soonest gives way.
pub const BANS_MAX: usize = 4096;
/// Bytes of a ban's reason; a longer one is cut.
pub const BAN_REASON_BYTES_MAX: usize = 128;
/// Bytes of a text that an operator has shown to miners; a longer one is cut.
pub const OPERATOR_TEXT_BYTES_MAX: usize = 256;
/// Bytes of an answer to an operator; a longer one is cut.
pub const OPERATOR_ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a host that miners are sent to: what a name has at most (RFC 1035).
pub const OPERATOR_HOST_BYTES_MAX: usize = 255;

/// Messages that wait for one shard: jobs and verdicts; at the bound the sender waits.
pub const SHARD_INBOX_MAX: usize = 256;
/// Shares of one shard that wait to be judged together; then they are judged at once.
pub const SHARES_PENDING_MAX: usize = 64;
/// Shares that are handed to a kernel at one time: as many as the widest takes side by side.
pub const SHARES_PER_CHECK_MAX: usize = 8;
/// Found blocks whose hashes a shard remembers, so that each is reported once.
pub const BLOCKS_REMEMBERED_MAX: usize = 64;
/// Answers of nodes that wait for the jobmaster's task; then the calls wait.
pub const NODE_ANSWERS_MAX: usize = 1024;
/// Batches that wait for the store in a metawriter; then the links wait.
pub const STORE_QUEUE_MAX: usize = 64;
/// Batches that a metawriter has on their way to its store at one time.
pub const STORE_CALLS_MAX: usize = 16;
/// Slots of a Redis Cluster that parts of one batch are on their way to at one time.
pub const STORE_SLOTS_IN_FLIGHT_MAX: usize = 256;
/// Entries of the embedded store that a pass over its old minutes looks at in one transaction; batches wait for no more of
/// them.
pub const STORE_ENTRIES_AT_ONCE_MAX: usize = 4096;
/// Causes of one outage of the store that are logged; further ones are counted alone.
pub const STORE_CAUSES_LOGGED_MAX: usize = 64;
/// Members of sets that a metawriter knows to be in Redis; at the bound it forgets them, and adds them again.
pub const KNOWN_MEMBERS_MAX: usize = 1 << 22;
/// Elements of one list in the embedded store, from which no reader takes any; the oldest give way. Redis' lists have no
/// bound of ours but `alert:message`: their readers take from them.
pub const EMBEDDED_LIST_ELEMENTS_MAX: u64 = 100_000;
/// Submits without an answer that a miner's client remembers; it then gives the pool up.
pub const SUBMITS_OUTSTANDING_MAX: usize = 4096;
/// Solutions and received bytes that wait for a miner's connection; then its hashers wait.
pub const MINER_EVENTS_MAX: usize = 1024;
/// Found blocks that a jobmaster retries at one time; further ones wait at the gateways.
pub const BLOCKS_PENDING_MAX: usize = 256;
/// Found blocks that one jobmaster has told all of and another has not, which a gateway keeps until that one is back; of more
/// it forgets the oldest.
pub const BLOCKS_HELD_MAX: usize = BLOCKS_PENDING_MAX;
/// Bytes of a node's answer: a template of full blocks in hexadecimal, with room.
pub const NODE_ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How far ntime may run ahead of the job's (Bitcoin Core, `MAX_FUTURE_BLOCK_TIME`).
pub const NTIME_AHEAD_MAX_S: u32 = 7200;

// The tree over the chains of merged mining is one that the chains take, and has room for them all.
const _: () = assert!(
    AUX_TREE_SIZE_MAX.is_power_of_two()
        && AUX_TREE_SIZE_MAX.trailing_zeros() as usize <= AUX_BRANCH_MAX
        && AUX_CHAINS_MAX <= AUX_TREE_SIZE_MAX as usize
);
// The slot, the longest height push and the longest tag fill the scriptSig exactly.
const _: () =
    assert!(HEIGHT_PUSH_BYTES_MAX + 2 + TAG_BYTES_MAX + SLOT_PUSH_BYTES == SCRIPT_SIG_BYTES_MAX);
// A tag is pushed with OP_PUSHDATA1 above 75 bytes; the two bytes reserved cover both forms.
const _: () = assert!(TAG_BYTES_MAX <= 255);
// A notify line (coinbase in hexadecimal, branch, the rest) fits the line bound.
const _: () = assert!(2 * COINBASE_BYTES_MAX + 67 * MERKLE_BRANCH_MAX + 512 <= LINE_BYTES_MAX);
// A block found on any job that a shard still knows can be built by the jobmaster.
const _: () = assert!(TEMPLATES_KEPT_MAX >= JOBS_PER_TIP_MAX + JOBS_STALE_MAX);
// A jobmaster that comes back takes the blocks that were kept for it, and they do not end its link.
const _: () = assert!(BLOCKS_HELD_MAX <= BLOCKS_PENDING_MAX && BLOCKS_HELD_MAX < LINK_QUEUE_MAX);
// A cut makes no more batches than may be in the journal alone.
const _: () = assert!(LEDGER_ROWS_MAX.div_ceil(BATCH_ENTRIES_MAX) < BATCHES_UNSAFE_MAX as usize);
// A batch at its bound, with the longest names and texts, fits one link message.
const _: () = assert!(
    1 + BATCH_HEAD_BYTES_MAX
        + BATCH_ENTRIES_MAX * (TALLY_BYTES_MAX + COUNTER_BYTES + EVENT_BYTES_MAX + BLOCK_BYTES_MAX)
        <= LINK_MESSAGE_BYTES_MAX
);
const NAMES_BYTES_MAX: usize = 2 * (4 + NAME_BYTES_MAX);
/// Source, epoch, sequence, two names, and the lengths of the lists.
const BATCH_HEAD_BYTES_MAX: usize = 4 + 8 + 8 + NAMES_BYTES_MAX + 4 * 4;
/// Minute, two names, sums, and a count for each reason to refuse.
const TALLY_BYTES_MAX: usize = 8 + NAMES_BYTES_MAX + 49 + 9 * crate::RejectReason::COUNT;
const COUNTER_BYTES: usize = 8 + 1 + 8;
/// Two names, an address, and a mark.
const EVENT_BYTES_MAX: usize = NAMES_BYTES_MAX + 4 + LINK_TEXT_BYTES_MAX + 1;
/// Two names, a hash and a minute.
const BLOCK_BYTES_MAX: usize = NAMES_BYTES_MAX + 32 + 8;
// The longest job goes by datagram: its coinbase, its branch, and 200 bytes of all else.
const _: () = assert!(
    COINBASE_BYTES_MAX + 32 * MERKLE_BRANCH_MAX + 200
        <= DATAGRAM_FRAGMENTS_MAX * (DATAGRAM_BYTES_MAX - 46)
);
// A center that shows twice in vain that it is there is not given up.
const _: () = assert!(ALERT_ALIVE_INTERVAL.as_secs() * 3 < ALERT_SILENCE_MAX.as_secs());
// All bans that there can be fit one link message.
const _: () = assert!(8 + BANS_MAX * BAN_BYTES_MAX <= LINK_MESSAGE_BYTES_MAX);
/// A ban: kind of subject, an account with its length (a network is shorter), end, reason with its length.
const BAN_BYTES_MAX: usize = 1 + (4 + NAME_BYTES_MAX) + 8 + (4 + BAN_REASON_BYTES_MAX);

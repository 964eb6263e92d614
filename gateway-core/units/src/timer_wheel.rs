//! One deadline for each of many slots: setting, moving and dropping one costs the same however many
//! there are, and allocates nothing.
//!
//! A hashed wheel (Varghese and Lauck, 1987, scheme 6): a deadline stands in the bucket of its tick,
//! modulo the buckets; what is further away than one round is passed over until its round has come.

use core::time::Duration;

use crate::time::Instant;

/// Buckets of one round.
const BUCKETS: usize = 256;
/// No slot.
const NONE: u32 = u32::MAX;
/// The tick of a slot without a deadline.
const UNSET: u64 = u64::MAX;

/// Deadlines by slot, at most one each.
///
/// A deadline is due from the end of its tick on: [`TimerWheel::pop_due`] never gives a slot at or
/// before its deadline, and gives it at every time that is a whole tick later.
/// Takes 16 bytes a slot; pages of slots that were never used are never touched.
#[derive(Debug)]
pub struct TimerWheel {
    tick_ns: u64,
    slots_max: u32,
    entries: Vec<Entry>,
    buckets: Vec<Bucket>,
    /// The tick that is looked at. All earlier ones are done.
    current: u64,
    /// The next slot to look at in the bucket of `current`.
    walk: u32,
    count: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    tick: u64,
    previous: u32,
    next: u32,
}

const _: () = assert!(size_of::<Entry>() == 16);

/// A list of slots, in the order in which their deadlines were set.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    first: u32,
    last: u32,
    /// The earliest tick of the list, and how many slots have it.
    earliest: u64,
    earliest_count: u32,
}

const EMPTY: Bucket = Bucket { first: NONE, last: NONE, earliest: UNSET, earliest_count: 0 };

impl TimerWheel {
    /// A wheel without deadlines for the slots below `slots_max`.
    ///
    /// # Panics
    ///
    /// Where the tick is shorter than a microsecond.
    pub fn new(tick: Duration, slots_max: u32) -> Self {
        let tick_ns = u64::try_from(tick.as_nanos()).unwrap_or(u64::MAX);
        assert!(tick_ns >= 1_000, "a tick is a microsecond at least");
        assert!(slots_max < NONE, "one number is kept for no slot");
        Self {
            tick_ns,
            slots_max,
            entries: Vec::with_capacity(slots_max as usize),
            buckets: vec![EMPTY; BUCKETS],
            current: 0,
            walk: NONE,
            count: 0,
        }
    }

    /// Sets the slot's deadline, in place of the one that it may have. A deadline that has passed is
    /// due a tick after the latest time given to [`TimerWheel::pop_due`], at the latest.
    ///
    /// # Panics
    ///
    /// Where the slot is not below `slots_max`.
    pub fn set(&mut self, slot: u32, at: Instant) {
        assert!(slot < self.slots_max, "slots are bounded when the wheel is made");
        self.cancel(slot);
        if self.entries.len() <= slot as usize {
            let unset = Entry { tick: UNSET, previous: NONE, next: NONE };
            self.entries.resize(slot as usize + 1, unset);
        }
        let tick = (at.to_nanos() / self.tick_ns).max(self.current);
        let bucket = &mut self.buckets[bucket_of(tick)];
        let previous = bucket.last;
        bucket.last = slot;
        if previous == NONE {
            bucket.first = slot;
        } else {
            self.entries[previous as usize].next = slot;
        }
        bucket.count_earliest(tick);
        self.entries[slot as usize] = Entry { tick, previous, next: NONE };
        self.count += 1;
        if self.walk == NONE && bucket_of(tick) == bucket_of(self.current) {
            self.walk = slot;
        }
    }

    /// Takes the slot's deadline away, where it has one.
    pub fn cancel(&mut self, slot: u32) {
        let Some(entry) = self.entries.get_mut(slot as usize) else { return };
        let Entry { tick, previous, next } = *entry;
        if tick == UNSET {
            return;
        }
        entry.tick = UNSET;
        let index = bucket_of(tick);
        match previous {
            NONE => self.buckets[index].first = next,
            _ => self.entries[previous as usize].next = next,
        }
        match next {
            NONE => self.buckets[index].last = previous,
            _ => self.entries[next as usize].previous = previous,
        }
        if self.walk == slot {
            self.walk = next;
        }
        self.count -= 1;
        self.forget_earliest(index, tick);
    }

    /// A slot whose deadline is due, which it then no longer has; `None` where there is none left.
    /// Slots come in the order of their ticks, unless a whole round went by between two calls.
    pub fn pop_due(&mut self, now: Instant) -> Option<u32> {
        let end = now.to_nanos() / self.tick_ns;
        while self.current < end {
            while self.walk != NONE {
                let slot = self.walk;
                let Entry { tick, next, .. } = self.entries[slot as usize];
                self.walk = next;
                if tick <= self.current {
                    self.cancel(slot);
                    return Some(slot);
                }
            }
            // One round looks at every bucket, so further ones would find nothing more.
            let round_start = end.saturating_sub(BUCKETS as u64);
            let nothing_set = self.count == 0;
            self.current = if nothing_set { end } else { (self.current + 1).max(round_start) };
            self.walk = self.buckets[bucket_of(self.current)].first;
        }
        None
    }

    /// The time from which on [`TimerWheel::pop_due`] gives a slot; `None` where no deadline is set.
    ///
    /// It is the end of the earliest deadline's tick: after that deadline, by one tick at most.
    pub fn next_due(&self) -> Option<Instant> {
        if self.count == 0 {
            return None;
        }
        let mut earliest = UNSET;
        for ahead in 0..BUCKETS as u64 {
            let tick = self.current.saturating_add(ahead);
            earliest = earliest.min(self.buckets[bucket_of(tick)].earliest);
            if earliest <= tick {
                break;
            }
        }
        Some(Instant::from_nanos(earliest.saturating_add(1).saturating_mul(self.tick_ns)))
    }

    fn forget_earliest(&mut self, index: usize, tick: u64) {
        let bucket = &mut self.buckets[index];
        if tick != bucket.earliest {
            return;
        }
        bucket.earliest_count -= 1;
        if bucket.earliest_count > 0 {
            return;
        }
        // Once for each round that the list holds deadlines of: those of one round have one tick.
        bucket.earliest = UNSET;
        let mut slot = bucket.first;
        while slot != NONE {
            let Entry { tick, next, .. } = self.entries[slot as usize];
            bucket.count_earliest(tick);
            slot = next;
        }
    }
}

impl Bucket {
    fn count_earliest(&mut self, tick: u64) {
        if tick < self.earliest {
            self.earliest = tick;
            self.earliest_count = 1;
        } else if tick == self.earliest {
            self.earliest_count += 1;
        }
    }
}

const fn bucket_of(tick: u64) -> usize {
    (tick % BUCKETS as u64) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const TICK_MS: u64 = 10;
    const SLOTS: u32 = 24;

    /// The same as a sorted map: slot to deadline, and how far the wheel was turned.
    #[derive(Default)]
    struct Model {
        deadlines: BTreeMap<u32, u64>,
        turned_to: u64,
    }

    impl Model {
        fn set(&mut self, slot: u32, at_ms: u64) {
            self.deadlines.insert(slot, (at_ms / TICK_MS).max(self.turned_to));
        }

        fn take_due(&mut self, now_ms: u64) -> Vec<u32> {
            self.turned_to = self.turned_to.max(now_ms / TICK_MS);
            let due = |tick: u64| tick < now_ms / TICK_MS;
            let slots =
                self.deadlines.iter().filter(|(_, tick)| due(**tick)).map(|(slot, _)| *slot);
            let slots: Vec<u32> = slots.collect();
            self.deadlines.retain(|_, tick| !due(*tick));
            slots
        }

        fn next_due(&self) -> Option<Instant> {
            let earliest = self.deadlines.values().min()?;
            Some(Instant::from_millis((earliest + 1) * TICK_MS))
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Set(u32, u64),
        Cancel(u32),
        /// Time passes, and so many slots are popped before it goes on.
        Pass(u64, usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let round_ms = BUCKETS as u64 * TICK_MS;
        // The same few buckets again and again, near and several rounds away.
        let ahead_ms = prop_oneof![
            3 => 0..5 * TICK_MS,
            3 => (0_u64..6, 0_u64..3).prop_map(move |(rounds, ticks)| rounds * round_ms + ticks * TICK_MS),
            1 => 0..10 * round_ms,
        ];
        prop_oneof![
            5 => (0..SLOTS, ahead_ms).prop_map(|(slot, ahead_ms)| Step::Set(slot, ahead_ms)),
            2 => (0..SLOTS).prop_map(Step::Cancel),
            4 => (0..3 * TICK_MS, 0_usize..4).prop_map(|(ms, pops)| Step::Pass(ms, pops)),
            1 => (0..3 * round_ms, 0_usize..30).prop_map(|(ms, pops)| Step::Pass(ms, pops)),
        ]
    }

    proptest! {
        #[test]
        fn pops_what_a_sorted_map_would(steps in prop::collection::vec(step(), 0..120)) {
            let mut wheel = TimerWheel::new(Duration::from_millis(TICK_MS), SLOTS);
            let mut model = Model::default();
            let mut now_ms = 0;
            for step in steps {
                match step {
                    Step::Set(slot, ahead_ms) => {
                        wheel.set(slot, Instant::from_millis(now_ms + ahead_ms));
                        model.set(slot, now_ms + ahead_ms);
                    }
                    Step::Cancel(slot) => {
                        wheel.cancel(slot);
                        model.deadlines.remove(&slot);
                    }
                    Step::Pass(ms, pops) => {
                        now_ms += ms;
                        let now = Instant::from_millis(now_ms);
                        let pop = |wheel: &mut TimerWheel| wheel.pop_due(now);
                        let mut popped: Vec<u32> = (0..pops).map_while(|_| pop(&mut wheel)).collect();
                        // What is set and dropped between two pops of one moment is seen as well.
                        let (moved, dropped) = (popped.len() as u32 % SLOTS, pops as u32 % SLOTS);
                        let due = model.take_due(now_ms);
                        let waits = |slot: u32| due.contains(&slot) && !popped.contains(&slot);
                        let left_out = [moved, dropped].map(|slot| (slot, waits(slot)));
                        wheel.cancel(dropped);
                        wheel.set(moved, Instant::from_millis(now_ms + TICK_MS));
                        popped.extend(std::iter::from_fn(|| pop(&mut wheel)));
                        popped.sort_unstable();
                        let is_left_out = |slot: u32| left_out.contains(&(slot, true));
                        let expected: Vec<u32> =
                            due.into_iter().filter(|slot| !is_left_out(*slot)).collect();
                        model.deadlines.remove(&dropped);
                        model.set(moved, now_ms + TICK_MS);
                        prop_assert_eq!(&popped, &expected, "at {} ms", now_ms);
                    }
                }
                prop_assert_eq!(wheel.next_due(), model.next_due());
                prop_assert_eq!(wheel.count, model.deadlines.len());
            }
        }
    }

    #[test]
    fn due_after_the_deadline_and_within_a_tick() {
        let mut wheel = TimerWheel::new(Duration::from_secs(1), 2);
        for (at_ms, due_ms) in [(600_000, 601_000), (700_001, 701_000), (701_999, 702_000)] {
            wheel.set(1, Instant::from_millis(at_ms));
            assert_eq!(wheel.next_due(), Some(Instant::from_millis(due_ms)));
            assert_eq!(wheel.pop_due(Instant::from_millis(at_ms)), None);
            assert_eq!(wheel.pop_due(Instant::from_millis(due_ms - 1)), None);
            assert_eq!(wheel.pop_due(Instant::from_millis(due_ms)), Some(1));
            assert_eq!(
                (wheel.pop_due(Instant::from_millis(due_ms)), wheel.next_due()),
                (None, None)
            );
        }
    }

    #[test]
    fn the_end_of_time_is_no_deadline_that_comes() {
        let mut wheel = TimerWheel::new(Duration::from_micros(1), 1);
        wheel.set(0, Instant::from_nanos(u64::MAX));
        assert_eq!(wheel.pop_due(Instant::from_millis(1 << 40)), None);
        wheel.cancel(0);
        assert_eq!(wheel.next_due(), None);
    }
}

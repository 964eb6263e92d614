//! What the pool's operator has to say to all miners, a slice of them at a time.

use sluice_units::Reconnect;
use sluice_units::limits::{ANNOUNCEMENTS_MAX, BROADCAST_SLICE_MAX};
use sluice_wire::stratum::notification;

use super::Shard;

/// Something for every miner that works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Announcement {
    /// A text for whoever looks at the miner.
    Say(String),
    /// Connect anew, here or elsewhere; the miners are spread over the seconds.
    Reconnect(Reconnect),
}

/// An announcement on its way round the sessions.
#[derive(Debug)]
pub(super) struct Round {
    announcement: Announcement,
    next_slot: usize,
}

impl Shard {
    /// The operator has something to say. At [`ANNOUNCEMENTS_MAX`] that are still on their way it is
    /// left out, and `false` says so.
    pub fn handle_announcement(&mut self, announcement: Announcement) -> bool {
        let has_room = self.announcements.len() < ANNOUNCEMENTS_MAX;
        if has_room {
            self.announcements.push_back(Round { announcement, next_slot: 0 });
        }
        has_room
    }

    /// Tells the next slice of the sessions.
    pub(super) fn continue_announcement(&mut self) {
        let Some(mut round) = self.announcements.pop_front() else { return };
        let end = self.sessions.len().min(round.next_slot + BROADCAST_SLICE_MAX);
        for slot in round.next_slot..end {
            let working = self.sessions[slot].as_ref().filter(|session| session.is_working());
            let Some(connection) = working.map(|session| session.connection) else { continue };
            match &round.announcement {
                Announcement::Say(text) => {
                    notification::encode_show_message(&mut self.outbox, text);
                }
                Announcement::Reconnect(Reconnect { host, wait_s }) => {
                    let to = host.as_ref().map(|(host, port)| (host.as_str(), *port));
                    let wait_s = slot % (usize::from(*wait_s) + 1);
                    let wait_s = u16::try_from(wait_s).expect("it is below a number of 16 bits");
                    notification::encode_reconnect(&mut self.outbox, to, wait_s);
                }
            }
            self.send_outbox(connection);
        }
        if end < self.sessions.len() {
            round.next_slot = end;
            self.announcements.push_front(round);
        }
    }
}

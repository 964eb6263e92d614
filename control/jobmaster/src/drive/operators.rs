//! Bans, and what operators ask for: from whoever says so to the desk, the disk and the gateways.

use std::path::Path;

use sluice_control_core::{BanDesk, BanRefused};
use sluice_units::header::HEADER_BYTES;
use sluice_units::{Ban, BanSubject, UnixTime};
use sluice_wire::job_feed::FromJobmaster;
use sluice_wire::operator_feed::{FromOperator, ToOperator};
use tokio::sync::oneshot;
use tracing::{info, warn};

use super::Drive;
use crate::ban_file::{BanFile, BanFileError, BanWriter};
use crate::gateways::LinkNumber;

/// The desk of the bans, and the disk that keeps them.
pub(crate) struct Bans {
    pub(super) desk: BanDesk,
    pub(super) writer: BanWriter,
}

impl Bans {
    /// Takes up what an earlier life of this jobmaster has left.
    pub(crate) fn open(
        data_folder: &Path,
        mut desk: BanDesk,
        now: UnixTime,
    ) -> Result<Self, BanFileError> {
        let file = BanFile::of(data_folder);
        for ban in file.read()? {
            let subject = ban.subject.clone();
            match desk.add(now, ban) {
                Ok(_) | Err(BanRefused::Over) => {}
                Err(cause) => warn!(%subject, "a ban is dropped: {cause}"),
            }
        }
        Ok(Self { desk, writer: BanWriter::start(file) })
    }
}

impl Drive {
    /// Ends bans whose time is over, and tells the gateways what has changed.
    pub(super) fn turn_bans(&mut self) {
        let now = self.clock.now();
        if self.bans.desk.expire(now.unix) {
            info!(left = self.bans.desk.list().len(), "bans have ended");
            self.keep_bans();
        }
        if let Some(bans) = self.bans.desk.poll_list(now.instant) {
            self.gateways.send_to_all(&FromJobmaster::Bans(bans));
        }
    }

    /// A shard banned somebody by itself.
    pub(super) fn handle_banned(&mut self, link: LinkNumber, ban: Ban) {
        // Of a gateway that was refused nothing is taken.
        let Some(gateway_id) = self.gateways.id_of(link) else { return };
        let (subject, until) = (ban.subject.clone(), ban.until.to_seconds());
        let reason = ban.reason.clone();
        match self.bans.desk.add(self.clock.now().unix, ban) {
            Ok(true) => {
                info!(%subject, until, reason, gateway_id, "a gateway has banned somebody");
                self.keep_bans();
            }
            // It was on the way while a link was down, or another gateway was first.
            Ok(false) | Err(BanRefused::Over) => {}
            Err(cause) => warn!(%subject, gateway_id, "a gateway's ban is not taken: {cause}"),
        }
    }

    /// Does what an operator asks for. An answer that waits for the disk comes from a task of its own.
    pub(super) fn handle_operator(
        &mut self,
        request: FromOperator,
        answer: oneshot::Sender<ToOperator>,
    ) {
        let done = match request {
            FromOperator::ListBans => {
                self.turn_bans();
                Ok(ToOperator::Bans(self.bans.desk.list()))
            }
            FromOperator::AddBan(ban) => return self.add_ban(ban, answer),
            FromOperator::RemoveBan(subject) => return self.remove_ban(&subject, answer),
            FromOperator::Say(text) => {
                info!(text, "an operator speaks to the miners");
                self.gateways.send_to_all(&FromJobmaster::Say(text));
                Ok(self.done(true))
            }
            FromOperator::Reconnect(reconnect) => {
                info!(?reconnect, "an operator asks the miners to reconnect");
                self.gateways.send_to_all(&FromJobmaster::Reconnect(reconnect));
                Ok(self.done(true))
            }
            FromOperator::ShowCoinbase => Ok(ToOperator::Told(self.describe_coinbase())),
            FromOperator::SetMessage(message) => {
                self.set_message(message).map(|changed| self.done(changed))
            }
            FromOperator::Reload => self.reload().map(ToOperator::Told),
            FromOperator::Notify(header) => self.notify(header).map(ToOperator::Told),
            FromOperator::Hello { .. } => Err("it has said who it is already".to_owned()),
        };
        let message = done.unwrap_or_else(ToOperator::Refused);
        // Whoever hung up wants no answer; so below.
        let _ = answer.send(message);
    }

    /// There may be a new block.
    fn notify(&mut self, header: Option<[u8; HEADER_BYTES]>) -> Result<String, String> {
        let now = self.clock.now();
        let Some(header) = header else {
            self.jobs.handle_tip_hint(now);
            return Ok("the nodes are asked".into());
        };
        match self.jobs.handle_header(now, &header) {
            Ok(hash) => {
                info!(%hash, "an operator showed a new block: miners turn to it");
                Ok(format!("miners turn to block {hash}"))
            }
            Err(cause) => Err(format!("that header moves nobody: {cause}")),
        }
    }

    fn add_ban(&mut self, ban: Ban, answer: oneshot::Sender<ToOperator>) {
        let (subject, until) = (ban.subject.clone(), ban.until.to_seconds());
        let reason = ban.reason.clone();
        match self.bans.desk.add(self.clock.now().unix, ban) {
            Ok(changed) => {
                if changed {
                    info!(%subject, until, reason, "an operator has banned somebody");
                }
                self.answer_once_kept(changed, answer);
            }
            Err(cause) => {
                warn!(%subject, "an operator's ban is refused: {cause}");
                let _ = answer.send(ToOperator::Refused(cause.to_string()));
            }
        }
    }

    fn remove_ban(&mut self, subject: &BanSubject, answer: oneshot::Sender<ToOperator>) {
        let changed = self.bans.desk.remove(subject);
        if changed {
            info!(%subject, "an operator has ended a ban");
        }
        self.answer_once_kept(changed, answer);
    }

    /// What an operator was told outlives this process. The list is written even where it has not changed: the
    /// disk may have refused it before.
    fn answer_once_kept(&self, changed: bool, answer: oneshot::Sender<ToOperator>) {
        self.keep_bans();
        let (done, kept) = (self.done(changed), self.bans.writer.kept());
        tokio::spawn(async move {
            let _ = answer.send(match kept.wait().await {
                Ok(()) => done,
                Err(cause) => ToOperator::Refused(format!(
                    "it is done, but a restart of the jobmaster would forget it: {cause}; make room on its disk and ask again"
                )),
            });
        });
    }

    fn done(&self, changed: bool) -> ToOperator {
        let gateways = u32::try_from(self.gateways.count()).expect("gateways are bounded");
        ToOperator::Done { gateways, changed }
    }

    fn keep_bans(&self) {
        self.bans.writer.keep(self.bans.desk.list());
    }
}

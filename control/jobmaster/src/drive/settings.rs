//! What can be changed while a jobmaster runs: the configuration file read again, and the operator's
//! message in the coinbase. Whatever does not make sense changes nothing.

use std::time::Duration;

use sluice_control_core::ChainRules;
use sluice_units::limits::{OPERATOR_TEXT_BYTES_MAX, TAG_BYTES_MAX};
use tracing::{error, info};

use super::Drive;
use crate::config::JobmasterConfig;
use crate::message_file::MessageFile;

/// Reads the configuration again, from wherever it came.
pub type Reload = Box<dyn Fn() -> Result<JobmasterConfig, String> + Send + Sync>;

/// The configuration that holds, and where the next one comes from.
pub(crate) struct Settings {
    pub(crate) config: JobmasterConfig,
    /// The operator's words in the coinbase, behind the tag.
    pub(crate) message: String,
    pub(crate) file: MessageFile,
    pub(crate) reload: Option<Reload>,
}

// A message that fits the coinbase fits what an operator can send.
const _: () = assert!(TAG_BYTES_MAX <= OPERATOR_TEXT_BYTES_MAX);

impl Drive {
    /// Reads the configuration again and applies what can be. Gives what has changed, or why nothing has.
    pub(super) fn reload(&mut self) -> Result<String, String> {
        let result = self.try_reload();
        match &result {
            Ok(changed) => info!("the configuration was read again: {changed}"),
            Err(cause) => error!("the configuration was read again and is not taken: {cause}"),
        }
        result
    }

    fn try_reload(&mut self) -> Result<String, String> {
        let Some(reload) = &self.settings.reload else {
            return Err("this jobmaster was started without a configuration file".into());
        };
        let config = reload()?;
        let told = |error: crate::StartError| error.to_string();
        config.check().map_err(told)?;
        let plan = config.coinbase(&self.chain, &self.settings.message).map_err(told)?;
        let exempt = config.ban_exempt().map_err(told)?;
        let mask = config.version_mask().map_err(told)?;
        let now = self.clock.now();
        let mut changed = Vec::new();
        let former = &self.settings.config;
        if *self.jobs.coinbase() != plan {
            changed.push("payouts and tag");
        }
        if former.ban_exempt != config.ban_exempt {
            changed.push("ban_exempt");
        }
        if former.version_mask != config.version_mask {
            changed.push("version_mask");
        }
        let intervals = |config: &JobmasterConfig| {
            [config.poll_interval_ms, config.refresh_interval_s, config.empty_job_s]
        };
        if intervals(former) != intervals(&config) {
            changed.push("intervals");
        }
        let fixed = former.fixed_keys_changed(&config);
        self.jobs.set_intervals(
            Duration::from_millis(config.poll_interval_ms),
            Duration::from_secs(config.refresh_interval_s),
            Duration::from_secs(config.empty_job_s),
        );
        self.jobs.set_coinbase(now, plan, mask);
        self.bans.desk.set_exempt(exempt);
        let mut said = match changed[..] {
            [] => "nothing has changed".to_owned(),
            _ => format!("changed: {}", changed.join(", ")),
        };
        if !fixed.is_empty() {
            said += &format!("; these change with the next start only: {}", fixed.join(", "));
        }
        // What was not applied is told again next time.
        let former = core::mem::replace(&mut self.settings.config, config);
        self.settings.config.keep_fixed_keys_of(former);
        Ok(said)
    }

    /// Sets the operator's words in the coinbase, on disk first. Gives whether they are others than before.
    pub(super) fn set_message(&mut self, message: String) -> Result<bool, String> {
        if message.chars().any(char::is_control) {
            return Err("a message is one line without control characters".into());
        }
        let plan = self.settings.config.coinbase(&self.chain, &message);
        let plan = plan.map_err(|error| error.to_string())?;
        let mask = self.settings.config.version_mask().expect("it was checked");
        self.settings.file.write(&message).map_err(|cause| {
            format!("it cannot be kept ({cause}): make room on the jobmaster's disk and ask again")
        })?;
        let changed = self.settings.message != message;
        info!(message, "an operator has set the message in the coinbase");
        self.settings.message = message;
        self.jobs.set_coinbase(self.clock.now(), plan, mask);
        Ok(changed)
    }

    /// What goes into every coinbase, for people.
    pub(super) fn describe_coinbase(&self) -> String {
        let config = &self.settings.config;
        let mut lines = vec![
            format!("tag       {}", config.coinbase_tag),
            format!("message   {}", self.settings.message),
        ];
        for payout in &config.payouts {
            lines.push(format!("payout    {} gets {} %", payout.address, payout.percent));
        }
        lines.push(format!("payout    {} gets the rest", config.payout_address));
        lines.join("\n")
    }
}

/// The rules of a network by the name that nodes give it.
pub(crate) fn rules_of(chain: &str) -> Result<ChainRules, sluice_mining::payout::PayoutError> {
    sluice_mining::payout::network_of_chain(chain).map(ChainRules::new)
}

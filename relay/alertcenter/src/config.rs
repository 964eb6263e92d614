//! The role's configuration; `alertcenter.toml` beside this crate explains every key.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use sluice_redis_access::Place;
use sluice_units::limits::{ALERT_MESSAGES_PER_MINUTE_MAX, ALERT_SINKS_MAX};

use crate::sinks::Sink;

/// The commented default configuration.
pub const DEFAULT_CONFIG: &str = include_str!("../alertcenter.toml");

/// How long Redis may take for anything.
pub(crate) const REDIS_TIMEOUT: Duration = Duration::from_secs(5);

/// See `alertcenter.toml` for each key's meaning.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "alertcenter.toml documents every key, and a test holds it to that")]
pub struct AlertcenterConfig {
    pub listen: String,
    pub cluster_key_file: PathBuf,
    pub repeat_window_s: u64,
    pub messages_per_minute_max: u32,
    pub redis_url: Option<String>,
    pub redis_sentinel_urls: Vec<String>,
    pub redis_cluster_urls: Vec<String>,
    pub redis_ca_file: Option<PathBuf>,
    pub redis_certificate_file: Option<PathBuf>,
    pub redis_key_file: Option<PathBuf>,
    pub webhooks: Vec<String>,
    pub smtp_url: Option<String>,
    pub mail_from: String,
    pub mail_to: Vec<String>,
}

impl Default for AlertcenterConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7405".into(),
            cluster_key_file: "/etc/sluice/cluster.key".into(),
            repeat_window_s: 600,
            messages_per_minute_max: 30,
            redis_url: None,
            redis_sentinel_urls: Vec::new(),
            redis_cluster_urls: Vec::new(),
            redis_ca_file: None,
            redis_certificate_file: None,
            redis_key_file: None,
            webhooks: Vec::new(),
            smtp_url: None,
            mail_from: String::new(),
            mail_to: Vec::new(),
        }
    }
}

impl AlertcenterConfig {
    /// Whether people can be told in this way; else what is wrong. Nobody is called for it.
    pub fn check(&self) -> Result<(), String> {
        self.check_ways()?;
        Sink::all(self).map_err(|error| error.to_string())?;
        let messages = self.messages_per_minute_max;
        if !(1..=ALERT_MESSAGES_PER_MINUTE_MAX).contains(&messages) {
            return Err(format!(
                "messages_per_minute_max = {messages}: from 1 to {ALERT_MESSAGES_PER_MINUTE_MAX} are possible"
            ));
        }
        if !(1..=86_400).contains(&self.repeat_window_s) {
            let window = self.repeat_window_s;
            return Err(format!("repeat_window_s = {window}: from 1 to 86400 are possible"));
        }
        Ok(())
    }

    /// Keys that mean nothing without each other are all there, and somebody hears of an alert.
    fn check_ways(&self) -> Result<(), String> {
        let (webhooks, addresses) = (self.webhooks.len(), self.mail_to.len());
        if !self.redis_sentinel_urls.is_empty() && self.redis_url.is_none() {
            return Err("redis_sentinel_urls needs redis_url, which says what is asked of them: set it, or leave both out".into());
        }
        if self.smtp_url.is_some() && addresses == 0 {
            return Err("smtp_url needs mail_to: say who gets mail, or leave both out".into());
        }
        if self.redis_place().is_none() && webhooks == 0 && addresses == 0 {
            return Err("nobody would hear of an alert: set redis_url, webhooks or mail_to".into());
        }
        if webhooks > ALERT_SINKS_MAX || addresses > ALERT_SINKS_MAX {
            return Err(format!(
                "{webhooks} webhooks and {addresses} in mail_to: at most {ALERT_SINKS_MAX} of each are possible"
            ));
        }
        if addresses > 0 && (self.smtp_url.is_none() || self.mail_from.is_empty()) {
            return Err(
                "mail_to needs smtp_url and mail_from: set them, or leave all of them out".into()
            );
        }
        Ok(())
    }

    /// Where Redis is, if it is told of alerts.
    pub fn redis_place(&self) -> Option<Place> {
        let is_set = self.redis_url.is_some() || !self.redis_cluster_urls.is_empty();
        is_set.then(|| Place {
            url: self.redis_url.clone(),
            sentinel_urls: self.redis_sentinel_urls.clone(),
            cluster_urls: self.redis_cluster_urls.clone(),
            ca_file: self.redis_ca_file.clone(),
            certificate_file: self.redis_certificate_file.clone(),
            key_file: self.redis_key_file.clone(),
            connect_timeout: REDIS_TIMEOUT,
            reply_timeout: REDIS_TIMEOUT,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_the_defaults() {
        let parsed: AlertcenterConfig = toml::from_str(DEFAULT_CONFIG).unwrap();
        assert_eq!(parsed, AlertcenterConfig::default());
        for key in
            ["redis_url", "redis_ca_file", "redis_certificate_file", "redis_key_file", "smtp_url"]
        {
            assert!(DEFAULT_CONFIG.contains(&format!("\n# {key} = ")), "{key}");
        }
    }

    #[test]
    fn what_would_tell_nobody_is_refused() {
        let base = AlertcenterConfig::default();
        let redis = AlertcenterConfig { redis_url: Some("redis://a".into()), ..base.clone() };
        redis.check().unwrap();
        let mail = AlertcenterConfig { mail_to: vec!["a@b".into()], ..base.clone() };
        let hooks = vec!["http://a".to_owned(); ALERT_SINKS_MAX + 1];
        let smtp_url = Some("smtp://a".to_owned());
        let sentinels = vec!["redis://b".to_owned()];
        let all_mail = AlertcenterConfig {
            smtp_url: smtp_url.clone(),
            mail_from: "pool@b".into(),
            ..mail.clone()
        };
        all_mail.check().unwrap();
        let hook = AlertcenterConfig { webhooks: vec!["http://a".into()], ..base.clone() };
        for (config, told) in [
            (base.clone(), "nobody"),
            (mail.clone(), "smtp_url"),
            (AlertcenterConfig { smtp_url: smtp_url.clone(), ..mail }, "mail_from"),
            (AlertcenterConfig { smtp_url, ..hook.clone() }, "mail_to"),
            (AlertcenterConfig { redis_sentinel_urls: sentinels, ..hook.clone() }, "redis_url"),
            (AlertcenterConfig { mail_to: vec!["@".into()], ..all_mail }, "no mail address"),
            (AlertcenterConfig { webhooks: vec!["ftp://a".into()], ..hook }, "no URL"),
            (AlertcenterConfig { webhooks: hooks, ..base }, "at most"),
            (AlertcenterConfig { messages_per_minute_max: 0, ..redis.clone() }, "per_minute"),
            (AlertcenterConfig { repeat_window_s: 0, ..redis }, "repeat_window_s"),
        ] {
            let error = config.check().unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        assert!(toml::from_str::<AlertcenterConfig>("litsen = ''").is_err());
    }
}

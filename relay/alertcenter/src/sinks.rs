//! The ways to people: a list in Redis, a webhook, mail to one of them.

mod mail;

use std::time::Duration;

use redis::RedisResult;
use sluice_redis_access::{Access, AccessError, Connection};
use sluice_relay_core::alerts::Message;
use sluice_relay_core::schema::ALERT_MESSAGE;
use sluice_wire::alert_feed::Severity;
use thiserror::Error;

use crate::config::{AlertcenterConfig, REDIS_TIMEOUT};
use mail::Mailer;

/// Elements of the list that are kept; readers take them with BLPOP.
const LIST_ELEMENTS_MAX: isize = 10_000;
/// How long a webhook or a mail server may take.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(15);
/// Answers of a webhook that speak of the message: it is bad, too large, of a kind not taken, or makes no sense. All others
/// speak of the webhook, or of who calls it, and can be put right.
const MESSAGE_REFUSED: [u16; 4] = [400, 413, 415, 422];

/// Why a way to people cannot be used at all.
#[derive(Debug, Error)]
pub enum SinkConfigError {
    /// Redis.
    #[error(transparent)]
    Redis(#[from] AccessError),
    /// A webhook.
    #[error("webhooks: {url} is no URL of http or https")]
    Webhook {
        /// As configured.
        url: String,
    },
    /// The mail server.
    #[error("smtp_url: {cause}; write smtp://HOST:25, or smtps://USER:PASSWORD@HOST")]
    MailServer {
        /// What is wrong.
        cause: String,
    },
    /// A mail address.
    #[error("mail_from or mail_to: \"{address}\" is no mail address ({cause})")]
    MailAddress {
        /// As configured.
        address: String,
        /// What is wrong.
        cause: String,
    },
}

/// Why a message was not delivered.
#[derive(Debug)]
pub(crate) enum SinkError {
    /// It may be later.
    Away(String),
    /// It never will be.
    Refused(String),
}

/// One way to people.
pub(crate) enum Sink {
    Redis(Box<RedisList>),
    Webhook(Webhook),
    Mail(Box<Mailer>),
}

pub(crate) struct RedisList {
    access: Access,
    connection: Option<Connection>,
    /// That Redis does not let the list be cut.
    is_uncut_told: bool,
}

pub(crate) struct Webhook {
    agent: ureq::Agent,
    url: String,
    /// Without what may be secret in it.
    name: String,
}

impl Sink {
    /// All that are configured.
    pub(crate) fn all(config: &AlertcenterConfig) -> Result<Vec<Self>, SinkConfigError> {
        let mut sinks = Vec::new();
        if let Some(place) = config.redis_place() {
            let access = Access::new(&place)?;
            sinks.push(Self::Redis(Box::new(RedisList::new(access))));
        }
        for url in &config.webhooks {
            sinks.push(Self::Webhook(Webhook::new(url)?));
        }
        if let Some(url) = &config.smtp_url {
            let mailers = Mailer::all(url, &config.mail_from, &config.mail_to)?;
            sinks.extend(mailers.into_iter().map(|mailer| Self::Mail(Box::new(mailer))));
        }
        Ok(sinks)
    }

    /// For the log.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Redis(list) => format!("Redis at {}", list.access.address()),
            Self::Webhook(webhook) => webhook.name.clone(),
            Self::Mail(mailer) => format!("mail to {}", mailer.recipient()),
        }
    }

    pub(crate) async fn deliver(&mut self, message: &Message) -> Result<(), SinkError> {
        match self {
            Self::Redis(list) => list.push(&message.line()).await,
            Self::Webhook(webhook) => webhook.post(message).await,
            Self::Mail(mailer) => mailer.send(message).await,
        }
    }
}

impl RedisList {
    const fn new(access: Access) -> Self {
        Self { access, connection: None, is_uncut_told: false }
    }

    /// A message is delivered once it is in the list, whether the list can be cut or not: else the same one would be
    /// added again and again.
    async fn push(&mut self, line: &str) -> Result<(), SinkError> {
        let pushing = async {
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => self.access.connect().await?,
            };
            let mut push = redis::cmd("RPUSH");
            push.arg(ALERT_MESSAGE).arg(line).exec_async(&mut connection).await?;
            RedisResult::Ok(connection)
        };
        match tokio::time::timeout(REDIS_TIMEOUT, pushing).await {
            Ok(Ok(connection)) => {
                self.cut(connection).await;
                Ok(())
            }
            Ok(Err(error)) => Err(SinkError::Away(error.to_string())),
            Err(_) => Err(SinkError::Away(format!("no answer in {} s", REDIS_TIMEOUT.as_secs()))),
        }
    }

    /// Keeps the newest messages alone. Where the connection fails the next message opens another, and they are cut then.
    async fn cut(&mut self, mut connection: Connection) {
        let mut cut = redis::cmd("LTRIM");
        let cut = cut.arg(ALERT_MESSAGE).arg(-LIST_ELEMENTS_MAX).arg(-1);
        match tokio::time::timeout(REDIS_TIMEOUT, cut.exec_async(&mut connection)).await {
            Ok(Ok(())) => {
                self.connection = Some(connection);
                if core::mem::take(&mut self.is_uncut_told) {
                    let address = self.access.address();
                    tracing::info!("Redis at {address}: {ALERT_MESSAGE} is cut again");
                }
            }
            Ok(Err(error)) if !error.is_io_error() => {
                if !core::mem::replace(&mut self.is_uncut_told, true) {
                    let address = self.access.address();
                    tracing::warn!(
                        "Redis at {address}: {ALERT_MESSAGE} is not cut to its {LIST_ELEMENTS_MAX} newest messages and \
                         grows ({error}); grant the user LTRIM on it, see redis_url in alertcenter.toml"
                    );
                }
            }
            Ok(Err(_)) | Err(_) => {}
        }
    }
}

impl Webhook {
    fn new(url: &str) -> Result<Self, SinkConfigError> {
        let bad = || SinkConfigError::Webhook { url: url.to_owned() };
        let uri: ureq::http::Uri = url.parse().map_err(|_| bad())?;
        let host = uri.host().filter(|_| matches!(uri.scheme_str(), Some("http" | "https")));
        let name = format!("webhook at {}", host.ok_or_else(bad)?);
        let tls = ureq::tls::TlsConfig::builder()
            .root_certs(ureq::tls::RootCerts::PlatformVerifier)
            .build();
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(DELIVERY_TIMEOUT))
            .http_status_as_error(false)
            // A redirected POST would go on as a GET without its message.
            .max_redirects(0)
            .tls_config(tls)
            .build();
        Ok(Self { agent: config.into(), url: url.to_owned(), name })
    }

    async fn post(&self, message: &Message) -> Result<(), SinkError> {
        let line = message.line();
        let body = serde_json::json!({
            "text": line,
            "content": line,
            "severity": severity_name(message.severity),
            "host": message.sender.host,
            "role": message.sender.role,
            "message": message.text,
            "time": message.at.to_seconds(),
        });
        let (agent, url) = (self.agent.clone(), self.url.clone());
        // The client waits on a thread of its own.
        let posting = tokio::task::spawn_blocking(move || agent.post(&url).send_json(body));
        let response = match posting.await {
            Ok(Ok(response)) => response,
            // The client's words hold no URL.
            Ok(Err(error)) => return Err(SinkError::Away(error.to_string())),
            Err(panic) => return Err(SinkError::Refused(panic.to_string())),
        };
        match response.status().as_u16() {
            200..=299 => Ok(()),
            status @ 300..=399 => {
                let location = response.headers().get("location");
                let place = place_of(location.and_then(|value| value.to_str().ok()));
                Err(SinkError::Away(format!(
                    "it answers {status} and points to {place}; write the address that it points to into webhooks"
                )))
            }
            status if MESSAGE_REFUSED.contains(&status) => {
                Err(SinkError::Refused(format!("it answers {status}")))
            }
            status => Err(SinkError::Away(format!("it answers {status}"))),
        }
    }
}

/// Where a redirection leads, without the path: that may be secret.
fn place_of(location: Option<&str>) -> String {
    let uri = location.and_then(|location| location.parse::<ureq::http::Uri>().ok());
    let parts = uri.as_ref().and_then(|uri| Some((uri.scheme_str()?, uri.host()?)));
    match parts {
        Some((scheme, host)) => format!("{scheme}://{host}"),
        None => "another path".into(),
    }
}

const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Fatal => "fatal",
        Severity::Errors => "errors",
        Severity::Notice => "notice",
    }
}

#[cfg(test)]
mod tests {
    use sluice_relay_core::alerts::Sender;
    use sluice_units::UnixTime;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::*;

    /// Answers all requests alike; tells how each one began.
    async fn server(answer: &'static str) -> (String, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?geheim", listener.local_addr().unwrap());
        let (begun_in, begun) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = vec![0; 4096];
                let length = stream.read(&mut bytes).await.unwrap();
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                begun_in.send(text).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        (url, begun)
    }

    #[tokio::test]
    async fn a_webhook_that_has_moved_is_not_taken_for_one_that_was_told() {
        let answer = "HTTP/1.1 302 Found\r\nLocation: /geheim\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let (url, mut begun) = server(answer).await;
        let message = Message {
            sender: Sender { host: "a".into(), role: "gateway".into() },
            severity: Severity::Fatal,
            at: UnixTime::from_seconds(9),
            text: "FATAL: x".into(),
        };
        let result = Webhook::new(&url).unwrap().post(&message).await;
        let Err(SinkError::Away(cause)) = result else { panic!("{result:?}") };
        assert!(cause.contains("302") && cause.contains("another path"), "{cause}");
        assert!(begun.recv().await.unwrap().starts_with("POST /hook"));
        assert!(begun.try_recv().is_err(), "nothing else is asked for");
    }

    #[test]
    fn a_redirection_is_told_without_its_secrets() {
        assert_eq!(place_of(Some("https://hooks.example.org/geheim")), "https://hooks.example.org");
        for location in [None, Some("/geheim"), Some("no uri: geheim")] {
            assert_eq!(place_of(location), "another path");
        }
    }

    #[test]
    fn ways_that_cannot_be_are_told_without_their_secrets() {
        let base = AlertcenterConfig::default();
        let mail = AlertcenterConfig {
            smtp_url: Some("smtp://127.0.0.1:25".into()),
            mail_from: "pool@example.org".into(),
            mail_to: vec!["Op <op@example.org>".into()],
            ..base.clone()
        };
        assert_eq!(Sink::all(&mail).unwrap_or_default().len(), 1);
        let wrong_server = Some("http://:geheim@127.0.0.1".to_owned());
        for config in [
            AlertcenterConfig { webhooks: vec!["ftp://a".into()], ..base.clone() },
            AlertcenterConfig { webhooks: vec!["not a url".into()], ..base.clone() },
            AlertcenterConfig { redis_url: Some("http://:geheim@a".into()), ..base },
            AlertcenterConfig { smtp_url: wrong_server, ..mail.clone() },
            AlertcenterConfig { mail_from: "nobody".into(), ..mail.clone() },
            AlertcenterConfig { mail_to: vec!["@".into()], ..mail },
        ] {
            let error = Sink::all(&config).err().expect("it cannot be used").to_string();
            assert!(!error.contains("geheim") && error.lines().count() == 1, "{error}");
        }
    }
}

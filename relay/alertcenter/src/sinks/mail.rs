//! Mail to one recipient.

use lettre::address::Envelope;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use lettre::transport::smtp::{Error, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use lettre::{Address, Message as Mail};
use percent_encoding::percent_decode_str;
use sluice_relay_core::alerts::Message;
use url::Url;

use super::{DELIVERY_TIMEOUT, SinkConfigError, SinkError, severity_name};

/// Where mail is handed in, and how.
#[derive(Clone)]
struct MailServer {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
}

#[derive(Clone)]
enum Encryption {
    None,
    /// STARTTLS, as far as the server offers it.
    Offered(TlsParameters),
    /// STARTTLS, or no mail.
    Asked(TlsParameters),
    /// From the first byte on.
    Throughout(TlsParameters),
}

/// A recipient. What the server says of one holds for no other.
pub(crate) struct Mailer {
    server: MailServer,
    from: Mailbox,
    to: Mailbox,
}

impl MailServer {
    fn new(url: &str) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no host")?;
        // An IPv6 address stands in brackets in a URL alone.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let tls = || TlsParameters::new(host.to_owned()).map_err(|error| error.to_string());
        let wanted = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value);
        let (port, encryption) = match (url.scheme(), wanted.as_deref()) {
            ("smtp", None) => (SMTP_PORT, Encryption::None),
            ("smtp", Some("opportunistic")) => (SUBMISSION_PORT, Encryption::Offered(tls()?)),
            ("smtp", Some("required")) => (SUBMISSION_PORT, Encryption::Asked(tls()?)),
            ("smtps", None) => (SUBMISSIONS_PORT, Encryption::Throughout(tls()?)),
            _ => {
                return Err(
                    "it begins with neither smtp:// nor smtps://, or asks for another tls".into()
                );
            }
        };
        let decode = |part: &str| percent_decode_str(part).decode_utf8().map(|it| it.into_owned());
        let credentials = match url.password() {
            Some(password) => {
                let parts = (decode(url.username()), decode(password));
                let (Ok(user), Ok(password)) = parts else {
                    return Err("its user or password is no UTF-8".into());
                };
                Some(Credentials::new(user, password))
            }
            None => None,
        };
        Ok(Self { host: host.into(), port: url.port().unwrap_or(port), encryption, credentials })
    }

    /// Connects, encrypts and authenticates.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let name = ClientId::default();
        let (wrapper, starttls) = match &self.encryption {
            Encryption::None => (None, None),
            Encryption::Throughout(tls) => (Some(tls.clone()), None),
            Encryption::Offered(tls) | Encryption::Asked(tls) => (None, Some(tls.clone())),
        };
        let address = (self.host.as_str(), self.port);
        let timeout = Some(DELIVERY_TIMEOUT);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, timeout, &name, wrapper, None).await?;
        let is_asked = matches!(self.encryption, Encryption::Asked(_));
        if let Some(tls) = starttls.filter(|_| is_asked || connection.can_starttls()) {
            connection.starttls(tls, &name).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

impl Mailer {
    /// One for each recipient.
    pub(crate) fn all(url: &str, from: &str, to: &[String]) -> Result<Vec<Self>, SinkConfigError> {
        let server = MailServer::new(url).map_err(|cause| SinkConfigError::MailServer { cause })?;
        let mailbox = |address: &str| {
            address.parse().map_err(|error: lettre::address::AddressError| {
                SinkConfigError::MailAddress { address: address.into(), cause: error.to_string() }
            })
        };
        let from: Mailbox = mailbox(from)?;
        let mailer =
            |to: &String| Ok(Self { server: server.clone(), from: from.clone(), to: mailbox(to)? });
        to.iter().map(mailer).collect()
    }

    pub(crate) const fn recipient(&self) -> &Address {
        &self.to.email
    }

    pub(crate) async fn send(&self, message: &Message) -> Result<(), SinkError> {
        let mail = self.written(message).map_err(|error| SinkError::Refused(error.to_string()))?;
        let sending = tokio::time::timeout(DELIVERY_TIMEOUT, self.hand_in(&mail));
        sending.await.unwrap_or_else(|_| {
            Err(SinkError::Away(format!("no answer in {} s", DELIVERY_TIMEOUT.as_secs())))
        })
    }

    fn written(&self, message: &Message) -> Result<Mail, lettre::error::Error> {
        let (sender, line) = (&message.sender, message.line());
        let severity = severity_name(message.severity);
        let subject = format!("sluice {severity}: {} {}", sender.host, sender.role);
        Mail::builder()
            .from(self.from.clone())
            .to(self.to.clone())
            .subject(subject.replace(char::is_control, " "))
            .body(format!("{line}\n\nat {} (seconds since 1970)\n", message.at.to_seconds()))
    }

    async fn hand_in(&self, mail: &Mail) -> Result<(), SinkError> {
        let away = |error: Error| SinkError::Away(error.to_string());
        let mut connection = self.server.connect().await.map_err(away)?;
        let result = converse(&mut connection, mail.envelope(), &mail.formatted()).await;
        connection.abort().await;
        result
    }
}

/// A refusal speaks of the message from DATA on. What comes before that is about this pool and its configuration: a
/// password, who it says it is, or the recipient, and many a server says only there that it relays nothing for us. That
/// can be put right, so messages wait for it.
async fn converse(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    mail: &[u8],
) -> Result<(), SinkError> {
    let away = |error: Error| SinkError::Away(error.to_string());
    let refused = |error: Error| {
        let (is_permanent, cause) = (error.is_permanent(), error.to_string());
        if is_permanent { SinkError::Refused(cause) } else { SinkError::Away(cause) }
    };
    let is_foreign = |address: &Address| !address.to_string().is_ascii();
    let is_any = envelope.from().into_iter().chain(envelope.to()).any(is_foreign);
    let utf8 = is_any.then_some(MailParameter::SmtpUtfEight);
    let from = MailFrom::new(envelope.from().cloned(), Vec::from_iter(utf8));
    connection.command(from).await.map_err(away)?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(away)?;
    }
    connection.command(Data).await.map_err(refused)?;
    connection.message(mail).await.map_err(refused)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use sluice_relay_core::alerts::Sender;
    use sluice_units::UnixTime;
    use sluice_wire::alert_feed::Severity;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::mpsc;

    use super::*;

    /// Takes mail, but answers 550 to every command that has `refused` in it; tells whom it took mail for.
    async fn server(refused: &'static str) -> (String, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (taken_in, taken) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, refused, taken_in.clone()));
            }
        });
        (address.to_string(), taken)
    }

    async fn take(stream: TcpStream, refused: &str, taken: mpsc::Sender<String>) {
        let (reading, mut writing) = stream.into_split();
        let mut lines = BufReader::new(reading).lines();
        writing.write_all(b"220 here\r\n").await.unwrap();
        let (mut recipient, mut in_mail) = (String::new(), false);
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = if in_mail {
                if line != "." {
                    continue;
                }
                in_mail = false;
                taken.send(core::mem::take(&mut recipient)).await.unwrap();
                "250 taken"
            } else if line.contains(refused) {
                "550 no"
            } else if line.starts_with("EHLO") {
                "250-here\r\n250 AUTH PLAIN"
            } else if line.starts_with("AUTH") {
                "235 welcome"
            } else if line == "DATA" {
                in_mail = true;
                "354 go on"
            } else {
                if let Some(to) = line.strip_prefix("RCPT TO:") {
                    to.clone_into(&mut recipient);
                }
                "250 ok"
            };
            writing.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
    }

    async fn send_to_both(address: &str) -> [Result<(), SinkError>; 2] {
        let to = ["gone@example.org", "there@example.org"].map(str::to_owned);
        let url = format!("smtp://pool:p%40ss@{address}");
        let mailers = Mailer::all(&url, "pool@example.org", &to).unwrap();
        let message = Message {
            sender: Sender { host: "a".into(), role: "gateway".into() },
            severity: Severity::Fatal,
            at: UnixTime::from_seconds(9),
            text: "FATAL: x".into(),
        };
        [mailers[0].send(&message).await, mailers[1].send(&message).await]
    }

    #[tokio::test]
    async fn a_refused_recipient_costs_no_other_one_a_message() {
        let (address, mut taken) = server("RCPT TO:<gone@").await;
        let results = send_to_both(&address).await;
        assert!(matches!(results, [Err(SinkError::Away(_)), Ok(())]), "{results:?}");
        assert_eq!(taken.recv().await.unwrap(), "<there@example.org>");
    }

    #[tokio::test]
    async fn messages_wait_while_the_server_refuses_the_pool_itself() {
        // Many a server says only at the recipient that it relays nothing for us.
        for refused in ["EHLO", "AUTH", "MAIL FROM:<pool@", "RCPT TO:"] {
            let (address, _taken) = server(refused).await;
            for result in send_to_both(&address).await {
                assert!(matches!(result, Err(SinkError::Away(_))), "{refused}: {result:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_refused_message_is_left_out() {
        let (address, _taken) = server("DATA").await;
        for result in send_to_both(&address).await {
            assert!(matches!(result, Err(SinkError::Refused(_))), "{result:?}");
        }
    }

    #[test]
    fn servers_are_written_as_urls() {
        let server = MailServer::new("smtps://pool:p%40ss@mail.example.org").unwrap();
        assert_eq!((&*server.host, server.port), ("mail.example.org", 465));
        assert!(server.credentials == Some(Credentials::new("pool".into(), "p@ss".into())));
        let server = MailServer::new("smtp://mail.example.org?tls=required").unwrap();
        assert!(matches!(server.encryption, Encryption::Asked(_)) && server.port == 587);
        assert_eq!(MailServer::new("smtp://127.0.0.1:2525").unwrap().port, 2525);
        assert_eq!(MailServer::new("smtp://[::1]:2525").unwrap().host, "::1");
        for wrong in ["smtp:", "http://a", "smtp://a?tls=never", "smtps://:geheim@", "mail"] {
            let error = MailServer::new(wrong).err().expect(wrong);
            assert!(!error.contains("geheim"), "{error}");
        }
    }
}

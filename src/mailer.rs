//! How a message leaves the house: by SMTP, or, where no server is set, into the keeping of the
//! outbox, where development shows it at `/dev/mail`.

use std::time::Duration;

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    address::Envelope,
    message::{Body, Mailbox, MultiPart, SinglePart, header},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use crate::config::{Config, Environment, MailTls};

/// One message, ready to be sent. Every field is encoded by the builder; a line break in one of
/// them is refused there.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub reply_to: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub message_id: String,
    /// Where word goes that it did not arrive; the sender's address when there is none.
    pub return_path: Option<String>,
    /// Where one POST leaves this kind of mail.
    pub unsubscribe: Option<String>,
}

/// Whether this is one e-mail address, and nothing that could become a header or a second one.
pub fn is_address(text: &str) -> bool {
    text.len() <= 254
        && !text.chars().any(|c| c.is_control() || c.is_whitespace() || "<>,;\"\\".contains(c))
        && text.parse::<Address>().is_ok()
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Try again later.
    Passing(String),
    /// It will never be taken.
    Final(String),
    /// There is nobody at the address.
    Unknown(String),
}

/// The way out.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

/// A mail server that takes our mail.
struct Relay {
    name: String,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

enum Way {
    /// In the order in which they are asked.
    Smtp(Vec<Relay>),
    /// Nothing leaves; what would have been sent can be read in the outbox.
    Kept,
    /// No server is set, and mail has to wait for one.
    Waiting,
}

impl Mailer {
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let from = sender(config)?;
        let mail = &config.mail;
        if mail.host.is_empty() {
            let production = config.environment == Environment::Production;
            return Ok(Self { from, way: if production { Way::Waiting } else { Way::Kept } });
        }
        let trusted = trusted(&mail.trust)?;
        let mut relays = vec![first_relay(config, &trusted)?];
        for address in mail.relays.reveal().split_whitespace() {
            relays.push(further_relay(address, &trusted, mail.timeout.duration())?);
        }
        Ok(Self { from, way: Way::Smtp(relays) })
    }

    /// Whether there is a way for mail to leave, or to be kept on purpose.
    pub fn is_ready(&self) -> bool {
        !matches!(self.way, Way::Waiting)
    }

    /// Whether messages are kept for the developer to read.
    pub fn keeps(&self) -> bool {
        matches!(self.way, Way::Kept)
    }

    /// Gives a message to the first server that takes it, and says which. One that cannot just now
    /// passes it on to the next; what one refuses for good is not offered to another.
    pub async fn send(&self, letter: &Letter) -> Result<String, Refusal> {
        let message = self.message(letter).map_err(|error| Refusal::Final(error.to_string()))?;
        let relays = match &self.way {
            Way::Kept => return Ok(String::new()),
            Way::Waiting => return Err(Refusal::Passing("mail.host is not set".to_owned())),
            Way::Smtp(relays) => relays,
        };
        let mut reasons = Vec::new();
        for relay in relays {
            match relay.transport.send(message.clone()).await {
                Ok(_) => return Ok(relay.name.clone()),
                Err(error) => {
                    let reason = describe(&error);
                    match error.status().filter(|_| error.is_permanent()) {
                        Some(code) => match fault(code.into(), &reason) {
                            Fault::Address => return Err(Refusal::Unknown(reason)),
                            Fault::Mail => return Err(Refusal::Final(reason)),
                            Fault::Ours => reasons.push(format!("{}: {reason}", relay.name)),
                        },
                        None => reasons.push(format!("{}: {reason}", relay.name)),
                    }
                }
            }
        }
        Err(Refusal::Passing(reasons.join("; ")))
    }

    /// How many servers may be asked for one mail.
    pub fn relays(&self) -> u32 {
        match &self.way {
            Way::Smtp(relays) => u32::try_from(relays.len()).unwrap_or(u32::MAX),
            Way::Kept | Way::Waiting => 1,
        }
    }

    /// The message as it goes over the wire.
    pub fn message(&self, letter: &Letter) -> anyhow::Result<Message> {
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(mailbox(&letter.to)?)
            .subject(letter.subject.clone())
            .message_id(Some(letter.message_id.clone()))
            .header(AutoSubmitted("auto-generated".to_owned()));
        if let Some(return_path) = &letter.return_path {
            let (from, to) = (return_path.parse()?, letter.to.parse()?);
            builder = builder.envelope(Envelope::new(Some(from), vec![to])?);
        }
        if let Some(reply_to) = &letter.reply_to {
            builder = builder.reply_to(mailbox(reply_to)?);
        }
        if let Some(address) = &letter.unsubscribe {
            builder = builder
                .header(ListUnsubscribe(format!("<{address}>")))
                .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
        }
        let parts = MultiPart::alternative()
            .singlepart(part(header::ContentType::TEXT_PLAIN, &letter.text)?)
            .singlepart(part(header::ContentType::TEXT_HTML, &letter.html)?);
        Ok(builder.multipart(parts)?)
    }
}

/// A part of a message: lines of 76 characters of plain ASCII, whatever the text is.
fn part(kind: header::ContentType, text: &str) -> anyhow::Result<SinglePart> {
    let encoding = header::ContentTransferEncoding::QuotedPrintable;
    let body = Body::new_with_encoding(text.to_owned(), encoding)
        .map_err(|_| anyhow::anyhow!("a text that cannot be encoded"))?;
    Ok(SinglePart::builder().header(kind).body(body))
}

/// The certificates of `mail.trust`.
fn trusted(file: &str) -> anyhow::Result<Vec<Certificate>> {
    if file.is_empty() {
        return Ok(Vec::new());
    }
    let pem =
        std::fs::read(file).map_err(|error| anyhow::anyhow!("mail.trust: {file}: {error}"))?;
    Ok(vec![Certificate::from_pem(&pem)?])
}

fn encryption(host: &str, trusted: &[Certificate]) -> anyhow::Result<TlsParameters> {
    let mut tls = TlsParameters::builder(host.to_owned());
    for certificate in trusted {
        tls = tls.add_root_certificate(certificate.clone());
    }
    Ok(tls.build()?)
}

/// The server of `mail.host`.
fn first_relay(config: &Config, trusted: &[Certificate]) -> anyhow::Result<Relay> {
    let mail = &config.mail;
    let tls = encryption(&mail.host, trusted)?;
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
        .port(mail.port)
        .timeout(Some(mail.timeout.duration()))
        .tls(match mail.tls {
            MailTls::StartTls => Tls::Required(tls),
            MailTls::Tls => Tls::Wrapper(tls),
            MailTls::None => Tls::None,
        });
    if !mail.username.is_empty() {
        let password = mail.password.reveal().to_owned();
        transport = transport.credentials(Credentials::new(mail.username.clone(), password));
    }
    Ok(Relay { name: format!("{}:{}", mail.host, mail.port), transport: transport.build() })
}

/// A server of `mail.relays`. What is wrong with it is said without its password.
fn further_relay(
    address: &str,
    trusted: &[Certificate],
    timeout: Duration,
) -> anyhow::Result<Relay> {
    let wrong = |why: &str| anyhow::anyhow!("mail.relays: {why}");
    let url = url::Url::parse(address).map_err(|_| wrong("one is not an address"))?;
    let host = url.host_str().ok_or_else(|| wrong("one names no host"))?.to_owned();
    let tls = encryption(&host, trusted)?;
    let (tls, usual) = match (url.scheme(), url.query()) {
        ("smtps", _) => (Tls::Wrapper(tls), 465),
        ("smtp", Some("tls=none")) => (Tls::None, 25),
        ("smtp", _) => (Tls::Required(tls), 587),
        _ => return Err(wrong("an address begins with smtp:// or smtps://")),
    };
    let port = url.port().unwrap_or(usual);
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
        .port(port)
        .timeout(Some(timeout))
        .tls(tls);
    if !url.username().is_empty() {
        let plain = |text: &str| {
            percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
        };
        let password = plain(url.password().unwrap_or_default());
        transport = transport.credentials(Credentials::new(plain(url.username()), password));
    }
    Ok(Relay { name: format!("{host}:{port}"), transport: transport.build() })
}

/// One address without a name.
fn mailbox(address: &str) -> anyhow::Result<Mailbox> {
    anyhow::ensure!(is_address(address), "not an address");
    Ok(Mailbox::new(None, address.parse()?))
}

/// Whose fault it is that a server refuses for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Nobody has this address.
    Address,
    /// No server will take this mail.
    Mail,
    /// The server does not take mail from us: a login, a quota, a rule of its own. Another server
    /// may, and so may this one when it is put right.
    Ours,
}

/// Reads it from the reply: from its enhanced status code (RFC 3463), and without one from the
/// basic code, of which only some speak of the recipient or the message (RFC 5321, 4.2.3).
fn fault(code: u16, reply: &str) -> Fault {
    let Some((subject, detail)) = enhanced(reply) else {
        let about_us = reply.to_ascii_lowercase().contains("relay");
        return match code {
            550..=553 if !about_us => Fault::Mail,
            _ => Fault::Ours,
        };
    };
    match (subject, detail) {
        // The sender's address or domain is at fault.
        (1, 7 | 8) => Fault::Ours,
        (1, _) | (2, 1) => Fault::Address,
        (2 | 6, _) | (3, 4) => Fault::Mail,
        _ => Fault::Ours,
    }
}

/// Subject and detail of the first `5.x.y` in a reply.
fn enhanced(reply: &str) -> Option<(u16, u16)> {
    reply.split(|c: char| !(c.is_ascii_digit() || c == '.')).find_map(|word| {
        let mut parts = word.split('.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        let is_code = class == "5" && parts.next().is_none();
        is_code.then(|| Some((subject.parse().ok()?, detail.parse().ok()?)))?
    })
}

/// An error with its causes, on one line.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.replace(char::is_control, " ")
}

fn sender(config: &Config) -> anyhow::Result<Mailbox> {
    if !config.mail.from.is_empty() {
        return config
            .mail
            .from
            .parse()
            .map_err(|error| anyhow::anyhow!("mail.from is `{}`: {error}", config.mail.from));
    }
    let host = url::Url::parse(&config.server.base_url)
        .ok()
        .and_then(|url| url.domain().map(str::to_owned))
        .filter(|host| host.contains('.'))
        .unwrap_or_else(|| "streamly.invalid".to_owned());
    Ok(Mailbox::new(Some(config.site.name.clone()), format!("noreply@{host}").parse()?))
}

macro_rules! text_header {
    ($(#[$meta:meta])* $type:ident = $name:literal) => {
        $(#[$meta])*
        #[derive(Clone)]
        struct $type(String);

        impl header::Header for $type {
            fn name() -> header::HeaderName {
                header::HeaderName::new_from_ascii_str($name)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> header::HeaderValue {
                header::HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

text_header! {
    /// Tells other programs not to answer (RFC 3834).
    AutoSubmitted = "Auto-Submitted"
}

text_header! {
    /// Where this kind of mail is left (RFC 2369).
    ListUnsubscribe = "List-Unsubscribe"
}

text_header! {
    /// That one POST is enough (RFC 8058).
    ListUnsubscribePost = "List-Unsubscribe-Post"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_whose_fault_it_is() {
        for (code, reply, expected) in [
            (550, "permanent error (550): 5.1.1 <a@b.c>: user unknown", Fault::Address),
            (550, "5.1.10 null MX", Fault::Address),
            (550, "5.2.1 mailbox disabled", Fault::Address),
            (550, "no such mailbox", Fault::Mail),
            (552, "5.2.2 mailbox full", Fault::Mail),
            (552, "5.3.4 message too big", Fault::Mail),
            (554, "5.6.1 media not supported", Fault::Mail),
            (553, "5.1.8 sender domain does not resolve", Fault::Ours),
            (554, "5.7.1 relaying denied", Fault::Ours),
            (550, "we do not relay for you", Fault::Ours),
            (554, "no SMTP service here", Fault::Ours),
            (535, "5.7.8 authentication failed", Fault::Ours),
            (530, "must issue STARTTLS first", Fault::Ours),
            (550, "mail from 192.0.5.1.1 is not wanted", Fault::Mail),
        ] {
            assert_eq!(fault(code, reply), expected, "{code} {reply}");
        }
    }
}

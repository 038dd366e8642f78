//! How a message leaves the house: by SMTP, or, where no server is set, into the keeping of the
//! outbox, where development shows it at `/dev/mail`.

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
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
}

/// The way out.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
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
        let tls = TlsParameters::new(mail.host.clone())?;
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
        Ok(Self { from, way: Way::Smtp(transport.build()) })
    }

    /// Whether there is a way for mail to leave, or to be kept on purpose.
    pub fn is_ready(&self) -> bool {
        !matches!(self.way, Way::Waiting)
    }

    /// Whether messages are kept for the developer to read.
    pub fn keeps(&self) -> bool {
        matches!(self.way, Way::Kept)
    }

    pub async fn send(&self, letter: &Letter) -> Result<(), Refusal> {
        let message = self.message(letter).map_err(|error| Refusal::Final(error.to_string()))?;
        match &self.way {
            Way::Kept => Ok(()),
            Way::Waiting => Err(Refusal::Passing("mail.host is not set".to_owned())),
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if is_final(&error) => Err(Refusal::Final(describe(&error))),
                Err(error) => Err(Refusal::Passing(describe(&error))),
            },
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
        if let Some(reply_to) = &letter.reply_to {
            builder = builder.reply_to(mailbox(reply_to)?);
        }
        if let Some(address) = &letter.unsubscribe {
            builder = builder
                .header(ListUnsubscribe(format!("<{address}>")))
                .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
        }
        Ok(builder.multipart(lettre::message::MultiPart::alternative_plain_html(
            letter.text.clone(),
            letter.html.clone(),
        ))?)
    }
}

/// One address without a name.
fn mailbox(address: &str) -> anyhow::Result<Mailbox> {
    anyhow::ensure!(is_address(address), "not an address");
    Ok(Mailbox::new(None, address.parse()?))
}

/// Whether the server will never take this mail. That it does not let us log in, or wants us to
/// encrypt first, is no fault of the mail, and can be put right in the settings.
fn is_final(error: &lettre::transport::smtp::Error) -> bool {
    let ours = [530, 534, 535, 538];
    error.is_permanent() && !error.status().is_some_and(|code| ours.contains(&u16::from(code)))
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

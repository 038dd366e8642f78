//! What became of a mail after a server had taken it: bounces by mail (RFC 3464) to an address
//! that names the mail, and the events of providers.

use chrono::{DateTime, Utc};
use mail_parser::{Message, MessageParser, MimeHeaders as _};
use subtle::ConstantTimeEq as _;

use super::store::{self, Mail, deliveries};
use crate::{Error, Result, app::App, config::Environment, db::Tx, ids::MailId};

/// The longest report that is read, in bytes: it may hold the whole mail it is about.
pub const LONGEST: usize = 1 << 20;

/// How much of a server's own words is kept.
const DETAIL: usize = 500;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Delivered,
    /// Not yet; whoever has it tries again.
    Deferred,
    /// It will never arrive.
    Bounced,
    /// The reader called it unwanted.
    Complained,
}

/// Which mail it is about.
#[derive(Debug, Clone)]
pub enum Which {
    Id(MailId),
    MessageId(String),
}

/// Word of a mail's fate.
#[derive(Debug, Clone)]
pub struct Report {
    pub which: Which,
    pub fate: Fate,
    /// Why, in the words of whoever reports.
    pub detail: String,
    /// What makes this report another than all others: the second of the same is passed over.
    pub key: String,
}

impl Fate {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }
}

/// Notes a mail's fate, and stops optional mail to an address that bounced or complained. Says
/// whether the report was news.
pub async fn note(app: &App, report: &Report) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let news = note_in(app, &mut tx, report).await?;
    tx.commit().await?;
    Ok(news)
}

async fn note_in(app: &App, tx: &mut Tx, report: &Report) -> Result<bool> {
    let now = app.clock.now();
    let found = match &report.which {
        Which::Id(id) => deliveries::recipient_by_id(tx, *id).await?,
        Which::MessageId(name) => deliveries::recipient_by_message_id(tx, name).await?,
    };
    // A mail that was forgotten meanwhile, or never ours: nothing to note.
    let Some((id, recipient)) = found else { return Ok(false) };
    let detail: String = super::actions::one_line(&report.detail).chars().take(DETAIL).collect();
    if !deliveries::insert(tx, id, (report.fate.as_str(), &detail, &report.key), now).await? {
        return Ok(false);
    }
    let keep = app.config.environment != Environment::Production;
    deliveries::set_fate(tx, id, (report.fate.as_str(), &detail, keep), now).await?;
    if matches!(report.fate, Fate::Bounced | Fate::Complained) && !recipient.is_empty() {
        let key = recipient.to_lowercase();
        deliveries::suppress(tx, &key, (report.fate.as_str(), &detail), now).await?;
        tracing::warn!(mail = id.0, fate = report.fate.as_str(), detail, "mail came back");
    }
    Ok(true)
}

/// Notes that a server knows nobody at the address of a mail, which gets no optional mail any more.
/// The mail itself is given up like any other, and can be sent again when the mistake is mended.
pub(super) async fn unknown(
    tx: &mut Tx,
    mail: &Mail,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let fate = Fate::Bounced.as_str();
    let detail: String = super::actions::one_line(reason).chars().take(DETAIL).collect();
    let key = format!("smtp:{}:{}", mail.id, now.timestamp_micros());
    deliveries::insert(tx, mail.id, (fate, &detail, &key), now).await?;
    deliveries::suppress(tx, &mail.recipient.to_lowercase(), (fate, &detail), now).await
}

/// The envelope's sender of a mail: `bounces+42-0f3a…@example.org`, so that a bounce names the
/// mail however its text looks. The code keeps strangers from telling us of bounces (VERP).
pub fn return_path(app: &App, id: MailId) -> Option<String> {
    let (name, domain) = app.config.mail.bounce_address.rsplit_once('@')?;
    Some(format!("{name}+{id}-{}@{domain}", code(app, id)))
}

fn code(app: &App, id: MailId) -> String {
    hex::encode(&app.keys.sign("bounce", &[&id.to_string()])[..8])
}

/// The mail that a bounce address of ours names.
fn named_by(app: &App, address: &str) -> Option<MailId> {
    let (name, domain) = app.config.mail.bounce_address.rsplit_once('@')?;
    let (local, at) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
    let mark = local.strip_prefix(name)?.strip_prefix('+')?;
    let (id, given) = mark.split_once('-')?;
    let id = MailId(id.parse().ok()?);
    let good = bool::from(code(app, id).as_bytes().ct_eq(given.as_bytes()));
    (good && at.eq_ignore_ascii_case(domain)).then_some(id)
}

/// Reads a bounce as it came by mail. `to` is the address it was sent to, when the mail server
/// tells; else the headers are asked.
pub fn read(app: &App, raw: &[u8], to: Option<&str>) -> Result<Report> {
    let unreadable = || Error::invalid("mail", "This is not a mail.");
    let message = MessageParser::default().parse(raw).ok_or_else(unreadable)?;
    let headers = ["Delivered-To", "X-Original-To", "Envelope-To", "To"];
    let of_header = |name: &&str| message.header_raw(*name).map(str::to_owned);
    let addresses = to.map(str::to_owned).into_iter().chain(headers.iter().filter_map(of_header));
    let id = addresses
        .flat_map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>())
        .find_map(|address| named_by(app, &address))
        .ok_or_else(|| {
            Error::invalid("mail", "It was not sent to a bounce address of this site.")
        })?;
    let (fate, detail) = fate_of(&message)
        .ok_or_else(|| Error::invalid("mail", "It is no delivery report (RFC 3464)."))?;
    let key = format!("dsn:{}", crate::app::token_hash(&String::from_utf8_lossy(raw)));
    Ok(Report { which: Which::Id(id), fate, detail, key })
}

/// What a delivery report says of its first recipient, and a complaint (RFC 5965) by its kind.
fn fate_of(message: &Message<'_>) -> Option<(Fate, String)> {
    let part = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            let name = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
            ["message/delivery-status", "message/feedback-report"]
                .contains(&name.to_ascii_lowercase().as_str())
        })
    })?;
    let text = String::from_utf8_lossy(part.contents()).into_owned();
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    if field("Feedback-Type").is_some() {
        return Some((Fate::Complained, field("Feedback-Type").unwrap_or_default()));
    }
    let status = field("Status").unwrap_or_default();
    let why = field("Diagnostic-Code").unwrap_or_default();
    let detail = format!("{status} {why}").trim().to_owned();
    let fate = match field("Action")?.to_ascii_lowercase().as_str() {
        // A full mailbox (4.x.x) may be empty tomorrow: only what is permanent stops mail.
        "failed" if status.starts_with('4') => Fate::Deferred,
        "failed" => Fate::Bounced,
        "delayed" => Fate::Deferred,
        "delivered" | "relayed" | "expanded" => Fate::Delivered,
        _ => return None,
    };
    Some((fate, detail))
}

/// Whether an address gets no optional mail any more.
pub async fn is_suppressed(tx: &mut Tx, address: &str) -> Result<bool> {
    store::deliveries::is_suppressed(tx, &address.to_lowercase()).await
}

//! What mail providers report of our mail, and how we know that it is them.
//!
//! A report that comes twice, or is played back by somebody who overheard it, changes nothing the
//! second time: each carries a number of its own, which is kept.

use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::bounces::{Fate, Report, Which};
use crate::{Error, Result};

/// The most events of one request that are read.
const MANY: usize = 1_000;

/// An uncompressed point of P-256: the last bytes of a key in DER.
const POINT: usize = 65;

/// One of SendGrid's events.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SendGridEvent {
    event: String,
    #[serde(rename = "smtp-id")]
    smtp_id: String,
    sg_event_id: String,
    reason: String,
    response: String,
    #[serde(rename = "type")]
    kind: String,
}

/// Reads SendGrid's events, after checking the signature over time and body (ECDSA, P-256).
pub fn sendgrid(key: &str, (time, signature): (&str, &str), body: &[u8]) -> Result<Vec<Report>> {
    let key = decode(key).ok_or_else(|| anyhow::anyhow!("mail.sendgrid_key is not base64"))?;
    let point = &key[key.len().saturating_sub(POINT)..];
    let signature = decode(signature).ok_or(Error::Forbidden)?;
    let signed = [time.as_bytes(), body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
        .verify(&signed, &signature)
        .map_err(|_| Error::Forbidden)?;
    let events: Vec<SendGridEvent> = serde_json::from_slice(body).map_err(unreadable)?;
    Ok(events.into_iter().take(MANY).filter_map(of_sendgrid).collect())
}

fn of_sendgrid(event: SendGridEvent) -> Option<Report> {
    let fate = match (event.event.as_str(), event.kind.as_str()) {
        ("delivered", _) => Fate::Delivered,
        // The receiving server turned this one away, and may take the next.
        ("deferred", _) | ("bounce", "blocked") => Fate::Deferred,
        ("bounce" | "dropped", _) => Fate::Bounced,
        ("spamreport", _) => Fate::Complained,
        _ => return None,
    };
    if event.smtp_id.is_empty() || event.sg_event_id.is_empty() {
        return None;
    }
    let detail = if event.reason.is_empty() { event.response } else { event.reason };
    let key = key("sendgrid", &event.sg_event_id);
    Some(Report { which: Which::MessageId(event.smtp_id), fate, detail, key })
}

/// Mailgun's envelope of an event.
#[derive(Deserialize)]
struct MailgunRequest {
    signature: MailgunSignature,
    #[serde(rename = "event-data")]
    data: Value,
}

#[derive(Deserialize)]
struct MailgunSignature {
    timestamp: String,
    token: String,
    signature: String,
}

/// Reads an event of Mailgun, after checking its signature (HMAC-SHA-256 over time and token).
pub fn mailgun(key: &str, body: &[u8]) -> Result<Vec<Report>> {
    let request: MailgunRequest = serde_json::from_slice(body).map_err(unreadable)?;
    let given = hex::decode(&request.signature.signature).map_err(|_| Error::Forbidden)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map_err(|error| anyhow::anyhow!("mail.mailgun_key: {error}"))?;
    mac.update(request.signature.timestamp.as_bytes());
    mac.update(request.signature.token.as_bytes());
    mac.verify_slice(&given).map_err(|_| Error::Forbidden)?;
    Ok(of_mailgun(&request.data).into_iter().collect())
}

fn of_mailgun(data: &Value) -> Option<Report> {
    let text = |path: &str| data.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let fate = match (text("/event"), text("/severity")) {
        ("delivered", _) => Fate::Delivered,
        ("failed", "permanent") => Fate::Bounced,
        ("failed", _) => Fate::Deferred,
        ("complained", _) => Fate::Complained,
        _ => return None,
    };
    let (name, id) = (text("/message/headers/message-id"), text("/id"));
    if name.is_empty() || id.is_empty() {
        return None;
    }
    let message = text("/delivery-status/message");
    let detail = if message.is_empty() { text("/delivery-status/description") } else { message };
    Some(Report {
        which: Which::MessageId(format!("<{}>", name.trim_matches(['<', '>']))),
        fate,
        detail: detail.to_owned(),
        key: key("mailgun", id),
    })
}

fn key(provider: &str, id: &str) -> String {
    format!("{provider}:{}", id.chars().take(200).collect::<String>())
}

fn decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn unreadable(error: serde_json::Error) -> Error {
    Error::invalid("body", format!("This is not the JSON expected: {error}"))
}

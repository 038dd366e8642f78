//! What becomes of a mail after it was sent, several servers, and the pace.

use axum::http::StatusCode;
use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::json;
use sha2::Sha256;

use super::{a_mail, sending::optional, with_sink};
use crate::{
    config::{Hidden, MailTls, Seconds},
    ids::MailId,
    mail::{
        bounces,
        sink::{Mood, Sink},
        store::Status,
    },
    testing::TestApp,
};

const KEY: &str = "key-0123456789";

/// A site that asks for reports, and a mail of it that a server has taken.
async fn sent(change: impl FnOnce(&mut crate::config::Config)) -> (TestApp, Sink, MailId) {
    let sink = Sink::start(Mood::Friendly).await;
    let port = sink.port;
    let app = TestApp::with(|config| {
        config.mail.host = "localhost".to_owned();
        config.mail.port = port;
        config.mail.tls = MailTls::None;
        config.mail.timeout = Seconds(1);
        config.mail.bounce_address = "bounces@streamly.test".to_owned();
        config.mail.mailgun_key = Hidden::new(KEY.to_owned());
        change(config);
    })
    .await;
    let id = app.queue_mail(a_mail("Ana@Example.org")).await.unwrap();
    assert!(app.deliver().await);
    (app, sink, id)
}

fn report(to: &str, action: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.org\r\nTo: <{to}>\r\nSubject: Undelivered\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n \
         boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n\
         Final-Recipient: rfc822; ana@example.org\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; 550 no such mailbox\r\n\r\n--b--\r\n"
    )
}

impl TestApp {
    async fn suppresses(&self, address: &str) -> bool {
        let mut tx = self.app.db.begin().await.unwrap();
        bounces::is_suppressed(&mut tx, address).await.unwrap()
    }

    /// Reads a bounce as `streamly mail bounce` does; says whether it was news.
    async fn bounce(&self, raw: &str, to: Option<&str>) -> crate::Result<bool> {
        let report = bounces::read(&self.app, raw.as_bytes(), to)?;
        bounces::note(&self.app, &report).await
    }
}

#[tokio::test]
async fn a_bounce_names_its_mail_and_stops_optional_mail() {
    let (app, sink, id) = sent(|_| {}).await;
    let path = bounces::return_path(&app.app, id).unwrap();
    assert!(path.starts_with(&format!("bounces+{id}-")), "{path}");
    assert_eq!(sink.caught()[0].sender, format!("FROM:<{path}>"));
    assert!(!sink.caught()[0].raw.contains(&path), "the address is on the envelope only");

    let raw = report(&path, "failed", "5.1.1");
    assert!(app.bounce(&raw, None).await.unwrap());
    let mail = app.mail(id).await;
    assert_eq!(mail.status, Status::Bounced);
    assert!(mail.last_error.unwrap().contains("no such mailbox"));
    assert!(app.suppresses("ana@example.org").await);
    assert!(!app.bounce(&raw, Some(&path)).await.unwrap(), "the second of the same is no news");

    // What is necessary still goes there, what is optional does not.
    let optional = crate::mail::Outgoing {
        unsubscribe: Some("http://streamly.test/unsubscribe/x".to_owned()),
        ..a_mail("ana@example.org")
    };
    let optional = app.queue_mail(optional).await.unwrap();
    let needed = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    while app.deliver().await {}
    assert_eq!(app.mail(optional).await.status, Status::Failed);
    assert_eq!(app.mail(needed).await.status, Status::Sent);
}

#[tokio::test]
async fn a_full_mailbox_stops_nothing() {
    let (app, _sink, id) = sent(|_| {}).await;
    let path = bounces::return_path(&app.app, id).unwrap();
    for (action, status) in [("delayed", "4.4.1"), ("failed", "4.2.2")] {
        assert!(app.bounce(&report(&path, action, status), None).await.unwrap());
        assert_eq!(app.mail(id).await.status, Status::Sent);
    }
    assert!(!app.suppresses("ana@example.org").await);
}

#[tokio::test]
async fn nobody_can_make_a_bounce_up() {
    let (app, _sink, id) = sent(|_| {}).await;
    let other = bounces::return_path(&app.app, MailId(id.0 + 1)).unwrap();
    let forged = other.replace(&format!("+{}-", id.0 + 1), &format!("+{id}-"));
    let tries = [
        report(&forged, "failed", "5.1.1"),
        report("bounces@streamly.test", "failed", "5.1.1"),
        report(&format!("bounces+{id}-@streamly.test"), "failed", "5.1.1"),
        "To: x\r\n\r\nno report".to_owned(),
        String::new(),
    ];
    for raw in tries {
        assert!(app.bounce(&raw, None).await.is_err(), "{raw}");
    }
    let path = bounces::return_path(&app.app, id).unwrap();
    assert!(app.bounce(&format!("To: {path}\r\n\r\nout of office"), None).await.is_err());
    assert_eq!(app.mail(id).await.status, Status::Sent);
}

fn mailgun(event: &serde_json::Value, key: &str) -> String {
    let (time, token) = ("1767225600", "a".repeat(50));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(time.as_bytes());
    mac.update(token.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    json!({
        "signature": { "timestamp": time, "token": token, "signature": signature },
        "event-data": event,
    })
    .to_string()
}

#[tokio::test]
async fn a_provider_may_tell_more_often_than_a_visitor_may_write() {
    let (app, _sink, id) = sent(|config| {
        config.limits.enabled = true;
        config.limits.other = 2;
    })
    .await;
    let name = app.mail(id).await.message_id.trim_matches(['<', '>']).to_owned();
    for number in 0..4 {
        let event = json!({ "event": "failed", "id": number.to_string(), "severity": "temporary",
            "message": { "headers": { "message-id": name } } });
        let kind = [("content-type", "application/json")];
        let answer =
            app.visitor().post_bytes("/mail/events/mailgun", &kind, mailgun(&event, KEY)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{number}");
    }
}

#[tokio::test]
async fn mailgun_tells_what_became_of_a_mail() {
    let (app, _sink, id) = sent(|_| {}).await;
    let name = app.mail(id).await.message_id.trim_matches(['<', '>']).to_owned();
    let event = |kind: &str, number: &str, severity: &str| {
        json!({ "event": kind, "id": number, "severity": severity,
            "message": { "headers": { "message-id": name } },
            "delivery-status": { "message": "said so" } })
    };
    let send = async |body: String| {
        let kind = [("content-type", "application/json")];
        app.visitor().post_bytes("/mail/events/mailgun", &kind, body).await.status
    };
    assert_eq!(send(mailgun(&event("delivered", "1", ""), "wrong")).await, StatusCode::FORBIDDEN);
    assert_eq!(send("{}".to_owned()).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.mail(id).await.status, Status::Sent);

    assert_eq!(send(mailgun(&event("delivered", "1", ""), KEY)).await, StatusCode::NO_CONTENT);
    assert_eq!(app.mail(id).await.status, Status::Delivered);
    assert_eq!(send(mailgun(&event("complained", "2", ""), KEY)).await, StatusCode::NO_CONTENT);
    assert_eq!(app.mail(id).await.status, Status::Complained);
    assert!(app.suppresses("ana@example.org").await);
    // Word that comes late does not make it better.
    assert_eq!(send(mailgun(&event("delivered", "3", ""), KEY)).await, StatusCode::NO_CONTENT);
    assert_eq!(app.mail(id).await.status, Status::Complained);
}

#[tokio::test]
async fn sendgrid_is_believed_by_its_signature() {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random)
            .unwrap();
    let base64 = base64::engine::general_purpose::STANDARD;
    // What SendGrid shows is the point behind a fixed beginning (DER).
    let mut der = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
    der.extend(pair.public_key().as_ref());
    let key = base64.encode(der);
    let (app, _sink, id) = sent(|config| config.mail.sendgrid_key = Hidden::new(key)).await;
    let name = app.mail(id).await.message_id;
    let body = json!([
        { "event": "processed", "smtp-id": name, "sg_event_id": "0" },
        { "event": "bounce", "type": "bounce", "smtp-id": name, "sg_event_id": "1", "reason": "550" },
    ])
    .to_string();
    let signed = |time: &str, body: &str| {
        let text = [time.as_bytes(), body.as_bytes()].concat();
        base64.encode(pair.sign(&random, &text).unwrap())
    };
    let send = async |time: &str, signature: &str| {
        let headers = [
            ("content-type", "application/json"),
            ("x-twilio-email-event-webhook-timestamp", time),
            ("x-twilio-email-event-webhook-signature", signature),
        ];
        app.visitor().post_bytes("/mail/events/sendgrid", &headers, body.clone()).await.status
    };
    for (time, signature) in
        [("2", signed("1", &body)), ("1", signed("1", "[]")), ("", String::new())]
    {
        assert_eq!(send(time, &signature).await, StatusCode::FORBIDDEN);
    }
    assert_eq!(send("1", &signed("1", &body)).await, StatusCode::NO_CONTENT);
    assert_eq!(app.mail(id).await.status, Status::Bounced);
}

#[tokio::test]
async fn providers_that_were_not_set_are_not_listened_to() {
    let (app, _sink) = with_sink(Mood::Friendly).await;
    for path in ["/mail/events/sendgrid", "/mail/events/mailgun"] {
        let kind = [("content-type", "application/json")];
        let answer = app.visitor().post_bytes(path, &kind, mailgun(&json!({}), "")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_next_server_takes_what_the_first_cannot() {
    let (first, second) = (Sink::start(Mood::Busy).await, Sink::start(Mood::Friendly).await);
    let (port, relays) = (first.port, format!("smtp://localhost:{}?tls=none", second.port));
    let app = TestApp::with(|config| {
        config.mail.host = "localhost".to_owned();
        config.mail.port = port;
        config.mail.tls = MailTls::None;
        config.mail.timeout = Seconds(1);
        config.mail.relays = Hidden::new(relays);
    })
    .await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(app.deliver().await);
    assert_eq!(app.mail(id).await.status, Status::Sent);
    assert_eq!((first.caught().len(), second.caught().len()), (0, 1));

    // What one refuses for good, another is not asked to take.
    first.set(Mood::Refuse);
    let id = app.queue_mail(a_mail("ben@example.org")).await.unwrap();
    assert!(app.deliver().await);
    assert_eq!(app.mail(id).await.status, Status::Failed);
    assert_eq!(second.caught().len(), 1);
}

#[tokio::test]
async fn a_domain_gets_its_mail_at_its_pace() {
    let (app, sink, _) = sent(|config| config.mail.domain_per_minute = 2).await;
    let mut ids = Vec::new();
    for to in ["b@example.org", "c@example.org", "d@example.net"] {
        ids.push(app.queue_mail(optional(to)).await.unwrap());
    }
    while app.deliver().await {}
    assert_eq!(sink.caught().len(), 2, "the first, and the one to another domain");
    let waits: Vec<i64> = {
        let mut waits = Vec::new();
        for id in &ids[..2] {
            let mail = app.mail(*id).await;
            assert_eq!((mail.status, mail.tries), (Status::Queued, 0));
            waits.push((mail.next_try_at - app.app.clock.now()).num_seconds());
        }
        waits
    };
    assert_eq!(waits, [30, 60]);
    app.advance(chrono::TimeDelta::seconds(30));
    while app.deliver().await {}
    assert_eq!(sink.caught().len(), 3);
    app.advance(chrono::TimeDelta::seconds(30));
    while app.deliver().await {}
    assert_eq!(sink.caught().len(), 4);
}

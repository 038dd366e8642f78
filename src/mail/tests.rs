//! Mail seen from outside: by a mail server, and at `/dev/mail`.

mod fates;
mod sending;

use axum::http::StatusCode;
use chrono::TimeDelta;

use super::{
    Content, Outgoing, actions, forget_user, queue,
    sink::{Mood, Sink},
    store::{self, Mail, Status},
    sweep,
    worker::{Taker, deliver_next},
};
use crate::{
    Error,
    config::{Environment, MailTls, Seconds},
    db::write,
    ids::{MailId, UserId},
    testing::TestApp,
};

/// An application whose mail goes to a sink.
async fn with_sink(mood: Mood) -> (TestApp, Sink) {
    let sink = Sink::start(mood).await;
    let port = sink.port;
    let app = TestApp::with(|config| {
        config.mail.host = "localhost".to_owned();
        config.mail.port = port;
        config.mail.tls = MailTls::None;
        config.mail.timeout = Seconds(1);
    })
    .await;
    (app, sink)
}

fn a_mail(to: &str) -> Outgoing {
    Outgoing {
        kind: "test",
        user: None,
        to: to.to_owned(),
        reply_to: None,
        subject: "Grüße".to_owned(),
        content: Content {
            greeting: "Hello Ana <b>,".to_owned(),
            paragraphs: vec!["First & foremost.\nSecond line.".to_owned()],
            action: Some((
                "Confirm".to_owned(),
                "http://streamly.test/auth/confirm/a_b-c?x=1&y=2".to_owned(),
            )),
            notes: vec!["The link is good for a day.".to_owned()],
            reason: "You registered.".to_owned(),
            ..Content::default()
        },
        unsubscribe: None,
    }
}

impl TestApp {
    async fn queue_mail(&self, mail: Outgoing) -> crate::Result<MailId> {
        let mut tx = self.app.db.begin().await?;
        let id = queue(&self.app, &mut tx, mail).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn mail(&self, id: MailId) -> Mail {
        let mut conn = self.app.db.conn().await.unwrap();
        store::by_id(&mut conn, id).await.unwrap()
    }

    async fn deliver(&self) -> bool {
        deliver_next(&self.app, Taker::Any).await.unwrap()
    }
}

#[tokio::test]
async fn a_mail_arrives_with_two_parts_and_our_headers() {
    let (app, sink) = with_sink(Mood::Friendly).await;
    let mut mail = a_mail("ana@example.org");
    mail.reply_to = Some("ben@example.org".to_owned());
    let id = app.queue_mail(mail).await.unwrap();
    assert!(app.deliver().await);
    assert!(!app.deliver().await, "once is enough");
    let [caught] = &sink.caught()[..] else { panic!("one mail") };
    assert_eq!(caught.recipients, ["<ana@example.org>"]);
    for line in [
        "Auto-Submitted: auto-generated\r\n",
        "To: ana@example.org\r\n",
        "Reply-To: ben@example.org\r\n",
        "From: Streamly <noreply@streamly.test>\r\n",
        "@streamly.test>\r\n",
        "text/plain",
        "text/html",
    ] {
        assert!(caught.raw.contains(line), "{line:?} is not in {}", caught.raw);
    }
    let row = app.mail(id).await;
    assert_eq!((row.status, row.tries), (Status::Sent, 1));
    assert!(row.message_id.starts_with('<') && row.message_id.ends_with("@streamly.test>"));
    assert!(caught.raw.contains(&format!("Message-ID: {}\r\n", row.message_id)));
    assert_eq!(row.subject, "[Streamly] Grüße");
    assert!(row.html_body.contains("Hello Ana &#60;b&#62;,"), "{}", row.html_body);
    assert!(row.html_body.contains("First &#38; foremost.<br>Second line."));
    assert!(row.text_body.starts_with("Hello Ana <b>,\n\nFirst & foremost.\nSecond line.\n\n"));
    assert!(row.text_body.contains("Confirm:\nhttp://streamly.test/auth/confirm/a_b-c?x=1&y=2\n"));
    assert!(row.text_body.contains("You registered."));
}

#[tokio::test]
async fn no_header_and_no_recipient_can_be_smuggled_in() {
    let (app, sink) = with_sink(Mood::Friendly).await;
    for address in [
        "ana@example.org\r\nRCPT TO:<eve@example.org>",
        "ana@example.org\nBcc: eve@example.org",
        "ana@example.org, eve@example.org",
        "Ana <ana@example.org>",
        "\"a\r\nb\"@example.org",
        "\"ana\"@example.org",
        "ana@example.org\0",
        "ana@example.org ",
        "",
        "ana",
    ] {
        let refused = app.queue_mail(a_mail(address)).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{address:?}");
        let mut mail = a_mail("ana@example.org");
        mail.reply_to = Some(address.to_owned());
        let refused = app.queue_mail(mail).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "reply to {address:?}");
    }
    let mut mail = a_mail("ana@example.org");
    mail.subject = "Hi\r\nBcc: eve@example.org\r\n\r\nbody\u{2028}".to_owned();
    mail.content.paragraphs = vec!["a\r\n.\r\nRCPT TO:<eve@example.org>\r\n".to_owned()];
    app.queue_mail(mail).await.unwrap();
    assert!(app.deliver().await);
    let [caught] = &sink.caught()[..] else { panic!("one mail") };
    assert_eq!(caught.recipients, ["<ana@example.org>"]);
    let headers = caught.raw.split("\r\n\r\n").next().unwrap();
    assert!(!headers.contains("\r\nBcc:"), "{headers}");
    assert!(headers.contains("Subject: [Streamly] Hi Bcc: eve@example.org body"), "{headers}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_and_again_for_a_day() {
    let (app, sink) = with_sink(Mood::Busy).await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    for (nth, minutes) in [1, 5, 15, 60, 240, 240, 240, 240, 240].into_iter().enumerate() {
        assert!(app.deliver().await, "try {nth}");
        let row = app.mail(id).await;
        assert_eq!(row.status, Status::Queued);
        assert!(row.last_error.unwrap().contains("451"), "try {nth}");
        let wait = row.next_try_at - app.app.clock.now();
        let planned = TimeDelta::minutes(minutes);
        assert!(wait >= planned && wait <= planned * 11 / 10, "try {nth}: {wait}");
        app.advance(planned - TimeDelta::seconds(1));
        assert!(!app.deliver().await, "not before its time");
        app.advance(planned / 10 + TimeDelta::seconds(2));
    }
    assert!(app.deliver().await);
    let row = app.mail(id).await;
    assert_eq!((row.status, row.tries), (Status::Failed, 10));
    assert_eq!(sink.caught().len(), 0);

    sink.set(Mood::Friendly);
    app.advance(TimeDelta::days(1));
    assert!(!app.deliver().await, "given up");
    assert_eq!(super::actions::retry_failed(&app.app, None).await.unwrap(), 1);
    assert!(app.deliver().await);
    assert_eq!(app.mail(id).await.status, Status::Sent);
}

#[tokio::test]
async fn a_refused_mail_is_not_tried_again() {
    let (app, sink) = with_sink(Mood::Refuse).await;
    let id = app.queue_mail(a_mail("nobody@example.org")).await.unwrap();
    assert!(app.deliver().await);
    let row = app.mail(id).await;
    assert_eq!((row.status, row.tries), (Status::Failed, 1));
    assert!(row.last_error.unwrap().contains("no such mailbox"));
    sink.set(Mood::Friendly);
    app.advance(TimeDelta::days(2));
    assert!(!app.deliver().await);
}

#[tokio::test]
async fn a_server_that_hangs_up_or_is_not_there_loses_nothing() {
    let (app, sink) = with_sink(Mood::Drop).await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(app.deliver().await);
    assert_eq!(app.mail(id).await.status, Status::Queued);
    sink.set(Mood::Friendly);
    app.advance(TimeDelta::minutes(2));
    assert!(app.deliver().await);
    assert_eq!(app.mail(id).await.status, Status::Sent);

    let app = TestApp::with(|config| {
        config.mail.host = "127.0.0.1".to_owned();
        config.mail.port = 9;
        config.mail.tls = MailTls::None;
    })
    .await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(app.deliver().await);
    assert_eq!(app.mail(id).await.status, Status::Queued);
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_after_a_while() {
    let (app, _sink) = with_sink(Mood::Silent).await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    let started = std::time::Instant::now();
    assert!(app.deliver().await);
    assert!(started.elapsed().as_secs() < 20);
    let row = app.mail(id).await;
    assert_eq!(row.status, Status::Queued);
    assert!(row.last_error.unwrap().contains("too slow"));
}

#[tokio::test]
async fn two_workers_send_a_mail_once() {
    let (app, sink) = with_sink(Mood::Friendly).await;
    for nth in 0..6 {
        app.queue_mail(a_mail(&format!("ana{nth}@example.org"))).await.unwrap();
    }
    let work = || async { while app.deliver().await {} };
    tokio::join!(work(), work(), work());
    let mut recipients: Vec<_> =
        sink.caught().into_iter().flat_map(|caught| caught.recipients).collect();
    recipients.sort();
    let expected: Vec<_> = (0..6).map(|nth| format!("<ana{nth}@example.org>")).collect();
    assert_eq!(recipients, expected);
}

#[tokio::test]
async fn a_mail_whose_worker_died_is_sent_after_its_lease_with_the_same_id() {
    let (app, sink) = with_sink(Mood::Friendly).await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    let now = app.app.clock.now();
    let mut tx = app.app.db.begin().await.unwrap();
    let lease =
        store::lease(&mut tx, Taker::Any, (now, now + TimeDelta::minutes(5)), "interrupted").await;
    let dead = lease.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert!(!app.deliver().await, "somebody may still be at it");
    app.advance(TimeDelta::minutes(6));
    assert!(app.deliver().await);
    let [caught] = &sink.caught()[..] else { panic!("one mail") };
    assert!(caught.raw.contains(&dead.message_id));
    assert_eq!(app.mail(id).await.status, Status::Sent);

    // The one that was thought dead comes back too late to change anything.
    let mut tx = app.app.db.begin().await.unwrap();
    store::refused(&mut tx, &dead, (None, "late"), app.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.mail(id).await.status, Status::Sent);
}

#[tokio::test]
async fn a_mail_whose_workers_die_again_and_again_is_put_aside_for_a_person() {
    let (app, sink) = with_sink(Mood::Friendly).await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    for _ in 0..2 {
        let now = app.app.clock.now();
        let mut tx = app.app.db.begin().await.unwrap();
        let interrupted = "the last try was interrupted, and may have sent it";
        store::lease(&mut tx, Taker::Any, (now, now + TimeDelta::minutes(5)), interrupted)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        app.advance(TimeDelta::minutes(6));
    }
    assert!(app.deliver().await);
    assert!(sink.caught().is_empty(), "a third time it could be the third copy");
    let mail = app.mail(id).await;
    assert_eq!(mail.status, Status::Failed);
    assert!(mail.last_error.unwrap().contains("interrupted twice"));

    actions::resend(&app.app, None, id).await.unwrap();
    assert!(app.deliver().await);
    assert_eq!((app.mail(id).await.status, sink.caught().len()), (Status::Sent, 1));
    assert!(actions::resend(&app.app, None, id).await.is_err(), "it was sent");
}

#[tokio::test]
async fn a_cancelled_mail_stays_until_it_is_sent_again() {
    let (app, sink) = with_sink(Mood::Friendly).await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    actions::cancel(&app.app, None, id).await.unwrap();
    assert!(!app.deliver().await);
    assert!(actions::cancel(&app.app, None, id).await.is_err(), "once is enough");
    actions::resend(&app.app, None, id).await.unwrap();
    assert!(app.deliver().await);
    assert_eq!(sink.caught().len(), 1);
}

#[tokio::test]
async fn a_mail_of_a_cause_that_failed_is_never_sent() {
    let (app, sink) = with_sink(Mood::Friendly).await;
    let mut tx = app.app.db.begin().await.unwrap();
    queue(&app.app, &mut tx, a_mail("ana@example.org")).await.unwrap();
    drop(tx);
    assert!(!app.deliver().await);
    assert!(sink.caught().is_empty());
}

#[tokio::test]
async fn production_without_a_server_keeps_mail_waiting() {
    let app = TestApp::with(|config| {
        config.environment = Environment::Production;
        config.secret.key = crate::config::Hidden::new("x".repeat(32));
    })
    .await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(!app.deliver().await);
    let row = app.mail(id).await;
    assert_eq!((row.status, row.tries), (Status::Queued, 0));
    app.visitor().get("/dev/mail").await.expect(StatusCode::NOT_FOUND);
    app.visitor().get(&format!("/dev/mail/{id}")).await.expect(StatusCode::NOT_FOUND);
    app.visitor().get(&format!("/dev/mail/{id}/html")).await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn production_forgets_the_text_of_what_was_sent() {
    let sink = Sink::start(Mood::Friendly).await;
    let app = TestApp::with(|config| {
        config.environment = Environment::Production;
        config.secret.key = crate::config::Hidden::new("x".repeat(32));
        config.mail.host = "localhost".to_owned();
        config.mail.port = sink.port;
        config.mail.tls = MailTls::None;
    })
    .await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(app.deliver().await);
    let row = app.mail(id).await;
    assert_eq!(
        (row.status, row.text_body.as_str(), row.html_body.as_str()),
        (Status::Sent, "", "")
    );
}

#[tokio::test]
async fn developers_read_mail_in_the_browser() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    visitor.get("/dev/mail").await.expect(StatusCode::OK).contains("No mail yet");
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(app.deliver().await);
    visitor.get("/dev/mail").await.expect(StatusCode::OK).contains("[Streamly] Grüße");
    let shown = visitor.get(&format!("/dev/mail/{id}")).await.expect(StatusCode::OK);
    assert!(shown.header("content-security-policy").contains("frame-src 'self'"));
    shown
        .contains(&format!("src=\"/dev/mail/{id}/html\""))
        .contains("To: ana@example.org")
        .contains("http://streamly.test/auth/confirm/a_b-c?x=1&#38;y=2");
    let html = visitor.get(&format!("/dev/mail/{id}/html")).await.expect(StatusCode::OK);
    assert_eq!(
        html.header("content-security-policy"),
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
    );
    assert_eq!(html.header("x-frame-options"), "SAMEORIGIN");
    html.contains("If the button does not work").contains("You registered.");
    visitor.get("/dev/mail/999").await.expect(StatusCode::NOT_FOUND);
    visitor.get("/dev/mail/x").await.expect(StatusCode::NOT_FOUND);
}

/// Puts a person into the database, for the rows that belong to one.
async fn a_person(app: &TestApp) -> UserId {
    let mut tx = app.app.db.begin().await.unwrap();
    let now = app.app.clock.now();
    let id = write(
        "insert into \"user\" (created_at, updated_at, username, username_key, email, email_key,
                password_hash, password_changed_at, last_seen)
         values ($1, $1, 'ana', 'ana', 'ana@example.org', 'ana@example.org', '', $1, $1)
         returning id",
    )
    .bind(now)
    .value(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn who_leaves_is_taken_out_of_the_outbox() {
    let app = TestApp::start().await;
    let user = a_person(&app).await;
    let mail = || Outgoing { user: Some(user), ..a_mail("ana@example.org") };
    let sent = app.queue_mail(mail()).await.unwrap();
    assert!(app.deliver().await);
    let waiting = app.queue_mail(mail()).await.unwrap();
    let other = app.queue_mail(a_mail("ben@example.org")).await.unwrap();
    let mut tx = app.app.db.begin().await.unwrap();
    forget_user(&app.app, &mut tx, user, "nobody@example.org").await.unwrap();
    tx.commit().await.unwrap();
    for (id, status) in [(sent, Status::Sent), (waiting, Status::Cancelled)] {
        let row = app.mail(id).await;
        assert_eq!(row.status, status);
        assert_eq!(row.recipient + &row.subject + &row.text_body + &row.html_body, "");
    }
    assert_eq!(app.mail(other).await.recipient, "ben@example.org");
    assert!(app.deliver().await);
    assert!(!app.deliver().await);
}

#[tokio::test]
async fn old_mail_is_forgotten_and_waiting_mail_is_not() {
    let app = TestApp::start().await;
    app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(app.deliver().await);
    let waiting = app.queue_mail(a_mail("ben@example.org")).await.unwrap();
    assert_eq!(sweep(&app.app).await.unwrap(), 0);
    app.advance(TimeDelta::days(31));
    assert_eq!(sweep(&app.app).await.unwrap(), 1);
    assert_eq!(app.mail(waiting).await.status, Status::Queued);
}

#[tokio::test]
async fn a_queued_mail_leaves_at_once() {
    let (app, sink) = with_sink(Mood::Friendly).await;
    let worker = super::worker::work(app.app.clone(), tokio::sync::watch::channel(false).1);
    let check = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        app.queue_mail(a_mail("ana@example.org")).await.unwrap();
        for _ in 0..100 {
            if !sink.caught().is_empty() {
                return true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        false
    };
    tokio::select! {
        () = worker => panic!("it works for ever"),
        arrived = check => assert!(arrived, "within a second"),
    }
}

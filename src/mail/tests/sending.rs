//! What is sent first, what a refusal means, and what happens to mail when the site stops.

use tokio::sync::watch;

use super::{a_mail, with_sink};
use crate::{
    config::{Environment, Hidden, MailTls},
    mail::{
        Outgoing,
        bounces::{self, Fate, Report, Which},
        sink::{Mood, Sink},
        store::Status,
        worker::{Taker, deliver_next, work},
    },
    testing::TestApp,
};

/// A mail that its reader can leave.
pub(super) fn optional(to: &str) -> Outgoing {
    Outgoing { unsubscribe: Some("http://streamly.test/unsubscribe/x".to_owned()), ..a_mail(to) }
}

#[tokio::test]
async fn a_stop_lets_the_mail_that_is_being_sent_be_sent() {
    let (app, sink) = with_sink(Mood::Held).await;
    let first = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let stopping = async {
        sink.until_held().await;
        let second = app.queue_mail(a_mail("ben@example.org")).await.unwrap();
        sink.until_held().await;
        stop.send_replace(true);
        let third = app.queue_mail(a_mail("cleo@example.org")).await.unwrap();
        sink.set(Mood::Friendly);
        (second, third)
    };
    let ((), (second, third)) = tokio::join!(work(app.app.clone(), stopped), stopping);
    for (mail, status) in [(first, Status::Sent), (second, Status::Sent), (third, Status::Queued)] {
        let mail = app.mail(mail).await;
        assert_eq!((mail.status, mail.interruptions), (status, 0));
    }
    assert_eq!(sink.caught().len(), 2);
}

#[tokio::test]
async fn what_somebody_waits_for_does_not_stand_behind_a_digest() {
    let (app, sink) = with_sink(Mood::Friendly).await;
    for nth in 0..3 {
        app.queue_mail(optional(&format!("reader{nth}@example.org"))).await.unwrap();
    }
    app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(deliver_next(&app.app, Taker::Urgent).await.unwrap());
    assert_eq!(sink.caught()[0].recipients, ["<ana@example.org>"]);
    assert!(!deliver_next(&app.app, Taker::Urgent).await.unwrap(), "nobody waits for the others");
    while app.deliver().await {}
    assert_eq!(sink.caught().len(), 4);
}

#[tokio::test]
async fn the_pace_of_a_domain_holds_up_no_mail_that_somebody_waits_for() {
    let sink = Sink::start(Mood::Friendly).await;
    let port = sink.port;
    let app = TestApp::with(|config| {
        config.mail.host = "localhost".to_owned();
        config.mail.port = port;
        config.mail.tls = MailTls::None;
        config.mail.domain_per_minute = 1;
    })
    .await;
    for mail in [optional("a@example.org"), optional("b@example.org"), a_mail("c@example.org")] {
        app.queue_mail(mail).await.unwrap();
    }
    while app.deliver().await {}
    let reached: Vec<String> =
        sink.caught().into_iter().flat_map(|caught| caught.recipients).collect();
    assert_eq!(reached, ["<a@example.org>", "<c@example.org>"]);
}

#[tokio::test]
async fn an_address_that_nobody_has_gets_no_optional_mail_any_more() {
    let (app, sink) = with_sink(Mood::Unknown).await;
    let id = app.queue_mail(a_mail("Gone@example.org")).await.unwrap();
    assert!(app.deliver().await);
    let mail = app.mail(id).await;
    assert_eq!(mail.status, Status::Failed);
    assert!(mail.last_error.unwrap().contains("5.1.1"));
    sink.set(Mood::Friendly);
    let other = app.queue_mail(optional("gone@example.org")).await.unwrap();
    assert!(app.deliver().await);
    assert_eq!(app.mail(other).await.status, Status::Failed);
    assert!(sink.caught().is_empty());
}

#[tokio::test]
async fn a_server_that_takes_nothing_from_us_loses_no_mail() {
    let (app, sink) = with_sink(Mood::Denied).await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(app.deliver().await);
    let mail = app.mail(id).await;
    assert_eq!((mail.status, mail.tries), (Status::Queued, 1));
    assert!(mail.last_error.unwrap().contains("relaying denied"));
    sink.set(Mood::Friendly);
    app.advance(chrono::TimeDelta::minutes(2));
    assert!(app.deliver().await);
    assert_eq!(app.mail(id).await.status, Status::Sent);
}

/// Tells of a mail what a provider would.
async fn report(app: &TestApp, id: crate::ids::MailId, fate: Fate) {
    let key = format!("test:{id}:{}", fate.as_str());
    let report = Report { which: Which::Id(id), fate, detail: "told".to_owned(), key };
    assert!(bounces::note(&app.app, &report).await.unwrap());
}

#[tokio::test]
async fn what_was_reported_to_have_arrived_is_not_sent_again() {
    let (app, sink) = with_sink(Mood::Drop).await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    assert!(app.deliver().await);
    assert_eq!(app.mail(id).await.status, Status::Queued, "the line was cut off after the text");
    report(&app, id, Fate::Deferred).await;
    assert_eq!(app.mail(id).await.status, Status::Queued);
    report(&app, id, Fate::Delivered).await;
    sink.set(Mood::Friendly);
    app.advance(chrono::TimeDelta::minutes(2));
    assert!(!app.deliver().await);
    assert_eq!(app.mail(id).await.status, Status::Delivered);
}

#[tokio::test]
async fn a_report_that_is_quicker_than_we_are_leaves_no_text_behind() {
    let sink = Sink::start(Mood::Held).await;
    let port = sink.port;
    let app = TestApp::with(|config| {
        config.environment = Environment::Production;
        config.secret.key = Hidden::new("x".repeat(32));
        config.mail.host = "localhost".to_owned();
        config.mail.port = port;
        config.mail.tls = MailTls::None;
    })
    .await;
    let id = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    let quicker = async {
        sink.until_held().await;
        report(&app, id, Fate::Delivered).await;
        sink.set(Mood::Friendly);
    };
    let (sent, ()) = tokio::join!(app.deliver(), quicker);
    assert!(sent);
    let mail = app.mail(id).await;
    assert_eq!((mail.status, mail.text_body.as_str()), (Status::Delivered, ""));
    assert!(mail.sent_at.is_some());
}

#[tokio::test]
async fn all_that_failed_is_tried_again_but_what_may_have_arrived_or_is_not_wanted() {
    let (app, sink) = with_sink(Mood::Refuse).await;
    let refused = app.queue_mail(a_mail("ana@example.org")).await.unwrap();
    let unwanted = app.queue_mail(optional("Gone@example.org")).await.unwrap();
    let doubtful = app.queue_mail(a_mail("ben@example.org")).await.unwrap();
    while app.deliver().await {}
    sink.set(Mood::Unknown);
    app.queue_mail(a_mail("gone@example.org")).await.unwrap();
    while app.deliver().await {}
    let mut tx = app.app.db.begin().await.unwrap();
    crate::db::write(
        "update outgoing_mail set interruptions = 2, updated_at = updated_at where id = $1",
    )
    .bind(doubtful)
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(super::actions::retry_failed(&app.app, None).await.unwrap(), 2);
    for (mail, status) in
        [(refused, Status::Queued), (unwanted, Status::Failed), (doubtful, Status::Failed)]
    {
        assert_eq!(app.mail(mail).await.status, status);
    }
    // One by one a person may decide, and it stays in the list of what may come twice.
    super::actions::resend(&app.app, None, doubtful).await.unwrap();
    assert_eq!(app.mail(doubtful).await.interruptions, 2);
}

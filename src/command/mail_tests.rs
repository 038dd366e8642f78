//! Every mail of the site, as `streamly mail preview` lists them: well made, whatever is in it.

use std::collections::BTreeSet;

use base64::Engine as _;
use mail_parser::MessageParser;

use super::mail::{Step, run};
use crate::{
    app::App,
    mail::{Outgoing, actions},
    mailer::Letter,
    rooms,
    testing::TestApp,
};

/// What the site has to say to people, each by the name of its preview.
const WANTED: [&str; 17] = [
    "confirm_email",
    "welcome",
    "reset_password",
    "password_changed",
    "change_email",
    "email_changed",
    "new_device",
    "notify_comment",
    "notify_reply",
    "notify_mention",
    "notify_follow",
    "digest_daily",
    "digest_weekly",
    "notify_moderation",
    "contact",
    "scheduled_published",
    "export_ready",
];

/// The mail as it goes over the wire.
fn raw(app: &App, mail: &Outgoing) -> String {
    let subject = actions::subject(app, &mail.subject);
    let letter = Letter {
        to: mail.to.clone(),
        reply_to: mail.reply_to.clone(),
        text: mail.content.text(app).unwrap(),
        html: mail.content.html(app, &subject).unwrap(),
        subject,
        message_id: "<1@streamly.test>".to_owned(),
        return_path: None,
        unsubscribe: mail.unsubscribe.clone(),
    };
    let raw = app.mailer.message(&letter).unwrap().formatted();
    let parsed = MessageParser::default().parse(&raw).unwrap();
    let plain = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
    assert_eq!(parsed.subject(), Some(letter.subject.as_str()), "{}", mail.kind);
    assert_eq!(plain(&parsed.body_text(0).unwrap()), plain(&letter.text), "{}", mail.kind);
    assert_eq!(plain(&parsed.body_html(0).unwrap()), plain(&letter.html), "{}", mail.kind);
    String::from_utf8(raw).unwrap()
}

fn check_wire(kind: &str, raw: &str, is_optional: bool) {
    assert!(raw.is_ascii(), "{kind} is not plain ASCII");
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    assert!(raw.lines().all(|line| line.len() <= 998) && body.lines().all(|line| line.len() <= 78));
    assert!(!raw.replace("\r\n", "").contains(['\r', '\n']), "{kind} has a bare line end");
    let flat = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let names: Vec<_> = flat.lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    let known: BTreeSet<_> = names.iter().collect();
    assert_eq!(known.len(), names.len(), "{kind} has a header twice: {head}");
    for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted"] {
        assert!(names.contains(&name), "{kind} has no {name}: {head}");
    }
    assert!(flat.contains("Auto-Submitted: auto-generated"), "{kind}");
    assert!(flat.contains("multipart/alternative"), "{kind}");
    let encodings = raw.matches("Content-Transfer-Encoding: quoted-printable").count();
    assert_eq!(encodings, 2, "{kind} has a part in another encoding: {raw}");
    for name in ["List-Unsubscribe", "List-Unsubscribe-Post"] {
        assert_eq!(names.contains(&name), is_optional, "{kind}: {name}");
    }
    if is_optional {
        let address = "List-Unsubscribe: <http://streamly.test/notifications/unsubscribe/";
        assert!(flat.contains(address), "{kind}: {flat}");
        assert!(flat.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{kind}");
    }
}

fn check_layout(kind: &str, text: &str, html: &str) {
    for (part, body) in [("text", text), ("HTML", html)] {
        for (at, _) in body.match_indices("http") {
            let address = &body[at..body.len().min(at + 60)];
            let ours = address.starts_with("http://streamly.test");
            assert!(ours, "{kind}, {part}: {address}");
        }
    }
    assert!(html.starts_with("<!doctype html>") && html.contains("<html lang=\"en\">"), "{kind}");
    for once in ["<main ", "<h1 ", "class=\"sheet\"", "name=\"viewport\"", "Streamly<span class="] {
        assert_eq!(html.matches(once).count(), 1, "{kind}: {once}");
    }
    // Nothing runs, and nothing is fetched when it is opened.
    for never in ["<script", "<img", "<link", "<form", " src=", "url(", "@import", "javascript:"] {
        assert!(!html.contains(never), "{kind} has {never}");
    }
    assert!(text.contains("\n-- \n") && text.contains("Streamly · http://streamly.test"), "{text}");
    assert!(!text.contains('<') && !text.contains("&#"), "{kind}: {text}");
}

#[tokio::test]
async fn every_mail_is_well_made() {
    let site = TestApp::start().await;
    let app = &site.app;
    let samples = rooms::mail_samples(app);
    let mut kinds = BTreeSet::new();
    for mail in &samples {
        assert!(kinds.insert(mail.kind), "{} twice", mail.kind);
        let is_optional =
            ["notify_", "digest_", "scheduled_"].iter().any(|start| mail.kind.starts_with(start));
        check_wire(mail.kind, &raw(app, mail), is_optional);
        let html = mail.content.html(app, &mail.subject).unwrap();
        check_layout(mail.kind, &mail.content.text(app).unwrap(), &html);
        assert_eq!(mail.content.leave.is_some(), is_optional, "{}", mail.kind);
        assert!(!mail.content.headline.is_empty() && !mail.content.reason.is_empty());
    }
    for wanted in WANTED {
        assert!(kinds.contains(wanted), "no {wanted} among {kinds:?}");
    }
}

#[tokio::test]
async fn whatever_people_are_called_stays_in_its_place() {
    let site = TestApp::start().await;
    let app = &site.app;
    let names = [
        "مرحبا بالعالم، هذه رسالة طويلة جدا من كاتبة في القاهرة عن سبعة أنهار",
        "七つの川、一週間の旅：とても長い題名を持つ投稿がここにあります、最後まで読めますか",
        "Zoë 👩\u{200d}💻 writes \u{202e}backwards",
        "A\r\nBcc: victim@example.net\r\n\r\n<script>alert(1)</script>",
        "=?utf-8?q?smuggled?=",
        "x\u{0}y\u{85}z",
    ];
    for (name, mut mail) in names
        .iter()
        .flat_map(|name| rooms::mail_samples(app).into_iter().map(move |sample| (*name, sample)))
    {
        name.clone_into(&mut mail.subject);
        name.clone_into(&mut mail.content.headline);
        mail.content.paragraphs.push(name.to_owned());
        name.clone_into(&mut mail.content.quote);
        mail.content.greeting = format!("Hello {name},");
        let raw = raw(app, &mail);
        check_wire(mail.kind, &raw, mail.unsubscribe.is_some());
        let html = mail.content.html(app, &actions::subject(app, name)).unwrap();
        assert!(!html.contains("<script"), "{html}");
        let subject = raw.split("\r\nSubject: ").nth(1).unwrap();
        let end = subject
            .match_indices("\r\n")
            .find(|(at, _)| !subject[at + 2..].starts_with([' ', '\t']));
        for word in subject[..end.unwrap().0].split_whitespace() {
            let Some(rest) = word.strip_prefix("=?utf-8?b?") else { continue };
            assert!(word.len() <= 75, "{word}");
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(rest.strip_suffix("?=").unwrap())
                .unwrap();
            // RFC 2047, 5: no character is cut in two.
            assert!(String::from_utf8(bytes).is_ok(), "{word}");
        }
    }
}

#[tokio::test]
async fn every_mail_can_be_looked_at_from_the_shell() {
    let site = TestApp::start().await;
    let app = &site.app;
    let folder = app.files.root().join("tmp");
    for mail in rooms::mail_samples(app) {
        let html = folder.join(format!("{}.html", mail.kind));
        let step = Step::Preview { name: Some(mail.kind.to_owned()), html: Some(html.clone()) };
        run(app.clone(), step).await.unwrap();
        assert!(std::fs::read_to_string(html).unwrap().contains("class=\"sheet\""));
        let step = Step::Preview { name: Some(mail.kind.to_owned()), html: None };
        run(app.clone(), step).await.unwrap();
    }
    let unknown = Step::Preview { name: Some("nonsense".to_owned()), html: None };
    assert!(run(app.clone(), unknown).await.is_err());
}

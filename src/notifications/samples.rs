//! One mail of each kind to somebody made up: for `streamly mail preview`, and for the test that
//! every mail is well made.

use chrono::{DateTime, Utc};

use super::{
    Kind, Mailing, NotificationTarget, Priority,
    kind::headline,
    mails::{self, SCHEDULED},
    store::{digests::Subscriber, lists::Line, readers::Reader},
    telling::Note,
};
use crate::{
    app::App,
    ids::{CommentId, NotificationId, PostId, UserId},
    links,
    mail::Outgoing,
    texts::Text,
};

const POST: &str = "Seven rivers, one week";
const SLUG: &str = "seven-rivers-one-week";

/// The mails of single notifications, and a letter of the day and of the week.
pub fn samples(app: &App) -> Vec<Outgoing> {
    let reader = Reader {
        id: UserId(0),
        username: "ana".to_owned(),
        first_name: Some("Ana".to_owned()),
        last_name: Some("Moreno".to_owned()),
        email: "ana@example.org".to_owned(),
        email_confirmed: true,
        web: None,
        mailing: None,
    };
    let mut samples: Vec<Outgoing> =
        Kind::ALL.iter().map(|kind| mails::at_once(app, &note(app, *kind), &reader)).collect();
    samples.push(mails::at_once(app, &scheduled(app), &reader));
    let person = Subscriber {
        id: reader.id,
        username: reader.username,
        first_name: reader.first_name,
        last_name: reader.last_name,
        email: reader.email,
    };
    let lines = lines(app.clock.now());
    for letter in [Mailing::Daily, Mailing::Weekly] {
        samples.push(mails::digest(app, &person, letter, &lines, lines.len()));
    }
    samples
}

fn note(app: &App, kind: Kind) -> Note {
    let comment = NotificationTarget::Comment { comment: CommentId(0), post: PostId(0) };
    let target = match kind {
        Kind::Comment | Kind::Reply | Kind::Mention | Kind::Moderation => comment,
        Kind::Like | Kind::Post => NotificationTarget::Post(PostId(0)),
        Kind::Follow => NotificationTarget::User(UserId(0)),
        Kind::System => NotificationTarget::Nothing,
    };
    let mut note = Note::new(UserId(0), kind, target, String::new());
    let title = headline(&app.texts, kind, target, "Ben Okafor", 0, POST);
    let (own, message, path) = match kind {
        Kind::Comment | Kind::Reply | Kind::Mention => (
            "",
            "The stretch below the weir is the best part. Did you walk it in spring?",
            links::comment(CommentId(0)),
        ),
        Kind::Like | Kind::Post => ("", "", links::post(SLUG)),
        Kind::Follow => ("", "", links::user("ben")),
        Kind::Moderation => (
            "",
            "It names somebody's address. Take it out, and it can be seen again.",
            links::comment(CommentId(0)),
        ),
        Kind::System => (
            "The site rests on Sunday morning",
            "Between 6 and 7 o'clock (UTC) it gets a larger disk. Nothing you write is lost.",
            "/about".to_owned(),
        ),
    };
    note.title = match kind {
        Kind::Moderation => Text::new(app, "told-hidden").with("post", POST).whole(),
        _ => title.unwrap_or_else(|| own.to_owned()),
    };
    message.clone_into(&mut note.message);
    note.path = Some(path);
    note
}

fn scheduled(app: &App) -> Note {
    let target = NotificationTarget::Post(PostId(0));
    let mut note = Note::new(UserId(0), Kind::System, target, String::new());
    let text = Text::new(app, "told-scheduled").with("post", POST).at(app.clock.now());
    note.title = text.whole();
    note.message = text.part("when");
    note.path = Some(links::post(SLUG));
    note.source = SCHEDULED;
    note
}

fn lines(now: DateTime<Utc>) -> Vec<Line> {
    let line = |kind: Kind, members: i64, message: &str| Line {
        id: NotificationId(0),
        created_at: now,
        kind,
        priority: Priority::Normal,
        is_read: false,
        title: String::new(),
        message: message.to_owned(),
        action_url: Some(links::post(SLUG)),
        related_post_id: (kind != Kind::Follow).then_some(PostId(0)),
        related_comment_id: None,
        related_user_id: Some(UserId(0)),
        post_title: (kind != Kind::Follow).then(|| POST.to_owned()),
        username: Some("ben".to_owned()),
        first_name: Some("Ben".to_owned()),
        last_name: Some("Okafor".to_owned()),
        avatar_filename: None,
        members,
    };
    vec![
        line(Kind::Comment, 1, "The stretch below the weir is the best part."),
        line(Kind::Like, 12, ""),
        line(Kind::Follow, 3, ""),
        line(Kind::Post, 1, ""),
    ]
}

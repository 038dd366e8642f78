//! What notifications look like as mail.

use super::{
    Kind, Mailing, NotificationTarget,
    kind::headline,
    store::{digests::Subscriber, lists::Line, readers::Reader},
    telling::Note,
    unsubscribe::{self, Leaving},
};
use crate::{
    accounts::full_name,
    app::App,
    mail::{Content, Outgoing},
};

/// What a notification follows from when a post went out at its time.
pub const SCHEDULED: &str = "post_scheduled";

/// One notification as a mail of its own (R-NOTIF.12).
pub fn at_once(app: &App, note: &Note, reader: &Reader) -> Outgoing {
    let site = &app.config.site.name;
    let leave = unsubscribe::url(app, reader.id, Leaving::Kind(note.kind));
    let quoted = matches!(note.kind, Kind::Comment | Kind::Reply | Kind::Mention);
    let (quote, own) =
        if quoted { (note.message.clone(), "") } else { (String::new(), note.message.as_str()) };
    let path = note.path.as_deref().unwrap_or("/notifications");
    Outgoing {
        kind: mail_kind(note),
        user: Some(reader.id),
        to: reader.email.clone(),
        reply_to: None,
        subject: note.title.clone(),
        content: Content {
            headline: note.title.clone(),
            paragraphs: (!own.is_empty()).then(|| own.to_owned()).into_iter().collect(),
            quote,
            action: Some((button(note).to_owned(), app.url(path))),
            reason: format!(
                "You get this mail because your settings at {site} ask for mail at once about: {}. \
                 Other choices: {}",
                note.kind.label(),
                app.url("/notifications/settings")
            ),
            leave: Some(("No more mails of this kind".to_owned(), leave.clone())),
            ..Content::default()
        },
        unsubscribe: Some(leave),
    }
}

fn button(note: &Note) -> &'static str {
    match note.kind {
        Kind::System if note.source == SCHEDULED => "See it",
        Kind::Comment | Kind::Reply | Kind::Mention => "Read and answer",
        Kind::Post => "Read the post",
        Kind::Follow => "See who it is",
        Kind::Like | Kind::Moderation | Kind::System => "Have a look",
    }
}

fn mail_kind(note: &Note) -> &'static str {
    match note.kind {
        Kind::System if note.source == SCHEDULED => "scheduled_published",
        Kind::Comment => "notify_comment",
        Kind::Reply => "notify_reply",
        Kind::Mention => "notify_mention",
        Kind::Like => "notify_like",
        Kind::Follow => "notify_follow",
        Kind::Post => "notify_post",
        Kind::Moderation => "notify_moderation",
        Kind::System => "notify_system",
    }
}

/// A letter of several notifications.
pub fn digest(
    app: &App,
    person: &Subscriber,
    digest: Mailing,
    lines: &[Line],
    most: usize,
) -> Outgoing {
    let site = &app.config.site.name;
    let (name, subject) = match digest {
        Mailing::Weekly => ("weekly", "Your week"),
        _ => ("daily", "Your day"),
    };
    let leave = unsubscribe::url(app, person.id, Leaving::Letter(digest));
    let address = |line: &Line| app.url(line.action_url.as_deref().unwrap_or("/notifications"));
    let mut shown: Vec<_> =
        lines.iter().take(most).map(|line| (words(line), address(line))).collect();
    if lines.len() > most {
        shown.push(("… and more".to_owned(), app.url("/notifications")));
    }
    Outgoing {
        kind: if digest == Mailing::Weekly { "digest_weekly" } else { "digest_daily" },
        user: Some(person.id),
        to: person.email.clone(),
        reply_to: None,
        subject: format!("{subject} at {site}"),
        content: Content {
            headline: format!("{subject} at {site}"),
            greeting: format!("Hello {},", person.display_name()),
            paragraphs: vec!["this is what you have not read yet:".to_owned()],
            lines: shown,
            action: Some(("See all".to_owned(), app.url("/notifications"))),
            reason: format!(
                "You get this mail because your settings at {site} ask for a {name} letter. \
                 Other choices: {}",
                app.url("/notifications/settings")
            ),
            leave: Some((format!("No more {name} letters"), leave.clone())),
            ..Content::default()
        },
        unsubscribe: Some(leave),
    }
}

/// What a line of a list or a letter says, with today's names.
pub fn words(line: &Line) -> String {
    let target =
        NotificationTarget::of(line.related_post_id, line.related_comment_id, line.related_user_id);
    let Some(username) = &line.username else { return line.title.clone() };
    let name = full_name(username, line.first_name.as_deref(), line.last_name.as_deref());
    let others = if line.kind.is_grouped() { (line.members - 1).max(0) } else { 0 };
    let post = line.post_title.as_deref().unwrap_or_default();
    headline(line.kind, target, &name, others, post).unwrap_or_else(|| line.title.clone())
}

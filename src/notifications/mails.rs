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
    texts::Text,
};

/// What a notification follows from when a post went out at its time.
pub const SCHEDULED: &str = "post_scheduled";

/// One notification as a mail of its own (R-NOTIF.12).
pub fn at_once(app: &App, note: &Note, reader: &Reader) -> Outgoing {
    let leave = unsubscribe::url(app, reader.id, Leaving::Kind(note.kind));
    let quoted = matches!(note.kind, Kind::Comment | Kind::Reply | Kind::Mention);
    let (quote, own) =
        if quoted { (note.message.clone(), "") } else { (String::new(), note.message.as_str()) };
    let path = note.path.as_deref().unwrap_or("/notifications");
    let text = Text::new(app, "notify")
        .with("kind", if note.source == SCHEDULED { "scheduled" } else { note.kind.as_str() })
        .with("url", &app.url("/notifications/settings"));
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
            action: Some((text.part("button"), app.url(path))),
            reason: text.part("reason"),
            leave: Some((text.part("leave"), leave.clone())),
            ..Content::default()
        },
        unsubscribe: Some(leave),
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
    let (kind, id) = match digest {
        Mailing::Weekly => ("digest_weekly", "digest-weekly"),
        _ => ("digest_daily", "digest-daily"),
    };
    let text = Text::new(app, id).with("url", &app.url("/notifications/settings"));
    let frame = Text::new(app, "mail-frame").with("name", &person.display_name());
    let leave = unsubscribe::url(app, person.id, Leaving::Letter(digest));
    let address = |line: &Line| app.url(line.action_url.as_deref().unwrap_or("/notifications"));
    let mut shown: Vec<_> =
        lines.iter().take(most).map(|line| (words(app, line), address(line))).collect();
    if lines.len() > most {
        shown.push((text.part("more"), app.url("/notifications")));
    }
    Outgoing {
        kind,
        user: Some(person.id),
        to: person.email.clone(),
        reply_to: None,
        subject: text.whole(),
        content: Content {
            headline: text.whole(),
            greeting: frame.part("hello"),
            paragraphs: text.parts(&["unread"]),
            lines: shown,
            action: Some((text.part("button"), app.url("/notifications"))),
            reason: text.part("reason"),
            leave: Some((text.part("leave"), leave.clone())),
            ..Content::default()
        },
        unsubscribe: Some(leave),
    }
}

/// What a line of a list or a letter says, with today's names.
pub fn words(app: &App, line: &Line) -> String {
    let target =
        NotificationTarget::of(line.related_post_id, line.related_comment_id, line.related_user_id);
    let Some(username) = &line.username else { return line.title.clone() };
    let name = full_name(username, line.first_name.as_deref(), line.last_name.as_deref());
    let others = if line.kind.is_grouped() { (line.members - 1).max(0) } else { 0 };
    let post = line.post_title.as_deref().unwrap_or_default();
    headline(&app.texts, line.kind, target, &name, others, post)
        .unwrap_or_else(|| line.title.clone())
}

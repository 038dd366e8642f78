//! Taking messages to the site, and forgetting from where they came.

use chrono::TimeDelta;

use super::{Message, store};
use crate::{
    Result,
    accounts::Viewer,
    app::App,
    db::Tx,
    events::{self, Event},
    ids::UserId,
    mail::{self, Content, Outgoing},
    texts::Text,
};

/// How long it is known from where a message came.
const KEEP_ADDRESS: TimeDelta = TimeDelta::days(30);

/// Keeps a message, and mails it to whoever reads for the site.
pub async fn receive(
    app: &App,
    viewer: Option<&Viewer>,
    message: &Message,
    address: &str,
) -> Result<()> {
    let user = viewer.map(|viewer| viewer.id);
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    let Some(id) = store::insert(&mut tx, message, user, address, now).await? else {
        return Ok(()); // The second click: the first one has arrived.
    };
    for (user, to) in readers(app, &mut tx).await? {
        mail::queue(app, &mut tx, as_mail(app, message, viewer, user, to)).await?;
    }
    events::record(app, &mut tx, Event::ContactReceived { id }).await?;
    tx.commit().await
}

/// Who reads messages to the site: its own address, else everybody who administers it.
async fn readers(app: &App, tx: &mut Tx) -> Result<Vec<(Option<UserId>, String)>> {
    let own = &app.config.site.email;
    if !own.is_empty() {
        return Ok(vec![(None, own.clone())]);
    }
    let administrators = store::administrators(tx).await?;
    Ok(administrators.into_iter().map(|(user, email)| (Some(user), email)).collect())
}

fn as_mail(
    app: &App,
    message: &Message,
    viewer: Option<&Viewer>,
    user: Option<UserId>,
    to: String,
) -> Outgoing {
    let text = Text::new(app, "contact")
        .with("name", &message.name)
        .with("email", &message.email)
        .with("username", viewer.map_or("", |viewer| &viewer.username));
    let greeting = text.part(if viewer.is_some() { "writes-member" } else { "writes" });
    Outgoing {
        kind: "contact",
        user,
        to,
        reply_to: Some(message.email.clone()),
        subject: text.whole(),
        content: Content {
            headline: text.whole(),
            greeting,
            paragraphs: message
                .text
                .split("\n\n")
                .map(|paragraph| paragraph.trim_matches('\n').to_owned())
                .filter(|paragraph| !paragraph.is_empty())
                .collect(),
            action: None,
            notes: text.parts(&["answer"]),
            reason: text.part("reason"),
            ..Content::default()
        },
        unsubscribe: None,
    }
}

/// Forgets from where messages came that are a month old.
pub async fn tick(app: &App) -> Result<()> {
    let now = app.clock.now();
    let before = now - KEEP_ADDRESS;
    let mut conn = app.db.conn().await?;
    let is_due = store::has_old_addresses(&mut conn, before).await?;
    drop(conn);
    if !is_due {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    store::forget_addresses(&mut tx, before, now).await?;
    tx.commit().await
}

/// A message as its reader gets it, to look at.
pub fn sample(app: &App) -> Outgoing {
    let message = Message {
        name: "Ana Moreno".to_owned(),
        email: "ana@example.org".to_owned(),
        text: format!("I like {}.\n\nHow do I write a footnote?", app.config.site.name),
    };
    as_mail(app, &message, None, None, "keeper@example.org".to_owned())
}

//! The outbox for whoever administers the site: what waits, what came back, what to try again.
//! Addresses are masked, and the texts stay closed: they hold links that let their holder in.

use chrono::{DateTime, Utc};

use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    ids::MailId,
    mail::{
        self, mask,
        store::{
            Line, Status,
            deliveries::Suppression,
            lists::{self, Detail},
        },
    },
    paging::Direction,
};

/// The numbers beside the states are counted as far as this.
pub const COUNTED: i64 = 1_000;

fn allowed(viewer: &Viewer) -> Result<()> {
    if viewer.can(Permission::AdminAccess) { Ok(()) } else { Err(Error::Forbidden) }
}

/// One page of the outbox and a row more.
pub async fn page(
    app: &App,
    viewer: &Viewer,
    only: Option<Status>,
    (direction, limit): (Direction, i64),
) -> Result<Vec<Line>> {
    allowed(viewer)?;
    let mut conn = app.db.conn().await?;
    let mut lines = lists::page(&mut conn, only, direction, limit).await?;
    for line in &mut lines {
        line.recipient = mask::address(&line.recipient);
        line.last_error = line.last_error.as_deref().map(mask::text);
    }
    Ok(lines)
}

/// How many wait and how many were given up, as far as [`COUNTED`].
pub async fn counts(app: &App, viewer: &Viewer) -> Result<[(Status, i64); 2]> {
    allowed(viewer)?;
    let mut conn = app.db.conn().await?;
    Ok([
        (Status::Queued, lists::count(&mut conn, Status::Queued, COUNTED).await?),
        (Status::Failed, lists::count(&mut conn, Status::Failed, COUNTED).await?),
    ])
}

/// One mail and what was reported of it: when, what, why.
#[derive(Debug)]
pub struct Told {
    pub mail: Detail,
    pub reports: Vec<(DateTime<Utc>, String, String)>,
}

impl Told {
    /// Whether it may be sent again: given up or cancelled, and not emptied.
    pub fn can_resend(&self) -> bool {
        let over = matches!(self.mail.status, Status::Failed | Status::Cancelled);
        over && self.mail.has_text && !self.mail.recipient.is_empty()
    }

    /// Whether it may be taken out of the queue. One that is being sent may be gone already.
    pub fn can_cancel(&self, now: DateTime<Utc>) -> bool {
        match self.mail.status {
            Status::Queued | Status::Failed => true,
            Status::Sending => self.mail.leased_until.is_some_and(|until| until < now),
            _ => false,
        }
    }
}

pub async fn one(app: &App, viewer: &Viewer, id: MailId) -> Result<Told> {
    allowed(viewer)?;
    let mut conn = app.db.conn().await?;
    let mut mail = lists::detail(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let mut reports = lists::reports(&mut conn, id).await?;
    mail.recipient = mask::address(&mail.recipient);
    mail.last_error = mail.last_error.as_deref().map(mask::text);
    for (_, _, detail) in &mut reports {
        *detail = mask::text(detail);
    }
    Ok(Told { mail, reports })
}

pub async fn resend(app: &App, viewer: &Viewer, id: MailId) -> Result<()> {
    allowed(viewer)?;
    mail::actions::resend(app, Some(viewer.id), id).await
}

pub async fn cancel(app: &App, viewer: &Viewer, id: MailId) -> Result<()> {
    allowed(viewer)?;
    mail::actions::cancel(app, Some(viewer.id), id).await
}

/// Sends everything again that was given up; says how many mails that are.
pub async fn retry(app: &App, viewer: &Viewer) -> Result<u64> {
    allowed(viewer)?;
    mail::actions::retry_failed(app, Some(viewer.id)).await
}

/// One page of the addresses that get no optional mail, and a row more.
pub async fn suppressed(
    app: &App,
    viewer: &Viewer,
    (direction, limit): (Direction, i64),
) -> Result<Vec<Suppression>> {
    allowed(viewer)?;
    let mut conn = app.db.conn().await?;
    let mut rows = lists::suppressed(&mut conn, direction, limit).await?;
    rows.iter_mut().for_each(masked);
    Ok(rows)
}

pub async fn suppression(app: &App, viewer: &Viewer, id: i64) -> Result<Suppression> {
    allowed(viewer)?;
    let mut conn = app.db.conn().await?;
    let mut row = lists::suppression(&mut conn, id).await?.ok_or(Error::NotFound)?;
    masked(&mut row);
    Ok(row)
}

fn masked(row: &mut Suppression) {
    row.email_key = mask::address(&row.email_key);
    row.detail = mask::text(&row.detail);
}

/// Lets optional mail go to an address again, by its number in the list.
pub async fn allow(app: &App, viewer: &Viewer, id: i64) -> Result<bool> {
    allowed(viewer)?;
    let address = {
        let mut conn = app.db.conn().await?;
        lists::suppression(&mut conn, id).await?.ok_or(Error::NotFound)?.email_key
    };
    mail::actions::allow(app, Some(viewer.id), &address).await
}

/// The same for an address that somebody knows, for the list shows none whole.
pub async fn allow_address(app: &App, viewer: &Viewer, address: &str) -> Result<()> {
    allowed(viewer)?;
    if mail::actions::allow(app, Some(viewer.id), address).await? {
        return Ok(());
    }
    Err(Error::invalid("email", "Mail to this address was not stopped."))
}

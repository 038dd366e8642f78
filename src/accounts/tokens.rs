//! One-time links: 256 random bits in the mail, their SHA-256 in the database, each for one
//! purpose (X05, X27).

use chrono::{DateTime, TimeDelta, Utc};

use super::store::{self, tokens::NewToken};
use crate::{
    Result,
    app::{App, token_hash},
    db::{Tx, text_enum},
    ids::UserId,
};

text_enum! {
    /// What a link is for; it is good for nothing else.
    pub enum Purpose {
        Setup = "setup",
        Confirm = "confirm_email",
        ChangeEmail = "change_email",
        Reset = "reset_password",
    }
}

/// How a link stands.
#[derive(Debug, Clone)]
pub enum Link {
    /// It can be used.
    Good { user: Option<UserId>, email: Option<String> },
    /// It was used, or a newer one was sent.
    Used { user: Option<UserId> },
    /// Its time is over.
    Expired,
    /// There is no such link, or no more.
    Unknown,
}

/// Makes a link; those that the person had for the same purpose are void.
pub async fn issue(
    app: &App,
    tx: &mut Tx,
    purpose: Purpose,
    (user, email): (UserId, &str),
    life: TimeDelta,
) -> Result<String> {
    let now = app.clock.now();
    store::tokens::void(tx, user, purpose, now).await?;
    insert(app, tx, purpose, Some((user, email)), now + life).await
}

/// Makes a link that belongs to nobody yet.
pub async fn issue_setup(app: &App, tx: &mut Tx, life: TimeDelta) -> Result<String> {
    insert(app, tx, Purpose::Setup, None, app.clock.now() + life).await
}

async fn insert(
    app: &App,
    tx: &mut Tx,
    purpose: Purpose,
    about: Option<(UserId, &str)>,
    expires_at: DateTime<Utc>,
) -> Result<String> {
    let token = app.random.token()?;
    let new = NewToken {
        user: about.map(|(user, _)| user),
        purpose,
        token_hash: &token_hash(&token),
        email: about.map(|(_, email)| email),
        expires_at,
    };
    store::tokens::insert(tx, &new, app.clock.now()).await?;
    Ok(token)
}

/// Looks at a link without using it: opening one changes nothing (V21).
pub async fn look(app: &App, purpose: Purpose, token: &str) -> Result<Link> {
    let mut conn = app.db.conn().await?;
    let Some(row) = store::tokens::find(&mut conn, purpose, &token_hash(token)).await? else {
        return Ok(Link::Unknown);
    };
    Ok(match row.used_at {
        Some(_) => Link::Used { user: row.user_id },
        None if row.expires_at <= app.clock.now() => Link::Expired,
        None => Link::Good { user: row.user_id, email: row.email },
    })
}

//! How readers are told apart without being known.
//!
//! A reader is a hash over the day's salt: of a member's number, or of address and browser. No
//! cookie is set or read. The salt is random, shared by all instances, and thrown away after the
//! next day; from then on not even this site can tell who a hash was, or that two days' hashes are
//! the same person's.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use parking_lot::Mutex;
use subtle::ConstantTimeEq as _;

use super::store;
use crate::{Result, app::App, config::AddressKeeping, ids::PostId, ids::UserId};

/// Letters of a hash that are kept: 128 bits.
const LETTERS: usize = 32;

/// Who reads.
#[derive(Debug, Clone, Copy)]
pub enum Reader<'a> {
    Member(UserId),
    Stranger { address: IpAddr, user_agent: &'a str },
}

/// The salt of the day, as it was last read.
#[derive(Default)]
struct Salt(Mutex<Option<(NaiveDate, String)>>);

/// The day's salt: from memory, from the table, or made.
async fn salt(app: &App, today: NaiveDate) -> Result<String> {
    let kept = app.state::<Salt>();
    if let Some((day, salt)) = kept.0.lock().as_ref()
        && *day == today
    {
        return Ok(salt.clone());
    }
    let date = today.to_string();
    let mut conn = app.db.conn().await?;
    let found = store::views::salt(&mut conn, &date).await?;
    drop(conn);
    let salt = match found {
        Some(salt) => salt,
        None => {
            let mut tx = app.db.begin().await?;
            let fresh = app.random.token()?;
            store::views::insert_salt(&mut tx, &date, &fresh, app.clock.now()).await?;
            let salt = store::views::salt(&mut tx, &date).await?.unwrap_or(fresh);
            tx.commit().await?;
            salt
        }
    };
    *kept.0.lock() = Some((today, salt.clone()));
    Ok(salt)
}

fn hash(app: &App, purpose: &str, parts: &[&str]) -> String {
    let mut text = hex::encode(app.keys.sign(purpose, parts));
    text.truncate(LETTERS);
    text
}

/// The reader of this day: the same all day, and nobody's tomorrow.
pub async fn session(app: &App, reader: Reader<'_>) -> Result<String> {
    let salt = salt(app, app.clock.now().date_naive()).await?;
    Ok(match reader {
        Reader::Member(user) => hash(app, "reader", &[&salt, "member", &user.to_string()]),
        Reader::Stranger { address, user_agent } => {
            hash(app, "reader", &[&salt, "stranger", &address.to_string(), user_agent])
        }
    })
}

/// What is kept of an address, by the setting. `truncated` is the address with its end cut off.
pub async fn address(app: &App, address: IpAddr, truncated: String) -> Result<Option<String>> {
    Ok(match app.config.analytics.address {
        AddressKeeping::None => None,
        AddressKeeping::Truncate => Some(truncated),
        AddressKeeping::Full => Some(address.to_string()),
        AddressKeeping::Hash => {
            let salt = salt(app, app.clock.now().date_naive()).await?;
            Some(hash(app, "address", &[&salt, &address.to_string()]))
        }
    })
}

/// What a page reports with: it names the reader and the post, and nobody else can make one. The
/// same for the same reader and post all day, so that a page that has not changed stays the same.
pub fn ticket(app: &App, session: &str, post: PostId, now: DateTime<Utc>) -> String {
    let day = now.date_naive().to_string();
    let code = hash(app, "view", &[&day, session, &post.to_string()]);
    format!("{day}.{post}.{session}.{code}")
}

/// The reader and the post that a ticket names, if it was made here, today or yesterday.
pub fn read_ticket(app: &App, ticket: &str) -> Option<(String, PostId)> {
    let mut parts = ticket.split('.');
    let (day, post, session, code) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let right = hash(app, "view", &[day, session, post]);
    if parts.next().is_some() || !bool::from(right.as_bytes().ct_eq(code.as_bytes())) {
        return None;
    }
    let day: NaiveDate = day.parse().ok()?;
    let age = app.clock.now().date_naive() - day;
    let fresh = (TimeDelta::zero()..=TimeDelta::days(1)).contains(&age);
    fresh.then_some((session.to_owned(), PostId(post.parse().ok()?)))
}

/// Throws away the salts of the days before yesterday.
pub async fn forget_salts(app: &App) -> Result<()> {
    let before = (app.clock.now() - TimeDelta::days(1)).date_naive().to_string();
    let mut tx = app.db.begin().await?;
    store::views::delete_salts(&mut tx, &before).await?;
    tx.commit().await
}

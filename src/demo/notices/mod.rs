//! What some people of the demonstration were told: of the newest likes, comments and followers.

mod store;

use chrono::{DateTime, TimeDelta, Utc};

use super::store::Span;
use crate::{Result, db::Tx};

/// How many of each kind one person is told of.
const EACH: i64 = 6;

/// How many people of a part are told anything.
const PEOPLE: i64 = 40;

/// Tells the first people of a part what happened to them.
pub async fn fill(tx: &mut Tx, some: Span, now: DateTime<Utc>) -> Result<()> {
    let some = Span { last: some.last.min(some.first + PEOPLE - 1), ..some };
    let expires = now + TimeDelta::days(90);
    store::likes(tx, some, EACH, (now, expires)).await?;
    store::comments(tx, some, EACH, (now, expires)).await?;
    store::follows(tx, some, EACH, (now, expires)).await?;
    store::heads(tx, some, now).await
}

//! Who is online: seen within five minutes (S4.14, R-WS.11).
//!
//! Members see it of members, unless one has blocked the other or whoever it is about does not
//! show it; visitors see it of nobody, and nobody sees a time (docs/decisions/0016).

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Viewer, store};
use crate::{Result, db::Conn, ids::UserId};

/// Whoever made a request within this time is online.
const ONLINE: TimeDelta = TimeDelta::minutes(5);

/// Since when somebody has to have been seen.
pub fn since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - ONLINE
}

/// Whether whoever was last seen then is online. For rows that leave out those whose time the
/// reader must not learn.
pub fn is_online(now: DateTime<Utc>, last_seen: Option<DateTime<Utc>>) -> bool {
    last_seen.is_some_and(|seen| seen >= since(now))
}

/// Which of these people this viewer sees online. Asks nothing for visitors.
pub async fn among(
    conn: &mut Conn,
    viewer: Option<&Viewer>,
    now: DateTime<Utc>,
    people: &[UserId],
) -> Result<HashSet<UserId>> {
    let mut online = HashSet::new();
    let Some(viewer) = viewer else { return Ok(online) };
    for some in people.chunks(store::online::PLACES) {
        online.extend(store::online::among(conn, viewer.id, since(now), some).await?);
    }
    Ok(online)
}

//! The slow-down after wrong passwords (X08): it stops whoever guesses, and not the owner of the
//! account, whose browser is known and has a count of its own.

use std::time::Duration;

use chrono::TimeDelta;

use super::{User, store};
use crate::{Error, Result, app::App, db::Tx};

/// The time in which failures are counted, and after which they are forgotten.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// The longest wait.
const LONGEST: TimeDelta = TimeDelta::minutes(15);

/// How long a count is kept that nobody adds to.
pub const KEPT: TimeDelta = TimeDelta::days(1);

/// Who is tried, or who tries.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// A name or an address as strangers type it, whether it is an account's or nobody's. Counted
    /// by account, a pause after one would tell that the other belongs to the same person (X07).
    Typed(&'a str),
    /// A browser that the owner of an account has logged in with.
    Device(&'a str),
    /// Somebody logged in, who is asked for the password again.
    Session(i64),
}

impl Key<'_> {
    /// The key in the database: nobody can tell from it whom it means.
    pub fn hash(self, app: &App) -> String {
        let (kind, id) = match self {
            Self::Typed(name) => ("typed", store::users::key(name)),
            Self::Device(token) => ("device", token.to_owned()),
            Self::Session(id) => ("session", id.to_string()),
        };
        hex::encode(app.keys.sign("login_throttle", &[kind, &id]))
    }
}

/// Counts a try before it is made; refuses it while the account has to rest.
pub async fn charge(app: &App, key: &str) -> Result<()> {
    let limit = i64::from(app.config.accounts.failures);
    if limit == 0 {
        return Ok(());
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let Some(tries) =
        store::throttle::charge(&mut tx, key, now, (now - WINDOW, now + LONGEST)).await?
    else {
        let until = store::throttle::blocked_until(&mut tx, key).await?;
        let wait = until.map_or(TimeDelta::zero(), |until| until - now);
        return Err(Error::TooMany(wait.to_std().unwrap_or(Duration::ZERO)));
    };
    if tries >= limit {
        store::throttle::block(&mut tx, key, now + delay(tries - limit), now).await?;
    }
    tx.commit().await
}

/// Ends the pauses of an account, however strangers named it: its owner has shown who they are.
pub async fn forgive(app: &App, tx: &mut Tx, user: &User) -> Result<()> {
    for name in [&user.username, &user.email] {
        store::throttle::clear(tx, &Key::Typed(name).hash(app)).await?;
    }
    Ok(())
}

/// One second, two, four … fifteen minutes.
fn delay(beyond: i64) -> TimeDelta {
    let seconds = 1_i64 << beyond.clamp(0, 20);
    TimeDelta::seconds(seconds).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<i64> = [0, 1, 2, 9, 10, 60].map(|n| delay(n).num_seconds()).to_vec();
        assert_eq!(seconds, [1, 2, 4, 512, 900, 900]);
    }
}

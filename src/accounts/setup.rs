//! The first start: nobody has an account, and whoever sees the terminal may make the first (X04).

use super::{store, tokens};
use crate::{Result, app::App};

/// How long the link is good; the next start prints another.
const LIFE: chrono::TimeDelta = chrono::TimeDelta::hours(24);

/// Instances that start together each print a link, and each of these works; those of earlier
/// starts do not.
const TOGETHER: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

/// Prints the set-up link of a site that has no account yet.
pub async fn welcome(app: &App, say: fn(&str)) -> Result<()> {
    if let Some(link) = set_up_link(app).await? {
        say("This site has no account yet. Make the administrator's here, within 24 hours:");
        say(&format!("    {link}"));
        tracing::info!(link, "set up the administrator's account");
    }
    Ok(())
}

/// Makes a set-up link, unless somebody has an account.
pub async fn set_up_link(app: &App) -> Result<Option<String>> {
    {
        let mut conn = app.db.conn().await?;
        if store::users::any(&mut conn).await? {
            return Ok(None);
        }
    }
    let mut tx = app.db.begin().await?;
    store::tokens::delete_setup(&mut tx, app.clock.now() - TOGETHER).await?;
    let token = tokens::issue_setup(app, &mut tx, LIFE).await?;
    tx.commit().await?;
    Ok(Some(app.url(&format!("/setup/{token}"))))
}

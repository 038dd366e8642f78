//! Taking notifications away, with their part of the counts.

use std::collections::BTreeMap;

use super::store::{
    removal::{self as store, Going},
    write,
};
use crate::{
    Result, accounts,
    app::App,
    db::Tx,
    events::{self, Event},
    ids::{CommentId, UserId},
};

/// What becomes of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// They go.
    Deleted,
    /// Those that were mailed, or would come back unread, only leave the page: what is told again
    /// with the same key sends no second mail.
    Kept,
}

/// Takes notifications away. Their people's rows are held first, in order.
pub async fn take_away(app: &App, tx: &mut Tx, going: Vec<Going>, rows: Rows) -> Result<()> {
    let now = app.clock.now();
    let mut people: BTreeMap<UserId, Vec<Going>> = BTreeMap::new();
    for one in going {
        people.entry(one.user_id).or_default().push(one);
    }
    for user in people.keys() {
        accounts::store::users::add_unread(tx, *user, 0, now).await?;
    }
    for (user, going) in people {
        let mut unread = 0;
        for one in going {
            let kept = match rows {
                Rows::Kept => store::withdraw(tx, one.id, now).await?,
                Rows::Deleted => None,
            };
            let gone = match kept {
                Some(kept) => Some(kept),
                None => store::delete(tx, one.id).await?,
            };
            let Some(gone) = gone else { continue };
            unread += i64::from(gone.on_page && !gone.is_read);
            if gone.is_head && gone.on_page && !gone.group_key.is_empty() {
                write::promote(tx, user, &gone.group_key, gone.is_read, now).await?;
            }
        }
        if unread > 0 {
            let unread = accounts::store::users::add_unread(tx, user, -unread, now).await?;
            events::record(app, tx, Event::NotificationsChanged { user, unread }).await?;
        }
    }
    Ok(())
}

/// Takes back what was told with a key, if it was not read yet: the like is gone again. What was
/// mailed leaves the page and keeps its row, so that liking again sends no second mail.
pub async fn take_back(app: &App, tx: &mut Tx, user: UserId, key: &str) -> Result<()> {
    let going = store::unread_with_key(tx, user, key).await?;
    take_away(app, tx, going, Rows::Kept).await
}

/// Takes away what others were told of a comment that readers see no more. What moderators decided
/// of it stays.
pub async fn forget_comment(app: &App, tx: &mut Tx, comment: CommentId) -> Result<()> {
    loop {
        let going = store::of_comment(tx, comment).await?;
        let was_last = going.len() < store::BATCH;
        take_away(app, tx, going, Rows::Kept).await?;
        if was_last {
            return Ok(());
        }
    }
}

/// Takes away what was decided of a comment: it is told once more with every decision.
pub async fn forget_decisions(app: &App, tx: &mut Tx, comment: CommentId) -> Result<()> {
    loop {
        let going = store::decisions_of(tx, comment).await?;
        let was_last = going.len() < store::BATCH;
        take_away(app, tx, going, Rows::Deleted).await?;
        if was_last {
            return Ok(());
        }
    }
}

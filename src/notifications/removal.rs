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
    ids::UserId,
};

/// Deletes notifications. Their people's rows are held first, in order.
pub async fn take_away(app: &App, tx: &mut Tx, going: Vec<Going>) -> Result<()> {
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
            let Some(gone) = store::delete(tx, one.id).await? else { continue };
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
    let now = app.clock.now();
    for (id, is_read, was_mailed) in store::with_key(tx, user, key).await? {
        if is_read {
            continue;
        }
        if !was_mailed {
            take_away(app, tx, vec![Going { id, user_id: user }]).await?;
            continue;
        }
        accounts::store::users::add_unread(tx, user, 0, now).await?;
        if let Some(group_key) = store::withdraw(tx, id, now).await? {
            write::promote(tx, user, &group_key, false, now).await?;
            let unread = accounts::store::users::add_unread(tx, user, -1, now).await?;
            events::record(app, tx, Event::NotificationsChanged { user, unread }).await?;
        }
    }
    Ok(())
}

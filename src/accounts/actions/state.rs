//! Closing, opening and deleting accounts, and the roles people have.

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use super::{export, load};
use crate::{
    Error, Result,
    accounts::{Permission, User, Viewer, mails, roles, sessions, store, throttle},
    app::App,
    db::Tx,
    events::{self, Event},
    ids::UserId,
    mail,
};

/// Whether an account was closed by somebody else than its owner, who may then not open it. An
/// account of which nothing is recorded counts as such.
pub async fn is_locked_out(app: &App, user: &User) -> Result<bool> {
    if user.is_active {
        return Ok(false);
    }
    let mut conn = app.db.conn().await?;
    let Some(data) = store::users::last_switch(&mut conn, user.id).await? else { return Ok(true) };
    Ok(match serde_json::from_str(&data)? {
        Event::UserDeactivated { by, .. } => by != Some(user.id),
        Event::UserDeletionRequested { .. } => false,
        _ => true,
    })
}

/// Closes an account: one's own, or as somebody who manages accounts, or from the shell (nobody).
pub async fn deactivate(app: &App, by: Option<&Viewer>, user: UserId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let target = store::users::by_id(&mut tx, user).await?.ok_or(Error::NotFound)?;
    may_manage(app, by, &target).await?;
    keep_an_administrator(app, &mut tx, user).await?;
    let delete_after = target.delete_after;
    store::users::set_active(&mut tx, user, false, delete_after, app.clock.now()).await?;
    store::sessions::delete_all(&mut tx, user).await?;
    store::tokens::void_all(&mut tx, user, app.clock.now()).await?;
    let by = by.map(|viewer| viewer.id);
    events::record(app, &mut tx, Event::UserDeactivated { user, by }).await?;
    tx.commit().await
}

/// Opens a closed account again, whoever closed it.
pub async fn reactivate(app: &App, by: Option<&Viewer>, user: UserId) -> Result<()> {
    let target = load(app, user).await?;
    may_manage(app, by, &target).await?;
    let mut tx = app.db.begin().await?;
    store::users::set_active(&mut tx, user, true, None, app.clock.now()).await?;
    let by = by.map(|viewer| viewer.id);
    events::record(app, &mut tx, Event::UserReactivated { user, by }).await?;
    tx.commit().await
}

/// Closes one's own account and sets the day on which it is deleted.
pub async fn request_deletion(app: &App, viewer: &Viewer, typed_name: &str) -> Result<()> {
    if !typed_name.trim().eq_ignore_ascii_case(&viewer.username) {
        let message = format!("Type your user name, {}, to confirm.", viewer.username);
        return Err(Error::invalid("username", message));
    }
    let now = app.clock.now();
    let on = now + app.config.accounts.delete_grace.delta();
    let user = viewer.id;
    let mut tx = app.db.begin().await?;
    let person = store::users::by_id(&mut tx, user).await?.ok_or(Error::NotFound)?;
    keep_an_administrator(app, &mut tx, user).await?;
    store::users::set_active(&mut tx, user, false, Some(on), now).await?;
    store::sessions::delete_all(&mut tx, user).await?;
    store::tokens::void_all(&mut tx, user, now).await?;
    mail::queue(app, &mut tx, mails::deletion_requested(app, &person, on)).await?;
    events::record(app, &mut tx, Event::UserDeletionRequested { user }).await?;
    tx.commit().await
}

/// Deletes the accounts whose grace has ended, each in a transaction of its own.
pub async fn purge_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let due = {
        let mut conn = app.db.conn().await?;
        store::users::due_for_deletion(&mut conn, now).await?
    };
    for user in &due {
        purge(app, *user).await?;
    }
    Ok(due.len())
}

async fn purge(app: &App, user: UserId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let Some(person) = store::users::by_id(&mut tx, user).await? else { return Ok(()) };
    if !store::users::hold_due(&mut tx, user, now).await? {
        return Ok(());
    }
    // First the event, while other rooms still find what the person has made.
    events::record(app, &mut tx, Event::UserDeleted { user }).await?;
    mail::forget_user(app, &mut tx, user, &person.email).await?;
    export::forget_export(app, &mut tx, user).await?;
    store::users::delete(&mut tx, user).await?;
    tx.commit().await
}

/// Gives somebody another role. Nobody gives more than they have, and their sessions begin anew.
pub async fn set_role(app: &App, by: Option<&Viewer>, user: UserId, role: &str) -> Result<String> {
    let name = roles::canonical_name(role);
    let target = load(app, user).await?;
    let role = {
        let mut conn = app.db.conn().await?;
        match store::roles::by_name(&mut conn, &name).await? {
            Some(role) => role,
            None => {
                let names = store::roles::names(&mut conn).await?.join(", ");
                let message = format!("There is no role {name}. There are: {names}.");
                return Err(Error::invalid("role", message));
            }
        }
    };
    let granted = roles::permissions(app, Some(role)).await?;
    if let Some(by) = by {
        let may = by.can(Permission::ManageRoles) && by.permissions.covers(granted);
        if !may {
            return Err(Error::Forbidden);
        }
        may_manage(app, Some(by), &target).await?;
    }
    let mut tx = app.db.begin().await?;
    if !granted.has(Permission::AdminAccess) {
        keep_an_administrator(app, &mut tx, user).await?;
    }
    store::users::set_role(&mut tx, user, role, app.clock.now()).await?;
    store::sessions::delete_all(&mut tx, user).await?;
    let by = by.map(|viewer| viewer.id);
    events::record(app, &mut tx, Event::RoleChanged { user, role: name.clone(), by }).await?;
    tx.commit().await?;
    Ok(name)
}

/// Whether somebody may decide about an account: its owner, the shell, or who manages accounts
/// and can do all that the other can.
async fn may_manage(app: &App, by: Option<&Viewer>, target: &User) -> Result<()> {
    let Some(by) = by else { return Ok(()) };
    if by.id == target.id {
        return Ok(());
    }
    let theirs = roles::permissions(app, target.role_id).await?;
    if by.can(Permission::ManageUsers) && by.permissions.covers(theirs) {
        return Ok(());
    }
    Err(Error::Forbidden)
}

/// Refuses what would leave the site without anybody to run it (X34). Whoever decides at the same
/// time waits for this transaction to end.
async fn keep_an_administrator(app: &App, tx: &mut Tx, leaving: UserId) -> Result<()> {
    store::roles::lock(tx, app.clock.now()).await?;
    let Some(user) = store::users::by_id(tx, leaving).await? else { return Ok(()) };
    let Some(role) = user.role_id else { return Ok(()) };
    let is_administrator = store::roles::permissions(tx, role).await?.has(Permission::AdminAccess);
    if is_administrator && store::roles::other_administrators(tx, leaving).await? == 0 {
        return Err(Error::invalid(
            "account",
            "This is the only administrator. Make somebody else one first.",
        ));
    }
    Ok(())
}

/// When what has run out was forgotten last.
#[derive(Default)]
struct LastTidy(Mutex<Option<DateTime<Utc>>>);

/// Does what has come due; forgets what has run out, once an hour.
pub async fn tick(app: &App) -> Result<()> {
    purge_due(app).await?;
    let now = app.clock.now();
    {
        let state = app.state::<LastTidy>();
        let mut last = state.0.lock();
        if last.is_some_and(|last| now - last < TimeDelta::hours(1)) {
            return Ok(());
        }
        *last = Some(now);
    }
    tidy(app).await
}

/// Forgets what has run out.
async fn tidy(app: &App) -> Result<()> {
    /// Links stay a while after their end, so that they can be explained.
    const EXPLAINED: TimeDelta = TimeDelta::days(30);
    let now = app.clock.now();
    let idle = app.config.accounts.session_idle.delta().max(TimeDelta::days(1));
    let mut tx = app.db.begin().await?;
    store::sessions::prune(&mut tx, now, now - idle).await?;
    store::sessions::prune_devices(&mut tx, now - sessions::DEVICE_LIFE).await?;
    store::throttle::prune(&mut tx, now - throttle::KEPT).await?;
    store::tokens::prune(&mut tx, now - EXPLAINED).await?;
    export::forget_expired(app, &mut tx, now).await?;
    tx.commit().await
}

//! Roles: five by default, each with what the one below it may do and some more (R-RBAC, Q.16-Q.19).

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::RwLock;

use super::{Permission, PermissionSet, store};
use crate::{Result, app::App, db::Tx, ids::RoleId};

pub const GUEST: &str = "Guest";
pub const USER: &str = "User";
pub const MODERATOR: &str = "Moderator";
pub const EDITOR: &str = "Editor";
pub const ADMINISTRATOR: &str = "Administrator";

/// Name, description, and what it may do beyond its parent, which is the one before it.
const DEFAULTS: [(&str, &str, &[Permission]); 5] = {
    use Permission as P;
    [
        (GUEST, "Not logged in: reads.", &[P::ReadPosts]),
        (
            USER,
            "Writes and comments.",
            &[
                P::CreatePosts,
                P::EditOwnPosts,
                P::DeleteOwnPosts,
                P::CreateComments,
                P::EditOwnComments,
                P::DeleteOwnComments,
                P::UploadFiles,
                // Beyond the original, which kept it for editors: docs/decisions (Q.18).
                P::ApiAccess,
            ],
        ),
        (
            MODERATOR,
            "Keeps discussions in order.",
            &[P::EditAllComments, P::DeleteAllComments, P::ModerateComments, P::ViewAnalytics],
        ),
        (EDITOR, "Edits everyone's posts.", &[P::EditAllPosts, P::ManageCategories]),
        (
            ADMINISTRATOR,
            "Runs the site.",
            &[
                P::DeleteAllPosts,
                P::ManageUsers,
                P::AdminAccess,
                P::ManageRoles,
                P::SendNotifications,
            ],
        ),
    ]
};

/// Roles change rarely; other instances notice within this time.
const FRESH: TimeDelta = TimeDelta::seconds(1);

/// What each role may do, as last read.
#[derive(Default)]
struct Known {
    sets: RwLock<HashMap<RoleId, (DateTime<Utc>, PermissionSet)>>,
    guest: RwLock<Option<RoleId>>,
}

/// Makes the default roles and permissions that are missing. An administrator's changes stay: a
/// permission is given to a default role only when the role or the permission is new.
pub async fn seed(app: &App, tx: &mut Tx) -> Result<()> {
    let now = app.clock.now();
    let mut new_permissions = Vec::new();
    for permission in Permission::ALL {
        if store::roles::seed_permission(tx, permission, now).await? {
            new_permissions.push(permission);
        }
    }
    let mut parent = None;
    for (name, description, permissions) in DEFAULTS {
        let is_new =
            store::roles::seed_role(tx, (name, description, name == USER), parent, now).await?;
        let Some(role) = store::roles::by_name(tx, name).await? else { continue };
        for permission in permissions {
            if is_new || new_permissions.contains(permission) {
                store::roles::grant(tx, role, *permission).await?;
            }
        }
        parent = Some(role);
    }
    Ok(())
}

/// What a role may do.
pub async fn permissions(app: &App, role: Option<RoleId>) -> Result<PermissionSet> {
    let Some(role) = role else { return Ok(PermissionSet::EMPTY) };
    let known = app.state::<Known>();
    let now = app.clock.now();
    // A clock that was set back must not keep alive what it would.
    if let Some((read_at, set)) = known.sets.read().get(&role)
        && (now - *read_at).abs() < FRESH
    {
        return Ok(*set);
    }
    let mut conn = app.db.conn().await?;
    let set = store::roles::permissions(&mut conn, role).await?;
    known.sets.write().insert(role, (now, set));
    Ok(set)
}

/// What somebody who is not logged in may do.
pub async fn guest(app: &App) -> Result<PermissionSet> {
    let known = app.state::<Known>();
    let cached = *known.guest.read();
    let role = match cached {
        Some(role) => Some(role),
        None => {
            let mut conn = app.db.conn().await?;
            let role = store::roles::by_name(&mut conn, GUEST).await?;
            *known.guest.write() = role;
            role
        }
    };
    permissions(app, role).await
}

/// Forgets what was read, after a change.
pub fn forget(app: &App) {
    let known = app.state::<Known>();
    known.sets.write().clear();
    *known.guest.write() = None;
}

/// The name a person means: `admin` is the Administrator (Q.16), and case does not matter.
pub fn canonical_name(name: &str) -> String {
    let name = name.trim();
    if name.eq_ignore_ascii_case("admin") {
        return ADMINISTRATOR.to_owned();
    }
    [GUEST, USER, MODERATOR, EDITOR, ADMINISTRATOR]
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .map_or_else(|| name.to_owned(), |known| (*known).to_owned())
}

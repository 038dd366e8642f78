//! The SQL of sessions, roles and people that the spine needs.

use chrono::{DateTime, Utc};

use super::{Permission, PermissionSet};
use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{RoleId, SessionId, UserId},
};

record! {
    /// A session with its user, as one question finds them.
    pub struct SessionRow {
        pub session_id: SessionId,
        pub user_id: UserId,
        pub username: String,
        pub email: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub avatar_filename: Option<String>,
        pub theme: String,
        pub role_id: Option<RoleId>,
        pub remember: bool,
        pub last_seen_at: DateTime<Utc>,
        pub expires_at: DateTime<Utc>,
        pub proved_at: DateTime<Utc>,
    }
}

/// The session with this hash, if it and its user are alive.
pub async fn session(
    conn: &mut Conn,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<SessionRow>> {
    read(
        "select s.id as session_id, u.id as user_id, u.username, u.email, u.first_name,
                u.last_name, u.avatar_filename, u.theme, u.role_id, s.remember, s.last_seen_at,
                s.expires_at, s.proved_at
           from session s join \"user\" u on u.id = s.user_id
          where s.token_hash = $1 and s.expires_at > $2 and u.is_active",
    )
    .bind(token_hash)
    .bind(now)
    .optional(conn)
    .await
}

/// Notes that sessions were used; the last word of many requests.
pub async fn touch_session(
    tx: &mut Tx,
    session: SessionId,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<()> {
    write("update session set last_seen_at = $2, updated_at = $2 where id = $1")
        .bind(session)
        .bind(at)
        .run(tx)
        .await?;
    write("update \"user\" set last_seen = $2, updated_at = $2 where id = $1 and last_seen < $2")
        .bind(user)
        .bind(at)
        .run(tx)
        .await?;
    Ok(())
}

/// What a role may do: its own permissions and those of its ancestors.
pub async fn permissions(conn: &mut Conn, role: RoleId) -> Result<PermissionSet> {
    let names = read(
        "with recursive chain (id, parent_id, depth) as (
             select id, parent_id, 0 from role where id = $1
             union
             select r.id, r.parent_id, c.depth + 1
               from role r join chain c on r.id = c.parent_id where c.depth < 20
         )
         select distinct p.name from chain c
           join role_permissions rp on rp.role_id = c.id
           join permission p on p.id = rp.permission_id",
    )
    .bind(role)
    .all::<(String,)>(conn)
    .await?;
    Ok(names.iter().filter_map(|(name,)| Permission::by_name(name)).collect())
}

/// The id of a role by its name.
pub async fn role_by_name(conn: &mut Conn, name: &str) -> Result<Option<RoleId>> {
    let row = read("select id from role where name = $1").bind(name).optional(conn).await?;
    Ok(row.map(|(id,)| id))
}

/// Makes a role that is missing; one that is there stays as it is.
pub async fn seed_role(
    tx: &mut Tx,
    (name, description, is_default): (&str, &str, bool),
    parent: Option<RoleId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let made = write(
        "insert into role (created_at, updated_at, name, description, is_default, parent_id)
         values ($1, $1, $2, $3, $4, $5) on conflict (name) do nothing",
    )
    .bind(now)
    .bind(name)
    .bind(description)
    .bind(is_default)
    .bind(parent)
    .run(tx)
    .await?;
    Ok(made > 0)
}

/// Makes a permission that is missing; says whether it was.
pub async fn seed_permission(
    tx: &mut Tx,
    permission: Permission,
    now: DateTime<Utc>,
) -> Result<bool> {
    let made = write(
        "insert into permission (created_at, updated_at, name, description)
         values ($1, $1, $2, $3) on conflict (name) do nothing",
    )
    .bind(now)
    .bind(permission.name())
    .bind(permission.description())
    .run(tx)
    .await?;
    Ok(made > 0)
}

/// Gives a role a permission; giving it twice is no harm.
pub async fn grant(tx: &mut Tx, role: RoleId, permission: Permission) -> Result<()> {
    write(
        "insert into role_permissions (role_id, permission_id)
         select $1, id from permission where name = $2 on conflict do nothing",
    )
    .bind(role)
    .bind(permission.name())
    .run(tx)
    .await?;
    Ok(())
}

/// Takes a permission from a role.
pub async fn revoke(tx: &mut Tx, role: RoleId, permission: Permission) -> Result<()> {
    write(
        "delete from role_permissions where role_id = $1
            and permission_id = (select id from permission where name = $2)",
    )
    .bind(role)
    .bind(permission.name())
    .run(tx)
    .await?;
    Ok(())
}

/// Adds to the number of somebody's public posts.
pub async fn count_posts(tx: &mut Tx, user: UserId, by: i64, now: DateTime<Utc>) -> Result<()> {
    write("update \"user\" set post_count = post_count + $2, updated_at = $3 where id = $1")
        .bind(user)
        .bind(by)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Gives a person a picture, or takes it away.
pub async fn set_avatar(
    tx: &mut Tx,
    user: UserId,
    filename: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    write("update \"user\" set avatar_filename = $2, updated_at = $3 where id = $1")
        .bind(user)
        .bind(filename)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

//! The SQL of roles and permissions.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    accounts::{Permission, PermissionSet},
    db::{Conn, Tx, read, write},
    ids::{RoleId, UserId},
};

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
pub async fn by_name(conn: &mut Conn, name: &str) -> Result<Option<RoleId>> {
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

/// Holds back everybody else who decides about administrators, until this transaction ends: what
/// is counted after it cannot change under the one who counts.
pub async fn lock(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    write("update role set updated_at = $1 where name = 'Administrator'").bind(now).run(tx).await?;
    Ok(())
}

/// How many others may administer the site: by their role, or what it inherits.
pub async fn other_administrators(conn: &mut Conn, but: UserId) -> Result<i64> {
    read(
        "with recursive chain (id) as (
             select rp.role_id from role_permissions rp
               join permission p on p.id = rp.permission_id where p.name = 'admin_access'
             union
             select r.id from role r join chain c on r.parent_id = c.id
         )
         select count(*) from \"user\" u
          where u.is_active and u.email_confirmed and u.id <> $1
            and u.role_id in (select id from chain)",
    )
    .bind(but)
    .value(conn)
    .await
}

/// The name of a role.
pub async fn name(conn: &mut Conn, role: RoleId) -> Result<String> {
    read("select name from role where id = $1").bind(role).value(conn).await
}

/// The names of all roles, in the order they were made.
pub async fn names(conn: &mut Conn) -> Result<Vec<String>> {
    let rows = read("select name from role order by id").all::<(String,)>(conn).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// The role of whoever registers.
pub async fn default(conn: &mut Conn) -> Result<Option<RoleId>> {
    let row = read("select id from role where is_default").optional(conn).await?;
    Ok(row.map(|(id,)| id))
}

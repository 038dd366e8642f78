//! The SQL of people.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    accounts::{Profile, User},
    db::{Conn, Tx, read, record, write},
    ids::{RoleId, UserId},
};

/// A person to be made.
pub struct NewUser<'a> {
    pub username: &'a str,
    pub email: &'a str,
    pub password_hash: &'a str,
    pub role: Option<RoleId>,
    pub confirmed: bool,
}

/// Makes an account, or says nothing when the name or the address is taken.
pub async fn insert(tx: &mut Tx, new: &NewUser<'_>, now: DateTime<Utc>) -> Result<Option<UserId>> {
    let row = write(
        "insert into \"user\" (created_at, updated_at, username, username_key, email, email_key,
                password_hash, password_changed_at, email_confirmed, last_seen, role_id)
         values ($1, $1, $2, $3, $4, $5, $6, $1, $7, $1, $8)
         on conflict do nothing returning id",
    )
    .bind(now)
    .bind(new.username)
    .bind(key(new.username))
    .bind(new.email)
    .bind(key(new.email))
    .bind(new.password_hash)
    .bind(new.confirmed)
    .bind(new.role)
    .optional(tx)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// What names and addresses are compared by.
pub fn key(text: &str) -> String {
    text.to_lowercase()
}

pub async fn by_id(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    read(
        "select id, created_at, username, email, password_hash, password_changed_at, first_name,
                last_name, bio, location, website, avatar_filename, is_active, email_confirmed,
                last_seen, show_online, role_id, post_count, theme, delete_after
           from \"user\" where id = $1",
    )
    .bind(id)
    .optional(conn)
    .await
}

pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<User>> {
    read(
        "select id, created_at, username, email, password_hash, password_changed_at, first_name,
                last_name, bio, location, website, avatar_filename, is_active, email_confirmed,
                last_seen, show_online, role_id, post_count, theme, delete_after
           from \"user\" where username_key = $1",
    )
    .bind(key(username))
    .optional(conn)
    .await
}

pub async fn by_email(conn: &mut Conn, email: &str) -> Result<Option<User>> {
    read(
        "select id, created_at, username, email, password_hash, password_changed_at, first_name,
                last_name, bio, location, website, avatar_filename, is_active, email_confirmed,
                last_seen, show_online, role_id, post_count, theme, delete_after
           from \"user\" where email_key = $1",
    )
    .bind(key(email))
    .optional(conn)
    .await
}

/// Whether there is any account yet.
pub async fn any(conn: &mut Conn) -> Result<bool> {
    let row: Option<(i64,)> = read("select 1 from \"user\" limit 1").optional(conn).await?;
    Ok(row.is_some())
}

/// Notes a login, if the account is still what it was when the password was checked. The row is
/// held until the transaction ends, so that a change of the password ends this session too.
pub async fn log_in(
    tx: &mut Tx,
    user: UserId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = write(
        "update \"user\" set last_seen = $3, updated_at = $3
          where id = $1 and password_hash = $2 and is_active and email_confirmed",
    )
    .bind(user)
    .bind(password_hash)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Replaces one hash by another; `false` when it is not that one any more.
pub async fn rehash(
    tx: &mut Tx,
    user: UserId,
    (old, new): (&str, &str),
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = write(
        "update \"user\" set password_hash = $3, updated_at = $4
          where id = $1 and password_hash = $2",
    )
    .bind(user)
    .bind(old)
    .bind(new)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

pub async fn set_password(
    tx: &mut Tx,
    user: UserId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update \"user\" set password_hash = $2, password_changed_at = $3, updated_at = $3
          where id = $1",
    )
    .bind(user)
    .bind(password_hash)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Confirms the address; says whether it was not confirmed before.
pub async fn confirm(tx: &mut Tx, user: UserId, email: &str, now: DateTime<Utc>) -> Result<bool> {
    let changed = write(
        "update \"user\" set email_confirmed = true, updated_at = $3
          where id = $1 and email_key = $2 and not email_confirmed and is_active",
    )
    .bind(user)
    .bind(key(email))
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Gives a person another address, unless somebody has it.
pub async fn set_email(tx: &mut Tx, user: UserId, email: &str, now: DateTime<Utc>) -> Result<bool> {
    let changed = write(
        "update \"user\" set email = $2, email_key = $3, updated_at = $4
          where id = $1 and is_active
            and not exists (select 1 from \"user\" o where o.email_key = $3 and o.id <> $1)",
    )
    .bind(user)
    .bind(email)
    .bind(key(email))
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

pub async fn set_profile(
    tx: &mut Tx,
    user: UserId,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update \"user\" set first_name = $2, last_name = $3, bio = $4, location = $5, website = $6,
                show_online = $7, updated_at = $8
          where id = $1",
    )
    .bind(user)
    .bind(profile.first_name.clone())
    .bind(profile.last_name.clone())
    .bind(profile.bio.clone())
    .bind(profile.location.clone())
    .bind(profile.website.clone())
    .bind(profile.show_online)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

pub async fn set_theme(tx: &mut Tx, user: UserId, theme: &str, now: DateTime<Utc>) -> Result<()> {
    write("update \"user\" set theme = $2, updated_at = $3 where id = $1")
        .bind(user)
        .bind(theme)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

pub async fn set_role(tx: &mut Tx, user: UserId, role: RoleId, now: DateTime<Utc>) -> Result<()> {
    write("update \"user\" set role_id = $2, updated_at = $3 where id = $1")
        .bind(user)
        .bind(role)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Opens or closes an account, and says when it is to be deleted; says whether there is one.
pub async fn set_active(
    tx: &mut Tx,
    user: UserId,
    is_active: bool,
    delete_after: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = write(
        "update \"user\" set is_active = $2, delete_after = $3, updated_at = $4 where id = $1",
    )
    .bind(user)
    .bind(is_active)
    .bind(delete_after)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Accounts whose grace has ended.
pub async fn due_for_deletion(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<UserId>> {
    let rows = read(
        "select id from \"user\" where delete_after is not null and delete_after <= $1
          order by delete_after limit 20",
    )
    .bind(now)
    .all::<(UserId,)>(conn)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Holds a row whose grace has ended, so that nobody keeps the account meanwhile.
pub async fn hold_due(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<bool> {
    let changed = write(
        "update \"user\" set updated_at = $2
          where id = $1 and delete_after is not null and delete_after <= $2",
    )
    .bind(user)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

pub async fn delete(tx: &mut Tx, user: UserId) -> Result<u64> {
    write("delete from \"user\" where id = $1").bind(user).run(tx).await
}

/// The last event that opened or closed an account, as it was recorded.
pub async fn last_switch(conn: &mut Conn, user: UserId) -> Result<Option<String>> {
    let row = read(
        "select data from event
          where user_id = $1
            and kind in ('user_deactivated', 'user_reactivated', 'user_deletion_requested')
          order by id desc limit 1",
    )
    .bind(user)
    .optional(conn)
    .await?;
    Ok(row.map(|(data,)| data))
}

record! {
    /// A line of `streamly user list`.
    #[derive(Debug, Clone)]
    pub struct Listed {
        pub username: String,
        pub email: String,
        pub role: Option<String>,
        pub is_active: bool,
        pub email_confirmed: bool,
        pub delete_after: Option<DateTime<Utc>>,
        pub last_seen: DateTime<Utc>,
    }
}

/// Everybody, in pages by name.
pub async fn listed(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<Listed>> {
    read(
        "select u.username, u.email, r.name as role, u.is_active, u.email_confirmed,
                u.delete_after, u.last_seen
           from \"user\" u left join role r on r.id = u.role_id
          where u.username_key > $1 order by u.username_key limit $2",
    )
    .bind(key(after))
    .bind(limit)
    .all(conn)
    .await
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

/// Adds to the number of somebody's unread notifications, and says what it is now. The row is
/// held until the transaction ends; also when nothing is added.
pub async fn add_unread(tx: &mut Tx, user: UserId, by: i64, now: DateTime<Utc>) -> Result<i64> {
    write(
        "update \"user\" set unread_count = unread_count + $2, updated_at = $3 where id = $1
         returning unread_count",
    )
    .bind(user)
    .bind(by)
    .bind(now)
    .value(tx)
    .await
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

/// Counts everybody's public posts again; says how many counts were wrong.
pub async fn recount_posts(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update \"user\" set updated_at = $1, post_count = (select count(*) from post p
                  where p.user_id = \"user\".id and p.status = 'published'
                    and p.deleted_at is null)
          where post_count <> (select count(*) from post p
                  where p.user_id = \"user\".id and p.status = 'published'
                    and p.deleted_at is null)",
    )
    .bind(now)
    .run(tx)
    .await
}

/// How many people have a count that differs from their public posts.
pub async fn wrong_counts(conn: &mut Conn) -> Result<i64> {
    read(
        "select count(*) from \"user\" u where u.post_count <> (select count(*) from post p
          where p.user_id = u.id and p.status = 'published' and p.deleted_at is null)",
    )
    .value(conn)
    .await
}

//! The counts of follows in people's rows, changed in the transaction of what they count; and the
//! count of unread notifications, where it is found to be wrong.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, write},
    ids::UserId,
};

/// Holds a person's row for the rest of the transaction.
pub async fn lock(tx: &mut Tx, user: UserId) -> Result<()> {
    write("update \"user\" set updated_at = updated_at where id = $1").bind(user).run(tx).await?;
    Ok(())
}

/// Holds the row of somebody who leaves for good against new rows that name them. On PostgreSQL
/// only the change of a key does that: whoever inserts such a row shares the key of this one.
pub async fn hold_for_good(tx: &mut Tx, user: UserId) -> Result<()> {
    write(
        "update \"user\" set email_key = 'gone ' || cast(id as text), updated_at = updated_at
          where id = $1",
    )
    .bind(user)
    .run(tx)
    .await?;
    Ok(())
}

/// Counts a follow, or takes it out of the counts, in both rows.
pub async fn count_follow(
    tx: &mut Tx,
    who: UserId,
    whom: UserId,
    by: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update \"user\"
            set following_count = following_count + case when id = $1 then $3 else 0 end,
                follower_count = follower_count + case when id = $2 then $3 else 0 end,
                updated_at = $4
          where id in ($1, $2)",
    )
    .bind(who)
    .bind(whom)
    .bind(by)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes all follows of and by somebody who leaves out of the counts of others.
pub async fn forget_follows(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    write(
        "update \"user\" set follower_count = follower_count - 1, updated_at = $2
          where id in (select followed_id from follow where follower_id = $1)",
    )
    .bind(user)
    .bind(now)
    .run(tx)
    .await?;
    write(
        "update \"user\" set following_count = following_count - 1, updated_at = $2
          where id in (select follower_id from follow where followed_id = $1)",
    )
    .bind(user)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// How many people have a count of unread notifications that differs from the rows.
pub async fn wrong_unread(conn: &mut Conn) -> Result<i64> {
    read(
        "select count(*) from \"user\" u where u.unread_count <> (select count(*)
           from notification n
          where n.user_id = u.id and not n.is_read and n.delivery_method = 'web')",
    )
    .value(conn)
    .await
}

/// Who they are, in pages by id.
pub async fn with_wrong_unread(
    conn: &mut Conn,
    after: UserId,
    limit: i64,
) -> Result<Vec<(UserId,)>> {
    read(
        "select u.id from \"user\" u
          where u.id > $1 and u.unread_count <> (select count(*) from notification n
                where n.user_id = u.id and not n.is_read and n.delivery_method = 'web')
          order by u.id limit $2",
    )
    .bind(after)
    .bind(limit)
    .all(conn)
    .await
}

/// Counts somebody's unread notifications again, and says how many they are; `None` when the count
/// is right. The row is held already, so none comes or goes meanwhile.
pub async fn recount_unread(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<Option<i64>> {
    let row = write(
        "update \"user\" set updated_at = $2, unread_count = (select count(*) from notification n
                where n.user_id = $1 and not n.is_read and n.delivery_method = 'web')
          where id = $1 and unread_count <> (select count(*) from notification n
                where n.user_id = $1 and not n.is_read and n.delivery_method = 'web')
         returning unread_count",
    )
    .bind(user)
    .bind(now)
    .optional(tx)
    .await?;
    Ok(row.map(|(unread,)| unread))
}

//! The counts of follows in people's rows, changed in the transaction of what they count.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Tx, write},
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

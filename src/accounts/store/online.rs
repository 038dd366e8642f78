//! Who was seen lately, as another member may know it.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, read},
    ids::UserId,
};

/// So many people are asked about in one statement.
pub const PLACES: usize = 30;

/// Which of these people were seen since then and show it to this viewer.
pub async fn among(
    conn: &mut Conn,
    viewer: UserId,
    since: DateTime<Utc>,
    people: &[UserId],
) -> Result<Vec<UserId>> {
    let mut statement = read(
        "select u.id from \"user\" u
          where u.id in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                         $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)
            and u.last_seen >= $2 and u.show_online and u.is_active
            and not exists (select 1 from user_block b
                             where b.user_id = $1 and b.blocked_id = u.id)
            and not exists (select 1 from user_block b
                             where b.user_id = u.id and b.blocked_id = $1)",
    )
    .bind(viewer)
    .bind(since);
    for place in 0..PLACES {
        // Nobody has the number 0.
        statement = statement.bind(people.get(place).copied().unwrap_or(UserId(0)));
    }
    let rows: Vec<(UserId,)> = statement.all(conn).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

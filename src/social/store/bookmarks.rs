//! What readers keep for later. Nobody else sees it.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{PostId, UserId},
    paging::{Cursor, Direction},
    posts::reading::card::CardRow,
};

pub async fn insert(tx: &mut Tx, user: UserId, post: PostId, now: DateTime<Utc>) -> Result<bool> {
    let added = write(
        "insert into bookmark (created_at, user_id, post_id) values ($1, $2, $3)
         on conflict (user_id, post_id) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(post)
    .run(tx)
    .await?;
    Ok(added > 0)
}

/// Takes a post off somebody's list; says whether it was on it.
pub async fn delete(tx: &mut Tx, user: UserId, post: PostId) -> Result<bool> {
    let gone = write("delete from bookmark where user_id = $1 and post_id = $2")
        .bind(user)
        .bind(post)
        .run(tx)
        .await?;
    Ok(gone > 0)
}

record! {
    struct Place {
        id: i64,
        post_id: PostId,
    }
}

/// A kept post, with its place in the list.
pub struct Kept {
    pub place: i64,
    pub post: CardRow,
}

impl Kept {
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.place, id: self.place }
    }
}

/// What somebody keeps and may still read, kept last first; one row more than asked for. A block
/// hides what was kept before it.
pub async fn of(
    conn: &mut Conn,
    user: UserId,
    direction: Direction,
    size: usize,
) -> Result<Vec<Kept>> {
    let many = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    let places: Vec<Place> = match direction {
        Direction::After(cursor) => read(
            "select b.id, b.post_id from bookmark b join public_post p on p.id = b.post_id
                  where b.user_id = $1 and b.id > $2
                    and not exists (select 1 from user_block x where x.user_id = $1
                                       and x.blocked_id = p.user_id)
                    and not exists (select 1 from user_block x where x.user_id = p.user_id
                                       and x.blocked_id = $1)
                  order by b.id limit $3",
        )
        .bind(user)
        .bind(cursor.id),
        Direction::First | Direction::Before(_) => {
            let id = if let Direction::Before(cursor) = direction { cursor.id } else { i64::MAX };
            read(
                "select b.id, b.post_id from bookmark b join public_post p on p.id = b.post_id
                  where b.user_id = $1 and b.id < $2
                    and not exists (select 1 from user_block x where x.user_id = $1
                                       and x.blocked_id = p.user_id)
                    and not exists (select 1 from user_block x where x.user_id = p.user_id
                                       and x.blocked_id = $1)
                  order by b.id desc limit $3",
            )
            .bind(user)
            .bind(id)
        }
    }
    .bind(many)
    .all(conn)
    .await?;
    let rows: Vec<CardRow> = read(
        "select p.* from bookmark b join public_post p on p.id = b.post_id
          where b.user_id = $1 and b.id between $2 and $3",
    )
    .bind(user)
    .bind(places.iter().map(|place| place.id).min().unwrap_or(0))
    .bind(places.iter().map(|place| place.id).max().unwrap_or(-1))
    .all(conn)
    .await?;
    let find = |place: &Place| rows.iter().find(|row| row.id == place.post_id).cloned();
    Ok(places
        .iter()
        .filter_map(|place| find(place).map(|post| Kept { place: place.id, post }))
        .collect())
}

//! Faces, and the pictures they were cut from.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{MediaId, UserId},
};

record! {
    /// The picture that a face was cut from, and where.
    #[derive(Debug, Clone)]
    pub struct Source {
        pub id: MediaId,
        pub filename: String,
        /// Whether it was sent to be a face.
        pub came_as_face: bool,
        pub focus_x: i64,
        pub focus_y: i64,
    }
}

/// What a face was cut from, when that is still there.
pub async fn source_of(conn: &mut Conn, user: UserId, face: &str) -> Result<Option<Source>> {
    read(
        "select w.id, w.filename, w.came_as_face, coalesce(c.focus_x, 50) as focus_x,
                coalesce(c.focus_y, 50) as focus_y
           from media c join media w on w.user_id = c.user_id and w.filename = c.cut_from
          where c.user_id = $1 and c.filename = $2",
    )
    .bind(user)
    .bind(face)
    .optional(conn)
    .await
}

/// Says what a face was cut from, and where.
pub async fn set_source(
    tx: &mut Tx,
    id: MediaId,
    source: &str,
    (x, y): (u8, u8),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update media set cut_from = $2, focus_x = $3, focus_y = $4, updated_at = $5
          where id = $1",
    )
    .bind(id)
    .bind(source)
    .bind(i64::from(x))
    .bind(i64::from(y))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Says that a picture was sent to be a face.
pub async fn came_as_face(tx: &mut Tx, id: MediaId, now: DateTime<Utc>) -> Result<()> {
    write("update media set came_as_face = true, updated_at = $2 where id = $1")
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

//! The SQL of pictures.

mod faces;
mod uses;

use chrono::{DateTime, Utc};

use super::Media;
use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{MediaId, UserId},
    paging::Direction,
};

pub use self::{
    faces::{Source, came_as_face, set_source, source_of},
    uses::{Mention, Use, is_shown, mentions, uses},
};

/// Width and height of a stored picture, by its name.
pub type Size = (String, i64, i64);

record! {
    /// What somebody's pictures take up.
    pub struct Usage {
        pub files: i64,
        pub bytes: i64,
    }
}

/// What is new about a picture that is about to get its row.
pub struct Row<'a> {
    pub user: UserId,
    pub filename: &'a str,
    pub original_name: &'a str,
    pub mime: &'a str,
    pub width: u32,
    pub height: u32,
    pub size_bytes: i64,
    pub alt: &'a str,
}

/// Makes other uploads of the same person wait, so that together they keep the quota. (SQLite has
/// one writer anyway.)
pub async fn hold(tx: &mut Tx, user: UserId) -> Result<()> {
    write(
        "update media set updated_at = updated_at
          where id = (select min(id) from media where user_id = $1)",
    )
    .bind(user)
    .run(tx)
    .await?;
    Ok(())
}

/// How much somebody has uploaded.
pub async fn usage(conn: &mut Conn, user: UserId) -> Result<Usage> {
    read(
        "select count(*) as files, cast(coalesce(sum(size_bytes), 0) as bigint) as bytes
           from media where user_id = $1",
    )
    .bind(user)
    .one(conn)
    .await
}

/// Adds a picture, unless this person has it already.
pub async fn insert(tx: &mut Tx, row: &Row<'_>, now: DateTime<Utc>) -> Result<Option<Media>> {
    write(
        "insert into media (created_at, updated_at, user_id, filename, original_name, mime, width,
                height, size_bytes, alt)
         values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (user_id, filename) do nothing
         returning id, created_at, user_id, filename, original_name, mime, width, height,
                   size_bytes, alt",
    )
    .bind(now)
    .bind(row.user)
    .bind(row.filename)
    .bind(row.original_name)
    .bind(row.mime)
    .bind(row.width)
    .bind(row.height)
    .bind(row.size_bytes)
    .bind(row.alt)
    .optional(tx)
    .await
}

/// A person's picture, by its id.
pub async fn of_user(conn: &mut Conn, user: UserId, id: MediaId) -> Result<Option<Media>> {
    read(
        "select id, created_at, user_id, filename, original_name, mime, width, height, size_bytes,
                alt
           from media where id = $1 and user_id = $2",
    )
    .bind(id)
    .bind(user)
    .optional(conn)
    .await
}

/// A person's picture, by its file.
pub async fn by_file(conn: &mut Conn, user: UserId, filename: &str) -> Result<Option<Media>> {
    read(
        "select id, created_at, user_id, filename, original_name, mime, width, height, size_bytes,
                alt
           from media where user_id = $1 and filename = $2",
    )
    .bind(user)
    .bind(filename)
    .optional(conn)
    .await
}

/// A page of a person's pictures, newest first; backwards when the way leads up.
pub async fn page(
    conn: &mut Conn,
    user: UserId,
    direction: Direction,
    limit: i64,
) -> Result<Vec<Media>> {
    let statement = match direction {
        Direction::First => read(
            "select id, created_at, user_id, filename, original_name, mime, width, height,
                    size_bytes, alt
               from media where user_id = $1 order by created_at desc, id desc limit $2",
        ),
        Direction::Before(_) => read(
            "select id, created_at, user_id, filename, original_name, mime, width, height,
                    size_bytes, alt
               from media where user_id = $1 and (created_at, id) < ($3, $4)
              order by created_at desc, id desc limit $2",
        ),
        Direction::After(_) => read(
            "select id, created_at, user_id, filename, original_name, mime, width, height,
                    size_bytes, alt
               from media where user_id = $1 and (created_at, id) > ($3, $4)
              order by created_at, id limit $2",
        ),
    };
    let statement = statement.bind(user).bind(limit);
    match direction {
        Direction::First => statement.all(conn).await,
        Direction::Before(cursor) | Direction::After(cursor) => {
            statement.bind(cursor.time()).bind(cursor.id).all(conn).await
        }
    }
}

/// Describes a picture.
pub async fn set_alt(tx: &mut Tx, id: MediaId, alt: &str, now: DateTime<Utc>) -> Result<()> {
    write("update media set alt = $2, updated_at = $3 where id = $1")
        .bind(id)
        .bind(alt)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Removes a picture's row.
pub async fn delete(tx: &mut Tx, id: MediaId) -> Result<()> {
    write("delete from media where id = $1").bind(id).run(tx).await?;
    Ok(())
}

/// Whether anybody has this picture.
pub async fn is_kept(conn: &mut Conn, filename: &str) -> Result<bool> {
    let row: Option<(MediaId,)> = read("select id from media where filename = $1 limit 1")
        .bind(filename)
        .optional(conn)
        .await?;
    Ok(row.is_some())
}

/// A size or kind in which a picture is shown.
pub struct Shown<'a> {
    pub name: &'a str,
    pub mime: &'a str,
    pub width: u32,
    pub height: u32,
    pub size_bytes: i64,
    pub hash: &'a str,
}

/// Says that a picture is shown in this size too.
pub async fn add_variant(
    tx: &mut Tx,
    filename: &str,
    shown: &Shown<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into media_variant (created_at, filename, name, mime, width, height, size_bytes,
                hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (name) do nothing",
    )
    .bind(now)
    .bind(filename)
    .bind(shown.name)
    .bind(shown.mime)
    .bind(shown.width)
    .bind(shown.height)
    .bind(shown.size_bytes)
    .bind(shown.hash)
    .run(tx)
    .await?;
    Ok(())
}

/// The names of a picture's variants.
pub async fn variants(conn: &mut Conn, filename: &str) -> Result<Vec<(String,)>> {
    read("select name from media_variant where filename = $1 order by name")
        .bind(filename)
        .all(conn)
        .await
}

/// Forgets a picture's variants.
pub async fn forget_variants(tx: &mut Tx, filename: &str) -> Result<()> {
    write("delete from media_variant where filename = $1").bind(filename).run(tx).await?;
    Ok(())
}

/// Forgets the variants on a shelf whose pictures nobody has any more.
pub async fn forget_orphans(tx: &mut Tx, shelf: &str) -> Result<()> {
    write(
        "delete from media_variant
          where filename >= $1 and filename < $2
            and not exists (select 1 from media m where m.filename = media_variant.filename)",
    )
    .bind(shelf)
    .bind(format!("{shelf}g"))
    .run(tx)
    .await?;
    Ok(())
}

/// The next picture after a number whose variants are of an older recipe, or not made at all.
pub async fn without_variants(
    conn: &mut Conn,
    recipe: i64,
    after: MediaId,
) -> Result<Option<(MediaId, String)>> {
    read(
        "select id, filename from media where variants < $1 and id > $2
          order by variants, id limit 1",
    )
    .bind(recipe)
    .bind(after)
    .optional(conn)
    .await
}

/// Says by which recipe a picture's variants were made.
pub async fn set_variants(
    tx: &mut Tx,
    filename: &str,
    recipe: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    write("update media set variants = $2, updated_at = $3 where filename = $1")
        .bind(filename)
        .bind(recipe)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// The picture whose name begins with this hash.
pub async fn by_hash(conn: &mut Conn, hash: &str) -> Result<Option<(String,)>> {
    read("select filename from media where filename >= $1 and filename < $2 limit 1")
        .bind(format!("{hash}."))
        .bind(format!("{hash}/")) // after the dot
        .optional(conn)
        .await
}

/// A page of all names that are kept, pictures and variants, for moving them.
pub async fn names(conn: &mut Conn, after: &str) -> Result<Vec<(String,)>> {
    read(
        "select name from
            (select filename as name from media where filename > $1
             union select name from media_variant where name > $1) as kept
          order by name limit 200",
    )
    .bind(after)
    .all(conn)
    .await
}

/// The hash of a variant's content.
pub async fn variant_hash(conn: &mut Conn, name: &str) -> Result<Option<(String,)>> {
    read("select hash from media_variant where name = $1").bind(name).optional(conn).await
}

/// The pictures whose names begin with two certain digits.
pub async fn on_shelf(conn: &mut Conn, shelf: &str) -> Result<Vec<(String,)>> {
    read("select distinct filename from media where filename >= $1 and filename < $2")
        .bind(shelf)
        .bind(format!("{shelf}g")) // after every hexadecimal digit
        .all(conn)
        .await
}

/// A page of the names of a person's pictures, for when the person goes.
pub async fn names_of(conn: &mut Conn, user: UserId, after: &str) -> Result<Vec<(String,)>> {
    read(
        "select filename from media where user_id = $1 and filename > $2
          order by filename limit 100",
    )
    .bind(user)
    .bind(after)
    .all(conn)
    .await
}

/// Width and height of the pictures among these names that are stored, eight with each question.
pub async fn sizes(conn: &mut Conn, names: &[&str]) -> Result<Vec<Size>> {
    let mut sizes = Vec::with_capacity(names.len());
    for some in names.chunks(8) {
        let mut statement = read(
            "select filename, max(width), max(height) from media
              where filename in ($1, $2, $3, $4, $5, $6, $7, $8) group by filename",
        );
        for nth in 0..8 {
            statement = statement.bind(some.get(nth).copied().unwrap_or_default());
        }
        sizes.extend(statement.all::<Size>(conn).await?);
    }
    Ok(sizes)
}

//! Categories and tags, as readers find them.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::CategoryId,
};

record! {
    /// A category or a tag.
    #[derive(Debug, Clone)]
    pub struct Topic {
        pub id: i64,
        pub name: String,
        pub slug: String,
        pub description: String,
        pub post_count: i64,
    }
}

/// All categories, by name.
pub async fn categories(conn: &mut Conn) -> Result<Vec<Topic>> {
    read("select id, name, slug, description, post_count from category order by name, id")
        .all(conn)
        .await
}

/// The categories with most posts.
pub async fn top_categories(conn: &mut Conn, number: i64) -> Result<Vec<Topic>> {
    read(
        "select id, name, slug, description, post_count from category where post_count > 0
          order by post_count desc, name limit $1",
    )
    .bind(number)
    .all(conn)
    .await
}

/// The category with this slug.
pub async fn category(conn: &mut Conn, slug: &str) -> Result<Option<Topic>> {
    read("select id, name, slug, description, post_count from category where slug = $1")
        .bind(slug)
        .optional(conn)
        .await
}

/// The slug of the category with this number.
pub async fn category_slug(conn: &mut Conn, id: CategoryId) -> Result<Option<String>> {
    let row = read("select slug from category where id = $1").bind(id).optional(conn).await?;
    Ok(row.map(|(slug,)| slug))
}

/// The tag with this slug.
pub async fn tag(conn: &mut Conn, slug: &str) -> Result<Option<Topic>> {
    read("select id, name, slug, '' as description, post_count from tag where slug = $1")
        .bind(slug)
        .optional(conn)
        .await
}

/// Whether the site is as new as it was made: no category and nobody who could have removed one.
pub async fn is_untouched(conn: &mut Conn) -> Result<bool> {
    let rows: i64 = read(
        "select (select count(*) from (select id from category limit 1) c)
              + (select count(*) from (select id from \"user\" limit 1) u)",
    )
    .value(conn)
    .await?;
    Ok(rows == 0)
}

/// Makes a category that a new site begins with.
pub async fn seed_category(
    tx: &mut Tx,
    (name, slug, description): (&str, &str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into category (created_at, updated_at, name, slug, description)
         values ($1, $1, $2, $3, $4) on conflict do nothing",
    )
    .bind(now)
    .bind(name)
    .bind(slug)
    .bind(description)
    .run(tx)
    .await?;
    Ok(())
}

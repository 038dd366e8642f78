//! The questions that a search asks.

use chrono::{DateTime, Utc};

use super::query::SearchQuery;
use crate::{
    Result,
    db::{Conn, read, record},
    paging::{Cursor, Direction},
    posts::reading::card::CardRow,
};

/// How many posts one request looks through.
const WINDOW: i64 = 2_000;

/// The last moment of the year 9999, in microseconds.
const END_OF_TIME: i64 = 253_402_300_799_999_999;

record! {
    /// Somebody whose name was asked for.
    #[derive(Debug, Clone)]
    pub struct PersonRow {
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub avatar_filename: Option<String>,
        pub post_count: i64,
    }
}

record! {
    /// Where a search stopped looking.
    struct Edge {
        published_at: DateTime<Utc>,
        id: i64,
    }
}

/// The row after which a part of the list begins.
fn begin(direction: Direction) -> Cursor {
    match direction {
        Direction::First => Cursor { key: END_OF_TIME, id: i64::MAX },
        Direction::Before(cursor) | Direction::After(cursor) => {
            Cursor { key: cursor.key.clamp(0, END_OF_TIME), ..cursor }
        }
    }
}

/// The public posts that hold every word in title, description, text or tags, newest first: one
/// more than `size`, out of the next [`WINDOW`] posts.
pub async fn posts(
    conn: &mut Conn,
    query: &SearchQuery,
    direction: Direction,
    size: usize,
) -> Result<Vec<CardRow>> {
    let statement = match direction {
        Direction::First | Direction::Before(_) => read(
            "select p.* from public_post p
               join (select id, published_at, lower(title || ' ' || coalesce(meta_description, '')
                            || ' ' || content) as words
                       from post
                      where status = 'published' and deleted_at is null
                        and (published_at, id) < ($1, $2)
                      order by published_at desc, id desc limit $3) found on found.id = p.id
              where (words like $5 escape '\\' or words like $6 escape '\\'
                     or exists (select 1 from post_tag pt join tag t on t.id = pt.tag_id
                                 where pt.post_id = p.id and lower(t.name) like $5 escape '\\'))
                and (words like $7 escape '\\' or words like $8 escape '\\')
                and (words like $9 escape '\\' or words like $10 escape '\\')
                and (words like $11 escape '\\' or words like $12 escape '\\')
                and ($13 = '' or lower(p.author_username) = $13)
                and ($14 = '' or p.category_slug = $14)
                and ($15 = '' or exists (select 1 from post_tag pt join tag t on t.id = pt.tag_id
                                          where pt.post_id = p.id and t.slug = $15))
              order by p.published_at desc, p.id desc limit $4",
        ),
        Direction::After(_) => read(
            "select p.* from public_post p
               join (select id, published_at, lower(title || ' ' || coalesce(meta_description, '')
                            || ' ' || content) as words
                       from post
                      where status = 'published' and deleted_at is null
                        and (published_at, id) > ($1, $2)
                      order by published_at, id limit $3) found on found.id = p.id
              where (words like $5 escape '\\' or words like $6 escape '\\'
                     or exists (select 1 from post_tag pt join tag t on t.id = pt.tag_id
                                 where pt.post_id = p.id and lower(t.name) like $5 escape '\\'))
                and (words like $7 escape '\\' or words like $8 escape '\\')
                and (words like $9 escape '\\' or words like $10 escape '\\')
                and (words like $11 escape '\\' or words like $12 escape '\\')
                and ($13 = '' or lower(p.author_username) = $13)
                and ($14 = '' or p.category_slug = $14)
                and ($15 = '' or exists (select 1 from post_tag pt join tag t on t.id = pt.tag_id
                                          where pt.post_id = p.id and t.slug = $15))
              order by p.published_at, p.id limit $4",
        ),
    };
    let begin = begin(direction);
    let mut statement = statement
        .bind(begin.time())
        .bind(begin.id)
        .bind(WINDOW)
        .bind(i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX));
    for (small, capitalised) in query.patterns() {
        statement = statement.bind(small).bind(capitalised);
    }
    statement
        .bind(query.author.to_lowercase())
        .bind(&query.category)
        .bind(query.tag.to_lowercase())
        .all(conn)
        .await
}

/// The last post that [`posts`] looked at going down, if older ones were left.
pub async fn edge(conn: &mut Conn, direction: Direction) -> Result<Option<Cursor>> {
    let begin = begin(direction);
    let edge: Option<Edge> = read(
        "select published_at, id from post
          where status = 'published' and deleted_at is null and (published_at, id) < ($1, $2)
          order by published_at desc, id desc limit 1 offset $3",
    )
    .bind(begin.time())
    .bind(begin.id)
    .bind(WINDOW - 1)
    .optional(conn)
    .await?;
    Ok(edge.map(|edge| Cursor::at(edge.published_at, edge.id)))
}

/// People whose user name or full name holds what was typed. Nothing else of them is asked (V3).
pub async fn people(
    conn: &mut Conn,
    (small, capitalised): (String, String),
    number: i64,
) -> Result<Vec<PersonRow>> {
    read(
        "select username, first_name, last_name, avatar_filename, post_count
           from (select u.*, lower(username || ' ' || coalesce(first_name, '') || ' '
                        || coalesce(last_name, '')) as names
                   from \"user\" u where is_active and email_confirmed) person
          where names like $1 escape '\\' or names like $2 escape '\\'
          order by post_count desc, id limit $3",
    )
    .bind(small)
    .bind(capitalised)
    .bind(number)
    .all(conn)
    .await
}

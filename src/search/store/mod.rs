//! The SQL of searching. What differs between the databases stands in a file for each, behind the
//! same names; who may see what is decided in every one of these statements.

mod postgres;
mod source;
mod sqlite;

use chrono::{DateTime, Utc};

pub use self::source::{
    author, bodies, dated, forget_everything, hold_post, is_outdated, missing, names_of,
    outdate_posts_of, outdated_posts, people_window, post_window, source, stale_people,
    stale_posts, tags_of, topic,
};
use super::{index::Document, words::Term};
use crate::{
    Result,
    db::{Conn, Tx, record},
    ids::{CategoryId, PostId, TagId, UserId},
    posts::reading::card::CardRow,
};

/// What is asked of the index.
#[derive(Debug, Default, Clone)]
pub struct Asked<'a> {
    pub terms: &'a [Term],
    pub without: &'a [Term],
    /// Keys that a post must have: `u12`, `t7`.
    pub keys: Vec<String>,
    /// Keys of which a post must have one: those of a span of time.
    pub times: Vec<String>,
    /// Keys of the last months.
    pub recent: [String; 2],
    pub before: Option<DateTime<Utc>>,
    pub since: Option<DateTime<Utc>>,
    pub viewer: Option<UserId>,
    pub scope: Scope,
}

/// Where words are looked for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Title,
    /// Everywhere, the last word as it stands.
    Exactly,
    /// Everywhere, the last word being a beginning.
    #[default]
    Everywhere,
}

record! {
    /// A public post that was found: a row of `public_post`, with its names in the index.
    #[derive(Debug, Clone)]
    pub struct Hit {
        pub id: PostId,
        pub user_id: UserId,
        pub category_id: Option<CategoryId>,
        pub published_at: DateTime<Utc>,
        pub edited_at: Option<DateTime<Utc>>,
        pub like_count: i64,
        pub comment_count: i64,
        pub word_count: i64,
        pub slug: String,
        pub title: String,
        pub meta_description: Option<String>,
        pub excerpt: String,
        pub image_filename: Option<String>,
        pub image_alt: Option<String>,
        pub image_width: Option<i64>,
        pub image_height: Option<i64>,
        pub author_username: String,
        pub author_first_name: Option<String>,
        pub author_last_name: Option<String>,
        pub author_avatar: Option<String>,
        pub category_name: Option<String>,
        pub category_slug: Option<String>,
        pub names: String,
    }
}

record! {
    /// A post of one's own that is not public.
    #[derive(Debug, Clone)]
    pub struct DraftHit {
        pub id: PostId,
        pub title: String,
        pub status: String,
        pub updated_at: DateTime<Utc>,
    }
}

record! {
    /// A person or a tag that was found.
    #[derive(Debug, Clone)]
    pub struct NameHit {
        pub is_person: bool,
        pub id: i64,
        /// The user name, or the address of the tag.
        pub key: String,
        pub name: String,
        pub last_name: Option<String>,
        pub avatar_filename: Option<String>,
        pub post_count: i64,
    }
}

record! {
    /// What is indexed of a post.
    pub struct Source {
        pub user_id: UserId,
        pub category_id: Option<CategoryId>,
        pub title: String,
        pub meta_description: Option<String>,
        pub html: String,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub category_name: Option<String>,
        pub is_public: bool,
        pub published_at: Option<DateTime<Utc>>,
    }
}

record! {
    /// What is indexed of a person.
    pub struct Names {
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
    }
}

impl Hit {
    pub fn card(&self) -> CardRow {
        let hit = self.clone();
        CardRow {
            id: hit.id,
            user_id: hit.user_id,
            category_id: hit.category_id,
            published_at: hit.published_at,
            // A hit is not shown otherwise for being featured, so this is not asked.
            is_featured: false,
            edited_at: hit.edited_at,
            like_count: hit.like_count,
            comment_count: hit.comment_count,
            word_count: hit.word_count,
            slug: hit.slug,
            title: hit.title,
            meta_description: hit.meta_description,
            excerpt: hit.excerpt,
            image_filename: hit.image_filename,
            image_alt: hit.image_alt,
            image_width: hit.image_width,
            image_height: hit.image_height,
            author_username: hit.author_username,
            author_first_name: hit.author_first_name,
            author_last_name: hit.author_last_name,
            author_avatar: hit.author_avatar,
            category_name: hit.category_name,
            category_slug: hit.category_slug,
        }
    }
}

/// The newest public posts that hold what is asked for, and that this viewer is not kept from.
pub async fn posts(conn: &mut Conn, asked: &Asked<'_>, most: i64) -> Result<Vec<Hit>> {
    if conn.is_sqlite() {
        sqlite::posts(conn, asked, most).await
    } else {
        postgres::posts(conn, asked, most).await
    }
}

/// One's own posts that are not public.
pub async fn drafts(
    conn: &mut Conn,
    terms: &[Term],
    owner: UserId,
    most: i64,
) -> Result<Vec<DraftHit>> {
    let asked = Asked { terms, keys: vec![format!("u{owner}")], ..Asked::default() };
    if conn.is_sqlite() {
        sqlite::drafts(conn, &asked, owner, most).await
    } else {
        postgres::drafts(conn, &asked, owner, most).await
    }
}

/// Puts the index of names together, which many small changes have left in pieces. PostgreSQL does
/// so by itself. With 20,000 names it takes 20 ms, and makes each question several times as quick.
pub async fn settle_names(tx: &mut Tx) -> Result<()> {
    if tx.is_sqlite() { sqlite::settle_names(tx).await } else { Ok(()) }
}

/// The same for the index of posts: 8 s for 100,000 of them, so it is not for a site that is open.
pub async fn settle_posts(tx: &mut Tx) -> Result<()> {
    if tx.is_sqlite() { sqlite::settle_posts(tx).await } else { Ok(()) }
}

/// People and tags whose names hold all words, each of which may be a beginning: of the oldest
/// `looked_at` people and the newest tags the `most` with most posts. Whoever is called just what
/// was typed comes first, however many others there are.
pub async fn names(
    conn: &mut Conn,
    (terms, typed): (&[Term], &str),
    viewer: Option<UserId>,
    (looked_at, most): (i64, i64),
) -> Result<Vec<NameHit>> {
    let open: Vec<Term> =
        terms.iter().map(|term| Term { open: !term.pairs || term.open, ..term.clone() }).collect();
    if conn.is_sqlite() {
        sqlite::names(conn, (&open, typed), viewer, (looked_at, most)).await
    } else {
        postgres::names(conn, (&open, typed), viewer, (looked_at, most)).await
    }
}

/// Known words that look like this one.
pub async fn similar(conn: &mut Conn, word: &str) -> Result<Vec<(String,)>> {
    if conn.is_sqlite() {
        sqlite::similar(conn, word).await
    } else {
        postgres::similar(conn, word).await
    }
}

/// Writes what is searched of a post, and the texts that an answer shows.
pub async fn put_post(
    tx: &mut Tx,
    post: PostId,
    document: &Document,
    shown: (&str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    if tx.is_sqlite() {
        sqlite::put_post(tx, post, document, shown, now).await
    } else {
        postgres::put_post(tx, post, document, shown, now).await
    }
}

/// Writes the folded names of a person.
pub async fn put_user(tx: &mut Tx, user: UserId, name: &str, now: DateTime<Utc>) -> Result<()> {
    if tx.is_sqlite() {
        sqlite::put_user(tx, user, name, now).await
    } else {
        postgres::put_user(tx, user, name, now).await
    }
}

/// Writes the folded name of a tag.
pub async fn put_tag(tx: &mut Tx, tag: TagId, name: &str, now: DateTime<Utc>) -> Result<()> {
    if tx.is_sqlite() {
        sqlite::put_tag(tx, tag, name, now).await
    } else {
        postgres::put_tag(tx, tag, name, now).await
    }
}

/// Remembers a word.
pub async fn learn(tx: &mut Tx, word: &str, now: DateTime<Utc>) -> Result<()> {
    if tx.is_sqlite() {
        sqlite::learn(tx, word, now).await
    } else {
        postgres::learn(tx, word, now).await
    }
}

/// Letters of a word, as the vocabulary counts them.
fn letters(word: &str) -> i64 {
    i64::try_from(word.chars().count()).unwrap_or(i64::MAX)
}

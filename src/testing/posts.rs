//! People and posts for tests of reading, written straight into the tables.

use chrono::{DateTime, Utc};

use super::{Client, TestApp, beginning};
use crate::{
    app::token_hash,
    db::{read, write},
    ids::{CategoryId, PostId, TagId, UserId},
    search::index,
};

/// A person to be written.
#[derive(Clone)]
pub struct TestUser<'a> {
    pub username: &'a str,
    pub first_name: Option<&'a str>,
    pub last_name: Option<&'a str>,
    pub bio: Option<&'a str>,
    pub location: Option<&'a str>,
    pub website: Option<&'a str>,
    pub is_active: bool,
    pub role: &'a str,
}

impl Default for TestUser<'_> {
    fn default() -> Self {
        Self {
            username: "ana",
            first_name: None,
            last_name: None,
            bio: None,
            location: None,
            website: None,
            is_active: true,
            role: "User",
        }
    }
}

/// A post to be written.
#[derive(Clone)]
pub struct TestPost<'a> {
    pub author: UserId,
    pub category: Option<CategoryId>,
    pub title: &'a str,
    pub slug: Option<&'a str>,
    pub status: &'a str,
    pub content: &'a str,
    pub description: Option<&'a str>,
    pub canonical_url: Option<&'a str>,
    pub image: Option<&'a str>,
    pub image_alt: Option<&'a str>,
    pub featured: bool,
    pub likes: i64,
    /// Minutes after the beginning of the test.
    pub minute: i64,
    pub edited_minute: Option<i64>,
    pub deleted: bool,
}

impl<'a> TestPost<'a> {
    pub fn new(author: UserId, slug: &'a str, title: &'a str) -> Self {
        Self {
            author,
            category: None,
            title,
            slug: Some(slug),
            status: "published",
            content: "Some words.",
            description: None,
            canonical_url: None,
            image: None,
            image_alt: None,
            featured: false,
            likes: 0,
            minute: 0,
            edited_minute: None,
            deleted: false,
        }
    }
}

fn minute(minute: i64) -> DateTime<Utc> {
    beginning() + chrono::TimeDelta::minutes(minute)
}

impl TestApp {
    /// Writes a person with a mail address of their name at `private.example`.
    pub async fn insert_user(&self, user: TestUser<'_>) -> UserId {
        let mut tx = self.app.db.begin().await.unwrap();
        let id = write(
            "insert into \"user\" (created_at, updated_at, username, username_key, email,
                 email_key, password_hash, password_changed_at, first_name, last_name, bio,
                 location, website, is_active, email_confirmed, last_seen, role_id)
             values ($1, $1, $2, $3, $4, $4, '', $1, $5, $6, $7, $8, $9, $10, $11, $1,
                 (select id from role where name = $12)) returning id",
        )
        .bind(beginning())
        .bind(user.username)
        .bind(user.username.to_lowercase())
        .bind(format!("{}@private.example", user.username.to_lowercase()))
        .bind(user.first_name)
        .bind(user.last_name)
        .bind(user.bio)
        .bind(user.location)
        .bind(user.website)
        .bind(user.is_active)
        .bind(true)
        .bind(user.role)
        .value(&mut tx)
        .await
        .unwrap();
        index::index_user(&self.app, &mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Writes a post, and counts it where it is public.
    pub async fn insert_post(&self, post: TestPost<'_>) -> PostId {
        let rendered = markup::render(post.content);
        let is_public = post.status == "published" && !post.deleted;
        let has_time = matches!(post.status, "published" | "hidden");
        let mut tx = self.app.db.begin().await.unwrap();
        let id = write(
            "insert into post (created_at, updated_at, user_id, category_id, status, published_at,
                 scheduled_at, edited_at, deleted_at, is_featured, like_count, word_count,
                 render_version, slug, title, meta_description, excerpt, canonical_url,
                 image_filename, image_alt, headings, html, content)
             values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14, $15, $16,
                 $17, $18, $19, $20, $21) returning id",
        )
        .bind(minute(post.minute))
        .bind(post.author)
        .bind(post.category)
        .bind(post.status)
        .bind(has_time.then(|| minute(post.minute)))
        .bind((post.status == "scheduled").then(|| minute(post.minute + 1_000_000)))
        .bind(post.edited_minute.map(minute))
        .bind(post.deleted.then(|| minute(post.minute)))
        .bind(post.featured)
        .bind(post.likes)
        .bind(i64::from(rendered.words))
        .bind(post.slug)
        .bind(post.title)
        .bind(post.description)
        .bind(markup::excerpt(&rendered.text, 300))
        .bind(post.canonical_url)
        .bind(post.image)
        .bind(post.image_alt)
        .bind(serde_json::to_string(&rendered.headings).unwrap())
        .bind(rendered.html.as_str())
        .bind(post.content)
        .value(&mut tx)
        .await
        .unwrap();
        if is_public {
            write("update \"user\" set post_count = post_count + 1, updated_at = $2 where id = $1")
                .bind(post.author)
                .bind(beginning())
                .run(&mut tx)
                .await
                .unwrap();
            write("update category set post_count = post_count + 1, updated_at = $2 where id = $1")
                .bind(post.category)
                .bind(beginning())
                .run(&mut tx)
                .await
                .unwrap();
        }
        index::index_post(&self.app, &mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Puts a tag on a post.
    pub async fn insert_tag(&self, post: PostId, name: &str, slug: &str) -> TagId {
        let mut tx = self.app.db.begin().await.unwrap();
        write(
            "insert into tag (created_at, updated_at, name, slug) values ($1, $1, $2, $3)
             on conflict (slug) do nothing",
        )
        .bind(beginning())
        .bind(name)
        .bind(slug)
        .run(&mut tx)
        .await
        .unwrap();
        let id: TagId =
            read("select id from tag where slug = $1").bind(slug).value(&mut tx).await.unwrap();
        write(
            "insert into post_tag (post_id, tag_id, published_at)
             select p.id, $2, v.published_at from post p
               left join public_post v on v.id = p.id where p.id = $1",
        )
        .bind(post)
        .bind(id)
        .run(&mut tx)
        .await
        .unwrap();
        write(
            "update tag set updated_at = $2, post_count = (select count(*) from post_tag pt
                 join public_post p on p.id = pt.post_id where pt.tag_id = tag.id) where id = $1",
        )
        .bind(id)
        .bind(beginning())
        .run(&mut tx)
        .await
        .unwrap();
        index::index_post(&self.app, &mut tx, post).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Gives a post a former address.
    pub async fn insert_former_slug(&self, post: PostId, slug: &str) {
        let mut tx = self.app.db.begin().await.unwrap();
        write(
            "insert into post_slug (created_at, updated_at, post_id, slug) values ($1, $1, $2, $3)",
        )
        .bind(beginning())
        .bind(post)
        .bind(slug)
        .run(&mut tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// The seeded category with this slug.
    pub async fn category(&self, slug: &str) -> CategoryId {
        let mut conn = self.app.db.conn().await.unwrap();
        read("select id from category where slug = $1").bind(slug).value(&mut conn).await.unwrap()
    }

    /// A browser in which this person is logged in.
    pub async fn client_of(&self, user: UserId) -> Client {
        let token = self.app.random.token().unwrap();
        let mut tx = self.app.db.begin().await.unwrap();
        write(
            "insert into session (created_at, updated_at, user_id, token_hash, remember,
                 last_seen_at, expires_at, proved_at) values ($1, $1, $2, $3, $4, $1, $5, $1)",
        )
        .bind(self.app.clock.now())
        .bind(user)
        .bind(token_hash(&token))
        .bind(false)
        .bind(self.app.clock.now() + chrono::TimeDelta::days(1))
        .run(&mut tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let client = self.visitor();
        client.set_cookie("__Host-streamly_session", &token);
        client
    }

    /// Writes 4,000 posts of 40 writers in 45 categories, each with one of 20 tags, and lets PostgreSQL count them.
    pub async fn fill(&self) {
        let mut tx = self.app.db.begin().await.unwrap();
        let numbers = "with recursive n (i) as (select 1 union all select i + 1 from n where i < ";
        let statements = [
            format!(
                "insert into \"user\" (created_at, updated_at, username, username_key, email,
                     email_key, password_hash, password_changed_at, last_seen, post_count,
                     email_confirmed)
                 {numbers} 40) select $1, $1, 'w' || i, 'w' || i, 'w' || i, 'w' || i, '', $1, $1,
                     100, true from n"
            ),
            format!(
                "insert into category (created_at, updated_at, name, slug)
                 {numbers} 40) select $1, $1, 'c' || i, 'c' || i from n"
            ),
            format!(
                "insert into post (created_at, updated_at, user_id, category_id, status,
                     published_at, slug, title, content, like_count)
                 {numbers} 4000) select $1, $1, (select min(id) from \"user\") + i % 40,
                     (select min(id) from category) + (i / 40) % 45, 'published', $1, 'p' || i, 'Title',
                     'words', i from n"
            ),
            "insert into tag (created_at, updated_at, name, slug, post_count)
             select created_at, updated_at, slug, slug, 200 from post order by id limit 20"
                .to_owned(),
            "insert into post_tag (post_id, tag_id, published_at)
             select id, (select min(id) from tag) + id % 20, published_at from post"
                .to_owned(),
        ];
        for statement in statements {
            let statement: &'static str = statement.leak();
            let statement = if statement.contains("$1") {
                write(statement).bind(beginning())
            } else {
                write(statement)
            };
            statement.run(&mut tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        if !self.app.db.is_sqlite() {
            let mut tx = self.app.db.begin().await.unwrap();
            let statement = "analyze";
            write(statement).run(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// The plan that the database makes for a statement with values in it.
    pub async fn plan(&self, statement: &'static str) -> String {
        let mut tx = self.app.db.begin().await.unwrap();
        if self.app.db.is_sqlite() {
            let text: &'static str = format!("explain query plan {statement}").leak();
            let rows: Vec<(i64, i64, i64, String)> = read(text).all(&mut tx).await.unwrap();
            return rows.into_iter().map(|row| row.3 + "\n").collect();
        }
        let setting = "set local enable_seqscan = off";
        write(setting).run(&mut tx).await.unwrap();
        let text: &'static str = format!("explain {statement}").leak();
        let rows: Vec<(String,)> = read(text).all(&mut tx).await.unwrap();
        rows.into_iter().map(|row| row.0 + "\n").collect()
    }
}

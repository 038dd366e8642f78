//! A post in a list, as the database gives it.

use chrono::{DateTime, Utc};

use crate::{
    accounts::full_name,
    db::record,
    ids::{CategoryId, PostId, UserId},
    links,
    paging::Cursor,
};

record! {
    /// A row of `public_post`: what a list needs to know, and no text longer than an excerpt.
    #[derive(Debug, Clone)]
    pub struct CardRow {
        pub id: PostId,
        pub user_id: UserId,
        pub category_id: Option<CategoryId>,
        pub published_at: DateTime<Utc>,
        pub is_featured: bool,
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
    }
}

/// Something with a name and a page.
#[derive(Debug, Clone)]
pub struct Named {
    pub name: String,
    pub url: String,
}

impl CardRow {
    /// The row's place in a list by time.
    pub fn cursor(&self) -> Cursor {
        Cursor::at(self.published_at, self.id.0)
    }

    pub fn author_name(&self) -> String {
        full_name(
            &self.author_username,
            self.author_first_name.as_deref(),
            self.author_last_name.as_deref(),
        )
    }

    /// When the post last changed for its readers.
    pub fn changed_at(&self) -> DateTime<Utc> {
        self.edited_at.map_or(self.published_at, |edited| edited.max(self.published_at))
    }

    /// What the writer says of the post, or its beginning.
    pub fn summary(&self) -> &str {
        let description = self.meta_description.as_deref().map(str::trim).unwrap_or_default();
        if description.is_empty() { &self.excerpt } else { description }
    }

    pub fn category(&self) -> Option<Named> {
        let (name, slug) = (self.category_name.as_ref()?, self.category_slug.as_deref()?);
        Some(Named { name: name.clone(), url: links::category(slug) })
    }
}

/// How long reading takes (R-SOCIAL.8).
pub fn minutes(words: i64) -> u32 {
    markup::reading_minutes(u32::try_from(words).unwrap_or(0))
}

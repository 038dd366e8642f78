//! One post, whole, and who may read it.

use chrono::{DateTime, Utc};

use super::card::Named;
use crate::{
    Error, Result,
    accounts::{Permission, Viewer, full_name},
    db::record,
    ids::{CategoryId, PostId, TagId, UserId},
    links,
};

record! {
    /// A post with its author and category, in whatever state it is.
    #[derive(Debug, Clone)]
    pub struct Article {
        pub id: PostId,
        pub user_id: UserId,
        pub category_id: Option<CategoryId>,
        pub status: String,
        pub updated_at: DateTime<Utc>,
        pub published_at: Option<DateTime<Utc>>,
        pub scheduled_at: Option<DateTime<Utc>>,
        pub edited_at: Option<DateTime<Utc>>,
        pub deleted_at: Option<DateTime<Utc>>,
        pub like_count: i64,
        pub view_count: i64,
        pub comment_count: i64,
        pub word_count: i64,
        pub is_featured: bool,
        pub slug: Option<String>,
        pub title: String,
        pub meta_description: Option<String>,
        pub excerpt: String,
        pub canonical_url: Option<String>,
        pub image_filename: Option<String>,
        pub image_alt: Option<String>,
        pub image_width: Option<i64>,
        pub image_height: Option<i64>,
        pub headings: String,
        pub html: String,
        pub author_username: String,
        pub author_first_name: Option<String>,
        pub author_last_name: Option<String>,
        pub author_avatar: Option<String>,
        pub author_bio: Option<String>,
        pub author_is_active: bool,
        pub category_name: Option<String>,
        pub category_slug: Option<String>,
    }
}

record! {
    /// A tag of a post.
    #[derive(Debug, Clone)]
    pub struct TagRow {
        pub id: TagId,
        pub name: String,
        pub slug: String,
    }
}

/// What an article's reader is told above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Everybody reads it.
    Public,
    Draft,
    Scheduled,
    Hidden,
    /// Published by somebody whose account is not active.
    AuthorAway,
}

impl Article {
    /// Whether it is public, and if not, whether this reader may see it all the same: the author
    /// and who edits everybody's posts. Others learn nothing of it, not even that it is there;
    /// what was public and was deleted is [`Error::Gone`].
    pub fn standing(&self, viewer: Option<&Viewer>) -> Result<Standing> {
        if self.deleted_at.is_some() {
            let was_public = self.status == "published" && self.author_is_active;
            return Err(if was_public { Error::Gone } else { Error::NotFound });
        }
        let standing = match self.status.as_str() {
            "published" if self.author_is_active => return Ok(Standing::Public),
            "published" => Standing::AuthorAway,
            "scheduled" => Standing::Scheduled,
            "hidden" => Standing::Hidden,
            _ => Standing::Draft,
        };
        let may_see = viewer.is_some_and(|viewer| {
            viewer.id == self.user_id || viewer.can(Permission::EditAllPosts)
        });
        if may_see { Ok(standing) } else { Err(Error::NotFound) }
    }

    /// Whether this reader is offered to change it; the action behind the link decides again.
    pub fn can_edit(&self, viewer: Option<&Viewer>) -> bool {
        viewer.is_some_and(|viewer| {
            viewer.can(Permission::EditAllPosts)
                || viewer.id == self.user_id && viewer.can(Permission::EditOwnPosts)
        })
    }

    /// The last part of its address: an old row without a slug goes by its number.
    pub fn slug(&self) -> String {
        self.slug.clone().unwrap_or_else(|| self.id.to_string())
    }

    pub fn path(&self) -> String {
        links::post(&self.slug())
    }

    pub fn author_name(&self) -> String {
        full_name(
            &self.author_username,
            self.author_first_name.as_deref(),
            self.author_last_name.as_deref(),
        )
    }

    pub fn category(&self) -> Option<Named> {
        let (name, slug) = (self.category_name.as_ref()?, self.category_slug.as_deref()?);
        Some(Named { name: name.clone(), url: links::category(slug) })
    }

    /// The writer's own description, if there is one.
    pub fn description(&self) -> Option<&str> {
        self.meta_description.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// When readers were given another text, if that was after publishing.
    pub fn changed_at(&self) -> Option<DateTime<Utc>> {
        let published = self.published_at?;
        self.edited_at.filter(|edited| *edited > published)
    }

    /// The headings for a table of contents; none when the stored list cannot be read.
    pub fn headings(&self) -> Vec<markup::Heading> {
        serde_json::from_str(&self.headings).unwrap_or_default()
    }
}

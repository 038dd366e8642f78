//! The post as its writer has it, what is sent to change it, and the rules between the two.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::input::{category, clean_line, is_blank, short, tags, time, web_address};
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    db::{record, text_enum},
    error::FieldErrors,
    ids::{CategoryId, PostId, UserId},
};

text_enum! {
    /// Who sees a post.
    pub enum Status {
        /// Its writer.
        Draft = "draft",
        /// Its writer, and everybody from a certain time on.
        Scheduled = "scheduled",
        /// Everybody.
        Published = "published",
        /// Its writer and the editors; it was public before.
        Hidden = "hidden",
    }
}

text_enum! {
    /// Why a revision was kept.
    pub enum RevisionKind {
        Create = "create",
        Edit = "edit",
        Autosave = "autosave",
        Publish = "publish",
        Restore = "restore",
    }
}

impl Status {
    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Scheduled => "Scheduled",
            Self::Published => "Published",
            Self::Hidden => "Hidden",
        }
    }
}

record! {
    /// A post with everything its writer works with.
    #[derive(Debug, Clone)]
    pub struct Post {
        pub id: PostId,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub user_id: UserId,
        pub category_id: Option<CategoryId>,
        pub status: Status,
        pub published_at: Option<DateTime<Utc>>,
        pub scheduled_at: Option<DateTime<Utc>>,
        pub deleted_at: Option<DateTime<Utc>>,
        pub version: i64,
        pub slug: Option<String>,
        pub title: String,
        pub meta_description: Option<String>,
        pub canonical_url: Option<String>,
        pub image_filename: Option<String>,
        pub image_alt: Option<String>,
        pub image_width: Option<i64>,
        pub image_height: Option<i64>,
        pub content: String,
    }
}

impl Post {
    pub fn can_edit(&self, viewer: &Viewer) -> bool {
        let own = self.user_id == viewer.id && viewer.can(Permission::EditOwnPosts);
        self.deleted_at.is_none() && (own || viewer.can(Permission::EditAllPosts))
    }

    pub fn can_delete(&self, viewer: &Viewer) -> bool {
        let own = self.user_id == viewer.id && viewer.can(Permission::DeleteOwnPosts);
        own || viewer.can(Permission::DeleteAllPosts)
    }

    /// Whether somebody who may not change it may know that it exists.
    pub fn is_public(&self) -> bool {
        self.status == Status::Published && self.deleted_at.is_none()
    }

    /// The address of the post.
    pub fn path(&self) -> String {
        match &self.slug {
            Some(slug) => crate::links::post(slug),
            None => format!("/blog/post/{}", self.id),
        }
    }
}

/// What somebody sends to write or change a post: by form, by script, later by API and import.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PostInput {
    pub title: String,
    pub content: String,
    pub category_id: String,
    /// Separated by commas.
    pub tags: String,
    pub meta_description: String,
    pub slug: String,
    pub canonical_url: String,
    pub cover_alt: String,
    /// `2026-11-24T09:00`, in UTC, or with a zone.
    pub scheduled_at: String,
    pub remove_cover: String,
    /// A picture of the sender's that is stored already, by its file's name.
    pub cover_file: String,
    /// The word of the button that was pressed.
    pub status: String,
    /// The version that the change started from; empty when the sender does not know.
    pub version: String,
    /// A mark of the form as it was shown, so that the second click makes nothing twice.
    pub nonce: String,
    /// The cover's file field, when a browser sends it as text because no file was chosen.
    pub image: String,
}

/// The fields of a post as they were typed: what a private draft keeps, what the form shows.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    pub title: String,
    pub content: String,
    pub category_id: String,
    pub tags: String,
    pub meta_description: String,
    pub slug: String,
    pub canonical_url: String,
    pub cover_alt: String,
    pub scheduled_at: String,
}

/// Fields that are fit to be kept; only [`NewPost::parse`] and [`NewPost::draft`] make them.
#[derive(Debug, Clone)]
pub struct NewPost {
    pub title: String,
    pub content: String,
    pub category_id: Option<CategoryId>,
    pub tags: Vec<Tag>,
    pub meta_description: Option<String>,
    /// A slug that the writer chose; `None` leaves the choice to the title.
    pub slug: Option<String>,
    pub canonical_url: Option<String>,
    pub cover_alt: Option<String>,
    pub scheduled_at: Option<DateTime<Utc>>,
}

/// A tag as it is written, and its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    pub slug: String,
}

/// The longest title, in characters (S4.16).
pub const MAX_TITLE: usize = 200;
const MAX_DESCRIPTION: usize = 300;
const MAX_ALT: usize = 500;

impl PostInput {
    pub fn fields(&self) -> Fields {
        let input = self.clone();
        Fields {
            title: input.title,
            content: input.content,
            category_id: input.category_id,
            tags: input.tags,
            meta_description: input.meta_description,
            slug: input.slug,
            canonical_url: input.canonical_url,
            cover_alt: input.cover_alt,
            scheduled_at: input.scheduled_at,
        }
    }
}

impl NewPost {
    /// Checks fields that are about to be kept by the writer's word.
    pub fn parse(app: &App, fields: &Fields, status: Status) -> Result<Self> {
        let mut errors = FieldErrors::default();
        let title = clean_line(&fields.title);
        if is_blank(&title) {
            errors.add("title", "Give the post a title.");
        }
        let post = Self::check(app, fields, title, &mut errors);
        if is_blank(&post.content) {
            errors.add("content", "Write something first.");
        }
        if status == Status::Scheduled {
            match post.scheduled_at {
                None => errors.add("scheduled_at", "Say when it should be published."),
                Some(at) if at <= app.clock.now() => {
                    errors.add("scheduled_at", "This time has passed; choose one to come.");
                }
                Some(_) => {}
            }
        }
        errors.into_result()?;
        Ok(post)
    }

    /// Checks fields that are saved while somebody is typing: what is missing may come later.
    pub fn draft(app: &App, fields: &Fields) -> Result<Self> {
        let mut errors = FieldErrors::default();
        let mut lenient = fields.clone();
        // Half-typed addresses and times are kept as typed in the draft, not judged.
        if web_address(&lenient.canonical_url).is_err() {
            lenient.canonical_url.clear();
        }
        if time(&lenient.scheduled_at).is_err() {
            lenient.scheduled_at.clear();
        }
        let post = Self::check(app, &lenient, clean_line(&fields.title), &mut errors);
        errors.into_result()?;
        Ok(post)
    }

    fn check(app: &App, fields: &Fields, title: String, errors: &mut FieldErrors) -> Self {
        if title.chars().count() > MAX_TITLE {
            let length = title.chars().count();
            errors.add(
                "title",
                format!("The title has {length} characters; {MAX_TITLE} are the most."),
            );
        }
        let limit = app.config.limits.post_content;
        if fields.content.len() > limit.0 {
            let limit = crate::config::shown(&limit);
            errors.add("content", format!("The text is longer than {limit}. Make it two posts."));
        }
        let category = errors.check("category_id", category(&fields.category_id)).flatten();
        let tags = errors.check("tags", tags(&fields.tags)).unwrap_or_default();
        let description = short(&fields.meta_description, MAX_DESCRIPTION, "The description");
        let alt = short(&fields.cover_alt, MAX_ALT, "The description of the cover");
        let slug = clean_line(&fields.slug);
        Self {
            title,
            content: fields.content.clone(),
            category_id: category,
            tags,
            meta_description: errors.check("meta_description", description).flatten(),
            slug: (!slug.is_empty()).then(|| markup::slugify(&slug)),
            canonical_url: errors
                .check("canonical_url", web_address(&fields.canonical_url))
                .flatten(),
            cover_alt: errors.check("cover_alt", alt).flatten(),
            scheduled_at: errors.check("scheduled_at", time(&fields.scheduled_at)).flatten(),
        }
    }
}

/// The status that a pressed button asks for.
pub fn asked_status(word: &str) -> Result<Status> {
    if word.is_empty() {
        return Ok(Status::Draft);
    }
    Status::from_word(word).ok_or_else(|| Error::invalid("status", "There is no such state."))
}

//! The post as its writer has it, what is sent to change it, and the rules between the two.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

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
            Some(slug) => crate::posts::slugs::path(slug),
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
const MAX_TAGS: usize = 10;
const MAX_TAG: usize = 50;
const MAX_DESCRIPTION: usize = 300;
const MAX_URL: usize = 512;
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
        if title.is_empty() {
            errors.add("title", "Give the post a title.");
        }
        let post = Self::check(app, fields, title, &mut errors);
        if post.content.trim().is_empty() {
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

/// One line of text in one form: composed, without control characters or room at the ends.
pub fn clean_line(text: &str) -> String {
    let line: String =
        text.nfc().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_trick(*c)).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that turn text around or hide in it; in one line they only deceive (V29).
fn is_trick(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn short(text: &str, max: usize, what: &str) -> Result<Option<String>, String> {
    let text = clean_line(text);
    if text.chars().count() > max {
        return Err(format!("{what} has more than {max} characters."));
    }
    Ok((!text.is_empty()).then_some(text))
}

fn category(text: &str) -> Result<Option<CategoryId>, &'static str> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.trim().parse().map(|id| Some(CategoryId(id))).map_err(|_| "There is no such category.")
}

fn tags(text: &str) -> Result<Vec<Tag>, String> {
    let mut tags: Vec<Tag> = Vec::new();
    for name in text.split([',', '\n', '、', '،']) {
        let name = clean_line(name.trim().trim_start_matches('#'));
        if name.is_empty() {
            continue;
        }
        if name.chars().count() > MAX_TAG {
            return Err(format!("A tag may have {MAX_TAG} characters at most."));
        }
        let slug = markup::slugify(&name);
        if !tags.iter().any(|tag| tag.slug == slug) {
            tags.push(Tag { name, slug });
        }
    }
    if tags.len() > MAX_TAGS {
        return Err(format!("{} tags are too many; {MAX_TAGS} are the most.", tags.len()));
    }
    Ok(tags)
}

fn web_address(text: &str) -> Result<Option<String>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let good = text.len() <= MAX_URL
        && url::Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.username().is_empty()
        });
    if good {
        Ok(Some(text.to_owned()))
    } else {
        Err("This must be a whole address, beginning with https://")
    }
}

/// Reads what a browser's field for date and time sends (UTC), or a time with its zone.
fn time(text: &str) -> Result<Option<DateTime<Utc>>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(Some(time.to_utc()));
    }
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| Some(time.and_utc()))
        .ok_or("This is no time; write it like 2026-11-24T09:00.")
}

/// The status that a pressed button asks for.
pub fn asked_status(word: &str) -> Result<Status> {
    if word.is_empty() {
        return Ok(Status::Draft);
    }
    Status::from_word(word).ok_or_else(|| Error::invalid("status", "There is no such state."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_split_cleaned_and_told_apart() {
        let names = |text: &str| -> Vec<String> {
            tags(text).unwrap().into_iter().map(|tag| tag.name).collect()
        };
        assert_eq!(names("rivers, #canoe,,  slow travel , Rivers"), ["rivers", "canoe", "slow travel"]);
        assert_eq!(names("日本語、العربية"), ["日本語", "العربية"]);
        assert!(names(" , ").is_empty());
        assert!(tags(&"x".repeat(51)).is_err());
        assert!(tags("a,b,c,d,e,f,g,h,i,j,k").is_err());
    }

    #[test]
    fn only_web_addresses_are_canonical() {
        assert_eq!(web_address(" "), Ok(None));
        assert!(web_address("https://example.org/a?b").is_ok());
        for bad in ["javascript:alert(1)", "//x", "example.org", "https://", "https://a@b/", "data:,x"] {
            assert!(web_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_line_loses_what_deceives() {
        assert_eq!(clean_line(" a\u{202e}b\tc\r\nd  e\u{0} "), "ab c d e");
        assert_eq!(clean_line("e\u{301}"), "é");
        assert_eq!(clean_line("👨‍👩‍👧"), "👨‍👩‍👧");
    }

    #[test]
    fn times_come_with_and_without_zone() {
        let expected = DateTime::from_timestamp(1_795_510_800, 0).unwrap();
        for text in ["2026-11-24T09:00", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00+01:00"] {
            assert_eq!(time(text), Ok(Some(expected)), "{text}");
        }
        assert!(time("tomorrow").is_err());
    }
}

//! A post in a list, as `components/post_card.html` shows it.

use crate::{
    ids::PostId,
    links,
    posts::reading::card::{CardRow, Named, minutes},
    web::view,
};

/// How many characters of a post a list shows (R-SOCIAL.7).
const EXCERPT: usize = 150;

/// What `components/post_card.html` shows.
#[derive(Debug, Clone)]
pub struct PostCard {
    pub id: PostId,
    pub title: String,
    pub url: String,
    pub excerpt: String,
    pub author_name: String,
    pub author_url: String,
    pub author_initials: String,
    pub author_hue: u16,
    pub author_avatar: Option<String>,
    pub published_at: String,
    pub published_on: String,
    pub minutes: u32,
    pub likes: i64,
    pub comments: i64,
    pub category: Option<Named>,
    pub thumb: Option<Picture>,
}

/// A picture with what its place on the page needs.
#[derive(Debug, Clone)]
pub struct Picture {
    pub url: String,
    pub alt: String,
    pub width: i64,
    pub height: i64,
}

impl Picture {
    pub fn of_row(row: &CardRow) -> Option<Self> {
        let size = (row.image_width, row.image_height);
        Self::of(row.image_filename.as_deref(), row.image_alt.as_deref(), size)
    }

    /// A post's cover. One without known size takes the shape that covers are shown in.
    pub fn of(
        filename: Option<&str>,
        alt: Option<&str>,
        (width, height): (Option<i64>, Option<i64>),
    ) -> Option<Self> {
        let filename = filename.filter(|name| !name.is_empty())?;
        let (width, height) = match (width, height) {
            (Some(width), Some(height)) if width > 0 && height > 0 => (width, height),
            _ => (1_200, 600),
        };
        Some(Self {
            url: view::media_url(filename),
            alt: alt.unwrap_or_default().to_owned(),
            width,
            height,
        })
    }
}

impl From<&CardRow> for PostCard {
    fn from(row: &CardRow) -> Self {
        let author_name = row.author_name();
        Self {
            id: row.id,
            title: row.title.clone(),
            url: links::post(&row.slug),
            excerpt: markup::excerpt(row.summary(), EXCERPT),
            author_url: links::user(&row.author_username),
            author_initials: view::initials(&author_name),
            author_hue: view::hue(&row.author_username),
            author_avatar: row.author_avatar.as_deref().map(view::media_url),
            author_name,
            published_at: view::iso(row.published_at),
            published_on: view::day(row.published_at),
            minutes: minutes(row.word_count),
            likes: row.like_count,
            comments: row.comment_count,
            category: row.category(),
            thumb: Picture::of_row(row),
        }
    }
}

/// Rows as cards.
pub fn cards(rows: &[CardRow]) -> Vec<PostCard> {
    rows.iter().map(PostCard::from).collect()
}

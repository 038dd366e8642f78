//! A feed, whatever format it is written in.

use chrono::{DateTime, Utc};

use super::{absolute, store::EntryRow};
use crate::{accounts::full_name, app::App, links};

/// How many characters summarise an entry.
const SUMMARY: usize = 200;

/// A list of posts with a name.
pub struct Feed {
    pub title: String,
    pub description: String,
    /// The page that it is the feed of.
    pub page: String,
    /// Its own address.
    pub own: String,
    pub language: String,
    pub updated: DateTime<Utc>,
    pub entries: Vec<Entry>,
}

/// A post in a feed. Addresses are whole; no text holds what XML does not know.
pub struct Entry {
    pub url: String,
    pub title: String,
    pub summary: String,
    pub html: String,
    pub published: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    pub author: String,
    pub author_url: String,
    pub author_face: String,
    pub image: Option<String>,
    pub category: Option<String>,
}

impl Entry {
    pub fn of(app: &App, row: EntryRow) -> Self {
        let url = app.url(&links::post(&row.slug));
        let description = row.meta_description.as_deref().map(str::trim).unwrap_or_default();
        let summary = if description.is_empty() { &row.excerpt } else { description };
        let first = row.author_first_name.as_deref();
        let author = full_name(&row.author_username, first, row.author_last_name.as_deref());
        let html = if row.html.is_empty() {
            too_long(&row.excerpt, &url)
        } else {
            absolute::html(&row.html, &app.base_url(), &url)
        };
        Self {
            title: absolute::xml(&row.title),
            summary: absolute::xml(&markup::excerpt(summary, SUMMARY)),
            html: absolute::xml(&html),
            published: row.published_at,
            updated: row.edited_at.map_or(row.published_at, |time| time.max(row.published_at)),
            author_face: app.url(&links::face_url(
                row.author_avatar.as_deref(),
                &author,
                &row.author_username,
            )),
            author: absolute::xml(&author),
            author_url: app.url(&links::user(&row.author_username)),
            image: row
                .image_filename
                .filter(|name| !name.is_empty())
                .map(|name| app.url(&format!("/media/{name}"))),
            category: row.category_name.map(|name| absolute::xml(&name)),
            url,
        }
    }
}

/// What stands for a post that is too long for a feed: its beginning, and where it goes on.
fn too_long(excerpt: &str, url: &str) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let (excerpt, url) = (escape(excerpt), escape(url));
    format!("<p>{excerpt}</p><p><a href=\"{url}\">Read on</a></p>")
}

/// `2026-11-23T16:55:57Z`.
pub fn iso(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// `Mon, 23 Nov 2026 16:55:57 +0000`, as RSS wants it.
fn rfc822(time: &DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// `Mon, 23 Nov 2026 16:55:57 GMT`, as HTTP wants it.
pub fn http_date(time: &DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

impl Feed {
    pub fn updated_iso(&self) -> String {
        iso(&self.updated)
    }

    pub fn updated_rfc822(&self) -> String {
        rfc822(&self.updated)
    }

    /// JSON Feed 1.1.
    pub fn json(&self) -> serde_json::Value {
        let items: Vec<serde_json::Value> = self.entries.iter().map(Entry::json).collect();
        serde_json::json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.title,
            "description": self.description,
            "home_page_url": self.page,
            "feed_url": self.own,
            "language": self.language,
            "items": items,
        })
    }
}

impl Entry {
    pub fn published_iso(&self) -> String {
        iso(&self.published)
    }

    pub fn published_rfc822(&self) -> String {
        rfc822(&self.published)
    }

    pub fn updated_iso(&self) -> String {
        iso(&self.updated)
    }

    fn json(&self) -> serde_json::Value {
        let mut item = serde_json::json!({
            "id": self.url,
            "url": self.url,
            "title": self.title,
            "summary": self.summary,
            "content_html": self.html,
            "date_published": iso(&self.published),
            "date_modified": iso(&self.updated),
            "authors": [{
                "name": self.author,
                "url": self.author_url,
                "avatar": self.author_face,
            }],
        });
        if let Some(image) = &self.image {
            item["image"] = image.as_str().into();
        }
        if let Some(category) = &self.category {
            item["tags"] = serde_json::json!([category]);
        }
        item
    }
}

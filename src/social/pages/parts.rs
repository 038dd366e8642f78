//! What pages of several rooms show of likes, follows and people.

use crate::{ids::PostId, links, social::store::people::PersonRow, web::view};

/// The buttons below a post.
#[derive(Debug, Clone)]
pub struct LikeButton {
    pub post: PostId,
    pub liked: bool,
    pub kept: bool,
    /// The number of likes, as it is shown.
    pub count: String,
    /// Whether somebody is logged in; others see the number.
    pub can: bool,
    /// The post's own path, to come back to.
    pub path: String,
}

/// A person in a list.
#[derive(Debug, Clone)]
pub struct PersonLine {
    pub username: String,
    pub name: String,
    pub url: String,
    pub initials: String,
    pub hue: u16,
    pub avatar: Option<String>,
    pub bio: String,
    pub posts: String,
    pub followers: String,
}

/// How much of a biography a list shows.
const BIO: usize = 120;

impl From<PersonRow> for PersonLine {
    fn from(row: PersonRow) -> Self {
        let name = row.name();
        Self {
            url: links::user(&row.username),
            initials: view::initials(&name),
            hue: view::hue(&row.username),
            avatar: row.avatar_filename.as_deref().map(view::media_url),
            bio: markup::excerpt(row.bio.as_deref().unwrap_or_default(), BIO),
            posts: view::plural(row.post_count, "post", "posts"),
            followers: view::plural(row.follower_count, "follower", "followers"),
            username: row.username,
            name,
        }
    }
}

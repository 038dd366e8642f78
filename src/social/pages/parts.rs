//! What pages of several rooms show of likes, follows and people.

use crate::{
    Result,
    accounts::online,
    app::App,
    db::Conn,
    ids::{PostId, UserId},
    links,
    social::store::people::PersonRow,
    web::{Visitor, view},
};

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
    pub is_online: bool,
}

/// How much of a biography a list shows.
const BIO: usize = 120;

impl PersonLine {
    /// The lines of a list, with who is online as this visitor may know it.
    pub async fn list(
        app: &App,
        conn: &mut Conn,
        visitor: &Visitor,
        rows: Vec<PersonRow>,
    ) -> Result<Vec<Self>> {
        let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
        let online = online::among(conn, visitor.viewer(), app.clock.now(), &ids).await?;
        let line = |row: PersonRow| Self { is_online: online.contains(&row.id), ..row.into() };
        Ok(rows.into_iter().map(line).collect())
    }
}

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
            is_online: false,
            username: row.username,
            name,
        }
    }
}

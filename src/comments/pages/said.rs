//! What somebody said, for the page of a person.

use markup::SafeHtml;

use super::address;
use crate::{
    Result,
    comments::{
        comment::Reader,
        store::threads::{self, Said},
    },
    db::Conn,
    ids::UserId,
    links,
    paging::{Direction, Paging},
    web::{Visitor, view},
};

/// Comments on one page.
const SIZE: usize = 20;

/// One of somebody's comments, with the post it stands under.
#[derive(Debug)]
pub struct SaidItem {
    pub url: String,
    pub post_title: String,
    pub post_url: String,
    pub when: (String, String),
    pub likes: String,
    pub html: SafeHtml,
}

/// One page of what somebody said under public posts, and the links below it.
pub async fn said_by(
    conn: &mut Conn,
    visitor: &Visitor,
    user: UserId,
    direction: Direction,
    address: &str,
) -> Result<(Vec<SaidItem>, Paging)> {
    let reader = Reader::of(visitor.viewer());
    let mut rows = threads::said_by(conn, (user, reader), direction, SIZE).await?;
    let paging = Paging::cut(&mut rows, SIZE, direction, address, Said::cursor);
    Ok((rows.into_iter().map(SaidItem::from).collect(), paging))
}

impl From<Said> for SaidItem {
    fn from(said: Said) -> Self {
        Self {
            url: address(said.id),
            post_url: links::post(&said.slug),
            post_title: said.title,
            when: (view::iso(said.created_at), view::day(said.created_at)),
            likes: match said.like_count {
                0 => String::new(),
                number => view::plural(number, "like", "likes"),
            },
            html: SafeHtml::from_stored(said.html),
        }
    }
}

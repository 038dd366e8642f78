//! What is sent: server-sent events with JSON in them (R-WS).

use std::{collections::HashSet, fmt::Write as _};

use bytes::Bytes;
use serde::Serialize;

use super::store::{Follows, Me, News, Standing};
use crate::{
    events::Event,
    ids::{CommentId, PostId, UserId},
};

/// A piece of a stream; `id` is the event's row, or 0 where nothing is resumed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub id: i64,
    pub bytes: Bytes,
}

impl Frame {
    fn new(id: i64, name: &str, data: &impl Serialize) -> Self {
        let mut text = String::new();
        if id > 0 {
            let _never_fails = writeln!(text, "id: {id}");
        }
        // JSON has no line breaks of its own, so it is one line of the stream.
        let data = serde_json::to_string(data).unwrap_or_default();
        let _never_fails = write!(text, "event: {name}\ndata: {data}\n\n");
        Self { id, bytes: text.into() }
    }
}

/// The line that keeps a connection open and finds those that are gone.
pub const BEAT: Bytes = Bytes::from_static(b":\n\n");

/// How long a browser waits before it comes back.
pub fn retry(milliseconds: u64) -> String {
    format!("retry: {milliseconds}\n\n")
}

/// What readers can notice of some news. Of the likes of one comment only the last is told.
pub fn of_all(post: PostId, rows: &[News]) -> Vec<Frame> {
    let mut liked = HashSet::new();
    let newest_first = rows.iter().rev();
    let mut frames: Vec<Frame> =
        newest_first.filter_map(|news| of_news(post, news, &mut liked)).collect();
    frames.reverse();
    frames
}

/// What happened to a comment, if readers can notice it. Only its number is told: what it says is
/// fetched by each page for its own reader, who may have blocked the author.
fn of_news(post: PostId, news: &News, liked: &mut HashSet<CommentId>) -> Option<Frame> {
    let event: Event = serde_json::from_str(&news.data).ok()?;
    let (name, comment) = match event {
        Event::CommentAdded { comment, visible: true, .. } => ("comment_added", comment),
        Event::CommentChanged { comment, .. } => ("comment_changed", comment),
        Event::CommentRemoved { comment, .. } => ("comment_removed", comment),
        Event::CommentModerated { comment, was, status, .. } => {
            match (was == "visible", status == "visible") {
                (false, true) => ("comment_added", comment),
                (true, false) => ("comment_removed", comment),
                _ => return None,
            }
        }
        Event::CommentLiked { comment, like_count, .. }
        | Event::CommentUnliked { comment, like_count, .. } => {
            let data = serde_json::json!({
                "post_id": post.0, "comment": { "id": comment.0, "like_count": like_count },
            });
            return liked.insert(comment).then(|| Frame::new(news.id.0, "comment_likes", &data));
        }
        Event::PostChanged { .. } => {
            return Some(Frame::new(
                news.id.0,
                "post_changed",
                &serde_json::json!({ "post_id": post.0 }),
            ));
        }
        _ => return None,
    };
    let data = serde_json::json!({ "post_id": post.0, "comment": { "id": comment.0 } });
    Some(Frame::new(news.id.0, name, &data))
}

/// How a post stands. With an id, everything up to it has been told.
pub fn counts(id: i64, post: PostId, standing: &Standing) -> Frame {
    let data = serde_json::json!({
        "post_id": post.0,
        "like_count": standing.like_count,
        "comment_count": standing.comment_count,
    });
    Frame::new(id, "counts", &data)
}

/// The post is not public any more.
pub fn gone(post: PostId) -> Frame {
    Frame::new(0, "post_gone", &serde_json::json!({ "post_id": post.0 }))
}

/// More has happened than is told piece by piece: the page fetches its comments anew.
pub fn reset(post: PostId) -> Frame {
    Frame::new(0, "reset", &serde_json::json!({ "post_id": post.0 }))
}

/// How a member stands.
pub fn me(me: &Me) -> Frame {
    let data = serde_json::json!({
        "unread_count": me.unread_count,
        "follower_count": me.follower_count,
        "following_count": me.following_count,
        "last_event": me.last_event,
    });
    Frame::new(0, "notifications", &data)
}

/// How many follow somebody, and whom.
pub fn follows(user: UserId, follows: &Follows) -> Frame {
    let data = serde_json::json!({
        "user_id": user.0,
        "follower_count": follows.follower_count,
        "following_count": follows.following_count,
    });
    Frame::new(0, "follow_counts", &data)
}

/// The profile is not shown any more.
pub fn profile_gone(user: UserId) -> Frame {
    Frame::new(0, "profile_gone", &serde_json::json!({ "user_id": user.0 }))
}

/// How many read a post just now.
pub fn readers(post: PostId, count: usize) -> Frame {
    Frame::new(0, "readers", &serde_json::json!({ "post_id": post.0, "count": count }))
}

/// Somebody begins or ceases to write a comment.
pub fn typing(post: PostId, user: i64, username: &str, is_typing: bool) -> Frame {
    let data = serde_json::json!({
        "post_id": post.0, "user_id": user, "username": username, "is_typing": is_typing,
    });
    Frame::new(0, "user_typing", &data)
}

/// Somebody comes or goes.
pub fn status(post: PostId, username: &str, joined: bool) -> Frame {
    let does = if joined { "is reading along" } else { "has left" };
    let data = serde_json::json!({
        "post_id": post.0,
        "type": if joined { "user_joined" } else { "user_left" },
        "username": username,
        "message": format!("{username} {does}"),
    });
    Frame::new(0, "status", &data)
}

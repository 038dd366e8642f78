//! Buttons: a form without scripts, which leads back to where it stood; JSON for our scripts.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Error,
    accounts::next,
    app::App,
    ids::{CategoryId, PostId, TagId},
    links,
    posts::featuring,
    posts::reading::store::{category as find_category, tag as find_tag},
    social::{follows, likes, relations},
    web::{Flash, Form, JsonError, Limit, PageResult, Path, SignedIn, see_other},
};

/// What a button sends besides its token: where it stood.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Button {
    next: String,
}

impl Button {
    /// The page the button stood on, or this one.
    fn back<'a>(&'a self, other: &'a str) -> &'a str {
        match next::safe(&self.next) {
            "/" if self.next != "/" => other,
            path => path,
        }
    }
}

/// Whether a script asks, which wants to change one button and not the page.
fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// What was not done: the same status for a form and for a script, in the form that each reads.
/// Oneself and too many are 400 (R-ROUTE.26, R-ROUTE.27).
fn refused(headers: &HeaderMap, error: Error) -> PageResult<Response> {
    if wants_json(headers) {
        return Ok(JsonError(error).into_response());
    }
    Err(error.into())
}

pub async fn like(
    State(app): State<App>,
    visitor: SignedIn,
    Path(post): Path<PostId>,
    headers: HeaderMap,
    Form { input, .. }: Form<Button>,
) -> PageResult<Response> {
    visitor.spend(Limit::Like)?;
    let done = match likes::toggle(&app, &visitor.viewer, post).await {
        Err(error) => return refused(&headers, error),
        Ok(done) => done,
    };
    if wants_json(&headers) {
        let message = if done.liked { "You like this." } else { "Your like is taken back." };
        return Ok(Json(json!({
            "success": true, "liked": done.liked, "like_count": done.like_count,
            "message": message,
        }))
        .into_response());
    }
    Ok(see_other(input.back(&links::post(&post.to_string()))))
}

pub async fn bookmark(
    State(app): State<App>,
    visitor: SignedIn,
    Path(post): Path<PostId>,
    headers: HeaderMap,
    Form { input, .. }: Form<Button>,
) -> PageResult<Response> {
    visitor.spend(Limit::Like)?;
    let kept = match likes::toggle_bookmark(&app, &visitor.viewer, post).await {
        Err(error) => return refused(&headers, error),
        Ok(kept) => kept,
    };
    if wants_json(&headers) {
        return Ok(Json(json!({ "success": true, "bookmarked": kept })).into_response());
    }
    Ok(see_other(input.back("/bookmarks")))
}

pub async fn feature(
    State(app): State<App>,
    visitor: SignedIn,
    Path(post): Path<PostId>,
    Form { input, .. }: Form<Button>,
) -> PageResult<Response> {
    let featured = featuring::toggle(&app, &visitor.viewer, post).await?;
    let text = if featured {
        "This post stands in front on the home page now, among the newest that are featured."
    } else {
        "This post is not featured any more."
    };
    let path = links::post(&post.to_string());
    Ok(visitor.redirect_with(input.back(&path), &Flash::success(text)))
}

pub async fn follow(
    State(app): State<App>,
    visitor: SignedIn,
    Path(username): Path<String>,
    headers: HeaderMap,
    Form { input, .. }: Form<Button>,
) -> PageResult<Response> {
    visitor.spend(Limit::Like)?;
    let profile = links::user(&username);
    let done = match follows::toggle(&app, &visitor.viewer, &username).await {
        Err(error) => return refused(&headers, error),
        Ok(done) => done,
    };
    if wants_json(&headers) {
        let message = if done.following { "You follow them." } else { "You follow them no more." };
        return Ok(Json(json!({
            "success": true, "following": done.following,
            "follower_count": done.follower_count, "message": message,
        }))
        .into_response());
    }
    Ok(see_other(input.back(&profile)))
}

pub async fn block(
    State(app): State<App>,
    visitor: SignedIn,
    Path(username): Path<String>,
    Form { input, .. }: Form<Button>,
) -> PageResult<Response> {
    visitor.spend(Limit::Like)?;
    let blocked = relations::toggle_block(&app, &visitor.viewer, &username).await?;
    let text = if blocked {
        format!("@{username} is blocked: neither of you sees what the other writes.")
    } else {
        format!("@{username} is not blocked any more.")
    };
    let profile = links::user(&username);
    Ok(visitor.redirect_with(input.back(&profile), &Flash::success(text)))
}

pub async fn mute(
    State(app): State<App>,
    visitor: SignedIn,
    Path(username): Path<String>,
    Form { input, .. }: Form<Button>,
) -> PageResult<Response> {
    visitor.spend(Limit::Like)?;
    let muted = relations::toggle_mute(&app, &visitor.viewer, &username).await?;
    let text = if muted {
        format!("@{username} is muted: you see nothing of them, and they are not told.")
    } else {
        format!("@{username} is not muted any more.")
    };
    let profile = links::user(&username);
    Ok(visitor.redirect_with(input.back(&profile), &Flash::success(text)))
}

pub async fn category(
    State(app): State<App>,
    visitor: SignedIn,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Form { input, .. }: Form<Button>,
) -> PageResult<Response> {
    visitor.spend(Limit::Like)?;
    let mut conn = app.db.conn().await?;
    let topic = find_category(&mut conn, &slug).await?.ok_or(Error::NotFound)?;
    drop(conn);
    match follows::toggle_category(&app, &visitor.viewer, CategoryId(topic.id)).await {
        Err(error) => refused(&headers, error),
        Ok(on) => {
            let path = links::category(&topic.slug);
            Ok(followed(&visitor, &headers, (on, &topic.name), input.back(&path)))
        }
    }
}

pub async fn tag(
    State(app): State<App>,
    visitor: SignedIn,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Form { input, .. }: Form<Button>,
) -> PageResult<Response> {
    visitor.spend(Limit::Like)?;
    let mut conn = app.db.conn().await?;
    // A tag that only drafts have is not there yet (V15).
    let topic = find_tag(&mut conn, &slug).await?.filter(|tag| tag.post_count > 0);
    let topic = topic.ok_or(Error::NotFound)?;
    drop(conn);
    match follows::toggle_tag(&app, &visitor.viewer, TagId(topic.id)).await {
        Err(error) => refused(&headers, error),
        Ok(on) => {
            let path = links::tag(&topic.slug);
            Ok(followed(&visitor, &headers, (on, &topic.name), input.back(&path)))
        }
    }
}

/// Says that a topic is followed now, or is not any more.
fn followed(
    visitor: &SignedIn,
    headers: &HeaderMap,
    (on, name): (bool, &str),
    back: &str,
) -> Response {
    let message = if on {
        format!("You follow {name}. New posts come to your home page.")
    } else {
        format!("You do not follow {name} any more.")
    };
    if wants_json(headers) {
        return Json(json!({ "success": true, "following": on, "message": message }))
            .into_response();
    }
    visitor.redirect_with(back, &Flash::success(message))
}

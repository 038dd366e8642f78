//! From what was typed to what is kept: HTML, and the people who are named in it.

use std::collections::HashMap;

use super::{comment::MAX_MENTIONS, store};
use crate::{Result, accounts::Viewer, app::App, ids::UserId, links};

/// What is made of a text.
pub struct Made {
    pub html: String,
    /// Whom it names, without the writer.
    pub people: Vec<UserId>,
}

/// Turns a text into HTML, off the request threads. Of the names in it the first ten count; a
/// name becomes a link when somebody active has it and no block stands between the two.
pub async fn make(app: &App, writer: &Viewer, content: &str) -> Result<Made> {
    let source = content.to_owned();
    let plain = tokio::task::spawn_blocking(move || markup::render_comment(&source)).await?;
    let names: Vec<String> =
        plain.mentions.iter().take(MAX_MENTIONS).map(|name| name.to_lowercase()).collect();
    if names.is_empty() {
        return Ok(Made { html: plain.html.into_string(), people: Vec::new() });
    }
    let known = {
        let mut conn = app.db.conn().await?;
        store::write::may_name(&mut conn, writer.id, &names).await?
    };
    let people = known.iter().map(|person| person.id).filter(|id| *id != writer.id).collect();
    let addresses: HashMap<String, String> = known
        .iter()
        .map(|person| (person.username.to_lowercase(), links::user(&person.username)))
        .collect();
    let source = content.to_owned();
    let work = move || {
        markup::render_comment_with(&source, &|name| addresses.get(&name.to_lowercase()).cloned())
    };
    let linked = tokio::task::spawn_blocking(work).await?;
    Ok(Made { html: linked.html.into_string(), people })
}

//! What the search field offers while somebody types. Without scripts there is the search page.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    super::{actions, query::LONGEST, query::SearchQuery},
    PersonLine, matching,
};
use crate::{
    Error,
    app::App,
    links,
    posts::reading::store::top_categories,
    web::{JsonResult, Limit, PageError, Query, Visitor},
};

/// How many are offered.
const MOST: usize = 8;

/// What follows `/search/suggest?`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SuggestInput {
    q: String,
}

/// One thing to go to. All of it is text: the script puts none of it into markup.
#[derive(Debug, Serialize)]
struct Suggestion {
    kind: &'static str,
    text: String,
    detail: String,
    url: String,
}

pub async fn suggest(
    State(app): State<App>,
    visitor: Result<Visitor, PageError>,
    Query(input): Query<SuggestInput>,
) -> JsonResult<Response> {
    let visitor = visitor.map_err(|_| Error::Unavailable)?;
    visitor.may_read().await?;
    if input.q.trim().chars().count() > LONGEST {
        let message = format!("A search may have {LONGEST} characters at most.");
        return Err(Error::invalid("q", message).into());
    }
    visitor.spend(Limit::Suggest)?;
    let viewer = visitor.viewer().map(|viewer| viewer.id);
    let found = actions::suggest(&app, &input.q, viewer).await?;
    let query = SearchQuery::parse(&input.q);
    let mut offered: Vec<Suggestion> = Vec::new();
    offered.extend(found.people.into_iter().map(PersonLine::from).map(|person| Suggestion {
        kind: "person",
        text: person.name,
        detail: format!("@{}", person.username),
        url: person.url,
    }));
    if !query.terms.is_empty() {
        let all = top_categories(&mut app.db.conn().await?, 100).await?;
        offered.extend(matching(&all, &query.terms).take(1).map(|topic| Suggestion {
            kind: "topic",
            text: topic.name,
            detail: "Topic".to_owned(),
            url: topic.url,
        }));
    }
    offered.extend(found.tags.into_iter().map(|tag| Suggestion {
        kind: "tag",
        url: links::tag(&tag.key),
        text: format!("#{}", tag.name),
        detail: "Tag".to_owned(),
    }));
    offered.extend(found.posts.into_iter().map(|hit| Suggestion {
        kind: "post",
        detail: hit.card().author_name(),
        url: links::post(&hit.slug),
        text: hit.title,
    }));
    offered.truncate(MOST);
    let body = serde_json::json!({ "suggestions": offered }).to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

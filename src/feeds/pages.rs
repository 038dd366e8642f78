//! Feeds, the page that lists them, and what search engines ask for.

mod map;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

use super::{
    absolute,
    feed::{Entry, Feed, http_date},
    store,
};
use crate::{
    Error, Result,
    accounts::full_name,
    app::App,
    ids::{CategoryId, TagId},
    links,
    posts::reading::store::{Topic, categories, category, tag},
    social::relations::keeps_apart,
    web::{Layout, PageResult, Path, Visitor, page},
};

/// How a feed is written.
#[derive(Clone, Copy)]
enum Format {
    Atom,
    Rss,
    Json,
}

/// What a feed is of.
enum Subject {
    Site,
    Author(store::AuthorRow),
    Category(Topic),
    Tag(Topic),
}

pub fn router() -> Router<App> {
    let mut router = Router::new().route("/feeds", get(index)).merge(map::router());
    for format in [Format::Atom, Format::Rss, Format::Json] {
        let end = format.ending();
        router = router
            .route(
                &format!("/feed.{end}"),
                get(async move |State(app): State<App>, visitor: Visitor| {
                    answer(&app, &visitor, Subject::Site, format).await
                }),
            )
            .route(
                &format!("/user/{{username}}/feed.{end}"),
                get(
                    async move |State(app): State<App>,
                                visitor: Visitor,
                                Path(name): Path<String>| {
                        visitor.may_read().await?;
                        let mut conn = app.db.conn().await?;
                        let found = store::author(&mut conn, &name).await?;
                        let author = found.ok_or(Error::NotFound)?;
                        if keeps_apart(&mut conn, visitor.viewer(), author.id).await? {
                            return Err(Error::NotFound.into());
                        }
                        drop(conn);
                        answer(&app, &visitor, Subject::Author(author), format).await
                    },
                ),
            )
            .route(
                &format!("/blog/category/{{slug}}/feed.{end}"),
                get(
                    async move |State(app): State<App>,
                                visitor: Visitor,
                                Path(slug): Path<String>| {
                        visitor.may_read().await?;
                        let found = category(&mut app.db.conn().await?, &slug).await?;
                        let category = found.ok_or(Error::NotFound)?;
                        answer(&app, &visitor, Subject::Category(category), format).await
                    },
                ),
            )
            .route(
                &format!("/blog/tag/{{slug}}/feed.{end}"),
                get(
                    async move |State(app): State<App>,
                                visitor: Visitor,
                                Path(slug): Path<String>| {
                        visitor.may_read().await?;
                        let found = tag(&mut app.db.conn().await?, &slug).await?;
                        let tag = found.filter(|tag| tag.post_count > 0).ok_or(Error::NotFound)?;
                        answer(&app, &visitor, Subject::Tag(tag), format).await
                    },
                ),
            );
    }
    router
}

#[derive(Template)]
#[template(path = "feeds/atom.xml")]
struct AtomPage<'a> {
    feed: &'a Feed,
}

#[derive(Template)]
#[template(path = "feeds/rss.xml")]
struct RssPage<'a> {
    feed: &'a Feed,
}

#[derive(Template)]
#[template(path = "feeds/index.html")]
struct FeedsPage {
    layout: Layout,
    categories: Vec<(String, String)>,
}

async fn index(State(app): State<App>, visitor: Visitor) -> PageResult {
    visitor.may_read().await?;
    let categories = categories(&mut app.db.conn().await?).await?;
    let categories =
        categories.into_iter().map(|topic| (topic.name, links::category(&topic.slug))).collect();
    page(&FeedsPage { layout: visitor.layout(), categories })
}

/// Writes a feed. It is asked for again and again, so it says when it changed last.
async fn answer(
    app: &App,
    visitor: &Visitor,
    subject: Subject,
    format: Format,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let feed = load(app, &subject, format).await?;
    let mut response = match format {
        Format::Atom => page(&AtomPage { feed: &feed })?.into_response(),
        Format::Rss => page(&RssPage { feed: &feed })?.into_response(),
        Format::Json => page(&JsonText(feed.json().to_string()))?.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.kind()));
    if let Ok(value) = HeaderValue::from_str(&http_date(&feed.updated)) {
        headers.insert(header::LAST_MODIFIED, value);
    }
    Ok(response)
}

/// JSON goes the way of a page, so that it gets a page's `ETag`.
#[derive(Template)]
#[template(source = "{{ self.0 }}", ext = "txt")]
struct JsonText(String);

async fn load(app: &App, subject: &Subject, format: Format) -> Result<Feed> {
    let number = i64::try_from(app.config.pages.feed).unwrap_or(i64::MAX);
    let mut conn = app.db.conn().await?;
    let rows = match subject {
        Subject::Site => store::of_site(&mut conn, number).await?,
        Subject::Author(author) => store::of_author(&mut conn, author.id, number).await?,
        Subject::Category(topic) => {
            store::of_category(&mut conn, CategoryId(topic.id), number).await?
        }
        Subject::Tag(topic) => store::of_tag(&mut conn, TagId(topic.id), number).await?,
    };
    drop(conn);
    let entries: Vec<Entry> = rows.into_iter().map(|row| Entry::of(app, row)).collect();
    let site = &app.config.site;
    let name = subject.name();
    let path = subject.path();
    let title = name.map_or_else(|| site.name.clone(), |name| format!("{name} – {}", site.name));
    Ok(Feed {
        title: absolute::xml(&title),
        description: absolute::xml(subject.description().unwrap_or(&site.description)),
        page: app.url(&path),
        own: app.url(&format!("{}/feed.{}", path.trim_end_matches('/'), format.ending())),
        language: site.language.clone(),
        updated: entries.iter().map(|entry| entry.updated).max().unwrap_or_default(),
        entries,
    })
}

impl Subject {
    fn name(&self) -> Option<String> {
        match self {
            Self::Site => None,
            Self::Author(author) => Some(full_name(
                &author.username,
                author.first_name.as_deref(),
                author.last_name.as_deref(),
            )),
            Self::Category(topic) | Self::Tag(topic) => Some(topic.name.clone()),
        }
    }

    fn description(&self) -> Option<&str> {
        match self {
            Self::Category(topic) => {
                Some(topic.description.as_str()).filter(|text| !text.is_empty())
            }
            Self::Site | Self::Author(_) | Self::Tag(_) => None,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Site => "/".to_owned(),
            Self::Author(author) => links::user(&author.username),
            Self::Category(topic) => links::category(&topic.slug),
            Self::Tag(topic) => links::tag(&topic.slug),
        }
    }
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "json",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }
}

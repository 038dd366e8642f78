//! For search engines: the sitemap in pages, `robots.txt`, and how to search here.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::{
    Error, Result,
    app::App,
    feeds::{absolute, feed::iso, store},
    links,
    posts::reading::store::categories,
    web::{PageResult, Path, Visitor, page},
};

/// How many numbers a page of the map covers: so many addresses stand in it at most. A page is a
/// range of primary keys, so the last costs what the first does.
const SPAN: i64 = 10_000;

pub fn router() -> Router<App> {
    Router::new()
        .route("/sitemap.xml", get(index))
        .route("/sitemap-{part}", get(part))
        .route("/robots.txt", get(robots))
        .route("/opensearch.xml", get(opensearch))
}

#[derive(Template)]
#[template(path = "feeds/sitemap_index.xml")]
struct IndexPage {
    parts: Vec<String>,
}

#[derive(Template)]
#[template(path = "feeds/sitemap.xml")]
struct PartPage {
    places: Vec<Place>,
}

struct Place {
    url: String,
    changed: Option<String>,
}

#[derive(Template)]
#[template(path = "feeds/opensearch.xml")]
struct OpenSearchPage {
    name: String,
    description: String,
    search: String,
    icon: String,
}

/// What a part of the map lists.
#[derive(Clone, Copy)]
enum Kind {
    Posts,
    Tags,
    Writers,
}

const KINDS: [(&str, Kind); 3] =
    [("posts", Kind::Posts), ("tags", Kind::Tags), ("writers", Kind::Writers)];

async fn index(State(app): State<App>, visitor: Visitor) -> PageResult<Response> {
    visitor.may_read().await?;
    let extent = store::extent(&mut app.db.conn().await?).await?;
    let mut parts = vec![app.url("/sitemap-pages.xml")];
    for (name, kind) in KINDS {
        let last = match kind {
            Kind::Posts => extent.posts,
            Kind::Tags => extent.tags,
            Kind::Writers => extent.writers,
        };
        let pages = (last + SPAN) / SPAN;
        parts.extend((1..=pages).map(|number| app.url(&format!("/sitemap-{name}-{number}.xml"))));
    }
    xml(&IndexPage { parts })
}

async fn part(
    State(app): State<App>,
    visitor: Visitor,
    Path(part): Path<String>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let part = part.strip_suffix(".xml").ok_or(Error::NotFound)?;
    let places = if part == "pages" {
        pages(&app).await?
    } else {
        let (name, number) = part.split_once('-').ok_or(Error::NotFound)?;
        let (_, kind) =
            KINDS.into_iter().find(|(known, _)| *known == name).ok_or(Error::NotFound)?;
        let number: i64 = number.parse().map_err(|_| Error::NotFound)?;
        // Numbers begin at 1; the first page also covers what a database may number 0.
        if !(1..=i64::MAX / SPAN - 1).contains(&number) {
            return Err(Error::NotFound.into());
        }
        numbered(&app, kind, (number - 1) * SPAN).await?
    };
    xml(&PartPage { places })
}

/// The pages that every site has, and its categories.
async fn pages(app: &App) -> Result<Vec<Place>> {
    let categories = categories(&mut app.db.conn().await?).await?;
    let fixed = ["/", "/blog/", "/blog/categories", "/users", "/about"].map(str::to_owned);
    let categories = categories.iter().map(|category| links::category(&category.slug));
    let place = |path: String| Place { url: app.url(&path), changed: None };
    Ok(fixed.into_iter().chain(categories).map(place).collect())
}

async fn numbered(app: &App, kind: Kind, from: i64) -> Result<Vec<Place>> {
    let mut conn = app.db.conn().await?;
    let to = from + SPAN;
    let place = |path: String| Place { url: app.url(&path), changed: None };
    Ok(match kind {
        Kind::Posts => store::posts_between(&mut conn, from, to)
            .await?
            .iter()
            .map(|row| Place {
                url: app.url(&links::post(&row.slug)),
                changed: row.changed_at.as_ref().map(iso),
            })
            .collect(),
        Kind::Tags => {
            let tags = store::tags_between(&mut conn, from, to).await?;
            tags.iter().map(|(slug,)| place(links::tag(slug))).collect()
        }
        Kind::Writers => {
            let writers = store::writers_between(&mut conn, from, to).await?;
            writers.iter().map(|(name,)| place(links::user(name))).collect()
        }
    })
}

async fn robots(State(app): State<App>) -> Response {
    let text = format!(
        "User-agent: *\nDisallow: /auth\nDisallow: /admin\nDisallow: /dev\n\
         Disallow: /blog/search\nDisallow: /blog/create\n\nSitemap: {}\n",
        app.url("/sitemap.xml")
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

async fn opensearch(State(app): State<App>) -> PageResult<Response> {
    let site = &app.config.site;
    let mut response = xml(&OpenSearchPage {
        name: absolute::xml(&site.name).chars().take(16).collect(),
        description: absolute::xml(&site.description),
        search: app.url("/blog/search?q={searchTerms}"),
        icon: app.url("/favicon.ico"),
    })?;
    let kind = HeaderValue::from_static("application/opensearchdescription+xml; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn xml(template: &impl Template) -> PageResult<Response> {
    let mut response = page(template)?.into_response();
    let kind = HeaderValue::from_static("application/xml; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

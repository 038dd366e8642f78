//! The page of one post.

use askama::Template;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    analytics,
    app::App,
    comments::pages::section::{CommentsQuery, Section as Talk, Under},
    db::Conn,
    events,
    ids::{EventId, PostId},
    links,
    posts::reading::{
        article::{Article, Standing},
        card::{Named, minutes},
        pages::{
            card::{Picture, PostCard, cards},
            head::Head,
        },
        store,
    },
    social::{pages::LikeButton, relations, store::likes},
    web::{Caching, Layout, PageResult, Path, Query, Visitor, moved, page, view},
};

const MORE: i64 = 3;
/// From how many headings on there is a table of contents.
const CONTENTS: usize = 3;

#[derive(Template)]
#[template(path = "reading/article.html")]
struct ArticlePage {
    layout: Layout,
    id: PostId,
    /// The last event before this page was read: its stream begins there.
    last_event: EventId,
    title: String,
    html: markup::SafeHtml,
    head: Option<Head>,
    /// With what the page reports how far one read.
    ticket: Option<String>,
    notice: Option<String>,
    edit_url: Option<String>,
    standfirst: Option<String>,
    category: Option<Named>,
    minutes: u32,
    author: Author,
    published: Option<(String, String)>,
    changed: Option<(String, String)>,
    readers: Option<String>,
    comments: String,
    cover: Option<Picture>,
    contents: Vec<Section>,
    tags: Vec<Named>,
    acts: LikeButton,
    /// Whether the reader follows the author; `None` when they cannot.
    follows_author: Option<bool>,
    /// Whether the post is put first; `None` for those who do not decide it.
    featured: Option<bool>,
    share: Share,
    by_author: Vec<PostCard>,
    related: Vec<PostCard>,
    talk: Option<Talk>,
}

/// Who wrote it.
struct Author {
    name: String,
    username: String,
    url: String,
    initials: String,
    hue: u16,
    avatar: Option<String>,
    bio: String,
}

/// A heading in the table of contents, with those below it.
struct Section {
    id: String,
    text: String,
    below: Vec<(String, String)>,
}

/// Where a reader can pass the post on: plain links, that load nothing.
struct Share {
    url: String,
    links: Vec<(&'static str, String)>,
}

/// What was found under an address.
enum Found {
    Here(Box<Article>),
    Elsewhere(Box<Article>),
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(slug): Path<String>,
    Query(query): Query<CommentsQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let mut conn = app.db.snapshot().await?;
    let found = find(&mut conn, &slug).await?.ok_or(Error::NotFound)?;
    // Whoever may not see the post is not told its address either.
    let article = match found {
        Found::Here(article) => *article,
        Found::Elsewhere(article) => {
            article.standing(visitor.viewer())?;
            if relations::keeps_apart(&mut conn, visitor.viewer(), article.user_id).await? {
                return Err(Error::NotFound.into());
            }
            return Ok(moved(&article.path()));
        }
    };
    let standing = article.standing(visitor.viewer())?;
    let mine = mine(&mut conn, visitor.viewer(), &article).await?;
    let last_event = events::last_of_post(&mut conn, article.id).await?;
    let tags = store::tags(&mut conn, article.id).await?;
    let by_author = store::more_by_author(&mut conn, article.user_id, article.id, MORE).await?;
    let related = match article.category_id {
        Some(category) => {
            let reader = visitor.viewer().map(|viewer| viewer.id);
            store::related(&mut conn, category, (article.user_id, reader), MORE).await?
        }
        None => Vec::new(),
    };
    let talk = match standing {
        Standing::Public => {
            let (slug, comments) = (article.slug(), article.comment_count);
            let under = Under { id: article.id, author: article.user_id, slug: &slug, comments };
            Some(Talk::load(&app, &mut conn, &visitor, under, &query).await?)
        }
        _ => None,
    };
    drop(conn);
    let ticket = match standing {
        Standing::Public => {
            let post = (article.id, article.user_id);
            analytics::pages::seen(&app, &visitor, &headers, post).await
        }
        _ => None,
    };
    let names: Vec<String> = tags.iter().map(|tag| tag.name.clone()).collect();
    let head = (standing == Standing::Public).then(|| Head::of(&app, &article, &names));
    let mut page_of = ArticlePage::new(&app, &visitor, article, standing);
    page_of.head = head;
    page_of.note_mine(visitor.viewer(), mine);
    page_of.talk = talk;
    page_of.ticket = ticket;
    page_of.last_event = last_event;
    page_of.tags =
        tags.into_iter().map(|tag| Named { url: links::tag(&tag.slug), name: tag.name }).collect();
    page_of.by_author = cards(&by_author);
    page_of.related = cards(&related);
    let mut response = page(&page_of)?.into_response();
    if standing != Standing::Public {
        response.extensions_mut().insert(Caching::Never);
    }
    Ok(response)
}

/// What the reader has done with the post and its author: liked, kept, follows. A block between
/// the two hides the post.
async fn mine(
    conn: &mut Conn,
    viewer: Option<&Viewer>,
    article: &Article,
) -> Result<(bool, bool, bool)> {
    let Some(viewer) = viewer else { return Ok((false, false, false)) };
    let (liked, kept, follows, is_blocked) =
        likes::mine(conn, viewer.id, article.id, article.user_id).await?;
    if is_blocked && !viewer.sees_past_blocks() {
        return Err(Error::NotFound);
    }
    Ok((liked, kept, follows))
}

/// The post under this slug, or under this number or former slug.
async fn find(conn: &mut Conn, slug: &str) -> Result<Option<Found>> {
    if let Some(article) = store::by_slug(conn, slug).await? {
        return Ok(Some(Found::Here(Box::new(article))));
    }
    let id = match slug.parse() {
        Ok(id) => Some(PostId(id)),
        Err(_) => store::former(conn, slug).await?,
    };
    let Some(id) = id else { return Ok(None) };
    let article = store::by_id(conn, id).await?.map(Box::new);
    Ok(article.map(|article| {
        if article.slug() == slug { Found::Here(article) } else { Found::Elsewhere(article) }
    }))
}

impl ArticlePage {
    fn new(app: &App, visitor: &Visitor, article: Article, standing: Standing) -> Self {
        let viewer = visitor.viewer();
        let own = viewer.is_some_and(|viewer| viewer.id == article.user_id);
        let time = |time| (view::iso(time), view::day(time));
        let counted =
            |number: i64, one, many| (number > 0).then(|| view::plural(number, one, many));
        Self {
            id: article.id,
            last_event: EventId(0),
            layout: visitor.layout(),
            head: None,
            ticket: None,
            notice: notice(&article, standing, own),
            edit_url: article.can_edit(viewer).then(|| format!("/blog/post/{}/edit", article.id)),
            standfirst: article.description().map(str::to_owned),
            category: article.category(),
            minutes: minutes(article.word_count),
            author: Author::of(&article),
            published: article.published_at.map(time),
            changed: article.changed_at().map(time),
            readers: counted(article.view_count, "reader", "readers"),
            acts: LikeButton {
                post: article.id,
                liked: false,
                kept: false,
                count: view::thousands(article.like_count),
                can: viewer.is_some(),
                path: article.path(),
            },
            follows_author: None,
            featured: viewer
                .filter(|viewer| viewer.can(Permission::EditAllPosts))
                .map(|_| article.is_featured),
            comments: view::thousands(article.comment_count),
            cover: Picture::of(
                article.image_filename.as_deref(),
                article.image_alt.as_deref(),
                (article.image_width, article.image_height),
            ),
            contents: contents(article.headings()),
            tags: Vec::new(),
            share: Share::of(&app.url(&article.path()), &article.title),
            by_author: Vec::new(),
            related: Vec::new(),
            talk: None,
            html: markup::SafeHtml::from_stored(article.html),
            title: article.title,
        }
    }
}

impl ArticlePage {
    /// Notes what the reader has done with the post and its author.
    fn note_mine(&mut self, viewer: Option<&Viewer>, (liked, kept, follows): (bool, bool, bool)) {
        self.acts.liked = liked;
        self.acts.kept = kept;
        let other = viewer.filter(|viewer| viewer.username != self.author.username);
        self.follows_author = other.map(|_| follows);
    }
}

/// What stands above a post that is not public.
fn notice(article: &Article, standing: Standing, own: bool) -> Option<String> {
    let who = if own { "only you see this" } else { "only the author and editors see this" };
    Some(match standing {
        Standing::Public => return None,
        Standing::Draft => format!("Draft – {who}."),
        Standing::Scheduled => match article.scheduled_at {
            Some(time) => format!("Scheduled for {} – until then {who}.", view::minute(time)),
            None => format!("Scheduled – {who}."),
        },
        Standing::Hidden => format!("Hidden from readers – {who}."),
        Standing::AuthorAway => {
            "The author’s account is not active – only editors see this.".to_owned()
        }
    })
}

/// The table of contents: the upper headings, each with all that stand below it.
fn contents(headings: Vec<markup::Heading>) -> Vec<Section> {
    if headings.len() < CONTENTS {
        return Vec::new();
    }
    let mut sections: Vec<Section> = Vec::new();
    for heading in headings {
        match sections.last_mut() {
            Some(section) if heading.level > 2 => section.below.push((heading.id, heading.text)),
            _ => sections.push(Section { id: heading.id, text: heading.text, below: Vec::new() }),
        }
    }
    sections
}

impl Author {
    fn of(article: &Article) -> Self {
        let name = article.author_name();
        Self {
            url: links::user(&article.author_username),
            username: article.author_username.clone(),
            initials: view::initials(&name),
            hue: view::hue(&article.author_username),
            avatar: article.author_avatar.as_deref().map(view::media_url),
            bio: article.author_bio.clone().unwrap_or_default(),
            name,
        }
    }
}

impl Share {
    fn of(url: &str, title: &str) -> Self {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (link, text) = (encode(url), encode(title));
        let links = vec![
            ("Email", format!("mailto:?subject={text}&body={link}")),
            ("Mastodon", format!("https://mastodonshare.com/?text={text}&url={link}")),
            ("LinkedIn", format!("https://www.linkedin.com/sharing/share-offsite/?url={link}")),
            ("X", format!("https://x.com/intent/post?text={text}&url={link}")),
            ("Facebook", format!("https://www.facebook.com/sharer/sharer.php?u={link}")),
            ("Reddit", format!("https://www.reddit.com/submit?url={link}&title={text}")),
        ];
        Self { url: url.to_owned(), links }
    }
}

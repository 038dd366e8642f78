//! The list of writers, and a person's page.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde::Deserialize;

use super::store;
use crate::{
    Error, Result,
    accounts::{Person, Viewer, online},
    app::App,
    comments::pages::said::{SaidItem, said_by},
    db::Conn,
    ids::UserId,
    links,
    paging::{Paging, PagingQuery},
    posts::reading::{
        card::{CardRow, Named},
        pages::card::{PostCard, cards},
        store::by_author,
    },
    social::store::{follows, people as social, relations},
    web::{Layout, PageResult, Path, Query, SignedIn, Visitor, moved, page, view},
};

/// How much of a biography the list of writers shows.
const BIO: usize = 120;

pub fn router() -> Router<App> {
    Router::new()
        .route("/users", get(index))
        .route("/users/online", get(seen))
        .route("/user/{username}", get(show))
}

#[derive(Template)]
#[template(path = "people/index.html")]
struct WritersPage {
    layout: Layout,
    /// The heading and the line below it.
    title: (&'static str, &'static str),
    is_online: bool,
    writers: Vec<WriterCard>,
    paging: Paging,
}

/// A writer in the list.
struct WriterCard {
    name: String,
    username: String,
    url: String,
    initials: String,
    hue: u16,
    avatar: Option<String>,
    bio: String,
    posts: String,
    is_online: bool,
}

#[derive(Template)]
#[template(path = "people/show.html")]
struct ProfilePage {
    layout: Layout,
    person: Profile,
    is_own: bool,
    /// What a member has to do with the person; `None` for visitors and on one's own page.
    relation: Option<Relation>,
    about: bool,
    is_talk: bool,
    said: Vec<SaidItem>,
    posts: Vec<PostCard>,
    paging: Paging,
}

/// What a member has to do with somebody.
struct Relation {
    following: bool,
    block: Block,
    muted: bool,
    /// Some of those the member follows and who follow the person too.
    known_by: Vec<String>,
}

/// Whether a member has blocked somebody, and what that hides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    No,
    /// Of those who have to see everything.
    Seen,
    Shut,
}

impl Relation {
    /// How many are named on a profile.
    const NAMED: i64 = 3;

    fn has_blocked(&self) -> bool {
        self.block != Block::No
    }

    async fn of(conn: &mut Conn, viewer: &Viewer, whom: UserId) -> Result<Self> {
        let between = relations::between(conn, viewer.id, whom).await?;
        if between.is_blocked && !viewer.sees_past_blocks() {
            return Err(Error::NotFound);
        }
        let following = follows::is_following(conn, viewer.id, whom).await?;
        let known = social::followed_by_yours(conn, viewer.id, whom, Self::NAMED).await?;
        let known_by = known.into_iter().map(|(name,)| name).collect();
        Ok(Self {
            following,
            block: match (between.has_blocked, viewer.sees_past_blocks()) {
                (false, _) => Block::No,
                (true, true) => Block::Seen,
                (true, false) => Block::Shut,
            },
            muted: between.has_muted,
            known_by,
        })
    }
}

/// A person as their page shows them.
struct Profile {
    id: UserId,
    name: String,
    username: String,
    url: String,
    initials: String,
    hue: u16,
    avatar: Option<String>,
    /// The picture or the drawn letters, for whoever shows a link to the person.
    face: String,
    bio: String,
    location: String,
    website: Option<Named>,
    joined: String,
    joined_on: String,
    posts: (String, &'static str),
    followers: (String, &'static str),
    following: String,
    has_posts: bool,
    is_online: bool,
}

/// What follows `/user/ana?`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProfileQuery {
    tab: String,
    before: String,
    after: String,
}

async fn index(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<PagingQuery>,
) -> PageResult {
    visitor.may_read().await?;
    let (direction, size) = (query.direction(), app.config.pages.users);
    let reader = visitor.viewer().map(|viewer| viewer.id);
    let mut conn = app.db.conn().await?;
    let mut rows = store::writers(&mut conn, reader, direction, size).await?;
    let paging = Paging::cut(&mut rows, size, direction, "/users?", store::Writer::cursor);
    let ids: Vec<UserId> = rows.iter().map(|writer| writer.id).collect();
    let online = online::among(&mut conn, visitor.viewer(), app.clock.now(), &ids).await?;
    drop(conn);
    let card = |writer: store::Writer| {
        let is_online = online.contains(&writer.id);
        WriterCard { is_online, ..WriterCard::from(writer) }
    };
    page(&WritersPage {
        layout: visitor.layout(),
        title: ("Writers", "Everybody who has published here, the most diligent first."),
        is_online: false,
        writers: rows.into_iter().map(card).collect(),
        paging,
    })
}

/// Who is here just now; for members.
async fn seen(
    State(app): State<App>,
    visitor: SignedIn,
    Query(query): Query<PagingQuery>,
) -> PageResult {
    let (direction, size) = (query.direction(), app.config.pages.users);
    let whom = (visitor.viewer.id, online::since(app.clock.now()));
    let mut rows = store::online(&mut app.db.conn().await?, whom, direction, size).await?;
    let paging = Paging::cut(&mut rows, size, direction, "/users/online?", store::Writer::by_age);
    let card = |writer: store::Writer| WriterCard { is_online: true, ..WriterCard::from(writer) };
    page(&WritersPage {
        layout: visitor.layout(),
        title: ("Online now", "Members who were seen within the last five minutes."),
        is_online: true,
        writers: rows.into_iter().map(card).collect(),
        paging,
    })
}

async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(username): Path<String>,
    Query(query): Query<ProfileQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let mut conn = app.db.conn().await?;
    let person = store::by_username(&mut conn, &username).await?.ok_or(Error::NotFound)?;
    let relation = match visitor.viewer().filter(|viewer| viewer.id != person.id) {
        Some(viewer) => Some(Relation::of(&mut conn, viewer, person.id).await?),
        None => None,
    };
    if person.username != username {
        return Ok(moved(&links::user(&person.username)));
    }
    // Whoever has blocked somebody finds the way back here, and nothing else.
    let is_shut = relation.as_ref().is_some_and(|relation| relation.block == Block::Shut);
    let about = !is_shut && query.tab == "about";
    let direction = PagingQuery { before: query.before, after: query.after }.direction();
    let size = app.config.pages.posts;
    let is_talk = !is_shut && query.tab == "comments";
    let (said, talk_paging) = if is_talk {
        let address = format!("{}?tab=comments&", links::user(&person.username));
        said_by(&mut conn, &visitor, person.id, direction, &address).await?
    } else {
        (Vec::new(), Paging::default())
    };
    let mut rows = if about || is_talk || is_shut {
        Vec::new()
    } else {
        by_author(&mut conn, person.id, direction, size).await?
    };
    let now = app.clock.now();
    let online = online::among(&mut conn, visitor.viewer(), now, &[person.id]).await?;
    drop(conn);
    let person_id = person.id;
    let is_online = online.contains(&person_id);
    let person = Profile { is_online, ..Profile::from(person) };
    let address = format!("{}?", person.url);
    let paging = if about || is_talk {
        talk_paging
    } else {
        Paging::cut(&mut rows, size, direction, &address, CardRow::cursor)
    };
    Ok(page(&ProfilePage {
        layout: visitor.layout(),
        is_own: visitor.viewer().is_some_and(|viewer| viewer.id == person_id),
        relation,
        person,
        about,
        is_talk,
        said,
        posts: cards(&rows),
        paging,
    })?
    .into_response())
}

impl ProfilePage {
    /// Whether a block hides what the person writes.
    fn is_shut(&self) -> bool {
        self.relation.as_ref().is_some_and(|relation| relation.block == Block::Shut)
    }
}

impl From<store::Writer> for WriterCard {
    fn from(writer: store::Writer) -> Self {
        let name = writer.display_name();
        Self {
            url: links::user(&writer.username),
            initials: view::initials(&name),
            hue: view::hue(&writer.username),
            avatar: writer.avatar_filename.as_deref().map(view::media_url),
            bio: markup::excerpt(writer.bio.as_deref().unwrap_or_default(), BIO),
            posts: view::plural(writer.post_count, "post", "posts"),
            is_online: false,
            username: writer.username,
            name,
        }
    }
}

impl From<Person> for Profile {
    fn from(person: Person) -> Self {
        let name = person.display_name();
        let counted = |number: i64, one, many| {
            (view::thousands(number), if number == 1 { one } else { many })
        };
        Self {
            id: person.id,
            url: links::user(&person.username),
            initials: view::initials(&name),
            hue: view::hue(&person.username),
            face: view::face_url(person.avatar_filename.as_deref(), &name, &person.username),
            avatar: person.avatar_filename.as_deref().map(view::media_url),
            bio: person.bio.unwrap_or_default(),
            location: person.location.unwrap_or_default(),
            website: person.website.as_deref().and_then(website),
            joined: view::iso(person.created_at),
            joined_on: view::day(person.created_at),
            posts: counted(person.post_count, "post", "posts"),
            followers: counted(person.follower_count, "follower", "followers"),
            following: view::thousands(person.following_count),
            has_posts: person.post_count > 0,
            is_online: false,
            username: person.username,
            name,
        }
    }
}

/// A link to somebody's own site; only a web address is one.
fn website(text: &str) -> Option<Named> {
    let url = url::Url::parse(text.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let path = url.path().trim_end_matches('/');
    let name = format!("{}{path}", url.host_str()?.trim_start_matches("www."));
    Some(Named { name, url: url.to_string() })
}

#[cfg(test)]
mod table {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        let table = [
            ("https://www.example.org/", Some("example.org")),
            (" http://example.org/a/ ", Some("example.org/a")),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("example.org", None),
            ("", None),
        ];
        for (text, name) in table {
            assert_eq!(website(text).map(|named| named.name).as_deref(), name, "{text}");
        }
    }
}

//! The comments below a post: one field of the post's page, and one include in its template.

use serde::Deserialize;

use super::item::{Around, Item};
use crate::{
    Result,
    accounts::{Permission, Viewer},
    app::App,
    comments::{
        Row, Sort,
        store::{
            short,
            threads::{self, BRANCH, PLACES, Top},
        },
        thread::{self, Step},
    },
    db::Conn,
    ids::{CommentId, PostId, UserId},
    links,
    paging::{Cursor, Direction, Paging, PagingQuery},
    web::{Visitor, view},
};

/// A thread of so many comments is read at once: no branch of it can be longer than what comes
/// with a comment at the top.
const FEW: i64 = BRANCH;

/// What may follow `/blog/post/a-slug?`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct CommentsQuery {
    sort: String,
    before: String,
    after: String,
    /// The comment somebody came to see.
    comment: String,
}

/// The post whose comments they are.
#[derive(Debug, Clone, Copy)]
pub struct Under<'a> {
    pub id: PostId,
    pub author: UserId,
    pub slug: &'a str,
    pub comments: i64,
}

/// What stands above the comments.
#[derive(Debug)]
pub enum Place {
    /// The form.
    Write {
        action: String,
        nonce: String,
    },
    LogIn {
        url: String,
    },
    /// One of the two has blocked the other.
    Blocked,
    NotAllowed,
    /// Nobody may comment.
    Closed,
}

/// The whole section. It needs `post.css`, `prose.css` and `js/comments.js`.
#[derive(Debug)]
pub struct Section {
    pub slug_path: String,
    pub title: String,
    pub place: Place,
    pub sorts: Vec<(&'static str, String, bool)>,
    pub steps: Vec<Step<Item>>,
    pub paging: Paging,
    /// The token for the forms in it; empty for whoever is not logged in.
    pub csrf: String,
}

impl Section {
    /// Reads one page of a thread: one statement when all of it fits, else two; and one more each
    /// for somebody logged in and for a link to one comment.
    pub async fn load(
        app: &App,
        conn: &mut Conn,
        visitor: &Visitor,
        under: Under<'_>,
        query: &CommentsQuery,
    ) -> Result<Self> {
        let viewer = visitor.viewer();
        let place = place(app, conn, viewer, under).await?;
        let around = Around {
            app,
            viewer,
            slug: under.slug,
            post_author: under.author,
            may_write: matches!(place, Place::Write { .. }),
        };
        let sort = Sort::from_word(&query.sort);
        let wanted = query.comment.parse().ok().map(CommentId);
        let direction = match wanted {
            Some(id) => from_here(conn, under.id, id, sort).await?,
            None => {
                PagingQuery { before: query.before.clone(), after: query.after.clone() }.direction()
            }
        };
        let whole = match direction {
            Direction::First if under.comments <= FEW => whole(&around, conn, under, sort).await?,
            _ => None,
        };
        let (tops, paging, rows) = match whole {
            Some(whole) => whole,
            None => part(&around, conn, under, sort, direction).await?,
        };
        let steps = around.thread(thread::steps(&tops, rows, around.reader(), wanted));
        let path = links::post(under.slug);
        Ok(Self {
            title: match under.comments {
                0 => "Comments".to_owned(),
                number => view::plural(number, "comment", "comments"),
            },
            sorts: sorts(&path, sort),
            slug_path: path,
            place,
            steps,
            paging,
            csrf: viewer.map(|_| visitor.layout().csrf()).unwrap_or_default(),
        })
    }
}

/// What this reader finds above the comments.
async fn place(
    app: &App,
    conn: &mut Conn,
    viewer: Option<&Viewer>,
    under: Under<'_>,
) -> Result<Place> {
    if !app.config.comments.enabled {
        return Ok(Place::Closed);
    }
    let path = links::post(under.slug);
    let Some(viewer) = viewer else {
        let url = format!("/auth/login?next={}", links::query(&path));
        return Ok(Place::LogIn { url });
    };
    if !viewer.can(Permission::CreateComments) {
        return Ok(Place::NotAllowed);
    }
    let blocked =
        threads::post(conn, under.id, viewer.id).await?.is_some_and(|post| post.is_blocked);
    if blocked {
        return Ok(Place::Blocked);
    }
    Ok(Place::Write { action: path, nonce: app.random.token()? })
}

/// The page that begins with the branch in which a comment stands.
async fn from_here(conn: &mut Conn, post: PostId, id: CommentId, sort: Sort) -> Result<Direction> {
    let Some(top) = threads::top_of(conn, post, id).await? else { return Ok(Direction::First) };
    let at = top.cursor(sort);
    let id = if sort == Sort::Oldest { at.id - 1 } else { at.id + 1 };
    Ok(Direction::Before(Cursor { key: at.key, id }))
}

/// A page of a thread: the comments at the top, the way to the others, and all that is shown.
type Part = (Vec<CommentId>, Paging, Vec<Row>);

/// The first page of a short thread; `None` when there is more than expected, because what others
/// do not see is not counted.
async fn whole(
    around: &Around<'_>,
    conn: &mut Conn,
    under: Under<'_>,
    sort: Sort,
) -> Result<Option<Part>> {
    let reader = around.reader();
    let rows = short::thread(conn, under.id, reader, FEW + 1).await?;
    if i64::try_from(rows.len()).is_ok_and(|number| number > FEW) {
        return Ok(None);
    }
    let mut tops: Vec<(CommentId, Cursor)> = rows
        .iter()
        .filter(|row| row.depth == 0 && reader.finds(row))
        .map(|row| (row.id, row.cursor(sort)))
        .collect();
    tops.sort_by_key(|(_, place)| (place.key, place.id));
    if sort != Sort::Oldest {
        tops.reverse();
    }
    let paging =
        Paging::cut(&mut tops, size(around), Direction::First, &address(under, sort), |top| top.1);
    Ok(Some((tops.into_iter().map(|(id, _)| id).collect(), paging, rows)))
}

/// Any page of any thread.
async fn part(
    around: &Around<'_>,
    conn: &mut Conn,
    under: Under<'_>,
    sort: Sort,
    direction: Direction,
) -> Result<Part> {
    let (reader, size) = (around.reader(), size(around));
    let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
    let mut tops = threads::tops(conn, (under.id, reader), sort, direction, limit).await?;
    let address = address(under, sort);
    let paging = Paging::cut(&mut tops, size, direction, &address, |top: &Top| top.cursor(sort));
    let tops: Vec<CommentId> = tops.iter().map(|top| top.id).collect();
    let rows =
        if tops.is_empty() { Vec::new() } else { threads::rows(conn, reader, &tops, true).await? };
    Ok((tops, paging, rows))
}

/// How many comments at the top stand on a page.
fn size(around: &Around<'_>) -> usize {
    around.app.config.comments.page.clamp(1, PLACES)
}

/// What the links to other pages begin with.
fn address(under: Under<'_>, sort: Sort) -> String {
    match sort {
        Sort::Oldest => format!("{}?", links::post(under.slug)),
        sort => format!("{}?sort={}&", links::post(under.slug), sort.word()),
    }
}

fn sorts(path: &str, current: Sort) -> Vec<(&'static str, String, bool)> {
    Sort::ALL
        .map(|sort| {
            let url = format!("{path}?sort={}#comments", sort.word());
            (sort.label(), url, sort == current)
        })
        .into()
}

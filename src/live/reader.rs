//! One stream: what it begins with, what comes then, and whether it may go on.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

use super::{
    frame::{self, Frame},
    hub::{Asking, Hub, Seat, Signal, Topic},
    presence, store,
};
use crate::{
    Error, Result,
    accounts::{self, Permission, Viewer},
    app::App,
    db::Conn,
    events,
    ids::{PostId, RoleId, UserId},
};

/// How many events are told one by one after a cut; the page fetches everything when it is more.
pub const REPLAYED: usize = 200;

/// How many rows are looked through for them.
const LOOKED_THROUGH: i64 = 1_000;

/// How many people may be hidden from one; blocking has no such limit, so the list is cut off in
/// favour of silence: with more of them nobody's doings are told.
const HIDDEN: i64 = 2_000;

/// A stream that is being read.
pub struct Reader {
    app: App,
    seat: Seat,
    signals: mpsc::Receiver<Signal>,
    pass: Option<Pass>,
    opening: Option<Bytes>,
    /// The last event of the post that this stream has been told.
    told: i64,
    over: bool,
}

/// What a member showed when the stream began.
struct Pass {
    token: Box<str>,
    user: UserId,
    role: Option<RoleId>,
    page: Option<Topic>,
    /// Of whom nothing is told; `None` tells of nobody.
    hidden: Option<Box<[UserId]>>,
}

/// Who opens a stream, of what, and from which event on.
pub struct Opening<'a> {
    pub viewer: Option<&'a Viewer>,
    pub token: Option<&'a str>,
    pub asking: Asking,
    /// The last event that the page knows of.
    pub after: Option<i64>,
}

impl Reader {
    /// Opens a stream. The seat is taken first and the tables are read then, so that whatever
    /// happens between is told.
    pub async fn open(app: &App, opening: Opening<'_>) -> Result<Self> {
        if opening.viewer.is_none() && opening.asking.page.is_none() {
            return Err(Error::Unauthenticated);
        }
        if let Some(page) = opening.asking.page {
            not_kept_from(app, opening.viewer, page).await?;
        }
        let hub = super::hub(app);
        let (seat, signals) = hub.join(&app.config, &opening.asking)?;
        let pass = match (opening.viewer, opening.token) {
            (Some(viewer), Some(token)) => Some(Pass {
                token: token.into(),
                user: viewer.id,
                role: viewer.role_id,
                page: opening.asking.page,
                hidden: hidden(app, viewer.id).await?,
            }),
            _ => None,
        };
        let mut reader =
            Self { app: app.clone(), seat, signals, pass, opening: None, told: 0, over: false };
        let words = reader.first_words(&opening).await?;
        reader.opening = Some(words);
        Ok(reader)
    }

    /// The state of everything, and what happened since the event that the page knows.
    async fn first_words(&mut self, opening: &Opening<'_>) -> Result<Bytes> {
        let [a, b] = self.app.random.bytes::<2>()?;
        let jitter = u64::from(u16::from_le_bytes([a, b])) * 3_000 / 65_536;
        let mut words = BytesMut::from(frame::retry(1_000 + jitter).as_bytes());
        let mut conn = self.app.db.conn().await?;
        if let Some(viewer) = opening.viewer {
            // What happens from here on is told in any case, once more at worst.
            self.hub().begin(Topic::Person(viewer.id), 0);
            let me = store::me(&mut conn, viewer.id).await?.ok_or(Error::Unauthenticated)?;
            words.extend_from_slice(&frame::me(&me).bytes);
        }
        match opening.asking.page {
            Some(Topic::Post(post)) => {
                self.begin_post(&mut conn, opening, post, &mut words).await?;
            }
            Some(topic @ Topic::Profile(user)) => {
                self.hub().begin(topic, 0);
                let follows = store::follows(&mut conn, user).await?.ok_or(Error::NotFound)?;
                words.extend_from_slice(&frame::follows(user, &follows).bytes);
            }
            Some(Topic::Person(_)) | None => {}
        }
        Ok(words.freeze())
    }

    async fn begin_post(
        &mut self,
        conn: &mut Conn,
        opening: &Opening<'_>,
        post: PostId,
        words: &mut BytesMut,
    ) -> Result<()> {
        let standing = store::standing(conn, post).await?.ok_or(Error::NotFound)?;
        self.told = events::last_of_post(conn, post).await?.0;
        self.hub().begin(Topic::Post(post), self.told);
        if let Some(after) = opening.after {
            let rows = store::of_post(conn, post, after, LOOKED_THROUGH).await?;
            let all = i64::try_from(rows.len()).is_ok_and(|read| read < LOOKED_THROUGH);
            let frames = frame::of_all(post, &rows);
            if let Some(last) = rows.last() {
                self.told = self.told.max(last.id.0);
            }
            if all && frames.len() <= REPLAYED {
                for frame in &frames {
                    words.extend_from_slice(&frame.bytes);
                }
            } else {
                words.extend_from_slice(&frame::reset(post).bytes);
            }
        }
        words.extend_from_slice(&frame::counts(self.told, post, &standing).bytes);
        let person = opening.asking.person.as_ref();
        let readers = presence::joined(self.hub(), post, self.seat.number, person);
        words.extend_from_slice(&frame::readers(post, readers).bytes);
        self.hub().has_news([Topic::Post(post)]);
        Ok(())
    }

    fn hub(&self) -> &Arc<Hub> {
        self.seat.hub()
    }

    /// The next bytes; `None` ends the stream.
    pub async fn next(&mut self) -> Option<Bytes> {
        if let Some(opening) = self.opening.take() {
            return Some(opening);
        }
        while !self.over {
            let signal = self.signals.recv().await?;
            // Boxed, so that a stream that waits keeps no room for it.
            if !Box::pin(self.may_go_on(&signal)).await {
                return None;
            }
            match signal {
                Signal::Frames(frames) => {
                    if let Some(bytes) = self.new_of(&frames) {
                        return Some(bytes);
                    }
                }
                Signal::Person(doing) if self.may_know_of(doing.0) => {
                    return Some(doing.1.clone());
                }
                Signal::Person(_) | Signal::Check | Signal::CheckBlocks => {}
                Signal::Beat => return Some(frame::BEAT),
                Signal::End(farewell) => {
                    self.over = true;
                    return Some(farewell);
                }
            }
        }
        None
    }

    /// What of some frames was not told yet.
    fn new_of(&mut self, frames: &[Frame]) -> Option<Bytes> {
        let told = self.told;
        self.told = frames.iter().map(|frame| frame.id).fold(told, i64::max);
        let mut new = frames.iter().filter(|frame| frame.id == 0 || frame.id > told);
        let first = new.next()?;
        let Some(second) = new.next() else { return Some(first.bytes.clone()) };
        let mut bytes = BytesMut::from(&first.bytes[..]);
        bytes.extend_from_slice(&second.bytes);
        for frame in new {
            bytes.extend_from_slice(&frame.bytes);
        }
        Some(bytes.freeze())
    }

    fn may_know_of(&self, user: UserId) -> bool {
        self.pass.as_ref().is_some_and(|pass| {
            user != pass.user && pass.hidden.as_ref().is_some_and(|list| !list.contains(&user))
        })
    }

    /// Whether whoever reads may still do so (V51): asked before everything that is told.
    async fn may_go_on(&mut self, signal: &Signal) -> bool {
        if matches!(signal, Signal::End(_)) {
            return true;
        }
        let answer = self.ask(matches!(signal, Signal::CheckBlocks)).await;
        answer.unwrap_or_else(|error| {
            tracing::debug!(error = ?error, "a stream could not be checked and ends");
            false
        })
    }

    async fn ask(&mut self, blocks: bool) -> Result<bool> {
        let Some(pass) = &mut self.pass else {
            return Ok(accounts::roles::guest(&self.app).await?.has(Permission::ReadPosts));
        };
        let turn = self.seat.hub().checks().acquire().await.map_err(|_| Error::Unavailable)?;
        let viewer = accounts::sessions::look(&self.app, &pass.token).await?;
        let viewer = viewer.filter(|viewer| {
            viewer.id == pass.user
                && viewer.role_id == pass.role
                && viewer.can(Permission::ReadPosts)
        });
        let mut good = viewer.is_some();
        if good && blocks {
            pass.hidden = hidden(&self.app, pass.user).await?;
            if let Some(page) = pass.page {
                good = not_kept_from(&self.app, viewer.as_deref(), page).await.is_ok();
            }
        }
        drop(turn);
        Ok(good)
    }
}

/// Of whom somebody is told nothing.
async fn hidden(app: &App, user: UserId) -> Result<Option<Box<[UserId]>>> {
    let mut conn = app.db.conn().await?;
    let rows = store::hidden(&mut conn, user, HIDDEN).await?;
    let all = i64::try_from(rows.len()).is_ok_and(|read| read < HIDDEN);
    Ok(all.then(|| rows.into_iter().map(|(user,)| user).collect()))
}

/// Refuses whoever may not read a post: it is not public, or a block stands between the two.
pub async fn may_read(app: &App, viewer: Option<&Viewer>, post: PostId) -> Result<()> {
    store::standing(&mut app.db.conn().await?, post).await?.ok_or(Error::NotFound)?;
    not_kept_from(app, viewer, Topic::Post(post)).await
}

/// Refuses whoever is kept from a post or a profile by a block.
async fn not_kept_from(app: &App, viewer: Option<&Viewer>, page: Topic) -> Result<()> {
    let Some(viewer) = viewer.filter(|viewer| !viewer.sees_past_blocks()) else { return Ok(()) };
    let mut conn = app.db.conn().await?;
    let is_kept = match page {
        Topic::Post(post) => store::is_kept_from(&mut conn, post, viewer.id).await?,
        Topic::Person(user) | Topic::Profile(user) => {
            store::are_apart(&mut conn, user, viewer.id).await?
        }
    };
    if is_kept { Err(Error::NotFound) } else { Ok(()) }
}

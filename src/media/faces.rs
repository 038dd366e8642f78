//! One's face: a square cut from a picture around a point, which can be cut again.

use super::{
    Media, NewPicture, Purpose,
    actions::{self, Taken},
    store,
};
use crate::{
    Error, Result,
    accounts::{self, Viewer},
    app::App,
    db::Tx,
    events::{self, Event},
    ids::MediaId,
};

/// A point in hundredths of width and height.
pub type Focus = (u8, u8);

/// Gives the viewer a face from a picture that is sent. The whole picture is kept beside it, so
/// that it can be cut again; it goes with the face.
pub async fn set(app: &App, viewer: &Viewer, new: NewPicture, focus: Focus) -> Result<()> {
    let Taken { media: whole, is_new } =
        actions::take(app, viewer, Purpose::Avatar, (new, None)).await?;
    if is_new {
        let mut tx = app.db.begin().await?;
        store::came_as_face(&mut tx, whole.id, app.clock.now()).await?;
        tx.commit().await?;
    }
    cut(app, viewer, &whole, focus).await
}

/// Cuts the viewer's face anew, from the picture that it was cut from.
pub async fn cut_again(app: &App, viewer: &Viewer, focus: Focus) -> Result<()> {
    let face = viewer.avatar_filename.as_deref().ok_or(Error::NotFound)?;
    let whole = {
        let mut conn = app.db.conn().await?;
        let source = store::source_of(&mut conn, viewer.id, face).await?.ok_or(Error::NotFound)?;
        store::of_user(&mut conn, viewer.id, source.id).await?.ok_or(Error::NotFound)?
    };
    cut(app, viewer, &whole, focus).await
}

/// Makes a picture of one's own one's face.
pub async fn choose(app: &App, viewer: &Viewer, id: MediaId, focus: Focus) -> Result<()> {
    let whole = {
        let mut conn = app.db.conn().await?;
        store::of_user(&mut conn, viewer.id, id).await?.ok_or(Error::NotFound)?
    };
    cut(app, viewer, &whole, focus).await
}

/// Takes the viewer's face away.
pub async fn remove(app: &App, viewer: &Viewer) -> Result<()> {
    change(app, viewer, None).await
}

async fn cut(app: &App, viewer: &Viewer, whole: &Media, focus: Focus) -> Result<()> {
    let bytes = app.files.get(&whole.filename).await?.ok_or(Error::NotFound)?;
    let new = NewPicture { name: whole.original_name.clone(), bytes, alt: whole.alt.clone() };
    let face = actions::take(app, viewer, Purpose::Avatar, (new, Some(focus))).await?.media;
    change(app, viewer, Some((&face, whole, focus))).await
}

/// The face that was before goes, and what it was cut from, unless they are shown elsewhere.
async fn change(app: &App, viewer: &Viewer, face: Option<(&Media, &Media, Focus)>) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let before = match viewer.avatar_filename.as_deref() {
        Some(old) => Some((old, store::source_of(&mut tx, viewer.id, old).await?)),
        None => None,
    };
    let filename = face.map(|(face, _, _)| face.filename.as_str());
    accounts::store::users::set_avatar(&mut tx, viewer.id, filename, now).await?;
    if let Some((face, whole, focus)) = face {
        store::set_source(&mut tx, face.id, &whole.filename, focus, now).await?;
    }
    let stays = |name: &str| {
        face.is_some_and(|(face, whole, _)| name == face.filename || name == whole.filename)
    };
    if let Some((old, source)) = before {
        // A small picture is its own cut. One that was here before it became a face stays.
        let is_own = source.as_ref().is_some_and(|it| it.filename == old && !it.came_as_face);
        let source = source.filter(|source| source.came_as_face && source.filename != old);
        let old = (!is_own).then_some(old);
        for name in old.into_iter().chain(source.as_ref().map(|it| it.filename.as_str())) {
            if !stays(name) {
                forget(app, &mut tx, viewer, name).await?;
            }
        }
    }
    events::record(app, &mut tx, Event::ProfileChanged { user: viewer.id }).await?;
    tx.commit().await
}

async fn forget(app: &App, tx: &mut Tx, viewer: &Viewer, name: &str) -> Result<()> {
    if let Some(media) = store::by_file(tx, viewer.id, name).await?
        && !store::is_shown(tx, viewer.id, name).await?
    {
        actions::remove(app, tx, &media).await?;
    }
    Ok(())
}

//! Taking pictures in, describing them, removing them.

use tokio::sync::RwLock;

use super::{
    Media, NewPicture, Purpose,
    decoder::Work,
    jobs::{RemoveFile, RemoveFiles},
    picture::{self, size},
    scan, store,
    workshop::{self, Piece},
};
use crate::{
    Error, Result,
    accounts::{self, Permission, Viewer},
    app::App,
    db::{Conn, Tx},
    events::{self, Event},
    ids::{MediaId, UserId},
    jobs,
};

/// The side of a face.
const FACE: u32 = 300;

/// Held for reading from a file to its row, for writing where a file without a row is removed: so
/// that no file goes just as somebody uploads the same picture again.
#[derive(Default)]
pub(super) struct Shelves(pub RwLock<()>);

/// Checks a picture, writes it anew, and keeps it. The same picture a second time is the first.
pub async fn store_picture(
    app: &App,
    viewer: &Viewer,
    purpose: Purpose,
    new: NewPicture,
) -> Result<Media> {
    Ok(take(app, viewer, purpose, (new, None)).await?.media)
}

/// A picture that was taken in, and whether its owner did not have it before.
pub(super) struct Taken {
    pub media: Media,
    pub is_new: bool,
}

/// The same; with a focus, cut to a square around that point: a face, from a picture of one's own.
pub(super) async fn take(
    app: &App,
    viewer: &Viewer,
    purpose: Purpose,
    (new, focus): (NewPicture, Option<(u8, u8)>),
) -> Result<Taken> {
    if !viewer.can(Permission::UploadFiles) {
        return Err(Error::Forbidden);
    }
    let alt = picture::parse_alt(&new.alt)?;
    let original_name = new.original_name();
    {
        // Who has no room left need not wait for a decoder.
        let mut conn = app.db.conn().await?;
        check_quota(app, &mut conn, viewer.id, purpose, 1).await?;
    }
    let limits = match focus {
        Some(_) => pictures::Limits {
            square: focus,
            fit_within: Some((FACE, FACE)),
            max_bytes: usize::MAX,
            ..purpose.limits(app)
        },
        None => purpose.limits(app),
    };
    let cost = pictures::cost(&new.bytes, &limits).map_err(|refused| purpose.refusal(&refused))?;
    scan::check(app, purpose.field(), &new.bytes).await?;
    let piece = Piece { work: Work::Sanitise, bytes: new.bytes, limits };
    let made =
        workshop::now(app, cost, piece).await?.map_err(|refused| purpose.refusal(&refused))?;
    let picture = made.into_iter().next().ok_or_else(|| anyhow::anyhow!("no picture was made"))?;

    let shelves = app.state::<Shelves>();
    let _shelf = shelves.0.read().await;
    let (kind, width, height) = (picture.kind, picture.width, picture.height);
    let size_bytes = i64::try_from(picture.bytes.len()).unwrap_or(i64::MAX);
    let filename = app.files.put(picture.bytes.into(), kind.extension()).await?;

    let row = store::Row {
        user: viewer.id,
        filename: &filename,
        original_name: &original_name,
        mime: kind.mime(),
        width,
        height,
        size_bytes,
        alt: &alt,
    };
    let mut tx = app.db.begin().await?;
    let taken = keep(app, &mut tx, purpose, &row).await?;
    tx.commit().await?;
    app.state::<super::jobs::Waiting>().0.notify_one();
    Ok(taken)
}

/// Writes the row of a picture whose file is there.
async fn keep(app: &App, tx: &mut Tx, purpose: Purpose, row: &store::Row<'_>) -> Result<Taken> {
    let now = app.clock.now();
    store::hold(tx, row.user).await?;
    if let Some(mut media) = store::by_file(tx, row.user, row.filename).await? {
        if media.alt.is_empty() && !row.alt.is_empty() {
            store::set_alt(tx, media.id, row.alt, now).await?;
            row.alt.clone_into(&mut media.alt);
        }
        return Ok(Taken { media, is_new: false });
    }
    check_quota(app, tx, row.user, purpose, row.size_bytes).await?;
    if let Some(media) = store::insert(tx, row, now).await? {
        return Ok(Taken { media, is_new: true });
    }
    // The first picture of a person, sent twice at once: nothing was held.
    let media = store::by_file(tx, row.user, row.filename).await?.ok_or(Error::Conflict)?;
    Ok(Taken { media, is_new: false })
}

async fn check_quota(
    app: &App,
    conn: &mut Conn,
    user: UserId,
    purpose: Purpose,
    more: i64,
) -> Result<()> {
    let media = &app.config.media;
    let most_bytes = i64::try_from(media.quota.0).unwrap_or(i64::MAX);
    let most_files = i64::try_from(media.quota_files).unwrap_or(i64::MAX);
    let taken = store::usage(conn, user).await?;
    if taken.files >= most_files {
        let message = format!(
            "You have {} pictures, and no more are allowed. Delete some you no longer need at \
             /media.",
            taken.files
        );
        return Err(Error::invalid(purpose.field(), message));
    }
    if taken.bytes.saturating_add(more) > most_bytes {
        let message = format!(
            "Your pictures take up {} of the {} allowed, and this one does not fit any more. \
             Delete some you no longer need at /media.",
            size(taken.bytes),
            size(most_bytes)
        );
        return Err(Error::invalid(purpose.field(), message));
    }
    Ok(())
}

/// Describes one's own picture.
pub async fn describe(app: &App, viewer: &Viewer, id: MediaId, alt: &str) -> Result<()> {
    let alt = picture::parse_alt(alt)?;
    let mut tx = app.db.begin().await?;
    let media = store::of_user(&mut tx, viewer.id, id).await?.ok_or(Error::NotFound)?;
    store::set_alt(&mut tx, media.id, &alt, app.clock.now()).await?;
    tx.commit().await
}

/// Removes one's own picture, unless it stands above a post. When nobody else has it, its file
/// goes too.
pub async fn delete(app: &App, viewer: &Viewer, id: MediaId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let media = store::of_user(&mut tx, viewer.id, id).await?.ok_or(Error::NotFound)?;
    let uses = store::uses(&mut tx, viewer.id, &media.filename).await?;
    if let Some(post) = uses.iter().find(|post| post.is_cover) {
        let message = format!(
            "This picture is the cover of “{}”. Give that post another cover first.",
            post.title
        );
        return Err(Error::invalid("delete", message));
    }
    if viewer.avatar_filename.as_deref() == Some(media.filename.as_str()) {
        accounts::store::users::set_avatar(&mut tx, viewer.id, None, app.clock.now()).await?;
        events::record(app, &mut tx, Event::ProfileChanged { user: viewer.id }).await?;
    }
    remove(app, &mut tx, &media).await?;
    tx.commit().await
}

/// Removes a row; its file is looked after once that is certain.
pub(super) async fn remove(app: &App, tx: &mut Tx, media: &Media) -> Result<()> {
    store::delete(tx, media.id).await?;
    let job = RemoveFile { filename: media.filename.clone() };
    jobs::enqueue(app, tx, &job, app.clock.now()).await
}

/// Removes those of a person's pictures that nothing shows any more, when a post that showed them
/// has gone for good.
pub async fn forget_unused(app: &App, tx: &mut Tx, user: UserId, names: &[String]) -> Result<()> {
    for name in names {
        if let Some(media) = store::by_file(tx, user, name).await?
            && !store::is_shown(tx, user, name).await?
        {
            remove(app, tx, &media).await?;
        }
    }
    Ok(())
}

/// Removes the files of somebody who goes for good, as soon as that is certain. The rows go with the
/// person; what others have too stays.
pub async fn forget_person(app: &App, tx: &mut Tx, user: UserId) -> Result<()> {
    let mut after = String::new();
    loop {
        let names = store::names_of(tx, user, &after).await?;
        let Some((last,)) = names.last() else { return Ok(()) };
        after.clone_from(last);
        let job = RemoveFiles { filenames: names.into_iter().map(|(name,)| name).collect() };
        jobs::enqueue(app, tx, &job, app.clock.now()).await?;
    }
}

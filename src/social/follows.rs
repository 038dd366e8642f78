//! Following people, categories and tags.

use super::store;
use crate::{
    Error, Result,
    accounts::{self, Viewer},
    app::App,
    db::Tx,
    events::{self, Event},
    ids::{CategoryId, TagId, UserId},
};

/// The most people, and the most categories and tags each, that one person follows (X75).
pub const MOST: i64 = 5_000;

/// What became of a click on Follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    pub following: bool,
    pub follower_count: i64,
}

/// Follows somebody, or stops (R-FOLLOW.1).
pub async fn toggle(app: &App, viewer: &Viewer, username: &str) -> Result<Followed> {
    let mut tx = app.db.begin().await?;
    let whom = store::people::by_username(&mut tx, username).await?.ok_or(Error::NotFound)?;
    if whom.id == viewer.id {
        return Err(Error::Refused("You cannot follow yourself.".into()));
    }
    lock(&mut tx, viewer.id, whom.id).await?;
    let stopped = stop(app, &mut tx, viewer.id, whom.id).await?;
    if !stopped {
        begin(app, &mut tx, viewer, whom.id).await?;
    }
    let follower_count = store::people::follower_count(&mut tx, whom.id).await?;
    tx.commit().await?;
    Ok(Followed { following: !stopped, follower_count })
}

async fn begin(app: &App, tx: &mut Tx, viewer: &Viewer, whom: UserId) -> Result<()> {
    let who = viewer.id;
    let now = app.clock.now();
    // Who is blocked finds nobody there; who has blocked takes the block back first.
    let between = store::relations::between(tx, who, whom).await?;
    if between.has_blocked || between.is_blocked && viewer.sees_past_blocks() {
        return Err(Error::Forbidden);
    }
    if between.is_blocked {
        return Err(Error::NotFound);
    }
    if store::people::following_count(tx, who).await? >= MOST {
        let most = "You follow 5,000 people, which is the most. Stop following somebody first.";
        return Err(Error::Refused(most.into()));
    }
    if store::follows::insert(tx, who, whom, now).await? {
        accounts::store::counts::count_follow(tx, who, whom, 1, now).await?;
        events::record(app, tx, Event::UserFollowed { follower: who, followed: whom }).await?;
    }
    Ok(())
}

/// Ends a follow if there is one; says whether there was. Both rows must be locked.
pub(super) async fn stop(app: &App, tx: &mut Tx, who: UserId, whom: UserId) -> Result<bool> {
    if !store::follows::delete(tx, who, whom).await? {
        return Ok(false);
    }
    let now = app.clock.now();
    accounts::store::counts::count_follow(tx, who, whom, -1, now).await?;
    events::record(app, tx, Event::UserUnfollowed { follower: who, followed: whom }).await?;
    Ok(true)
}

/// Locks the rows of two people, always the lower number first, so that two who follow each other
/// at once do not wait for each other for ever.
pub(super) async fn lock(tx: &mut Tx, one: UserId, other: UserId) -> Result<()> {
    accounts::store::counts::lock(tx, one.min(other)).await?;
    accounts::store::counts::lock(tx, one.max(other)).await
}

/// Follows a category, or stops; says which. The follower's row is held, so that two clicks at
/// once do not pass the limit together.
pub async fn toggle_category(app: &App, viewer: &Viewer, id: CategoryId) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    accounts::store::counts::lock(&mut tx, viewer.id).await?;
    let following = if store::follows::delete_category(&mut tx, viewer.id, id).await? {
        false
    } else {
        if !store::follows::category_exists(&mut tx, id).await? {
            return Err(Error::NotFound);
        }
        if store::follows::categories_followed(&mut tx, viewer.id).await? >= MOST {
            return Err(Error::Refused("You follow 5,000 categories, which is the most.".into()));
        }
        store::follows::insert_category(&mut tx, viewer.id, id, app.clock.now()).await?
    };
    tx.commit().await?;
    Ok(following)
}

/// Follows a tag, or stops; says which.
pub async fn toggle_tag(app: &App, viewer: &Viewer, id: TagId) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    accounts::store::counts::lock(&mut tx, viewer.id).await?;
    let following = if store::follows::delete_tag(&mut tx, viewer.id, id).await? {
        false
    } else {
        if !store::follows::tag_exists(&mut tx, id).await? {
            return Err(Error::NotFound);
        }
        if store::follows::tags_followed(&mut tx, viewer.id).await? >= MOST {
            return Err(Error::Refused("You follow 5,000 tags, which is the most.".into()));
        }
        store::follows::insert_tag(&mut tx, viewer.id, id, app.clock.now()).await?
    };
    tx.commit().await?;
    Ok(following)
}

/// Waits for everything that whoever leaves for good is doing just now, and lets nothing new begin,
/// so that what is taken out of the counts is all there is. The posts come first, as for everybody
/// who likes or comments; then the person.
pub async fn hold(tx: &mut Tx, user: UserId) -> Result<()> {
    crate::posts::store::counters::hold_of_person(tx, user).await?;
    accounts::store::counts::hold_for_good(tx, user).await
}

/// Takes whoever leaves for good out of the counts of others; their rows go with their account.
pub async fn forget(app: &App, tx: &mut Tx, user: UserId) -> Result<()> {
    let now = app.clock.now();
    crate::posts::store::counters::forget_likes(tx, user).await?;
    accounts::store::counts::forget_follows(tx, user, now).await?;
    store::follows::delete_all(tx, user).await?;
    store::likes::delete_all(tx, user).await
}

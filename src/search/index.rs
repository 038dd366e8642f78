//! Keeping the index: in the transaction of what changes a post, a name or a tag.

use std::collections::BTreeSet;

use super::{dates, plain::plain, store, words};
use crate::{
    Result,
    accounts::full_name,
    app::App,
    db::{Conn, Tx},
    events::Event,
    ids::{PostId, UserId},
    jobs,
};

/// What of a post is searched: folded words by the place they stand in, and keys of its filters.
#[derive(Debug, Default)]
pub struct Document {
    pub title: String,
    pub names: String,
    pub summary: String,
    pub body: String,
    /// `p`, `u12`, `c5`, `t7`, `v`, `m202603`: every post, its writer, its category, its tags;
    /// and if it is public, that, and when it was published.
    pub keys: String,
    pub is_public: bool,
}

/// What follows for the index from something that happened.
pub async fn react(app: &App, tx: &mut Tx, event: &Event) -> Result<()> {
    match event {
        Event::PostPublished { post, .. }
        | Event::PostChanged { post, .. }
        | Event::PostHidden { post, .. }
        | Event::PostDeleted { post, .. }
        | Event::PostRestored { post, .. }
        | Event::DraftSaved { post, .. } => index_post(app, tx, *post).await,
        Event::UserRegistered { user } | Event::EmailConfirmed { user } => {
            index_user(app, tx, *user).await
        }
        Event::ProfileChanged { user } => {
            index_user(app, tx, *user).await?;
            // The name stands in the index of everything they wrote: a job writes it there.
            if store::outdate_posts_of(tx, *user, app.clock.now()).await? > 0 {
                jobs::enqueue(app, tx, &super::IndexOutdated {}, app.clock.now()).await?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Writes what is searched of a post; a post that is gone leaves the index by itself.
pub async fn index_post(app: &App, tx: &mut Tx, id: PostId) -> Result<()> {
    let Some(post) = store::source(tx, id).await? else { return Ok(()) };
    let now = app.clock.now();
    let tags = store::tags_of(tx, id).await?;
    let author = full_name(&post.username, post.first_name.as_deref(), post.last_name.as_deref());
    let mut names = format!("{author}\n{}", post.username);
    let mut keys = format!("p u{}", post.user_id);
    if let (Some(name), Some(category)) = (&post.category_name, post.category_id) {
        names = format!("{names}\n{name}");
        keys = format!("{keys} c{category}");
    }
    for (tag, name) in &tags {
        names = format!("{names}\n{name}");
        keys = format!("{keys} t{tag}");
    }
    if let (true, Some(at)) = (post.is_public, post.published_at) {
        keys = format!("{keys} v {}", dates::keys(at.date_naive()));
    }
    let body = plain(&post.html);
    let summary = post.meta_description.as_deref().unwrap_or_default();
    let document = Document {
        title: words::folded(&post.title),
        names: words::folded(&names),
        summary: words::folded(summary),
        body: words::folded(&body),
        keys,
        is_public: post.is_public,
    };
    store::put_post(tx, id, &document, (&names, &body), now).await?;
    if post.is_public {
        for (tag, name) in &tags {
            store::put_tag(tx, *tag, &words::folded(name), now).await?;
        }
        let tags: Vec<&str> = tags.iter().map(|(_, name)| name.as_str()).collect();
        learn(app, tx, &format!("{}\n{}", post.title, tags.join("\n"))).await?;
    }
    Ok(())
}

/// Writes the names of a person, and nothing else of them (V3).
pub async fn index_user(app: &App, tx: &mut Tx, user: UserId) -> Result<()> {
    let Some(person) = store::names_of(tx, user).await? else { return Ok(()) };
    let parts = [Some(&person.username), person.first_name.as_ref(), person.last_name.as_ref()];
    let names: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    let names = names.join("\n");
    store::put_user(tx, user, &words::folded(&names), app.clock.now()).await?;
    learn(app, tx, &names).await
}

/// Remembers words, so that who mistypes one can be told. They are only ever shown to somebody
/// whose search then finds something that they may see.
async fn learn(app: &App, tx: &mut Tx, text: &str) -> Result<()> {
    let words: BTreeSet<String> = words::words(text)
        .into_iter()
        .map(|word| word.text)
        .filter(|word| word.chars().count() >= super::spelling::SHORTEST)
        .collect();
    for word in words {
        store::learn(tx, &word, app.clock.now()).await?;
    }
    Ok(())
}

/// Indexes some of the posts whose writer has another name by now; says whether there were any.
pub async fn index_outdated(app: &App, most: usize) -> Result<bool> {
    let outdated = {
        let mut conn = app.db.conn().await?;
        store::outdated_posts(&mut conn, at_most(most)).await?
    };
    let mut tx = app.db.begin().await?;
    for (post,) in &outdated {
        store::hold_post(&mut tx, *post, app.clock.now()).await?;
        index_post(app, &mut tx, *post).await?;
    }
    tx.commit().await?;
    Ok(!outdated.is_empty())
}

/// Indexes some of the posts after a number that are not indexed, or by older rules. Says how far it
/// looked; `None` at the end.
pub async fn index_posts(app: &App, after: i64, most: usize) -> Result<Option<i64>> {
    let (window, stale) = {
        let mut conn = app.db.conn().await?;
        let Some(last) = store::post_window(&mut conn, after).await? else { return Ok(None) };
        (last, store::stale_posts(&mut conn, (after, last), at_most(most)).await?)
    };
    let last = looked_up_to(stale.last().map(|(post,)| post.0), stale.len() < most, window);
    let mut tx = app.db.begin().await?;
    for (post,) in stale {
        index_post(app, &mut tx, post).await?;
    }
    tx.commit().await?;
    Ok(Some(last))
}

/// The same for people.
pub async fn index_people(app: &App, after: i64, most: usize) -> Result<Option<i64>> {
    let (window, stale) = {
        let mut conn = app.db.conn().await?;
        let Some(last) = store::people_window(&mut conn, after).await? else { return Ok(None) };
        (last, store::stale_people(&mut conn, (after, last), at_most(most)).await?)
    };
    let last = looked_up_to(stale.last().map(|(user,)| user.0), stale.len() < most, window);
    let mut tx = app.db.begin().await?;
    for (user,) in stale {
        index_user(app, &mut tx, user).await?;
    }
    tx.commit().await?;
    Ok(Some(last))
}

fn at_most(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// Up to which number nothing is outdated any more: the end of the window, or the last that was
/// taken when there may be more in it.
fn looked_up_to(taken: Option<i64>, all_taken: bool, window: i64) -> i64 {
    taken.filter(|_| !all_taken).unwrap_or(window)
}

/// Indexes everything that is not; for the demonstration and for `doctor --repair`.
pub async fn complete(app: &App) -> Result<()> {
    let mut after = Some(0);
    while let Some(number) = after {
        after = index_people(app, number, 500).await?;
    }
    after = Some(0);
    while let Some(number) = after {
        after = index_posts(app, number, 200).await?;
    }
    let mut tx = app.db.begin().await?;
    store::settle_posts(&mut tx).await?;
    store::settle_names(&mut tx).await?;
    tx.commit().await
}

/// Forgets the whole index and makes it anew.
pub async fn rebuild(app: &App) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::forget_everything(&mut tx).await?;
    tx.commit().await?;
    complete(app).await
}

/// How many posts and people are not in the index as they should be.
pub async fn missing(conn: &mut Conn) -> Result<i64> {
    store::missing(conn).await
}

/// Whether the index was made by older rules, or not at all.
pub async fn is_outdated(conn: &mut Conn) -> Result<bool> {
    store::is_outdated(conn).await
}

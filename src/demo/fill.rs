//! Fills a site: people, posts, and what people do to them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    dice::Dice,
    lexicon::Library,
    notices,
    people::{Member, members},
    scene::{self, Cover},
    shares::{most, shares},
    store::{self, Span},
    texts::{self, Text},
};
use crate::{
    Error, Result,
    accounts::passwords,
    analytics::{
        influence,
        trending::{self, List},
    },
    app::App,
    ids::{PostId, TagId, UserId},
    search,
};

/// How much is made.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub people: usize,
    pub posts: usize,
    pub comments: usize,
    pub likes: usize,
    pub follows: usize,
    pub views: usize,
    pub covers: usize,
    pub seed: u64,
    /// Also beside accounts that no demonstration made.
    pub force: bool,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    pub people: usize,
    pub posts: usize,
    pub comments: u64,
    pub likes: u64,
    pub follows: u64,
    pub views: u64,
    /// Some who can log in, all with the same password.
    pub usernames: Vec<String>,
    pub password: String,
}

/// How many posts are made at once.
const BATCH: usize = 500;

/// Over how long the posts are spread.
pub const AGE: TimeDelta = TimeDelta::days(3 * 365);

impl Plan {
    pub fn small() -> Self {
        Self {
            people: 200,
            posts: 1_000,
            comments: 10_000,
            likes: 20_000,
            follows: 5_000,
            views: 60_000,
            covers: 12,
            seed: 1,
            force: false,
        }
    }

    pub fn large() -> Self {
        Self {
            people: 20_000,
            posts: 100_000,
            comments: 1_000_000,
            likes: 2_000_000,
            follows: 200_000,
            views: 5_000_000,
            covers: 24,
            seed: 1,
            force: false,
        }
    }
}

/// What all steps need to know.
struct Filler {
    app: App,
    plan: Plan,
    library: Arc<Library>,
    covers: Arc<Vec<Cover>>,
    now: DateTime<Utc>,
}

/// What posts were given, so many a post.
struct Shares {
    likes: Vec<i64>,
    comments: Vec<i64>,
    views: Vec<i64>,
}

/// Fills the site, and says how one gets in.
pub async fn fill(app: &App, plan: Plan, say: fn(&str)) -> Result<Made> {
    let counts = store::accounts(&mut app.db.conn().await?).await?;
    if counts.others > 0 && !plan.force {
        return Err(Error::invalid(
            "demo",
            "This site has accounts of real people. Give --force to put demonstration data beside them.",
        ));
    }
    if counts.people > counts.others && !plan.force {
        return Err(Error::invalid(
            "demo",
            "This site has its demonstration data already. Give --force to add more.",
        ));
    }
    let drawing = app.clone();
    let covers =
        tokio::task::spawn_blocking(move || scene::covers(&drawing, plan.seed, plan.covers));
    let filler = Filler {
        app: app.clone(),
        plan,
        library: Arc::new(Library::open()),
        covers: Arc::new(covers.await??),
        now: app.clock.now(),
    };
    let password = app.random.token()?.chars().take(16).collect::<String>();
    let (people, usernames) = filler.people(&password).await?;
    say(&format!("{} people", usernames.len()));
    let shares = filler.shares();
    let posts = filler.posts(people, &shares, say).await?;
    let follows = filler.follow(people).await?;
    say(&format!("{follows} follows"));
    let (likes, comments) = filler.talk(posts, people, &shares).await?;
    say(&format!("{likes} likes, {comments} comments"));
    let views = filler.look(posts, &shares).await?;
    filler.count(people).await?;
    filler.compute().await?;
    say("what trends, and who is influential");
    say("The search index is being made");
    search::index::complete(app).await?;
    Ok(Made {
        people: usernames.len(),
        posts: plan.posts,
        comments,
        likes,
        follows,
        views,
        usernames: usernames.into_iter().take(5).collect(),
        password,
    })
}

impl Filler {
    /// Makes everybody. Their numbers follow each other, since nobody else may write meanwhile.
    async fn people(&self, password: &str) -> Result<(Span, Vec<String>)> {
        let members: Vec<Member> = members(&self.library, self.plan.seed, self.plan.people);
        let hash = passwords::hash(&self.app, password).await?;
        let mut ids: Vec<UserId> = Vec::with_capacity(members.len());
        let mut names = Vec::with_capacity(members.len());
        for (batch, some) in members.chunks(BATCH).enumerate() {
            let mut tx = self.app.db.begin().await?;
            for (at, member) in some.iter().enumerate() {
                let days = Dice::new(self.plan.seed, 3, batch * BATCH + at).below(300);
                let joined = self.now - AGE - TimeDelta::days(days.try_into().unwrap_or(0));
                if let Some(id) = store::insert_member(&mut tx, member, &hash, joined).await? {
                    ids.push(id);
                    names.push(member.username.clone());
                }
            }
            tx.commit().await?;
        }
        let span = span(ids.iter().map(|id| id.0))?;
        Ok((span, names))
    }

    fn shares(&self) -> Shares {
        let Plan { posts, people, .. } = self.plan;
        let share = |kind, total, most| shares(self.plan.seed, kind, (posts, total), most);
        Shares {
            likes: share(4, self.plan.likes, people.saturating_sub(2)),
            comments: share(5, self.plan.comments, usize::MAX),
            views: share(6, self.plan.views, usize::MAX),
        }
    }

    async fn posts(&self, people: Span, shares: &Shares, say: fn(&str)) -> Result<Span> {
        let mut categories = Vec::new();
        let mut conn = self.app.db.conn().await?;
        for domain in &self.library.domains {
            categories.push(store::category(&mut conn, domain.slug).await?);
        }
        drop(conn);
        let tags = self.tags().await?;
        let mut slugs = HashSet::new();
        let mut ids: Vec<PostId> = Vec::with_capacity(self.plan.posts);
        for first in (0..self.plan.posts).step_by(BATCH) {
            let last = (first + BATCH).min(self.plan.posts);
            let written = self.texts(first..last).await?;
            let mut tx = self.app.db.begin().await?;
            for (at, mut text) in (first..last).zip(written) {
                text.post.category = categories[text.domain];
                text.post.author = UserId(people.first + text.author);
                text.post.likes = shares.likes[at];
                text.post.comments = shares.comments[at];
                text.post.views = shares.views[at];
                ids.push(self.insert(&mut tx, &mut text, &mut slugs, &tags).await?);
            }
            tx.commit().await?;
            say(&format!("{last} of {} posts", self.plan.posts));
        }
        span(ids.iter().map(|id| id.0))
    }

    async fn insert(
        &self,
        tx: &mut crate::db::Tx,
        text: &mut Text,
        slugs: &mut HashSet<String>,
        tags: &HashMap<&'static str, TagId>,
    ) -> Result<PostId> {
        let size = (i64::from(scene::WIDTH), i64::from(scene::HEIGHT));
        let base = text.post.slug.clone();
        let mut number = 1;
        let id = loop {
            let is_new = slugs.insert(text.post.slug.clone());
            let id = if is_new { store::insert_post(tx, &text.post, size).await? } else { None };
            if let Some(id) = id {
                break id;
            }
            number += 1;
            text.post.slug = format!("{base}-{number}");
        };
        for cover in &text.pictures {
            let cover = &self.covers[*cover];
            let about = (cover.filename.as_str(), cover.alt.as_str(), cover.bytes);
            store::insert_media(tx, text.post.author, about, size, text.post.published_at).await?;
        }
        for tag in &text.tags {
            if let Some(tag) = tags.get(tag) {
                store::insert_post_tag(tx, id, *tag, text.post.published_at).await?;
            }
        }
        Ok(id)
    }

    async fn texts(&self, range: std::ops::Range<usize>) -> Result<Vec<Text>> {
        let (library, covers) = (Arc::clone(&self.library), Arc::clone(&self.covers));
        let (plan, now) = (self.plan, self.now);
        tokio::task::spawn_blocking(move || texts::range(&library, &covers, &plan, now, range))
            .await?
    }

    async fn tags(&self) -> Result<HashMap<&'static str, TagId>> {
        let mut tags = HashMap::new();
        let mut tx = self.app.db.begin().await?;
        for domain in &self.library.domains {
            for name in domain.own.all("tags") {
                tags.insert(*name, store::tag(&mut tx, name, self.now).await?);
            }
        }
        tx.commit().await?;
        Ok(tags)
    }

    async fn follow(&self, people: Span) -> Result<u64> {
        let each = i64::try_from(self.plan.follows / self.plan.people.max(1)).unwrap_or(0);
        let mut made = 0;
        for some in parts(people, 200) {
            if each > 0 {
                let mut tx = self.app.db.begin().await?;
                let at = self.now - TimeDelta::days(30);
                made += store::insert_follows(&mut tx, some, people, each, at).await?;
                tx.commit().await?;
            }
        }
        Ok(made)
    }

    async fn talk(&self, posts: Span, people: Span, shares: &Shares) -> Result<(u64, u64)> {
        let (mut likes, mut comments) = (0, 0);
        let (most_likes, most_comments) = (most(&shares.likes), most(&shares.comments));
        for (number, some) in parts(posts, 100).enumerate() {
            let age = posts.last - some.last;
            let all = (posts.last - posts.first + 1).max(1);
            let at = self.now - AGE * i32::try_from(age * 1_000 / all).unwrap_or(0) / 1_000;
            let mut dice = Dice::new(self.plan.seed, 7, number);
            let common = &self.library.common;
            let words = std::array::from_fn(|_| dice.pick(common.all("comments")).to_owned());
            let replies = std::array::from_fn(|_| dice.pick(common.all("replies")).to_owned());
            let mut tx = self.app.db.begin().await?;
            if most_likes > 0 {
                likes += store::insert_likes(&mut tx, some, people, most_likes, at).await?;
            }
            if most_comments > 0 {
                let top = (most_comments, at);
                comments += store::insert_comments(&mut tx, some, people, &words, top).await?;
                comments += store::insert_replies(&mut tx, some, &replies, at).await?;
                store::talk::insert_likes(&mut tx, some, people, at).await?;
                store::talk::count(&mut tx, some, at).await?;
            }
            tx.commit().await?;
        }
        Ok((likes, comments))
    }

    /// Views of the last thirty days; post by post, so that an index grows in few places at a time.
    async fn look(&self, posts: Span, shares: &Shares) -> Result<u64> {
        let most = most(&shares.views) / 30 + 1;
        let mut made = 0;
        if self.plan.views == 0 {
            return Ok(0);
        }
        for some in parts(posts, 1_000) {
            let mut tx = self.app.db.begin().await?;
            for part in 0..30 {
                let at = self.now - TimeDelta::days(part);
                made += store::insert_views(&mut tx, some, part, most, at).await?;
            }
            store::sums::count_days(&mut tx, some).await?;
            tx.commit().await?;
        }
        Ok(made)
    }

    /// Computes what a running site would compute by and by.
    async fn compute(&self) -> Result<()> {
        for list in [List::Hot, List::Day, List::Week, List::Month] {
            trending::compute(&self.app, list).await?;
        }
        influence::compute(&self.app).await
    }

    /// Counts what stands in counters.
    async fn count(&self, people: Span) -> Result<()> {
        for some in parts(people, 500) {
            let mut tx = self.app.db.begin().await?;
            notices::fill(&mut tx, some, self.now).await?;
            store::count_people(&mut tx, some, self.now).await?;
            tx.commit().await?;
        }
        let tags = self.tags().await?;
        let mut tx = self.app.db.begin().await?;
        for tag in tags.into_values() {
            store::count_tag(&mut tx, tag, self.now).await?;
        }
        store::count_categories(&mut tx, self.now).await?;
        tx.commit().await
    }
}

/// The range that these numbers make without a gap.
fn span(numbers: impl Iterator<Item = i64>) -> Result<Span> {
    let mut span: Option<Span> = None;
    for number in numbers {
        match &mut span {
            None => span = Some(Span { first: number, last: number }),
            Some(span) if number == span.last + 1 => span.last = number,
            Some(_) => {
                let why = "Somebody wrote to the site meanwhile, or there was a demonstration \
                           with the same seed before. Stop the site, or give another --seed.";
                return Err(Error::invalid("demo", why));
            }
        }
    }
    span.ok_or_else(|| {
        Error::invalid("demo", "All of these people are there. Give another --seed.")
    })
}

/// A range in parts of so many.
fn parts(span: Span, size: i64) -> impl Iterator<Item = Span> {
    (0..)
        .map(move |part| span.first + part * size)
        .take_while(move |first| *first <= span.last)
        .map(move |first| Span { first, last: (first + size - 1).min(span.last) })
}

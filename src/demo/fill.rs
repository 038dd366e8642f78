//! Fills a site: people, posts, and what people do to them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    article,
    dice::Dice,
    lexicon::Library,
    people::{Member, members},
    scene::{self, Cover},
    store::{self, NewPost, Span},
};
use crate::{
    Error, Result,
    accounts::passwords,
    app::App,
    ids::{CategoryId, PostId, TagId, UserId},
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
const AGE: TimeDelta = TimeDelta::days(3 * 365);

impl Plan {
    pub fn small() -> Self {
        Self {
            people: 200,
            posts: 1_000,
            comments: 10_000,
            likes: 20_000,
            follows: 5_000,
            views: 0,
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
            let written = self.write(first..last).await?;
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

    /// Writes and renders some posts on all cores.
    async fn write(&self, range: std::ops::Range<usize>) -> Result<Vec<Text>> {
        let (library, covers) = (Arc::clone(&self.library), Arc::clone(&self.covers));
        let (plan, now) = (self.plan, self.now);
        let texts = tokio::task::spawn_blocking(move || {
            let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
            let numbers: Vec<usize> = range.collect();
            let (library, covers) = (&*library, &*covers);
            std::thread::scope(|scope| {
                let work: Vec<_> = numbers
                    .chunks(numbers.len().div_ceil(cores).max(1))
                    .map(|some| {
                        scope.spawn(move || {
                            some.iter()
                                .map(|at| text(library, covers, &plan, now, *at))
                                .collect::<Result<Vec<Text>>>()
                        })
                    })
                    .collect();
                work.into_iter()
                    .map(|work| {
                        work.join().map_err(|_| anyhow::anyhow!("a text could not be written"))?
                    })
                    .collect::<Result<Vec<Vec<Text>>>>()
            })
        });
        Ok(texts.await??.into_iter().flatten().collect())
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
            }
            tx.commit().await?;
        }
        Ok((likes, comments))
    }

    /// Views of the last thirty days.
    async fn look(&self, posts: Span, shares: &Shares) -> Result<u64> {
        let most = most(&shares.views) / 30 + 1;
        let mut made = 0;
        if self.plan.views == 0 {
            return Ok(0);
        }
        for part in 0..30 {
            let at = self.now - TimeDelta::days(part);
            for some in parts(posts, 1_000) {
                let mut tx = self.app.db.begin().await?;
                made += store::insert_views(&mut tx, some, part, most, at).await?;
                tx.commit().await?;
            }
        }
        Ok(made)
    }

    /// Counts what stands in counters.
    async fn count(&self, people: Span) -> Result<()> {
        for some in parts(people, 500) {
            let mut tx = self.app.db.begin().await?;
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

/// A post with what belongs to it, before it has a place in the database.
struct Text {
    post: NewPost,
    domain: usize,
    author: i64,
    tags: Vec<&'static str>,
    pictures: Vec<usize>,
}

/// Writes and renders the post with a number.
fn text(
    library: &Library,
    covers: &[Cover],
    plan: &Plan,
    now: DateTime<Utc>,
    at: usize,
) -> Result<Text> {
    let mut dice = Dice::new(plan.seed, 8, at);
    let author = i64::try_from(dice.leaning(plan.people)).unwrap_or(0);
    // A writer mostly stays with one subject.
    let favourite = usize::try_from(author).unwrap_or(0) % library.domains.len();
    let domain = if dice.percent(75) { favourite } else { dice.below(library.domains.len()) };
    let draft = article::write(library, &library.domains[domain], &mut dice, covers);
    let sizes = |_: &str| Some((scene::WIDTH, scene::HEIGHT));
    let rendered = markup::render_with(&draft.content, &sizes);
    let cover = dice.percent(45).then(|| dice.below(covers.len()));
    let mut pictures: Vec<usize> = cover.into_iter().collect();
    pictures.extend((0..covers.len()).filter(|number| {
        rendered.images.iter().any(|image| image.ends_with(&covers[*number].filename))
    }));
    let back = AGE * i32::try_from(plan.posts - 1 - at).unwrap_or(0)
        / i32::try_from(plan.posts.max(1)).unwrap_or(1);
    let published_at = now - back - TimeDelta::minutes(dice.between(5, 55).try_into().unwrap_or(5));
    let edited_at = dice.percent(12).then(|| published_at + TimeDelta::days(2)).filter(|at| *at < now);
    Ok(Text {
        post: NewPost {
            author: UserId(0),
            category: None::<CategoryId>,
            published_at,
            edited_at,
            is_featured: cover.is_some() && at % 100 >= 96,
            likes: 0,
            views: 0,
            comments: 0,
            words: i64::from(rendered.words),
            slug: markup::slugify(&draft.title),
            title: draft.title,
            description: draft.description,
            excerpt: markup::excerpt(&rendered.text, 200),
            image: cover.map(|at| (covers[at].filename.clone(), covers[at].alt.clone())),
            headings: serde_json::to_string(&rendered.headings)?,
            html: rendered.html.into_string(),
            content: draft.content,
        },
        domain,
        author,
        tags: draft.tags,
        pictures,
    })
}

/// Deals `total` out to so many, unevenly and to the last one; nobody gets more than `most`.
fn shares(seed: u64, kind: u64, (number, total): (usize, usize), most: usize) -> Vec<i64> {
    let mean = total / number.max(1);
    let mut dice = Dice::new(seed, kind, 0);
    let mut all: Vec<usize> =
        (0..number).map(|_| dice.leaning(mean * 3 + 1).min(most)).collect();
    let mut sum: usize = all.iter().sum();
    let mut at = 0;
    let limit = total.min(most.saturating_mul(number));
    while sum != limit && number > 0 {
        let one = &mut all[at % number];
        if sum < limit && *one < most {
            *one += 1;
            sum += 1;
        } else if sum > limit && *one > 0 {
            *one -= 1;
            sum -= 1;
        }
        at += 1;
    }
    all.into_iter().map(|share| i64::try_from(share).unwrap_or(0)).collect()
}

fn most(shares: &[i64]) -> i64 {
    shares.iter().copied().max().unwrap_or(0)
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
    span.ok_or_else(|| Error::invalid("demo", "All of these people are there. Give another --seed."))
}

/// A range in parts of so many.
fn parts(span: Span, size: i64) -> impl Iterator<Item = Span> {
    (0..).map(move |part| span.first + part * size).take_while(move |first| *first <= span.last).map(
        move |first| Span { first, last: (first + size - 1).min(span.last) },
    )
}

//! Posts before they have a place in the database: written and rendered on all cores.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    article,
    dice::Dice,
    fill::{AGE, Plan},
    lexicon::Library,
    scene::{self, Cover},
    store::NewPost,
};
use crate::{Result, ids::UserId};

/// A post with what belongs to it, before it has a place in the database.
pub struct Text {
    pub post: NewPost,
    /// Which subject, by its place in the library.
    pub domain: usize,
    /// Which member, by number.
    pub author: i64,
    pub tags: Vec<&'static str>,
    /// Which covers it shows.
    pub pictures: Vec<usize>,
}

/// Writes and renders some posts.
pub fn range(
    library: &Library,
    covers: &[Cover],
    plan: &Plan,
    now: DateTime<Utc>,
    numbers: Range<usize>,
) -> Result<Vec<Text>> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let numbers: Vec<usize> = numbers.collect();
    std::thread::scope(|scope| {
        let work: Vec<_> = numbers
            .chunks(numbers.len().div_ceil(cores).max(1))
            .map(|some| {
                scope.spawn(move || {
                    let one = |at: &usize| text(library, covers, plan, now, *at);
                    some.iter().map(one).collect::<Result<Vec<Text>>>()
                })
            })
            .collect();
        let mut texts = Vec::with_capacity(numbers.len());
        for part in work {
            let part = part.join().map_err(|_| anyhow::anyhow!("a text could not be written"))?;
            texts.extend(part?);
        }
        Ok(texts)
    })
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
    let edited_at =
        dice.percent(12).then(|| published_at + TimeDelta::days(2)).filter(|at| *at < now);
    Ok(Text {
        post: NewPost {
            author: UserId(0),
            category: None,
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

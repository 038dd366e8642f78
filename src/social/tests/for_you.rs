//! For you, beside a plain computation of the documented formula over all rows.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use crate::{
    db::{read, write},
    ids::{CategoryId, PostId, TagId, UserId},
    social::feed,
    testing::{
        TestApp, beginning,
        posts::{TestPost, TestUser},
    },
};

/// A post by one of the people, in one of the categories or none, with one of the tags or none.
#[derive(Debug, Clone)]
struct Made {
    author: usize,
    category: Option<usize>,
    tag: Option<usize>,
    minute: i64,
    likes: i64,
    comments: i64,
    liked: bool,
}

/// What the reader has to do with whom and what; the reader is the first of the people.
#[derive(Debug, Clone)]
struct World {
    posts: Vec<Made>,
    followed: HashSet<usize>,
    categories: HashSet<usize>,
    tags: HashSet<usize>,
    blocks: HashSet<usize>,
    blocked_by: HashSet<usize>,
    mutes: HashSet<usize>,
}

const PEOPLE: usize = 6;
const TOPICS: usize = 3;

fn some(of: usize, most: usize) -> impl Strategy<Value = HashSet<usize>> {
    proptest::collection::hash_set(0..of, 0..=most)
}

fn made() -> impl Strategy<Value = Made> {
    let topic = || proptest::option::of(0..TOPICS);
    // Few minutes and counts, so that scores are often the same; some are days old.
    let minute = prop_oneof![0_i64..5, 0_i64..6_000];
    (0..PEOPLE, topic(), topic(), minute, 0_i64..4, 0_i64..3, any::<bool>()).prop_map(
        |(author, category, tag, minute, likes, comments, liked)| {
            let likes = likes + i64::from(liked);
            Made { author, category, tag, minute, likes, comments, liked }
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    (
        proptest::collection::vec(made(), 0..30),
        some(PEOPLE, 3),
        some(TOPICS, 2),
        some(TOPICS, 2),
        some(PEOPLE, 1),
        some(PEOPLE, 1),
        some(PEOPLE, 1),
    )
        .prop_map(|(posts, followed, categories, tags, blocks, blocked_by, mutes)| World {
            posts,
            followed,
            categories,
            tags,
            blocks,
            blocked_by,
            mutes,
        })
}

/// The tables that say the same as a world; what a reader does to others, one of each.
async fn fill(app: &TestApp, world: &World) -> (UserId, Vec<PostId>) {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let username = format!("p{number}");
        people.push(app.insert_user(TestUser { username: &username, ..Default::default() }).await);
    }
    let mut conn = app.app.db.conn().await.unwrap();
    let categories: Vec<(CategoryId,)> =
        read("select id from category order by id limit 3").all(&mut conn).await.unwrap();
    drop(conn);
    let (mut posts, mut tags) = (Vec::new(), HashMap::<usize, TagId>::new());
    for (number, made) in world.posts.iter().enumerate() {
        let slug = format!("post-{number}");
        let post = TestPost {
            category: made.category.map(|at| categories[at].0),
            minute: made.minute,
            likes: made.likes,
            ..TestPost::new(people[made.author], &slug, &slug)
        };
        let post = app.insert_post(post).await;
        if let Some(tag) = made.tag {
            let slug = format!("tag-{tag}");
            tags.insert(tag, app.insert_tag(post, &slug, &slug).await);
        }
        posts.push(post);
    }
    let mut tx = app.app.db.begin().await.unwrap();
    let mut rows: Vec<(&'static str, i64, i64)> = Vec::new();
    for (post, made) in posts.iter().zip(&world.posts) {
        let count = "update post set comment_count = $2, updated_at = $3 where id = $1";
        rows.push((count, post.0, made.comments));
        if made.liked {
            let like = "insert into post_like (created_at, updated_at, user_id, post_id)
                        values ($3, $3, $1, $2)";
            rows.push((like, people[0].0, post.0));
        }
    }
    for (with, text) in [
        (
            &world.followed,
            "insert into follow (created_at, updated_at, follower_id, followed_id)
             values ($3, $3, $1, $2)",
        ),
        (
            &world.blocks,
            "insert into user_block (created_at, user_id, blocked_id) values ($3, $1, $2)",
        ),
        (
            &world.blocked_by,
            "insert into user_block (created_at, user_id, blocked_id) values ($3, $2, $1)
             on conflict (user_id, blocked_id) do nothing",
        ),
        (&world.mutes, "insert into user_mute (created_at, user_id, muted_id) values ($3, $1, $2)"),
    ] {
        let others = with.iter().filter(|whom| **whom != 0);
        rows.extend(others.map(|whom| (text, people[0].0, people[*whom].0)));
    }
    let topic = "insert into category_follow (created_at, user_id, category_id)
                 values ($3, $1, $2)";
    rows.extend(world.categories.iter().map(|at| (topic, people[0].0, categories[*at].0.0)));
    let topic = "insert into tag_follow (created_at, user_id, tag_id) values ($3, $1, $2)";
    let followed = world.tags.iter().filter_map(|at| tags.get(at));
    rows.extend(followed.map(|tag| (topic, people[0].0, tag.0)));
    for (text, one, other) in rows {
        write(text).bind(one).bind(other).bind(beginning()).run(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    (people[0], posts)
}

/// The formula of the decision on feeds, in plain words: attention by its logarithm, 3 for a
/// followed writer, 2 for a followed topic, half for each day and a half, a tenth of what is liked.
fn expected(world: &World, posts: &[PostId], now: i64) -> Vec<i64> {
    let mut scored = Vec::new();
    for (made, post) in world.posts.iter().zip(posts) {
        let away = [&world.blocks, &world.blocked_by, &world.mutes];
        if made.author == 0 || away.iter().any(|list| list.contains(&made.author)) {
            continue;
        }
        let attention = f64::from(u32::try_from(3 * made.likes + 2 * made.comments).unwrap());
        let mut score = 1.0 + (1.0 + attention).log10();
        if world.followed.contains(&made.author) {
            score += 3.0;
        }
        let followed = |topic: Option<usize>, of: &HashSet<usize>| {
            topic.is_some_and(|topic| of.contains(&topic))
        };
        if followed(made.category, &world.categories) || followed(made.tag, &world.tags) {
            score += 2.0;
        }
        let hours = f64::from(u32::try_from(now - made.minute).unwrap()) / 60.0;
        score *= 0.5_f64.powf(hours / 36.0);
        if made.liked {
            score *= 0.1;
        }
        scored.push((score, made.minute, post.0));
    }
    scored.sort_by(|one, other| {
        let near = (one.0 - other.0).abs() < 1e-12;
        let by_score = if near { std::cmp::Ordering::Equal } else { other.0.total_cmp(&one.0) };
        by_score.then((other.1, other.2).cmp(&(one.1, one.2)))
    });
    scored.into_iter().take(10).map(|(.., id)| id).collect()
}

async fn compare(world: &World) {
    const NOW: i64 = 6_000;
    let app = TestApp::start().await;
    let (reader, posts) = fill(&app, world).await;
    let now = beginning() + chrono::TimeDelta::minutes(NOW);
    let mut conn = app.app.db.conn().await.unwrap();
    let found = feed::for_you(&mut conn, reader, now).await.unwrap();
    let found: Vec<i64> = found.iter().map(|row| row.id.0).collect();
    assert_eq!(found, expected(world, &posts, NOW), "{world:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, ..Default::default() })]

    #[test]
    fn for_you_is_what_the_formula_says(world in world()) {
        tokio::runtime::Runtime::new().unwrap().block_on(compare(&world));
    }
}

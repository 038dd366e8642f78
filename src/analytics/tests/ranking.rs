//! All that is ranked, for any acts at any times, against the definitions read word by word.

#![expect(clippy::cast_precision_loss, reason = "the numbers are small")]

use std::collections::BTreeMap;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::{
    run,
    trending::{Act, a_site, act},
};
use crate::{
    analytics::{
        store::trending as store,
        trending::{self, List},
    },
    db::read,
    ids::{PostId, UserId},
    posts::reading::store::most_liked,
    testing::TestApp,
};

const CLOSE: f64 = 1e-9;

/// Somebody does something under a post, some minutes ago; mostly lately.
fn acts() -> impl Strategy<Value = Vec<Act>> {
    let kind = prop::sample::select(vec!["like", "comment", "view", "view", "repeated", "hidden"]);
    let minutes = prop_oneof![0..1_600_i64, 0..11_000_i64, 0..47_000_i64];
    let one = (kind, 0..5_usize, 0..8_usize, minutes).prop_map(|(kind, by, post, minutes)| Act {
        kind,
        by,
        post,
        minutes,
    });
    prop::collection::vec(one, 0..150).prop_map(|acts| {
        let mut liked = std::collections::BTreeSet::new();
        let keeps = |act: &Act| act.kind != "like" || liked.insert((act.by, act.post));
        acts.into_iter().filter(keeps).collect()
    })
}

/// R-TREND.1 with decay, act by act: weights 3, 2, 1; half for every half-life of whole hours.
fn scores(acts: &[Act], authors: &[usize], list: List) -> BTreeMap<usize, f64> {
    let mut scores = BTreeMap::new();
    for act in acts {
        let hours = act.minutes / 60;
        let own = authors[act.post] == act.by && act.kind != "view";
        if hours >= i64::from(list.days()) * 24 || own {
            continue;
        }
        let weight = match act.kind {
            "like" => 3.0,
            "comment" => 2.0,
            "view" => 1.0,
            _ => continue,
        };
        let lives = hours as f64 / f64::from(list.half_life());
        *scores.entry(act.post).or_default() += weight * 0.5_f64.powf(lives);
    }
    scores
}

/// R-TREND.3: views an hour over a day, from five on.
fn rates(acts: &[Act]) -> BTreeMap<usize, f64> {
    let mut views = BTreeMap::<usize, u32>::new();
    for act in acts.iter().filter(|act| act.kind == "view" && act.minutes < 24 * 60) {
        *views.entry(act.post).or_default() += 1;
    }
    let hot = views.into_iter().filter(|(_, views)| *views >= 5);
    hot.map(|(post, views)| (post, f64::from(views) / 24.0)).collect()
}

/// Whether this is what has a score, the best first; those that are alike in any order.
fn is_ranked<K: Ord + Copy + std::fmt::Debug>(shown: &[(K, f64)], wanted: &BTreeMap<K, f64>) {
    assert_eq!(shown.len(), wanted.len(), "{shown:?} {wanted:?}");
    for (key, score) in shown {
        let right = wanted.get(key).unwrap_or_else(|| panic!("{key:?}: {shown:?} {wanted:?}"));
        assert!((right - score).abs() < CLOSE, "{key:?}: {score} and not {right}");
    }
    for pair in shown.windows(2) {
        assert!(wanted[&pair[0].0] > wanted[&pair[1].0] - CLOSE, "{pair:?} {wanted:?}");
    }
}

/// Sums of the scores of posts by whom or what they belong to.
fn summed<K: Ord>(scores: &BTreeMap<usize, f64>, of: impl Fn(usize) -> Vec<K>) -> BTreeMap<K, f64> {
    let mut sums = BTreeMap::new();
    for (post, score) in scores {
        for key in of(*post) {
            *sums.entry(key).or_default() += score;
        }
    }
    sums
}

async fn check(acts: &[Act], tagged: &[(usize, usize)], ahead: i64) {
    let app = TestApp::start().await;
    let (people, posts, authors) = a_site(&app).await;
    let mut tags = BTreeMap::new();
    for (post, tag) in tagged {
        let slug = format!("t{tag}");
        tags.insert(*tag, app.insert_tag(posts[*post], &slug, &slug).await.0);
    }
    app.advance(TimeDelta::days(40) + TimeDelta::minutes(ahead));
    let now = app.app.clock.now();
    for one in acts {
        act(&app, one, (&people, &posts), now).await;
    }
    let count = "update post set updated_at = updated_at, like_count =
                        (select count(*) from post_like l where l.post_id = post.id)";
    run(&app, count).await;
    let by_id = |scores: &BTreeMap<usize, f64>| -> BTreeMap<PostId, f64> {
        scores.iter().map(|(post, score)| (posts[*post], *score)).collect()
    };
    for list in [List::Hot, List::Day, List::Week, List::Month] {
        trending::compute(&app.app, list).await.unwrap();
        let wanted = if list == List::Hot { rates(acts) } else { scores(acts, &authors, list) };
        let mut conn = app.app.db.conn().await.unwrap();
        let shown = store::posts(&mut conn, list, None, 50).await.unwrap();
        let shown: Vec<(PostId, f64)> = shown.iter().map(|post| (post.id, post.score)).collect();
        is_ranked(&shown, &by_id(&wanted));
        let writers: Vec<(UserId, f64)> =
            read("select user_id, score from trending_writer where list = $1 order by rank")
                .bind(list)
                .all(&mut conn)
                .await
                .unwrap();
        is_ranked(&writers, &summed(&wanted, |post| vec![people[authors[post]]]));
        let shown: Vec<(i64, f64)> =
            read("select tag_id, score from trending_tag where list = $1 order by rank")
                .bind(list)
                .all(&mut conn)
                .await
                .unwrap();
        let tags_of = |post: usize| {
            let own = tagged.iter().filter(|(at, _)| *at == post);
            own.map(|(_, tag)| tags[tag]).collect::<Vec<i64>>()
        };
        is_ranked(&shown, &summed(&wanted, tags_of));
    }
    // R-TREND.4 and .5: what was read and liked most in a week, without what writers like of theirs.
    for (list, kind) in [(List::Read, "view"), (List::Liked, "like")] {
        let mut wanted = BTreeMap::<PostId, f64>::new();
        for act in acts.iter().filter(|act| act.kind == kind && act.minutes < 7 * 24 * 60) {
            if kind == "view" || authors[act.post] != act.by {
                *wanted.entry(posts[act.post]).or_default() += 1.0;
            }
        }
        let mut conn = app.app.db.conn().await.unwrap();
        let shown = store::posts(&mut conn, list, None, 50).await.unwrap();
        let shown: Vec<(PostId, f64)> = shown.iter().map(|post| (post.id, post.score)).collect();
        is_ranked(&shown, &wanted);
    }
    // R-TREND.6: by likes, of all time.
    let mut likes = BTreeMap::new();
    for act in acts.iter().filter(|act| act.kind == "like") {
        *likes.entry(posts[act.post]).or_default() += 1.0;
    }
    let mut conn = app.app.db.conn().await.unwrap();
    let popular = most_liked(&mut conn, None, 50).await.unwrap();
    let popular: Vec<f64> = popular.iter().map(|post| post.like_count as f64).collect();
    let mut wanted: Vec<f64> = likes.into_values().collect();
    wanted.sort_by(|one: &f64, other| other.total_cmp(one));
    assert_eq!(popular, wanted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn what_is_ranked_equals_the_definitions(
        acts in acts(),
        tagged in prop::collection::btree_set((0..8_usize, 0..4_usize), 0..12),
        ahead in 0..1_440_i64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let tagged: Vec<(usize, usize)> = tagged.into_iter().collect();
        runtime.block_on(check(&acts, &tagged, ahead));
    }
}

//! Influence against a plain reference, and as it is kept.

#![expect(clippy::cast_precision_loss, reason = "a dozen people are few")]

use proptest::prelude::*;

use super::{number, run};
use crate::{
    analytics::influence::{DAMPING, compute, pagerank},
    db::read,
    testing::{TestApp, posts::TestUser},
};

/// The definition, person by person: what everybody gives to everybody, until nothing changes.
fn plain(people: usize, follows: &[(u32, u32)]) -> Vec<f64> {
    let number = people as f64;
    let gives = |from: usize, to: usize| {
        let mine: Vec<_> = follows.iter().filter(|(one, _)| *one as usize == from).collect();
        if mine.is_empty() {
            return 1.0 / number;
        }
        mine.iter().filter(|(_, other)| *other as usize == to).count() as f64 / mine.len() as f64
    };
    let mut now = vec![1.0 / number; people];
    for _ in 0..300 {
        now = (0..people)
            .map(|to| {
                let received: f64 = (0..people).map(|from| now[from] * gives(from, to)).sum();
                (1.0 - DAMPING) / number + DAMPING * received
            })
            .collect();
    }
    now
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn influence_equals_the_plain_reference(
        people in 1_usize..12,
        pairs in prop::collection::btree_set((0_u32..12, 0_u32..12), 0..40),
    ) {
        let number = u32::try_from(people).unwrap();
        let follows: Vec<(u32, u32)> = pairs
            .into_iter()
            .map(|(one, other)| (one % number, other % number))
            .filter(|(one, other)| one != other)
            .collect();
        let (quick, plain) = (pagerank(people, &follows), plain(people, &follows));
        for (one, other) in quick.iter().zip(&plain) {
            prop_assert!((one - other).abs() < 1e-8, "{quick:?} {plain:?}");
        }
        prop_assert!((quick.iter().sum::<f64>() - 1.0).abs() < 1e-8);
    }
}

#[test]
fn nobody_has_no_influence() {
    assert!(pagerank(0, &[]).is_empty());
}

#[tokio::test]
async fn everybody_active_has_a_rank_and_the_followed_one_the_first() {
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for username in ["ana", "ben", "cleo", "dora"] {
        people.push(app.insert_user(TestUser { username, ..TestUser::default() }).await);
    }
    for follower in [1, 2, 3] {
        run(
            &app,
            &format!(
                "insert into follow (created_at, updated_at, follower_id, followed_id)
                 select created_at, created_at, id, {} from \"user\" where id = {}",
                people[0], people[follower]
            ),
        )
        .await;
    }
    compute(&app.app).await.unwrap();
    let mut conn = app.app.db.conn().await.unwrap();
    let ranks: Vec<(String, i64, f64)> = read(
        "select u.username, i.rank, i.score from user_influence i join \"user\" u on u.id = i.user_id
          order by i.rank",
    )
    .all(&mut conn)
    .await
    .unwrap();
    let expected = pagerank(4, &[(1, 0), (2, 0), (3, 0)]);
    assert_eq!(ranks.iter().map(|row| row.1).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(ranks[0].0, "ana");
    assert!((ranks[0].2 - expected[0]).abs() < 1e-12, "{ranks:?} {expected:?}");
    drop(conn);
    run(&app, "update \"user\" set is_active = false where username = 'dora'").await;
    app.advance(chrono::TimeDelta::hours(6));
    compute(&app.app).await.unwrap();
    assert_eq!(number(&app, "select count(*) from user_influence").await, 3);
}

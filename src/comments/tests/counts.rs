use std::sync::Arc;

use axum::http::StatusCode;
use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::{
    accounts::Viewer,
    comments::{CommentInput, Decision, actions},
};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_people_like_at_once_and_the_count_equals_the_rows() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let id = say(&ben, "Words", None).await;
    let app = Arc::new(app);
    let mut clients = Vec::new();
    for at in 0..50 {
        let name = format!("fan{at:02}");
        let fan = app
            .insert_user(crate::testing::posts::TestUser { username: &name, ..Default::default() })
            .await;
        let client = app.client_of(fan).await;
        client.get("/").await;
        clients.push(client);
    }
    let path = Arc::new(format!("/comments/{id}/like"));
    let mut clicks = tokio::task::JoinSet::new();
    for client in clients {
        let path = Arc::clone(&path);
        clicks.spawn(async move {
            // Twice, as an impatient thumb does.
            for _ in 0..2 {
                client.post(&path, &[("liked", "true")]).await.expect(StatusCode::SEE_OTHER);
            }
        });
    }
    clicks.join_all().await;
    assert_eq!(number(&app, "select like_count from comment where id = $1", id).await, 50);
    let rows = "select count(*) from comment_like where comment_id = $1";
    assert_eq!(number(&app, rows, id).await, 50);
    assert_counts(&app).await;
    app.visitor()
        .get(&format!("/comments/{id}/likes"))
        .await
        .contains("50 likes")
        .contains("Older");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_clicking_fifty_times_is_one_or_none() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let id = say(&ben, "Words", None).await;
    let cleo = Arc::new(app.member("cleo").await);
    cleo.get("/blog/post/river").await;
    let mut clicks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let cleo = Arc::clone(&cleo);
        clicks.spawn(async move { cleo.post(&format!("/comments/{id}/like"), &[]).await.status });
    }
    assert!(clicks.join_all().await.iter().all(|status| *status == StatusCode::SEE_OTHER));
    assert_eq!(number(&app, "select like_count from comment where id = $1", id).await, 0);
    assert_counts(&app).await;
}

#[tokio::test]
async fn what_others_answered_stays_when_somebody_leaves_for_good() {
    let (app, post) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let first = say(&ben, "Words of Ben", None).await;
    let answer = say(&cleo, "Words of Cleo", Some(first)).await;
    say(&ben, "Again Ben", Some(answer)).await;
    say(&ben, "Alone Ben", None).await;
    ben.post(&format!("/comments/{answer}/like"), &[]).await.expect(StatusCode::SEE_OTHER);
    cleo.post(&format!("/comments/{first}/like"), &[]).await.expect(StatusCode::SEE_OTHER);
    cleo.post(&format!("/comments/{first}/report"), &[("reason", "abuse")]).await;
    let now = app.app.clock.now();
    run(
        &app,
        "update \"user\" set delete_after = $1, updated_at = $1 where username = 'ben'",
        vec![now.into()],
    )
    .await;
    crate::accounts::actions::tick(&app.app).await.unwrap();
    assert_eq!(
        number(&app, "select count(*) from \"user\" where username = 'ben' and id > $1", 0_i64)
            .await,
        0
    );
    assert_counts(&app).await;
    assert_eq!(number(&app, "select comment_count from post where id = $1", post).await, 1);
    let page = app.visitor().get("/blog/post/river").await;
    page.contains("Words of Cleo").contains("was deleted").lacks("Ben").lacks("ben");
    app.advance(TimeDelta::days(3));
    crate::comments::jobs::tick(&app.app).await.unwrap();
    assert_eq!(number(&app, "select count(*) from comment where id > $1", 0_i64).await, 2);
    assert_counts(&app).await;
}

#[tokio::test]
async fn the_doctor_finds_wrong_counts_and_mends_them() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let first = say(&ben, "Words", None).await;
    say(&ben, "More", Some(first)).await;
    run(
        &app,
        "update comment set like_count = 7, reply_count = 5, branch_count = 0, report_count = 3,
                score = 99, updated_at = updated_at where parent_id is null",
        vec![],
    )
    .await;
    assert_eq!(crate::comments::repair::wrong_counts(&app.app).await.unwrap(), 1);
    assert_eq!(crate::comments::repair::recount(&app.app).await.unwrap(), 1);
    assert_counts(&app).await;
}

/// One thing that somebody does.
#[derive(Debug, Clone)]
enum Act {
    Say { who: usize, parent: Option<usize>, post: usize },
    Edit { who: usize, which: usize },
    Delete { who: usize, which: usize },
    Restore { who: usize, which: usize },
    Like { who: usize, which: usize, wanted: Option<bool> },
    Report { who: usize, which: usize },
    Moderate { which: usize, decision: Decision },
    Purge,
    Leave,
}

impl Act {
    fn by(&self) -> Option<usize> {
        match self {
            Self::Say { who, .. }
            | Self::Edit { who, .. }
            | Self::Delete { who, .. }
            | Self::Restore { who, .. }
            | Self::Like { who, .. }
            | Self::Report { who, .. } => Some(*who),
            Self::Moderate { .. } | Self::Purge | Self::Leave => None,
        }
    }
}

fn act() -> impl Strategy<Value = Act> {
    let who = 0_usize..4;
    let which = 0_usize..12;
    let decision = prop_oneof![
        Just(Decision::Approve),
        Just(Decision::Hide),
        Just(Decision::Spam),
        Just(Decision::Undo)
    ];
    prop_oneof![
        5 => (who.clone(), proptest::option::of(which.clone()), 0_usize..2)
            .prop_map(|(who, parent, post)| Act::Say { who, parent, post }),
        1 => (who.clone(), which.clone()).prop_map(|(who, which)| Act::Edit { who, which }),
        2 => (who.clone(), which.clone()).prop_map(|(who, which)| Act::Delete { who, which }),
        1 => (who.clone(), which.clone()).prop_map(|(who, which)| Act::Restore { who, which }),
        4 => (who.clone(), which.clone(), proptest::option::of(any::<bool>()))
            .prop_map(|(who, which, wanted)| Act::Like { who, which, wanted }),
        2 => (who, which.clone()).prop_map(|(who, which)| Act::Report { who, which }),
        3 => (which, decision).prop_map(|(which, decision)| Act::Moderate { which, decision }),
        1 => Just(Act::Purge),
        1 => Just(Act::Leave),
    ]
}

async fn viewer(app: &TestApp, name: &str, role: &str) -> Viewer {
    let id = app.person(name, role).await;
    let client = app.client_of(id).await;
    let cookie = client.cookie("__Host-streamly_session").unwrap();
    let found = crate::accounts::sessions::viewer(&app.app, &cookie).await.unwrap().unwrap();
    Viewer::clone(&found)
}

struct Scene {
    app: TestApp,
    posts: Vec<PostId>,
    people: Vec<Viewer>,
    moderator: Viewer,
}

impl Scene {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let first = post_on(&app).await;
        let ana = user(&app, "ana").await;
        let second = app.insert_post(TestPost::new(ana, "lake", "A lake")).await;
        let mut people = Vec::new();
        for name in ["ben", "cleo", "dora", "emil"] {
            people.push(viewer(&app, name, "User").await);
        }
        let moderator = viewer(&app, "mod", "Moderator").await;
        Self { app, posts: vec![first, second], people, moderator }
    }

    async fn ids(&self) -> Vec<i64> {
        let mut conn = self.app.app.db.conn().await.unwrap();
        let ids: Vec<(i64,)> =
            read("select id from comment order by id").all(&mut conn).await.unwrap();
        ids.into_iter().map(|(id,)| id).collect()
    }

    /// Does it, or is refused; nothing else may happen.
    async fn act(&self, act: Act) -> crate::Result<()> {
        let app = &self.app.app;
        let ids = self.ids().await;
        let nth = |which: usize| CommentId(ids.get(which % ids.len().max(1)).copied().unwrap_or(0));
        match act {
            Act::Say { who, parent, post } => {
                let input = CommentInput {
                    content: format!("words {}", ids.len()),
                    parent_id: parent.map(|which| nth(which).to_string()).unwrap_or_default(),
                    ..CommentInput::default()
                };
                actions::create(app, &self.people[who], self.posts[post], &input).await.map(drop)
            }
            Act::Edit { who, which } => {
                let input = CommentInput { content: "other words".into(), ..Default::default() };
                actions::edit(app, &self.people[who], nth(which), &input).await.map(drop)
            }
            Act::Delete { who, which } => {
                actions::delete(app, &self.people[who], nth(which)).await.map(drop)
            }
            Act::Restore { who, which } => {
                actions::restore(app, &self.people[who], nth(which)).await
            }
            Act::Like { who, which, wanted } => {
                actions::like(app, &self.people[who], nth(which), wanted).await.map(drop)
            }
            Act::Report { who, which } => {
                let said = ("spam", "");
                actions::report(app, &self.people[who], nth(which), said).await.map(drop)
            }
            Act::Moderate { which, decision } => {
                actions::moderate(app, &self.moderator, nth(which), (decision, "")).await.map(drop)
            }
            Act::Purge => {
                self.app.advance(TimeDelta::hours(25));
                crate::comments::jobs::tick(app).await
            }
            Act::Leave => {
                let now = app.clock.now();
                let leave = "update \"user\" set delete_after = $1, updated_at = $1
                              where username = 'emil'";
                run(&self.app, leave, vec![now.into()]).await;
                crate::accounts::actions::tick(app).await
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever several people do to comments in whatever order, all counts equal the rows.
    #[test]
    fn any_order_of_acts_leaves_all_counts_right(acts in proptest::collection::vec(act(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scene = Scene::new().await;
            let mut has_left = false;
            for act in acts {
                // Whoever left has no session to act with.
                if has_left && act.by() == Some(3) {
                    continue;
                }
                has_left |= matches!(act, Act::Leave);
                let shown = format!("{act:?}");
                // Refused is fine; broken is not.
                if let Err(crate::Error::Internal(error)) = scene.act(act).await {
                    panic!("{shown}: {error:#}");
                }
                assert_counts(&scene.app).await;
            }
        });
    }
}

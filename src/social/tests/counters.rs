//! Every counter equals its rows, whatever happens in whatever order.

use proptest::prelude::*;

use crate::{
    Error, Result,
    accounts::Viewer,
    comments::{self, CommentInput},
    db::read,
    ids::{CommentId, PostId, UserId},
    social::{follows, likes, relations},
    testing::{
        TestApp,
        posts::{TestPost, TestUser},
    },
};

impl TestApp {
    /// How many counters of likes and follows differ from their rows.
    pub(super) async fn wrong_social_counts(&self) -> i64 {
        let mut conn = self.app.db.conn().await.unwrap();
        let posts: i64 = read(
            "select count(*) from post p where p.like_count <>
                    (select count(*) from post_like l where l.post_id = p.id)",
        )
        .value(&mut conn)
        .await
        .unwrap();
        let people: i64 = read(
            "select count(*) from \"user\" u where
                    u.follower_count <> (select count(*) from follow where followed_id = u.id)
                 or u.following_count <> (select count(*) from follow where follower_id = u.id)",
        )
        .value(&mut conn)
        .await
        .unwrap();
        posts + people
    }

    /// The same, and those of comments, answers and tags.
    async fn wrong_counts(&self) -> i64 {
        let comments = comments::repair::wrong_counts(&self.app).await.unwrap();
        let posts = crate::posts::repair::wrong_counts(&self.app).await.unwrap();
        self.wrong_social_counts().await + comments + posts
    }

    pub(super) async fn viewer_of(&self, name: &str) -> Viewer {
        let user = self.insert_user(TestUser { username: name, ..TestUser::default() }).await;
        let token = self.client_of(user).await.cookie("__Host-streamly_session").unwrap();
        let viewer = crate::accounts::sessions::viewer(&self.app, &token).await.unwrap().unwrap();
        (*viewer).clone()
    }
}

/// What one of the people does with another, with a post or with a comment.
#[derive(Debug, Clone, Copy)]
enum Act {
    Like(usize, usize),
    Keep(usize, usize),
    Say(usize, usize),
    LikeComment(usize, usize),
    DeleteComment(usize, usize),
    Follow(usize, usize),
    Block(usize, usize),
    Leave(usize),
}

const PEOPLE: usize = 4;
const POSTS: usize = 3;
const COMMENTS: usize = 6;

fn act() -> impl Strategy<Value = Act> {
    let who = 0..PEOPLE;
    prop_oneof![
        6 => (who.clone(), 0..POSTS).prop_map(|(who, post)| Act::Like(who, post)),
        1 => (who.clone(), 0..POSTS).prop_map(|(who, post)| Act::Keep(who, post)),
        4 => (who.clone(), 0..POSTS).prop_map(|(who, post)| Act::Say(who, post)),
        4 => (who.clone(), 0..COMMENTS).prop_map(|(who, which)| Act::LikeComment(who, which)),
        2 => (who.clone(), 0..COMMENTS).prop_map(|(who, which)| Act::DeleteComment(who, which)),
        6 => (who.clone(), who.clone()).prop_map(|(who, whom)| Act::Follow(who, whom)),
        2 => (who.clone(), who.clone()).prop_map(|(who, whom)| Act::Block(who, whom)),
        1 => who.prop_map(Act::Leave),
    ]
}

struct Scene {
    app: TestApp,
    people: Vec<Viewer>,
    posts: Vec<PostId>,
}

impl Scene {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let mut people = Vec::new();
        for name in ["ana", "ben", "cleo", "dan"] {
            people.push(app.viewer_of(name).await);
        }
        let mut posts = Vec::new();
        for slug in ["one", "two", "three"] {
            posts.push(app.insert_post(TestPost::new(people[0].id, slug, slug)).await);
        }
        Self { app, people, posts }
    }

    /// One of the comments there are; the number of none where there is none.
    async fn comment(&self, which: usize) -> CommentId {
        let mut conn = self.app.app.db.conn().await.unwrap();
        let ids: Vec<(CommentId,)> =
            read("select id from comment order by id").all(&mut conn).await.unwrap();
        ids.get(which % ids.len().max(1)).map_or(CommentId(0), |(id,)| *id)
    }

    async fn does(&self, act: Act) -> Result<()> {
        let app = &self.app.app;
        let viewer = |who: usize| &self.people[who];
        match act {
            Act::Like(who, post) => {
                likes::toggle(app, viewer(who), self.posts[post]).await.map(drop)
            }
            Act::Keep(who, post) => {
                likes::toggle_bookmark(app, viewer(who), self.posts[post]).await.map(drop)
            }
            Act::Say(who, post) => {
                let input = CommentInput { content: "Words".to_owned(), ..Default::default() };
                let made = comments::actions::create(app, viewer(who), self.posts[post], &input);
                made.await.map(drop)
            }
            Act::LikeComment(who, which) => {
                let id = self.comment(which).await;
                comments::actions::like(app, viewer(who), id, None).await.map(drop)
            }
            Act::DeleteComment(who, which) => {
                let id = self.comment(which).await;
                comments::actions::delete(app, viewer(who), id).await.map(drop)
            }
            Act::Follow(who, whom) => {
                follows::toggle(app, viewer(who), &viewer(whom).username).await.map(drop)
            }
            Act::Block(who, whom) => {
                relations::toggle_block(app, viewer(who), &viewer(whom).username).await.map(drop)
            }
            Act::Leave(who) => leave(&self.app, viewer(who).id).await,
        }
    }
}

/// Somebody's account is deleted for good.
async fn leave(app: &TestApp, user: UserId) -> Result<()> {
    let mut tx = app.app.db.begin().await?;
    let event = crate::events::Event::UserDeleted { user };
    crate::events::record(&app.app, &mut tx, event).await?;
    crate::accounts::store::users::delete(&mut tx, user).await?;
    tx.commit().await
}

/// Refused is fine; broken is not.
fn expect_sound(act: Act, done: Result<()>) {
    if let Err(Error::Internal(error)) = done {
        panic!("{act:?}: {error:?}");
    }
}

/// Does them one after the other, or so many at once.
async fn play(acts: &[Act], at_once: usize) {
    let scene = Scene::start().await;
    for some in acts.chunks(at_once) {
        let work = some.iter().map(async |act| (*act, scene.does(*act).await));
        for (act, done) in futures_util::future::join_all(work).await {
            expect_sound(act, done);
        }
        assert_eq!(scene.app.wrong_counts().await, 0, "{some:?}");
    }
}

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().unwrap().block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 40, ..Default::default() })]

    #[test]
    fn any_order_of_acts_leaves_the_counts_right(
        acts in proptest::collection::vec(act(), 1..40),
    ) {
        block_on(play(&acts, 1));
    }

    #[test]
    fn many_acts_at_once_leave_the_counts_right(
        acts in proptest::collection::vec(act(), 1..60),
    ) {
        block_on(play(&acts, 12));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_people_at_once_are_counted_as_they_are_stored() {
    let app = TestApp::start().await;
    let ana = app.viewer_of("ana").await;
    let post = app.insert_post(TestPost::new(ana.id, "hello", "hello")).await;
    let mut people = Vec::new();
    for number in 0..50 {
        people.push(app.viewer_of(&format!("reader{number}")).await);
    }
    // Half of them press once, the others three times: an odd number of presses is a like.
    let presses = people.iter().enumerate().flat_map(|(number, viewer)| {
        let times = if number < 25 { 1 } else { 3 };
        std::iter::repeat_n(viewer.clone(), times)
    });
    let work = presses.map(|viewer| {
        let app = app.app.clone();
        async move {
            // On a busy machine somebody waits too long, is told so, and presses again.
            while let Err(error) = likes::toggle(&app, &viewer, post).await {
                assert!(matches!(error, Error::Unavailable), "{error}");
            }
            while let Err(error) = follows::toggle(&app, &viewer, "ana").await {
                assert!(matches!(error, Error::Unavailable), "{error}");
            }
        }
    });
    futures_util::future::join_all(work).await;
    assert_eq!(app.wrong_counts().await, 0);
    let mut conn = app.app.db.conn().await.unwrap();
    for (question, id) in [
        ("select like_count from post where id = $1", post.0),
        ("select follower_count from \"user\" where id = $1", ana.id.0),
    ] {
        let count: i64 = read(question).bind(id).value(&mut conn).await.unwrap();
        assert_eq!(count, 50, "{question}");
    }
}

/// What is committed while an account is deleted is either taken out of the counts or never there.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_somebody_does_while_they_leave_is_counted_right() {
    let app = TestApp::start().await;
    let ana = app.viewer_of("ana").await;
    let (mut posts, mut said) = (Vec::new(), Vec::new());
    for number in 0..8 {
        let slug = format!("post-{number}");
        let post = app.insert_post(TestPost::new(ana.id, &slug, &slug)).await;
        let input = CommentInput { content: "Words".to_owned(), ..Default::default() };
        said.push(comments::actions::create(&app.app, &ana, post, &input).await.unwrap().id);
        posts.push(post);
    }
    for round in 0..6 {
        let who = app.viewer_of(&format!("leaver{round}")).await;
        let acts = posts.iter().zip(&said).map(async |(post, comment)| {
            let input = CommentInput { content: format!("{post}"), ..Default::default() };
            let done = [
                likes::toggle(&app.app, &who, *post).await.map(drop),
                comments::actions::like(&app.app, &who, *comment, None).await.map(drop),
                comments::actions::create(&app.app, &who, *post, &input).await.map(drop),
                likes::toggle_bookmark(&app.app, &who, *post).await.map(drop),
                follows::toggle(&app.app, &who, "ana").await.map(drop),
            ];
            for done in done {
                expect_sound(Act::Leave(0), done);
            }
        });
        let going = async {
            // Some of it is done already, the rest comes while the account goes.
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            while let Err(error) = leave(&app, who.id).await {
                assert!(matches!(error, Error::Unavailable), "{error:?}");
            }
        };
        tokio::join!(futures_util::future::join_all(acts), going);
        assert_eq!(app.wrong_counts().await, 0);
    }
}

//! Every counter equals its rows, whatever happens in whatever order.

use proptest::prelude::*;

use crate::{
    accounts::Viewer,
    db::read,
    ids::{PostId, UserId},
    social::{follows, likes, relations},
    testing::{TestApp, posts::TestPost},
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

    pub(super) async fn viewer_of(&self, name: &str) -> Viewer {
        let client = self.member(name).await;
        let token = client.cookie("__Host-streamly_session").unwrap();
        let viewer = crate::accounts::sessions::viewer(&self.app, &token).await.unwrap().unwrap();
        (*viewer).clone()
    }
}

/// What one of the people does with another, or with a post.
#[derive(Debug, Clone, Copy)]
enum Act {
    Like(usize, usize),
    Follow(usize, usize),
    Block(usize, usize),
    Leave(usize),
}

const PEOPLE: usize = 4;
const POSTS: usize = 3;

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..PEOPLE, 0..POSTS).prop_map(|(who, post)| Act::Like(who, post)),
        6 => (0..PEOPLE, 0..PEOPLE).prop_map(|(who, whom)| Act::Follow(who, whom)),
        2 => (0..PEOPLE, 0..PEOPLE).prop_map(|(who, whom)| Act::Block(who, whom)),
        1 => (0..PEOPLE).prop_map(Act::Leave),
    ]
}

async fn play(acts: Vec<Act>) {
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for name in ["ana", "ben", "cleo", "dan"] {
        people.push(app.viewer_of(name).await);
    }
    let mut posts: Vec<PostId> = Vec::new();
    for slug in ["one", "two", "three"] {
        posts.push(app.insert_post(TestPost::new(people[0].id, slug, slug)).await);
    }
    let mut gone = [false; PEOPLE];
    for act in acts {
        let (who, done) = match act {
            Act::Like(who, post) if !gone[who] => {
                (who, likes::toggle(&app.app, &people[who], posts[post]).await.map(drop))
            }
            Act::Follow(who, whom) if !gone[who] => {
                let name = &people[whom].username;
                (who, follows::toggle(&app.app, &people[who], name).await.map(drop))
            }
            Act::Block(who, whom) if !gone[who] => {
                let name = &people[whom].username;
                (who, relations::toggle_block(&app.app, &people[who], name).await.map(drop))
            }
            Act::Leave(who) if !gone[who] => {
                gone[who] = true;
                leave(&app, people[who].id).await;
                continue;
            }
            _ => continue,
        };
        if let Err(crate::Error::Internal(error)) = done {
            panic!("{act:?} of {who}: {error:?}");
        }
        assert_eq!(app.wrong_social_counts().await, 0, "{act:?}");
    }
    assert_eq!(app.wrong_social_counts().await, 0);
}

/// Somebody's account is deleted for good.
async fn leave(app: &TestApp, user: UserId) {
    let mut tx = app.app.db.begin().await.unwrap();
    let event = crate::events::Event::UserDeleted { user };
    crate::events::record(&app.app, &mut tx, event).await.unwrap();
    crate::accounts::store::users::delete(&mut tx, user).await.unwrap();
    tx.commit().await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 40, ..Default::default() })]

    #[test]
    fn any_order_of_likes_follows_and_blocks_leaves_the_counts_right(
        acts in proptest::collection::vec(act(), 1..40),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(play(acts));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_clicks_at_once_are_counted_as_they_are_stored() {
    let app = TestApp::start().await;
    let ana = app.viewer_of("ana").await;
    let post = app.insert_post(TestPost::new(ana.id, "hello", "hello")).await;
    let mut people = Vec::new();
    for number in 0..10 {
        people.push(app.viewer_of(&format!("reader{number}")).await);
    }
    // Five people press once, the others nine times each: an odd number of presses is a like.
    let presses = people.iter().enumerate().flat_map(|(number, viewer)| {
        let times = if number < 5 { 1 } else { 9 };
        std::iter::repeat_n(viewer.clone(), times)
    });
    let work = presses.map(|viewer| {
        let app = app.app.clone();
        async move {
            likes::toggle(&app, &viewer, post).await.unwrap();
            follows::toggle(&app, &viewer, "ana").await.unwrap();
        }
    });
    futures_util::future::join_all(work).await;
    assert_eq!(app.wrong_social_counts().await, 0);
    let mut conn = app.app.db.conn().await.unwrap();
    let count: i64 = read("select like_count from post where id = $1")
        .bind(post)
        .value(&mut conn)
        .await
        .unwrap();
    assert_eq!(count, 10);
}

//! Whatever people do in whatever order: the number beside the bell is that of the rows.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, Copy)]
enum Act {
    Like(usize, usize),
    Unlike(usize, usize),
    Follow(usize),
    Unfollow(usize),
    Comment(usize),
    RemoveComment(usize),
    Block(usize),
    Read(usize),
    Unread(usize),
    Delete(usize),
    ReadAll,
}

fn act() -> impl Strategy<Value = Act> {
    let person = 0..4_usize;
    prop_oneof![
        4 => (person.clone(), 0..2_usize).prop_map(|(user, post)| Act::Like(user, post)),
        2 => (person.clone(), 0..2_usize).prop_map(|(user, post)| Act::Unlike(user, post)),
        2 => person.clone().prop_map(Act::Follow),
        1 => person.clone().prop_map(Act::Unfollow),
        2 => person.clone().prop_map(Act::Comment),
        1 => (0..8_usize).prop_map(Act::RemoveComment),
        1 => person.prop_map(Act::Block),
        2 => (0..9_usize).prop_map(Act::Read),
        2 => (0..9_usize).prop_map(Act::Unread),
        1 => (0..9_usize).prop_map(Act::Delete),
        1 => Just(Act::ReadAll),
    ]
}

async fn try_order(acts: Vec<Act>) {
    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    let posts = [app.a_post(ana, "one").await, app.a_post(ana, "two").await];
    let mut people = Vec::new();
    for name in ["ben", "cleo", "dan", "eve"] {
        people.push(app.someone(name).await);
    }
    app.choose(ana, "follow", true, "now").await;
    let client = app.client_of(ana).await;
    let mut comments: Vec<(UserId, CommentId)> = Vec::new();
    for act in acts {
        let of = |at: usize| people[at];
        let on_line = match act {
            Act::Read(at) => Some((at, "read")),
            Act::Unread(at) => Some((at, "unread")),
            Act::Delete(at) => Some((at, "delete")),
            _ => None,
        };
        if let Some((at, verb)) = on_line {
            let told = app.told(ana).await;
            if let Some(one) = told.get(at) {
                client.post(&format!("/notifications/{}/{verb}", one.id), &[]).await;
            }
        }
        let event = match act {
            Act::Like(at, post) => {
                Event::PostLiked { user: of(at), author: ana, post: posts[post] }
            }
            Act::Unlike(at, post) => {
                Event::PostUnliked { user: of(at), author: ana, post: posts[post] }
            }
            Act::Follow(at) => Event::UserFollowed { follower: of(at), followed: ana },
            Act::Unfollow(at) => Event::UserUnfollowed { follower: of(at), followed: ana },
            Act::Block(at) => Event::UserBlocked { user: ana, blocked: of(at) },
            Act::Comment(at) => {
                let comment = app.a_comment((posts[0], of(at)), None, "visible", "Hi").await;
                comments.push((of(at), comment));
                Event::CommentAdded { author: of(at), post: posts[0], comment, visible: true }
            }
            Act::RemoveComment(at) => {
                let Some((author, comment)) = comments.get(at).copied() else { continue };
                Event::CommentRemoved { author, post: posts[0], comment, by: author }
            }
            Act::ReadAll => {
                client.post("/notifications/read-all", &[]).await;
                continue;
            }
            _ => continue,
        };
        app.happens(event).await;
        assert_eq!(app.wrong_unread().await, 0, "{act:?}");
    }
    assert_eq!(app.wrong_unread().await, 0);
    heads_cover_everything(&app, ana).await;
}

/// Every notification on the page stands under a head: nothing is counted and never shown.
async fn heads_cover_everything(app: &TestApp, user: UserId) {
    let mut conn = app.app.db.conn().await.unwrap();
    let lost: i64 = read(
        "select count(*) from notification n where user_id = $1 and delivery_method = 'web'
            and not exists (select 1 from notification h where h.user_id = n.user_id
                 and h.group_key = n.group_key and h.is_read = n.is_read and h.is_head
                 and h.delivery_method = 'web' and h.id >= n.id)",
    )
    .bind(user)
    .value(&mut conn)
    .await
    .unwrap();
    assert_eq!(lost, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_count_equals_the_rows_in_any_order(acts in prop::collection::vec(act(), 1..40)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
            .block_on(try_order(acts));
    }
}

//! Whatever people do in whatever order: the number beside the bell is that of the rows.

use proptest::prelude::*;

use super::*;
use crate::testing::Client;

#[derive(Debug, Clone, Copy)]
enum Act {
    Like(usize, usize),
    Unlike(usize, usize),
    Follow(usize),
    Unfollow(usize),
    Comment(usize),
    LikeComment(usize, usize),
    RemoveComment(usize),
    RestoreComment(usize),
    /// A moderator hides it, or lets it be seen again.
    Moderate(usize),
    /// The time to have deleted comments back is over.
    Purge,
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
        3 => person.clone().prop_map(Act::Comment),
        2 => (person.clone(), 0..8_usize).prop_map(|(user, at)| Act::LikeComment(user, at)),
        2 => (0..4_usize).prop_map(Act::RemoveComment),
        2 => (0..4_usize).prop_map(Act::RestoreComment),
        2 => (0..4_usize).prop_map(Act::Moderate),
        1 => Just(Act::Purge),
        1 => person.prop_map(Act::Block),
        2 => (0..9_usize).prop_map(Act::Read),
        2 => (0..9_usize).prop_map(Act::Unread),
        1 => (0..9_usize).prop_map(Act::Delete),
        1 => Just(Act::ReadAll),
    ]
}

/// A comment of the scene, and how it stands.
#[derive(Debug, Clone, Copy)]
struct Said {
    author: UserId,
    post: PostId,
    comment: CommentId,
    status: &'static str,
}

impl Said {
    /// What becomes of it by an act, if that changes anything.
    fn after(&mut self, act: Act, judge: UserId) -> Option<Event> {
        let Self { author, post, comment, status: was } = *self;
        let status = match (act, was) {
            (Act::RemoveComment(_), "visible" | "hidden") => "deleted",
            (Act::RestoreComment(_), "deleted") | (Act::Moderate(_), "hidden") => "visible",
            (Act::Moderate(_), "visible") => "hidden",
            _ => return None,
        };
        self.status = status;
        Some(match act {
            Act::RemoveComment(at) => {
                let by = if at % 2 == 0 { author } else { judge };
                Event::CommentRemoved { author, post, comment, by }
            }
            _ => Event::CommentModerated {
                author,
                post,
                comment,
                by: judge,
                was: was.to_owned(),
                status: status.to_owned(),
            },
        })
    }
}

async fn set_status(app: &TestApp, said: Said) {
    let mut tx = app.app.db.begin().await.unwrap();
    write("update comment set status = $2, updated_at = $3 where id = $1")
        .bind(said.comment)
        .bind(said.status)
        .bind(app.app.clock.now())
        .run(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn purge(app: &TestApp) {
    let mut tx = app.app.db.begin().await.unwrap();
    write("delete from comment where status = 'deleted'").run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// What somebody does with a line of their list; says whether a comment's line was put away.
async fn on_line(app: &TestApp, client: &Client, user: UserId, act: Act) -> bool {
    let (at, verb) = match act {
        Act::Read(at) => (at, "read"),
        Act::Unread(at) => (at, "unread"),
        Act::Delete(at) => (at, "delete"),
        _ => return false,
    };
    let told = app.told(user).await;
    let Some(one) = told.get(at) else { return false };
    client.post(&format!("/notifications/{}/{verb}", one.id), &[]).await;
    verb == "delete" && one.kind == "comment"
}

/// However often a comment comes and goes, it is one mail, unless its line was put away.
async fn assert_mails(app: &TestApp, most: usize) {
    let mails = app.mails().await;
    let told = mails.iter().filter(|mail| mail.kind == "notify_comment").count();
    assert!(told <= most, "{told} mails of comments, {most} are the most");
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
    app.choose(ana, "like", true, "now").await;
    let judge = app.someone("judge").await;
    let client = app.client_of(ana).await;
    let mut comments: Vec<Said> = Vec::new();
    let (mut said, mut put_away) = (0, 0);
    for act in acts {
        let of = |at: usize| people[at];
        put_away += usize::from(on_line(&app, &client, ana, act).await);
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
                let (author, post) = (of(at), posts[0]);
                let comment = app.a_comment((post, author), None, "visible", "Hi").await;
                comments.push(Said { author, post, comment, status: "visible" });
                said += 1;
                Event::CommentAdded { author, post, comment, visible: true }
            }
            Act::LikeComment(at, which) => {
                let seen = comments.get(which).filter(|said| said.status == "visible");
                let Some(Said { author, post, comment, .. }) = seen.copied() else { continue };
                Event::CommentLiked { user: of(at), author, post, comment, like_count: 1 }
            }
            Act::RemoveComment(at) | Act::RestoreComment(at) | Act::Moderate(at) => {
                let Some(said) = comments.get_mut(at) else { continue };
                let Some(event) = said.after(act, judge) else { continue };
                set_status(&app, *said).await;
                event
            }
            Act::Purge => {
                purge(&app).await;
                comments.retain(|said| said.status != "deleted");
                assert_eq!(app.wrong_unread().await, 0, "{act:?}");
                continue;
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
    assert_mails(&app, said + put_away).await;
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

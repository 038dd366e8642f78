use axum::http::StatusCode;

use super::*;
use crate::{
    comments::{
        Row, Sort, Status,
        comment::Reader,
        thread::{Step, steps},
    },
    db::counting,
    paging::Direction,
};

/// Writes so many comments straight into the table: every fourth at the top, the others below the
/// one at the top before them; and one top with a branch of `long`.
async fn fill(app: &TestApp, post: PostId, number: i64, long: i64) {
    let now = app.app.clock.now();
    let ben = user(app, "ben").await;
    let tops = "insert into comment (created_at, updated_at, post_id, user_id, html, content)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $4)
         select $1, $1, $2, $3, '<p>top ' || i || '.</p>', 'x' from n";
    run(app, tops, vec![now.into(), post.into(), ben.into(), (number / 4).into()]).await;
    let below = "insert into comment (created_at, updated_at, post_id, user_id, parent_id, root_id,
             depth, html, content)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $4)
         select $1, $1, $2, $3, c.id, c.id, 1, '<p>below.</p>', 'x' from comment c, n
          where c.post_id = $2 and c.parent_id is null";
    run(app, below, vec![now.into(), post.into(), ben.into(), 3_i64.into()]).await;
    let branch = "insert into comment (created_at, updated_at, post_id, user_id, parent_id,
             root_id, depth, html, content)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $4)
         select $1, $1, $2, $3, c.id, c.id, 1, '<p>long ' || i || '.</p>', 'x'
           from (select max(id) as id from comment where parent_id is null) c, n";
    if long > 0 {
        run(app, branch, vec![now.into(), post.into(), ben.into(), long.into()]).await;
    }
    crate::posts::repair::recount(&app.app).await.unwrap();
    crate::comments::repair::recount(&app.app).await.unwrap();
}

#[tokio::test]
async fn a_thread_of_five_thousand_is_read_page_by_page_and_nothing_twice() {
    let (app, post) = site().await;
    app.person("ben", "User").await;
    fill(&app, post, 5_000, 0).await;
    for sort in ["oldest", "newest", "best"] {
        let mut path = format!("/blog/post/river?sort={sort}");
        let mut seen = std::collections::BTreeSet::new();
        let mut pages = 0;
        loop {
            let (page, statements) = counting(app.visitor().get(&path)).await;
            assert!(statements <= 12, "{statements} statements");
            for id in shown(&page.body) {
                assert!(seen.insert(id), "{id} twice, in {path}");
            }
            pages += 1;
            let Some(at) = page.body.find("rel=\"next\" href=\"/blog/post/river") else { break };
            let rest = &page.body[at + 17..];
            path = rest[..rest.find('"').unwrap()].replace("#comments", "").replace("&#38;", "&");
        }
        assert_eq!((seen.len(), pages), (5_000, 63), "{sort}");
    }
}

#[tokio::test]
async fn every_comment_is_found_at_its_address() {
    let (app, post) = site().await;
    app.person("ben", "User").await;
    fill(&app, post, 3_200, 200).await;
    let reader = app.visitor();
    let ids = {
        let mut conn = app.app.db.conn().await.unwrap();
        let ids: Vec<(i64,)> =
            read("select id from comment order by id").all(&mut conn).await.unwrap();
        ids
    };
    for (id,) in ids.iter().step_by(97).chain(ids.last()) {
        let (found, statements) = counting(reader.get(&format!("/comment/{id}"))).await;
        assert!(statements <= 6, "{statements}");
        let target = found.expect(StatusCode::SEE_OTHER).redirect().to_owned();
        let (path, anchor) = target.split_once('#').unwrap();
        assert_eq!(anchor, format!("comment-{id}"));
        let page = reader.get(path).await.expect(StatusCode::OK);
        assert!(shown(&page.body).contains(id), "{id} is not on {path}");
    }
    // The long branch: the first answers with a link to the others, which stand on pages of their own.
    let top =
        number(&app, "select max(id) from comment where parent_id is null and id > $1", 0_i64)
            .await;
    let page = reader.get(&format!("/blog/post/river?comment={top}")).await;
    let page = page.contains("Show 153 more replies");
    assert_eq!(shown(&page.body).len(), 51);
    let mut path = format!("/blog/post/river/thread/{top}");
    let mut seen = std::collections::BTreeSet::new();
    loop {
        let (page, statements) = counting(reader.get(&path)).await;
        let page = page.expect(StatusCode::OK);
        assert!(statements <= 6, "{statements}");
        seen.extend(shown(&page.body));
        let Some(at) = page.body.find("rel=\"next\" href=\"") else { break };
        let rest = &page.body[at + 17..];
        path = rest[..rest.find('"').unwrap()].to_owned();
    }
    assert_eq!(seen.len(), 204);
}

#[tokio::test]
async fn deep_conversations_stop_moving_in_and_say_what_they_answer() {
    let (app, _) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let mut last = None;
    for depth in 0..8 {
        let client = if depth % 2 == 0 { &ben } else { &cleo };
        last = Some(say(client, &format!("Depth {depth}"), last).await);
    }
    let page = app.visitor().get("/blog/post/river").await;
    let page = page.contains("Depth 7").contains("in reply to <a");
    let deepest = page.body.matches("<ol>").count();
    assert!(deepest <= 4, "{deepest}");
    assert_eq!(page.body.matches("in reply to").count(), 3);
    let most = "select max(depth) from comment where id > $1";
    run(
        &app,
        "update comment set depth = 100, updated_at = updated_at where id = $1",
        vec![last.unwrap().into()],
    )
    .await;
    let fields = [("content", "Deeper"), ("parent_id", &last.unwrap().to_string())];
    let answer = ben.post("/blog/post/river", &fields).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("too deep").contains("Deeper");
    assert_eq!(number(&app, most, 0_i64).await, 100);
}

#[tokio::test]
async fn best_goes_by_likes_and_answers() {
    let (app, post) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let dull = say(&ben, "Dull", None).await;
    let answered = say(&ben, "Answered", None).await;
    let liked = say(&ben, "Liked", None).await;
    say(&cleo, "Why?", Some(answered)).await;
    cleo.post(&format!("/comments/{liked}/like"), &[]).await.expect(StatusCode::SEE_OTHER);
    let reader = Reader { user: UserId(0), moderates: false };
    let mut conn = app.app.db.conn().await.unwrap();
    let best =
        store::tops(&mut conn, (post, reader), Sort::Best, Direction::First, 10).await.unwrap();
    let best: Vec<i64> = best.iter().map(|top| top.id.0).collect();
    assert_eq!(best, [liked, answered, dull]);
}

fn row(id: i64, parent: Option<i64>, status: Status) -> Row {
    let root = parent.map(|_| as_id(1));
    Row {
        id: as_id(id),
        created_at: crate::testing::beginning(),
        post_id: PostId(1),
        user_id: UserId(7),
        parent_id: parent.map(as_id),
        root_id: root,
        depth: 0,
        status,
        edited_at: None,
        like_count: 0,
        reply_count: 0,
        branch_count: 0,
        score: 0,
        report_count: 0,
        status_before: None,
        moderated_at: None,
        moderation_reason: None,
        html: String::new(),
        username: String::new(),
        first_name: None,
        last_name: None,
        avatar_filename: None,
        is_active: true,
        last_seen: None,
        parent_username: None,
        moderator: None,
        is_liked: false,
        is_unwanted: false,
        is_parent_unwanted: false,
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// Whatever hangs on what: every comment that a reader sees is written once, what is open is
    /// closed, and a place without words has something below it.
    #[test]
    fn a_thread_shows_everything_once(
        parents in proptest::collection::vec((0_usize..40, 0_u8..6), 1..40),
        wanted in 0_i64..45,
    ) {
        let mut rows = vec![row(1, None, Status::Visible)];
        for (at, (parent, kind)) in parents.iter().enumerate() {
            let id = i64::try_from(at).unwrap() + 2;
            let parent = i64::try_from(parent % (at + 1)).unwrap() + 1;
            let status = [Status::Deleted, Status::Hidden, Status::Visible][usize::from(*kind / 2)];
            rows.push(row(id, Some(parent), status));
        }
        let reader = Reader { user: UserId(0), moderates: false };
        let mut expected: Vec<i64> =
            rows.iter().filter(|row| reader.sees(row)).map(|row| row.id.0).collect();
        let made = steps(&[as_id(1)], rows, reader, Some(as_id(wanted)));
        let (mut seen, mut open, mut lists) = (Vec::new(), 0_i32, 0_i32);
        let mut last_place: Option<bool> = None;
        for step in &made {
            match step {
                Step::Comment(node) => {
                    open += 1;
                    if node.is_seen { seen.push(node.row.id.0); }
                    last_place = Some(node.is_seen);
                }
                Step::Replies { .. } => { lists += 1; last_place = Some(true); }
                Step::EndReplies { .. } => lists -= 1,
                Step::More { .. } => {}
                Step::End => {
                    open -= 1;
                    proptest::prop_assert!(last_place != Some(false), "an empty place");
                }
            }
            proptest::prop_assert!(open >= 0 && (0..=4).contains(&lists));
        }
        seen.sort_unstable();
        expected.sort_unstable();
        proptest::prop_assert_eq!((open, lists), (0, 0));
        proptest::prop_assert_eq!(seen, expected);
    }
}

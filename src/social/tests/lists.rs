//! Feeds and suggestions, beside a plain computation over all rows.

use std::collections::{HashMap, HashSet};

use axum::http::StatusCode;

use crate::{
    db::{counting, read, write},
    ids::UserId,
    paging::Direction,
    social::store::{feed, people},
    testing::{
        TestApp, beginning,
        posts::{TestPost, TestUser},
    },
};

impl TestApp {
    /// People with the numbers 0.. who follow each other as this function says.
    async fn crowd(&self, size: usize, follows: impl Fn(usize, usize) -> bool) -> Vec<UserId> {
        let mut ids = Vec::new();
        for number in 0..size {
            let username = format!("p{number}");
            ids.push(
                self.insert_user(TestUser { username: &username, ..Default::default() }).await,
            );
        }
        let mut tx = self.app.db.begin().await.unwrap();
        for (one, follower) in ids.iter().enumerate() {
            for (other, followed) in ids.iter().enumerate() {
                if one == other || !follows(one, other) {
                    continue;
                }
                write(
                    "insert into follow (created_at, updated_at, follower_id, followed_id)
                     values ($1, $1, $2, $3)",
                )
                .bind(beginning())
                .bind(*follower)
                .bind(*followed)
                .run(&mut tx)
                .await
                .unwrap();
            }
        }
        tx.commit().await.unwrap();
        ids
    }

    async fn pairs(&self) -> HashSet<(i64, i64)> {
        let mut conn = self.app.db.conn().await.unwrap();
        let rows: Vec<(i64, i64)> =
            read("select follower_id, followed_id from follow").all(&mut conn).await.unwrap();
        rows.into_iter().collect()
    }
}

#[tokio::test]
async fn suggestions_are_those_whom_most_of_mine_follow() {
    let app = TestApp::start().await;
    let ids = app.crowd(14, |one, other| (one * 7 + other * 5) % 4 == 0).await;
    let pairs = app.pairs().await;
    let mut conn = app.app.db.conn().await.unwrap();
    for me in &ids {
        let mine: Vec<i64> =
            pairs.iter().filter(|(who, _)| *who == me.0).map(|(_, whom)| *whom).collect();
        let mut shared: HashMap<i64, i64> = HashMap::new();
        for (who, whom) in &pairs {
            if mine.contains(who) && *whom != me.0 && !mine.contains(whom) {
                *shared.entry(*whom).or_default() += 1;
            }
        }
        let mut expected: Vec<(i64, i64)> = shared.into_iter().collect();
        // All joined at the same moment, so the higher number is the newer account.
        expected.sort_by_key(|(id, shared)| (-shared, -id));
        expected.truncate(5);
        let found = people::suggestions(&mut conn, *me, 5).await.unwrap();
        let found: Vec<(i64, i64)> = found.iter().map(|row| (row.id.0, row.place)).collect();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn nobody_who_left_was_blocked_or_muted_is_suggested() {
    let app = TestApp::start().await;
    let ids = app.crowd(7, |one, other| (one == 0 && other == 1) || (one == 1 && other > 1)).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let change = |text: &'static str| write(text).bind(ids[0]);
    change(
        "insert into user_block (created_at, user_id, blocked_id) values ('2026-01-01', $1, $2)",
    )
    .bind(ids[2])
    .run(&mut tx)
    .await
    .unwrap();
    change(
        "insert into user_block (created_at, user_id, blocked_id) values ('2026-01-01', $2, $1)",
    )
    .bind(ids[3])
    .run(&mut tx)
    .await
    .unwrap();
    change("insert into user_mute (created_at, user_id, muted_id) values ('2026-01-01', $1, $2)")
        .bind(ids[4])
        .run(&mut tx)
        .await
        .unwrap();
    write("update \"user\" set is_active = false where id = $1")
        .bind(ids[5])
        .run(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut conn = app.app.db.conn().await.unwrap();
    let found = people::suggestions(&mut conn, ids[0], 10).await.unwrap();
    assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [ids[6]]);
    let fallback = people::most_followed(&mut conn, ids[0], 10).await.unwrap();
    assert_eq!(fallback.iter().map(|row| row.id).collect::<Vec<_>>(), [ids[6]]);
}

#[tokio::test]
async fn the_feed_is_what_followed_people_and_topics_bring_newest_first() {
    let app = TestApp::start().await;
    let ids = app.crowd(5, |one, other| one == 0 && (other == 1 || other == 2)).await;
    for number in 0..24_i64 {
        let author = ids[usize::try_from(number).unwrap() % 5];
        let slug = format!("post-{number}");
        // Several at the same minute: the number decides between them.
        app.insert_post(TestPost { minute: number / 3, ..TestPost::new(author, &slug, &slug) })
            .await;
    }
    let mut conn = app.app.db.conn().await.unwrap();
    let rows: Vec<(i64, i64, i64)> = read(
        "select p.id, p.user_id, 0 from public_post p order by p.published_at desc, p.id desc",
    )
    .all(&mut conn)
    .await
    .unwrap();
    let expected: Vec<i64> = rows
        .iter()
        .filter(|(_, author, _)| [ids[1].0, ids[2].0].contains(author))
        .map(|(id, _, _)| *id)
        .collect();
    // Page by page down, and every page back up.
    let (mut seen, mut direction) = (Vec::new(), Direction::First);
    loop {
        let mut part = feed::following(&mut conn, ids[0], direction, 3).await.unwrap();
        let more = part.len() > 3;
        part.truncate(3);
        seen.extend(part.iter().map(|row| row.id.0));
        let Some(last) = part.last().filter(|_| more) else { break };
        direction = Direction::Before(last.cursor());
    }
    assert_eq!(seen, expected);
    assert!(!expected.is_empty());
}

/// What is followed is rare among 4,000 posts, so that the newest do not fill a page.
#[tokio::test]
async fn rare_posts_of_what_one_follows_are_found_page_by_page_and_back() {
    let app = TestApp::start().await;
    app.fill().await;
    let me = app.person("mia", "User").await;
    let mut tx = app.app.db.begin().await.unwrap();
    for statement in [
        "insert into follow (created_at, updated_at, follower_id, followed_id)
         select created_at, created_at, $1, id from \"user\" where username in ('w7', 'w8')",
        "insert into category_follow (created_at, user_id, category_id)
         select created_at, $1, id from category where slug = 'c5'",
        "insert into tag_follow (created_at, user_id, tag_id)
         select created_at, $1, id from tag order by id limit 1",
        "insert into user_mute (created_at, user_id, muted_id)
         select created_at, $1, id from \"user\" where username in ('w8', 'w11')",
        "insert into user_block (created_at, user_id, blocked_id)
         select created_at, id, $1 from \"user\" where username = 'w12'",
    ] {
        write(statement).bind(me).run(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut conn = app.app.db.conn().await.unwrap();
    let all: Vec<(i64, String, Option<String>, i64)> = read(
        "select p.id, p.author_username, p.category_slug, pt.tag_id
           from public_post p join post_tag pt on pt.post_id = p.id
          order by p.published_at desc, p.id desc",
    )
    .all(&mut conn)
    .await
    .unwrap();
    let tag: i64 = read("select min(id) from tag").value(&mut conn).await.unwrap();
    let expected: Vec<i64> = all
        .iter()
        .filter(|(_, author, ..)| !["w8", "w11", "w12"].contains(&author.as_str()))
        .filter(|(_, author, category, of)| {
            author == "w7" || category.as_deref() == Some("c5") || *of == tag
        })
        .map(|(id, ..)| *id)
        .collect();
    assert!(expected.len() > 250);
    let (mut seen, mut pages) = (Vec::<i64>::new(), Vec::new());
    let mut direction = Direction::First;
    loop {
        let mut part = feed::following(&mut conn, me, direction, 30).await.unwrap();
        let more = part.len() > 30;
        part.truncate(30);
        let ids: Vec<i64> = part.iter().map(|row| row.id.0).collect();
        seen.extend(&ids);
        pages.push((ids, part.first().unwrap().cursor()));
        if !more {
            break;
        }
        direction = Direction::Before(part.last().unwrap().cursor());
    }
    assert_eq!(seen, expected);
    for two in pages.windows(2) {
        let up = Direction::After(two[1].1);
        let mut part = feed::following(&mut conn, me, up, 30).await.unwrap();
        part.truncate(30);
        let ids: Vec<i64> = part.iter().rev().map(|row| row.id.0).collect();
        assert_eq!(ids, two[0].0);
    }
}

#[tokio::test]
async fn a_followed_category_and_tag_come_to_the_feed() {
    let app = TestApp::start().await;
    let author = app.person("ana", "User").await;
    let ben = app.member("ben").await;
    let mut conn = app.app.db.conn().await.unwrap();
    let (category, slug): (crate::ids::CategoryId, String) =
        read("select id, slug from category order by id limit 1").one(&mut conn).await.unwrap();
    drop(conn);
    app.insert_post(TestPost { category: Some(category), ..TestPost::new(author, "in", "In") })
        .await;
    app.insert_post(TestPost::new(author, "out", "Out")).await;
    ben.get("/?tab=following").await.expect(StatusCode::OK).lacks("/blog/post/in");
    ben.post(&format!("/blog/category/{slug}/follow"), &[]).await.expect(StatusCode::SEE_OTHER);
    let page = ben.get("/?tab=following").await.expect(StatusCode::OK);
    page.contains("/blog/post/in").lacks("href=\"/blog/post/out\"");
}

#[tokio::test]
async fn a_home_page_asks_few_questions() {
    let app = TestApp::start().await;
    let ana = app.person("ana", "User").await;
    for number in 0..12 {
        let slug = format!("post-{number}");
        app.insert_post(TestPost { minute: number, ..TestPost::new(ana, &slug, &slug) }).await;
    }
    let ben = app.member("ben").await;
    for path in ["/", "/?tab=following", "/?tab=latest", "/blog/post/post-1", "/user/ana"] {
        let (answer, statements) = counting(ben.get(path)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(statements <= 12, "{path} asks {statements}");
    }
}

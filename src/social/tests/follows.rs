//! Following topics, and the lists that follows make.

use axum::http::StatusCode;
use chrono::TimeDelta;

use crate::{
    Error,
    db::{read, write},
    ids::TagId,
    social::follows,
    testing::{TestApp, posts::TestPost},
};

#[tokio::test]
async fn topics_are_followed_on_their_pages() {
    let app = TestApp::start().await;
    let ana = app.person("ana", "User").await;
    let travel = app.category("travel").await;
    let post = TestPost { category: Some(travel), ..TestPost::new(ana, "in", "In") };
    let post = app.insert_post(post).await;
    app.insert_tag(post, "Water", "water").await;
    let ben = app.member("ben").await;
    for (page, topic) in [
        ("/blog/category/travel", "/blog/category/travel"),
        ("/blog/tag/water", "/blog/tag/water"),
        ("/blog/?category=travel", "/blog/category/travel"),
    ] {
        let log_in = format!("<a class=\"button strong\" href=\"/auth/login?next={topic}\">");
        app.visitor().get(page).await.expect(StatusCode::OK).contains(&log_in);
        let follow = format!("{topic}/follow");
        ben.get(page).await.contains(&format!("action=\"{follow}\"")).contains(">Follow</button>");
        let answer = ben.post(&follow, &[("next", page)]).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(answer.redirect(), page);
        ben.get(page).await.contains(">Following</button>");
        ben.post(&follow, &[]).await.expect(StatusCode::SEE_OTHER);
        ben.get(page).await.contains(">Follow</button>");
    }
    for page in ["/user/ana", "/blog/post/in"] {
        let log_in = format!("<a class=\"button strong\" href=\"/auth/login?next={page}\">Follow");
        app.visitor().get(page).await.expect(StatusCode::OK).contains(&log_in);
    }
    // Our script asks for the state of the button alone.
    for follow in ["/blog/category/travel/follow", "/blog/tag/water/follow"] {
        for following in [true, false] {
            let answer = ben.press(follow).await.expect(StatusCode::OK).json();
            assert_eq!(
                (&answer["success"], &answer["following"]),
                (&true.into(), &following.into())
            );
        }
    }
    for unknown in ["/blog/category/none/follow", "/blog/tag/none/follow"] {
        ben.post(unknown, &[]).await.expect(StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_follows_more_topics_than_allowed_however_quick_they_click() {
    let app = TestApp::start().await;
    let ben = app.viewer_of("ben").await;
    let mut tx = app.app.db.begin().await.unwrap();
    let now = app.app.clock.now();
    let number = follows::MOST + 4;
    write(
        "insert into tag (created_at, updated_at, name, slug, post_count)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $2)
         select $1, $1, 'tag ' || cast(i as text), 'tag-' || cast(i as text), 1 from n",
    )
    .bind(now)
    .bind(number)
    .run(&mut tx)
    .await
    .unwrap();
    write(
        "insert into tag_follow (created_at, user_id, tag_id)
         select $1, $2, id from tag order by id limit $3",
    )
    .bind(now)
    .bind(ben.id)
    .bind(follows::MOST - 2)
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let mut conn = app.app.db.conn().await.unwrap();
    let rest: Vec<(TagId,)> = read(
        "select id from tag where id not in (select tag_id from tag_follow where user_id = $1)",
    )
    .bind(ben.id)
    .all(&mut conn)
    .await
    .unwrap();
    assert_eq!(rest.len(), 6);
    let clicks = rest.iter().map(|(tag,)| follows::toggle_tag(&app.app, &ben, *tag));
    let done = futures_util::future::join_all(clicks).await;
    assert_eq!(done.iter().filter(|done| matches!(done, Ok(true))).count(), 2);
    assert_eq!(done.iter().filter(|done| matches!(done, Err(Error::Refused(_)))).count(), 4);
    let followed: i64 = read("select count(*) from tag_follow where user_id = $1")
        .bind(ben.id)
        .value(&mut conn)
        .await
        .unwrap();
    assert_eq!(followed, follows::MOST);
}

#[tokio::test]
async fn who_came_in_the_last_seven_days_is_named_first() {
    let app = TestApp::start().await;
    app.person("ana", "User").await;
    let old = app.member("oldfriend").await;
    old.press("/blog/user/ana/follow").await.expect(StatusCode::OK);
    app.visitor().get("/user/ana/followers").await.contains("New in the last seven days");
    app.advance(TimeDelta::days(7) + TimeDelta::minutes(1));
    let page = app.visitor().get("/user/ana/followers").await.expect(StatusCode::OK);
    page.contains("@oldfriend").lacks("New in the last seven days");
    for number in 0..11 {
        let name = format!("new{number:02}");
        app.member(&name).await.press("/blog/user/ana/follow").await.expect(StatusCode::OK);
    }
    let page = app.visitor().get("/user/ana/followers").await.expect(StatusCode::OK).body;
    let recent = page.split("id=\"recent\"").nth(1).unwrap().split("</section>").next().unwrap();
    let names: Vec<&str> =
        recent.split("/user/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let expected: Vec<String> = (1..11).rev().map(|number| format!("new{number:02}")).collect();
    assert_eq!(names, expected, "ten, the last first");
}

#[tokio::test]
async fn whom_two_people_both_follow_is_a_list_for_each_of_them() {
    let app = TestApp::start().await;
    for name in ["cleo", "dan", "emil"] {
        app.person(name, "User").await;
    }
    let (ana, ben) = (app.member("ana").await, app.member("ben").await);
    for (who, whom) in [(&ana, "cleo"), (&ana, "dan"), (&ben, "dan"), (&ben, "emil"), (&ben, "ana")]
    {
        who.press(&format!("/blog/user/{whom}/follow")).await.expect(StatusCode::OK);
    }
    let page = ana.get("/user/ben/mutual").await.expect(StatusCode::OK);
    page.contains("@dan ").lacks("@cleo ").lacks("@emil ");
    let page = ben.get("/user/ana/mutual").await.expect(StatusCode::OK);
    page.contains("@dan ").lacks("@cleo ").lacks("@emil ");
    ana.get("/user/ben").await.contains("/user/ben/mutual");
    ana.get("/user/ben/followers").await.contains("/user/ben/mutual");
    app.visitor().get("/user/ben/followers").await.lacks("/user/ben/mutual");
    app.visitor().get("/user/ben/mutual").await.expect(StatusCode::SEE_OTHER);
}

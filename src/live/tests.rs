//! Streams from outside: what comes, in which order, and who may read on.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::{hub, work};
use crate::{
    accounts::roles,
    app::App,
    db::{read, write},
    events::{self, Event},
    ids::{CommentId, PostId, UserId},
    testing::{
        Client, Events, TestApp,
        posts::{TestPost, TestUser},
    },
};

struct Site {
    test: TestApp,
    ana: UserId,
    post: PostId,
}

impl std::ops::Deref for Site {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.test
    }
}

impl Site {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut crate::config::Config)) -> Self {
        let test = TestApp::with(change).await;
        let ana = test.insert_user(TestUser::default()).await;
        let post = test.insert_post(TestPost::new(ana, "a-post", "A post")).await;
        keep(&test.app);
        Self { test, ana, post }
    }

    fn path(&self) -> String {
        format!("/live?post={}", self.post)
    }

    /// A comment as readers hear of it.
    async fn comment(&self, number: i64) {
        comment(&self.app, self.ana, self.post, number).await;
    }

    async fn record(&self, event: Event) {
        let mut tx = self.app.db.begin().await.unwrap();
        events::record(&self.app, &mut tx, event).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn change(&self, statement: &'static str, id: i64) {
        let mut tx = self.app.db.begin().await.unwrap();
        write(statement).bind(id).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn person(&self, name: &str) -> (UserId, Client) {
        let user = self.insert_user(TestUser { username: name, ..TestUser::default() }).await;
        (user, self.client_of(user).await)
    }
}

/// What `serve` does beside the requests.
#[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
fn keep(app: &App) {
    tokio::spawn(work(app.clone()));
}

/// Writes an event in the way the room of comments does: under the lock of the post's row.
async fn comment(app: &App, author: UserId, post: PostId, number: i64) {
    let mut tx = app.db.begin().await.unwrap();
    write("update post set comment_count = comment_count + 1 where id = $1")
        .bind(post)
        .run(&mut tx)
        .await
        .unwrap();
    let comment = CommentId(number);
    let event = Event::CommentAdded { author, post, comment, visible: true };
    events::record(app, &mut tx, event).await.unwrap();
    tx.commit().await.unwrap();
}

/// The numbers of the next comments.
async fn comments(events: &mut Events, count: usize) -> Vec<i64> {
    let mut found = Vec::new();
    while found.len() < count {
        let sent = events.until("comment_added").await;
        found.push(sent.data["comment"]["id"].as_i64().unwrap());
    }
    found
}

#[tokio::test]
async fn a_new_comment_reaches_everybody_who_reads_the_post() {
    let site = Site::start().await;
    let (_, bo) = site.person("bob").await;
    let mut visitor = site.visitor().stream(&site.path(), &[]).await;
    let mut member = bo.stream(&site.path(), &[]).await;
    assert_eq!(visitor.status, StatusCode::OK);
    assert_eq!(visitor.headers["content-type"], "text/event-stream");
    assert_eq!(visitor.headers["cache-control"], "no-store");
    assert!(visitor.block().await.unwrap().starts_with("retry: "));
    visitor.until("counts").await;
    member.until("counts").await;
    site.comment(7).await;
    for stream in [&mut visitor, &mut member] {
        // Which comes first is open: the count is read by itself, and is never the older one.
        let (mut added, mut count) = (None, None);
        while added.is_none() || count != Some(1) {
            let sent = stream.next().await.unwrap();
            match sent.name.as_str() {
                "comment_added" => added = Some(sent),
                "counts" => {
                    assert_eq!(sent.id, None);
                    count = sent.data["comment_count"].as_i64();
                }
                _ => {}
            }
        }
        let sent = added.unwrap();
        assert_eq!(sent.data, json!({ "post_id": site.post.0, "comment": { "id": 7 } }));
        assert!(sent.id.is_some());
    }
}

#[tokio::test]
async fn a_comment_that_waits_is_told_when_it_is_let_through_and_when_it_is_taken_away() {
    let site = Site::start().await;
    let mut stream = site.visitor().stream(&site.path(), &[]).await;
    let (author, post, comment) = (site.ana, site.post, CommentId(3));
    let moderated = |was: &str, status: &str| Event::CommentModerated {
        author,
        post,
        comment,
        by: author,
        was: was.to_owned(),
        status: status.to_owned(),
    };
    site.record(Event::CommentAdded { author, post, comment, visible: false }).await;
    site.record(moderated("pending", "spam")).await;
    site.record(moderated("spam", "visible")).await;
    site.record(Event::CommentChanged { author, post, comment, named: Vec::new() }).await;
    site.record(moderated("visible", "hidden")).await;
    site.record(Event::CommentRemoved { author, post, comment, by: author }).await;
    let mut names = Vec::new();
    while names.len() < 4 {
        let sent = stream.next().await.unwrap();
        if sent.name.starts_with("comment") {
            names.push(sent.name);
        }
    }
    assert_eq!(names, ["comment_added", "comment_changed", "comment_removed", "comment_removed"]);
}

#[tokio::test]
async fn after_a_cut_everything_is_told_once_and_in_order_while_many_write() {
    let site = Site::start().await;
    let writers = async {
        let write = async |part: i64| {
            for number in 0..30 {
                comment(&site.app, site.ana, site.post, part * 100 + number).await;
            }
        };
        tokio::join!(write(1), write(2), write(3));
    };
    let reader = async {
        let mut seen: Vec<i64> = Vec::new();
        let mut last = 0;
        let client = site.visitor();
        while seen.len() < 90 {
            let id = last.to_string();
            let mut stream = client.stream(&site.path(), &[("last-event-id", &id)]).await;
            assert_eq!(stream.status, StatusCode::OK);
            for _ in 0..7 {
                let Some(sent) = stream.next().await else { break };
                last = sent.id.unwrap_or(last);
                if sent.name == "comment_added" {
                    seen.push(sent.data["comment"]["id"].as_i64().unwrap());
                }
                if seen.len() == 90 {
                    break;
                }
            }
        }
        seen
    };
    let ((), seen) = tokio::join!(writers, reader);
    let mut conn = site.app.db.conn().await.unwrap();
    let rows: Vec<(String,)> =
        read("select data from event where kind = 'comment_added' order by id")
            .all(&mut conn)
            .await
            .unwrap();
    let written: Vec<i64> = rows
        .iter()
        .map(|(data,)| {
            serde_json::from_str::<serde_json::Value>(data).unwrap()["comment"].as_i64().unwrap()
        })
        .collect();
    assert_eq!(seen, written);
}

#[tokio::test]
async fn who_was_away_for_long_is_told_to_fetch_everything() {
    let site = Site::start().await;
    let mut tx = site.app.db.begin().await.unwrap();
    for number in 0..201 {
        let comment = CommentId(number);
        let event =
            Event::CommentAdded { author: site.ana, post: site.post, comment, visible: true };
        events::record(&site.app, &mut tx, event).await.unwrap();
    }
    tx.commit().await.unwrap();
    let client = site.visitor();
    let mut stream = client.stream(&format!("{}&after=0", site.path()), &[]).await;
    assert_eq!(stream.next().await.unwrap().name, "reset");
    let counts = stream.next().await.unwrap();
    let mut stream = client.stream(&format!("{}&after=1", site.path()), &[]).await;
    assert_eq!(comments(&mut stream, 200).await.len(), 200);
    let id = counts.id.unwrap().to_string();
    let mut stream = client.stream(&site.path(), &[("last-event-id", &id)]).await;
    assert_eq!(stream.next().await.unwrap().name, "counts", "nothing is told again");
}

#[tokio::test]
async fn a_member_hears_of_notifications_and_followers() {
    let site = Site::start().await;
    let (bo, client) = site.person("bob").await;
    let mut stream = client.stream("/live/me", &[]).await;
    assert_eq!(stream.next().await.unwrap().data["unread_count"], 0);
    site.change("update \"user\" set unread_count = 2 where id = $1", bo.0).await;
    site.record(Event::NotificationsChanged { user: bo, unread: 2 }).await;
    assert_eq!(stream.until("notifications").await.data["unread_count"], 2);
    site.change("update \"user\" set follower_count = 1 where id = $1", bo.0).await;
    site.record(Event::UserFollowed { follower: site.ana, followed: bo }).await;
    assert_eq!(stream.until("notifications").await.data["follower_count"], 1);
    site.change("update \"user\" set following_count = 1 where id = $1", bo.0).await;
    site.record(Event::UserFollowed { follower: bo, followed: site.ana }).await;
    assert_eq!(stream.until("notifications").await.data["following_count"], 1);
}

#[tokio::test]
async fn the_likes_of_a_comment_are_told_with_the_last_number_only() {
    let site = Site::start().await;
    let (ana, post, comment) = (site.ana, site.post, CommentId(4));
    let mut stream = site.visitor().stream(&site.path(), &[]).await;
    stream.until("counts").await;
    let like =
        |like_count| Event::CommentLiked { user: ana, author: ana, post, comment, like_count };
    site.record(like(1)).await;
    let told = stream.until("comment_likes").await;
    assert_eq!(told.data["comment"], json!({ "id": 4, "like_count": 1 }));
    site.record(like(2)).await;
    assert_eq!(stream.until("comment_likes").await.data["comment"]["like_count"], 2);
    site.record(Event::CommentUnliked { user: ana, author: ana, post, comment, like_count: 1 })
        .await;
    assert_eq!(stream.until("comment_likes").await.data["comment"]["like_count"], 1);
    let path = format!("{}&after=0", site.path());
    let mut later = site.visitor().stream(&path, &[]).await;
    assert_eq!(later.next().await.unwrap().data["comment"]["like_count"], 1);
    assert_eq!(later.next().await.unwrap().name, "counts", "only the last number is told");
}

#[tokio::test]
async fn a_profile_counts_its_followers_for_everybody() {
    let site = Site::start().await;
    let (bo, _) = site.person("bob").await;
    let path = format!("/live?profile={}", site.ana);
    let mut stream = site.visitor().stream(&path, &[]).await;
    let begun = stream.until("follow_counts").await;
    let counts = |follower_count| json!({ "user_id": site.ana.0, "follower_count": follower_count, "following_count": 0 });
    assert_eq!((begun.id, begun.data), (None, counts(0)));
    site.change("update \"user\" set follower_count = 1 where id = $1", site.ana.0).await;
    site.record(Event::UserFollowed { follower: bo, followed: site.ana }).await;
    assert_eq!(stream.until("follow_counts").await.data, counts(1));
    site.change("update \"user\" set is_active = false where id = $1", site.ana.0).await;
    site.record(Event::UserDeactivated { user: site.ana, by: None }).await;
    stream.until("profile_gone").await;
    stream.end().await;
    for path in [path.as_str(), "/live?profile=0", "/live?profile=ana"] {
        assert_eq!(site.visitor().stream(path, &[]).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_stream_ends_when_its_session_does() {
    let site = Site::start().await;
    let client = site.member("bob").await;
    let mut stream = client.stream("/live", &[]).await;
    let mut other = site.log_in("bob").await.stream("/live", &[]).await;
    stream.until("notifications").await;
    client.post("/auth/logout", &[]).await.expect(StatusCode::SEE_OTHER);
    stream.end().await;
    let (bo,): (UserId,) = read("select id from \"user\" where username = 'bob'")
        .one(&mut site.app.db.conn().await.unwrap())
        .await
        .unwrap();
    site.change("update \"user\" set is_active = false where id = $1", bo.0).await;
    site.record(Event::UserDeactivated { user: bo, by: None }).await;
    other.end().await;
    assert_eq!(hub(&site.app).open(), 0);
}

#[tokio::test]
async fn a_change_of_role_ends_the_streams() {
    let site = Site::start().await;
    let client = site.somebody("moe", roles::MODERATOR).await;
    let mut stream = client.stream("/live", &[]).await;
    stream.until("notifications").await;
    let (mo, role): (UserId, i64) = read(
        "select u.id, (select id from role where name = 'User') from \"user\" u where username = 'moe'",
    )
    .one(&mut site.app.db.conn().await.unwrap())
    .await
    .unwrap();
    site.change("update \"user\" set role_id = $1 where username = 'moe'", role).await;
    let changed = Event::RoleChanged { user: mo, role: "User".to_owned(), by: None };
    site.record(changed).await;
    stream.end().await;
}

#[tokio::test]
async fn a_stream_ends_when_the_post_is_hidden() {
    let site = Site::start().await;
    let mut stream = site.visitor().stream(&site.path(), &[]).await;
    stream.until("counts").await;
    site.change("update post set status = 'hidden' where id = $1", site.post.0).await;
    site.record(Event::PostHidden { author: site.ana, post: site.post, by: site.ana }).await;
    stream.until("post_gone").await;
    stream.end().await;
    let answer = site.visitor().stream(&site.path(), &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn other_sites_open_no_stream() {
    let site = Site::start().await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = axum::http::Request::get(site.path()).header(name, value);
        site.visitor().send(request, Vec::new()).await.expect(StatusCode::FORBIDDEN);
    }
    assert_eq!(site.visitor().stream("/live", &[]).await.status, StatusCode::UNAUTHORIZED);
    let origin = [("origin", "http://streamly.test")];
    assert_eq!(site.visitor().stream(&site.path(), &origin).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_holds_more_streams_than_allowed() {
    let site = Site::with(|config| config.live.streams_per_address = 2).await;
    let (_, bo) = site.person("bob").await;
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(bo.stream("/live", &[]).await);
    }
    let refused = bo.stream("/live", &[]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers.contains_key("retry-after"));
    open.pop();
    assert_eq!(bo.stream("/live", &[]).await.status, StatusCode::OK);
    let visitor = site.visitor();
    let _two = [visitor.stream(&site.path(), &[]).await, visitor.stream(&site.path(), &[]).await];
    let refused = visitor.stream(&site.path(), &[]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn who_does_not_read_is_cut_off_and_holds_nobody_up() {
    let site = Site::start().await;
    let mut slow = site.visitor().stream(&site.path(), &[]).await;
    let mut quick = site.visitor().stream(&site.path(), &[]).await;
    quick.until("readers").await;
    for number in 0..100 {
        site.comment(number).await;
        assert_eq!(comments(&mut quick, 1).await, [number]);
    }
    let mut got = 0;
    while let Some(sent) = slow.next().await {
        got += i64::from(sent.name == "comment_added");
    }
    assert!((1..100).contains(&got), "{got}");
}

#[tokio::test]
async fn the_end_of_the_process_ends_all_streams_and_takes_no_more() {
    let site = Site::start().await;
    let mut stream = site.visitor().stream(&site.path(), &[]).await;
    stream.until("readers").await;
    super::close(&site.app);
    // What was on its way still comes; these are the last words.
    let mut last = String::new();
    while let Some(block) = stream.block().await {
        last = block;
    }
    assert!(last.starts_with("retry: "), "{last}");
    let refused = site.visitor().stream(&site.path(), &[]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn typing_is_told_to_members_and_never_to_the_blocked() {
    let site = Site::start().await;
    let (bo, client) = site.person("bob").await;
    let (cy, foe) = site.person("cyd").await;
    let (_, dee) = site.person("dee").await;
    let mut visitor = site.visitor().stream(&site.path(), &[]).await;
    let mut member = dee.stream(&site.path(), &[]).await;
    let mut blocked = foe.stream(&site.path(), &[]).await;
    let mut tx = site.app.db.begin().await.unwrap();
    write("insert into user_block (created_at, user_id, blocked_id) values ($1, $2, $3)")
        .bind(site.app.clock.now())
        .bind(bo)
        .bind(cy)
        .run(&mut tx)
        .await
        .unwrap();
    events::record(&site.app, &mut tx, Event::UserBlocked { user: bo, blocked: cy }).await.unwrap();
    tx.commit().await.unwrap();
    let path = format!("/live/post/{}/typing", site.post);
    let answer = client.post_json(&path, &json!({ "is_typing": true })).await;
    answer.expect(StatusCode::NO_CONTENT);
    let sent = member.until("user_typing").await;
    let told =
        json!({ "post_id": site.post.0, "user_id": bo.0, "username": "bob", "is_typing": true });
    assert_eq!(sent.data, told);
    let answer = client.post_json(&path, &json!({ "is_typing": false })).await;
    answer.expect(StatusCode::NO_CONTENT);
    assert_eq!(member.until("user_typing").await.data["is_typing"], false);
    site.comment(1).await;
    for stream in [&mut visitor, &mut blocked] {
        while let Some(sent) = stream.next().await {
            assert_ne!(sent.name, "user_typing");
            assert_ne!(sent.data["username"], "bob");
            if sent.name == "comment_added" {
                break;
            }
        }
    }
    site.visitor().post_json(&path, &json!({})).await.expect(StatusCode::UNAUTHORIZED);
    client.post_json("/live/post/999/typing", &json!({})).await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn readers_are_counted_once_each_and_members_see_who_comes() {
    let site = Site::start().await;
    let (_, bo) = site.person("bob").await;
    let (_, cy) = site.person("cyd").await;
    let mut first = bo.stream(&site.path(), &[]).await;
    assert_eq!(first.until("readers").await.data["count"], 1);
    let second = cy.stream(&site.path(), &[]).await;
    let third = cy.stream(&site.path(), &[]).await;
    let sent = first.until("status").await;
    assert_eq!(
        (&sent.data["type"], &sent.data["username"]),
        (&json!("user_joined"), &json!("cyd"))
    );
    assert_eq!(first.until("readers").await.data["count"], 2);
    drop(third);
    drop(second);
    assert_eq!(first.until("status").await.data["type"], "user_left");
    assert_eq!(first.until("readers").await.data["count"], 1);
}

#[tokio::test]
async fn what_another_instance_does_is_found_in_the_table() {
    let site = Site::start().await;
    let (elsewhere, _) = site.instance().await;
    let (bo, client) = site.person("bob").await;
    let mut stream = client.stream(&site.path(), &[]).await;
    stream.until("readers").await;
    // The first look only finds out where the table ends.
    tokio::time::timeout(Duration::from_secs(20), async {
        let mut number = 1;
        loop {
            comment(&elsewhere, site.ana, site.post, number).await;
            let next = tokio::time::timeout(Duration::from_secs(2), stream.until("comment_added"));
            if next.await.is_ok() {
                break;
            }
            number += 1;
        }
    })
    .await
    .unwrap();
    let mut tx = elsewhere.db.begin().await.unwrap();
    write("delete from session where user_id = $1").bind(bo).run(&mut tx).await.unwrap();
    events::record(&elsewhere, &mut tx, Event::SessionsEnded { user: bo }).await.unwrap();
    tx.commit().await.unwrap();
    stream.end().await;
}

#[tokio::test]
async fn instances_hear_each_other_through_redis() {
    let Ok(url) = std::env::var("TEST_REDIS_URL") else {
        use std::io::Write as _;
        let left = b"\nLEFT OUT: instances that hear each other through Redis, for TEST_REDIS_URL names none\n";
        std::io::stdout().write_all(left).unwrap();
        return;
    };
    let site = Site::with(|config| {
        config.redis.url = crate::config::Hidden::new(url);
        config.redis.prefix = format!("test-{}-{}", std::process::id(), line!());
        config.live.poll = crate::config::Seconds(3_600);
    })
    .await;
    let (elsewhere, away) = site.instance().await;
    keep(&elsewhere);
    for app in [&site.app, &elsewhere] {
        while super::messenger(app) != "healthy" {
            tokio::task::yield_now().await;
        }
    }
    let (_, bo) = site.person("bob").await;
    let (cy, _) = site.person("cyd").await;
    let mut here = bo.stream(&site.path(), &[]).await;
    let mut there = away.stream(&site.path(), &[]).await;
    here.until("readers").await;
    there.until("readers").await;
    comment(&elsewhere, site.ana, site.post, 5).await;
    assert_eq!(comments(&mut here, 1).await, [5]);
    comment(&site.app, site.ana, site.post, 6).await;
    assert_eq!(comments(&mut there, 2).await, [5, 6]);
    super::presence::types(&hub(&elsewhere), site.post, cy, "cyd", true);
    assert_eq!(here.until("user_typing").await.data["username"], "cyd");
    while here.until("readers").await.data["count"] != 2 {}
    let ready = site.visitor().get("/health/ready").await.expect(StatusCode::OK);
    assert_eq!(ready.json()["redis"], "healthy");
}

#[tokio::test]
async fn a_redis_that_is_away_harms_nothing() {
    let site = Site::with(|config| {
        config.redis.url = crate::config::Hidden::new("redis://127.0.0.1:1/".to_owned());
    })
    .await;
    let mut stream = site.visitor().stream(&site.path(), &[]).await;
    stream.until("readers").await;
    site.comment(1).await;
    assert_eq!(comments(&mut stream, 1).await, [1]);
    let ready = site.visitor().get("/health/ready").await.expect(StatusCode::OK);
    assert_eq!(ready.json(), json!({ "status": "ready", "redis": "degraded" }));
}

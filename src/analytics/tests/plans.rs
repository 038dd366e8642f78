//! Nothing goes through a large table.

use chrono::TimeDelta;

use crate::{
    db::write,
    testing::{TestApp, beginning},
};

/// A statement as the store has it, with values in it, and the index it must use.
const PLANS: &[(&str, &str)] = &[
    (
        "select post_id, count(*) from post_view
          where is_unique_view and created_at > '2026-01-01T00:00:00.000000Z'
            and created_at <= '2026-01-01T01:00:00.000000Z' group by post_id",
        "idx_postview_created_post",
    ),
    (
        "select l.post_id, count(*) from post_like l join post p on p.id = l.post_id
          where l.created_at > '2026-01-01T00:00:00.000000Z'
            and l.created_at <= '2026-01-01T01:00:00.000000Z' and l.user_id <> p.user_id
          group by l.post_id",
        "idx_like_created_post",
    ),
    (
        "select c.post_id, count(*) from comment c join post p on p.id = c.post_id
          where c.status = 'visible' and c.created_at > '2026-01-01T00:00:00.000000Z'
            and c.created_at <= '2026-01-01T01:00:00.000000Z' and c.user_id <> p.user_id
          group by c.post_id",
        "idx_comment_visible_created",
    ),
    (
        "select p.id, p.title from trending_post t join public_post p on p.id = t.post_id
          where t.list = 'week'
            and not exists (select 1 from user_block b
                 where b.user_id = 1 and b.blocked_id = p.user_id)
          order by t.rank limit 50",
        "trending_post",
    ),
    (
        "select p.slug from public_post p where p.like_count > 0
          order by p.like_count desc, p.id desc limit 5",
        "idx_post_popular",
    ),
    (
        "select count(*) from post_view where user_id = 3
            and created_at > '2026-01-01T00:00:00.000000Z'",
        "post_view",
    ),
    (
        "select id from post_view where ip_address is not null
            and created_at < '2026-01-01T00:00:00.000000Z' order by created_at limit 1000",
        "idx_postview_address_created",
    ),
];

/// Views, likes and comments of two hundred hours, so that PostgreSQL has something to count.
async fn fill(app: &TestApp) {
    app.fill().await;
    let mut tx = app.app.db.begin().await.unwrap();
    for hour in 0..200 {
        let at = beginning() + TimeDelta::hours(hour);
        for statement in [
            "insert into post_view (created_at, updated_at, post_id, user_id, session_id)
             select $1, $1, id, user_id, 's' || id from post where id % 200 = $2",
            "insert into post_like (created_at, updated_at, post_id, user_id)
             select $1, $1, id, user_id from post where id % 200 = $2",
            "insert into comment (created_at, updated_at, post_id, user_id, content)
             select $1, $1, id, user_id, '' from post where id % 200 = $2",
        ] {
            write(statement).bind(at).bind(hour).run(&mut tx).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    if !app.app.db.is_sqlite() {
        super::run(app, "analyze").await;
    }
}

#[tokio::test]
async fn no_large_table_is_gone_through() {
    let app = TestApp::start().await;
    fill(&app).await;
    for (statement, index) in PLANS {
        let plan = app.plan(statement).await;
        assert!(plan.contains(index), "{index} is not used:\n{statement}\n{plan}");
        for table in ["post_view", "post_like", "comment", "post", "v", "l", "c", "p"] {
            for scan in [format!("SCAN {table}\n"), format!("Seq Scan on {table} ")] {
                assert!(!plan.contains(&scan), "{scan}:\n{statement}\n{plan}");
            }
        }
    }
}

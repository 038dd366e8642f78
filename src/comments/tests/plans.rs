//! Threads are read along an index: nothing is gone through.

use crate::testing::TestApp;

const PLANS: &[(&str, &str)] = &[
    (
        "select id, created_at, score from comment
          where post_id = 3 and depth = 0
            and (created_at, id) > ('2025-01-01T00:00:00.000000Z', 4)
            and (status = 'visible' or branch_count > 0
                 or (status <> 'deleted' and (1 = 0 or user_id = 1)))
          order by created_at, id limit 21",
        "idx_comment_post_top",
    ),
    (
        "select id, created_at, score from comment
          where post_id = 3 and depth = 0 and (score, id) < (9, 4)
            and (status = 'visible' or branch_count > 0
                 or (status <> 'deleted' and (1 = 0 or user_id = 1)))
          order by score desc, id desc limit 21",
        "idx_comment_post_best",
    ),
    (
        "select id from comment
          where root_id = 3 and id >= 4
            and (status = 'visible' or reply_count > 0
                 or (status <> 'deleted' and (1 = 0 or user_id = 1)))
          order by id limit 50",
        "ix_comment_root_id",
    ),
    (
        "select id from comment
          where (status = 'pending' or report_count > 0) and status <> 'deleted' and id > 7
          order by id limit 21",
        "idx_comment_desk",
    ),
    (
        "select id from comment
          where moderated_at is not null and status <> 'deleted'
            and (moderated_at, id) < ('2027-01-01T00:00:00.000000Z', 4)
          order by moderated_at desc, id desc limit 21",
        "idx_comment_decided",
    ),
    (
        "select id from comment
          where user_id = 3 and status = 'visible'
            and (created_at, id) < ('2027-01-01T00:00:00.000000Z', 4)
          order by created_at desc, id desc limit 21",
        "idx_comment_user_visible",
    ),
    (
        "select id from comment_like where comment_id = 3 and id < 5 order by id desc limit 31",
        "idx_comment_like_comment",
    ),
];

/// 20,000 comments under the posts of [`TestApp::fill`], and 5,000 more under one of them.
async fn fill(app: &TestApp) {
    app.fill().await;
    let now = app.app.clock.now();
    super::run(
        app,
        "insert into comment (created_at, updated_at, post_id, user_id, html, content)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < 5)
         select $1, $1, p.id, p.user_id, 'x', 'x' from post p, n",
        vec![now.into()],
    )
    .await;
    let many = "insert into comment (created_at, updated_at, post_id, user_id, html, content)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < 5000)
         select $1, $1, 3, p.user_id, 'x', 'x' from post p, n where p.id = 3";
    super::run(app, many, vec![now.into()]).await;
    if !app.app.db.is_sqlite() {
        super::run(app, "analyze", vec![]).await;
    }
}

#[tokio::test]
async fn threads_and_desks_follow_their_index() {
    let app = TestApp::start().await;
    fill(&app).await;
    for (statement, index) in PLANS {
        let plan = app.plan(statement).await;
        assert!(plan.contains(index), "{index} is not used:\n{statement}\n{plan}");
        let sorts = plan.contains("TEMP B-TREE") || plan.contains("Sort");
        assert!(!sorts, "sorted:\n{statement}\n{plan}");
    }
}

/// The one large statement, with values in it.
fn rows_statement() -> &'static str {
    let source = include_str!("../store/threads.rs");
    let at = source.find("pub async fn rows(").unwrap();
    let text = &source[at..];
    let from = text.find("\"select").unwrap() + 1;
    let to = text.find("order by c.id\",").unwrap() + "order by c.id".len();
    let mut statement = text[from..to].replace("\\\"", "\"");
    for place in (1..=54).rev() {
        let value = match place {
            1 => "1",
            2 => "(1 = 0)",
            3 => "(1 = 1)",
            4 => "49",
            _ => "7",
        };
        statement = statement.replace(&format!("${place}"), value);
    }
    statement.leak()
}

#[tokio::test]
async fn no_table_is_gone_through_for_a_page_of_comments() {
    let app = TestApp::start().await;
    fill(&app).await;
    let plan = app.plan(rows_statement()).await;
    for line in plan.lines() {
        let whole = line.contains("SCAN") || line.contains("Seq Scan");
        let small = ["shown", "(subquery", "user_block", "user_mute", "comment_like", "CONSTANT"];
        assert!(!whole || small.iter().any(|name| line.contains(name)), "{plan}");
    }
}

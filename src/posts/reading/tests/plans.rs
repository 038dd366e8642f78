//! Lists are read in the order of an index: nothing is sorted, nothing is gone through.

use crate::testing::TestApp;

/// A statement as the store has it, with values in it, and the index it must use.
const LISTS: &[(&str, &str)] = &[
    (
        "select * from public_post where (published_at, id) < ('2027-01-01T00:00:00.000000Z', 5)
          order by published_at desc, id desc limit 6",
        "idx_post_published",
    ),
    (
        "select * from public_post where (published_at, id) > ('2025-01-01T00:00:00.000000Z', 5)
          order by published_at, id limit 6",
        "idx_post_published",
    ),
    (
        "select * from public_post
          where category_id = 3 and (published_at, id) < ('2027-01-01T00:00:00.000000Z', 5)
            and user_id not in (select blocked_id from user_block where user_id = 2
                             union all select user_id from user_block where blocked_id = 2
                             union all select muted_id from user_mute where user_id = 2)
          order by published_at desc, id desc limit 6",
        "idx_post_category_published",
    ),
    (
        "select * from public_post
          where user_id = 3 and (published_at, id) < ('2027-01-01T00:00:00.000000Z', 5)
          order by published_at desc, id desc limit 6",
        "idx_post_user_published",
    ),
    (
        "select p.* from post_tag pt, public_post p
          where p.id = pt.post_id and pt.tag_id = 3
            and (pt.published_at, pt.post_id) < ('2027-01-01T00:00:00.000000Z', 5)
          order by pt.published_at desc, pt.post_id desc limit 6",
        "idx_post_tag_tag_published",
    ),
    (
        "select * from public_post where is_featured
            and user_id not in (select blocked_id from user_block where user_id = 2
                             union all select user_id from user_block where blocked_id = 2
                             union all select muted_id from user_mute where user_id = 2)
          order by published_at desc, id desc limit 4",
        "idx_post_featured",
    ),
    (
        "select p.*, t.html from public_post p join post t on t.id = p.id
          order by p.published_at desc, p.id desc limit 20",
        "idx_post_published",
    ),
    (
        "select username from \"user\"
          where is_active and email_confirmed and post_count > 0 and (post_count, id) < (9, 9)
            and id not in (select blocked_id from user_block where user_id = 2
                             union all select user_id from user_block where blocked_id = 2
                             union all select muted_id from user_mute where user_id = 2)
          order by post_count desc, id desc limit 21",
        "idx_user_writers",
    ),
];

#[tokio::test]
async fn lists_follow_their_index() {
    let app = TestApp::start().await;
    app.fill().await;
    for (statement, index) in LISTS {
        let plan = app.plan(statement).await;
        assert!(plan.contains(index), "{index} is not used:\n{statement}\n{plan}");
        let sorts = plan.contains("TEMP B-TREE") || plan.contains("Sort");
        assert!(!sorts, "sorted:\n{statement}\n{plan}");
    }
}

#[tokio::test]
async fn the_popular_list_looks_at_a_hundred_posts() {
    let app = TestApp::start().await;
    app.fill().await;
    let plan = app
        .plan(
            "select p.slug, p.title, p.like_count, p.author_username, p.author_first_name,
                    p.author_last_name
               from (select id
                       from (select id, like_count, published_at from public_post
                              order by published_at desc, id desc limit 100) newest
                      where like_count > 0
                      order by like_count desc, published_at desc, id desc limit 5) best
               join public_post p on p.id = best.id
              order by p.like_count desc, p.published_at desc, p.id desc",
        )
        .await;
    assert!(plan.contains("idx_post_published"), "{plan}");
}

#[tokio::test]
async fn the_most_liked_are_read_from_the_end_of_an_index() {
    let app = TestApp::start().await;
    app.fill().await;
    let plan = app
        .plan(
            "select * from public_post where like_count > 0
                and user_id not in (select blocked_id from user_block where user_id = 2
                                     union all select user_id from user_block where blocked_id = 2
                                     union all select muted_id from user_mute where user_id = 2)
              order by like_count desc, id desc limit 4",
        )
        .await;
    // PostgreSQL may take the shorter index and put those with as many likes in order by the way.
    let indexes = ["idx_post_popular", "ix_post_like_count"];
    assert!(indexes.iter().any(|index| plan.contains(index)), "{plan}");
}

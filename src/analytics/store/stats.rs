//! What writers and readers are told of views.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    analytics::stats::Scope,
    db::{Conn, Read, read, record},
    ids::{PostId, UserId},
};

/// The posts and the first day that are asked for.
fn bind(statement: Read, scope: Scope, since: &str) -> Read {
    statement.bind(scope.author).bind(scope.post.map_or(0, |post| post.0)).bind(since)
}

record! {
    /// What all posts of a scope earned in a day.
    #[derive(Debug, Clone)]
    pub struct DaySums {
        pub date: String,
        pub views: i64,
        pub unique_views: i64,
        pub member_views: i64,
        pub bounces: i64,
        pub conversions: i64,
        pub seconds: i64,
        pub timed: i64,
        pub depth: f64,
        pub scrolled: i64,
        pub load_time: i64,
        pub loaded: i64,
    }
}

/// The sums of each day from one on, of those days that have any.
pub async fn days(conn: &mut Conn, scope: Scope, since: &str) -> Result<Vec<DaySums>> {
    let statement = read(
        "select d.date, cast(sum(d.views) as bigint) as views,
                cast(sum(d.unique_views) as bigint) as unique_views,
                cast(sum(d.member_views) as bigint) as member_views,
                cast(sum(d.bounces) as bigint) as bounces,
                cast(sum(d.conversions) as bigint) as conversions,
                cast(sum(d.seconds) as bigint) as seconds, cast(sum(d.timed) as bigint) as timed,
                sum(d.depth) as depth, cast(sum(d.scrolled) as bigint) as scrolled,
                cast(sum(d.load_time) as bigint) as load_time,
                cast(sum(d.loaded) as bigint) as loaded
           from post p join post_view_day d on d.post_id = p.id
          where p.user_id = $1 and (cast($2 as bigint) = 0 or p.id = $2)
            and p.deleted_at is null and d.date >= $3
          group by d.date order by d.date limit 100",
    );
    bind(statement, scope, since).all(conn).await
}

/// Parts of a kind by name: views and unique views, the most first (R-ANALYTICS.9).
pub async fn parts(
    conn: &mut Conn,
    scope: Scope,
    since: &str,
    (kind, most): (&str, i64),
) -> Result<Vec<(String, i64, i64)>> {
    let statement = read(
        "select d.name, cast(sum(d.views) as bigint), cast(sum(d.unique_views) as bigint)
           from post p join post_view_part d on d.post_id = p.id
          where p.user_id = $1 and (cast($2 as bigint) = 0 or p.id = $2)
            and p.deleted_at is null and d.date >= $3 and d.kind = $4
          group by d.name order by 2 desc, 1 limit $5",
    );
    bind(statement, scope, since).bind(kind).bind(most).all(conn).await
}

record! {
    /// A post of the writer with its views in the window.
    #[derive(Debug, Clone)]
    pub struct PostSums {
        pub id: PostId,
        pub title: String,
        pub views: i64,
        pub unique_views: i64,
    }
}

/// The writer's posts that were looked at most.
pub async fn posts(conn: &mut Conn, scope: Scope, since: &str) -> Result<Vec<PostSums>> {
    let statement = read(
        "select p.id, p.title, cast(sum(d.views) as bigint) as views,
                cast(sum(d.unique_views) as bigint) as unique_views
           from post p join post_view_day d on d.post_id = p.id
          where p.user_id = $1 and (cast($2 as bigint) = 0 or p.id = $2)
            and p.deleted_at is null and d.date >= $3
          group by p.id, p.title order by 3 desc, p.id desc limit 20",
    );
    bind(statement, scope, since).all(conn).await
}

/// Whose a post is, and its title.
pub async fn owner(conn: &mut Conn, post: PostId) -> Result<Option<(UserId, String)>> {
    read("select user_id, title from post where id = $1 and deleted_at is null")
        .bind(post)
        .optional(conn)
        .await
}

record! {
    /// R-ANALYTICS.8, without the average.
    #[derive(Debug, Clone)]
    pub struct ReadingSums {
        pub total_views: i64,
        pub unique_posts_read: i64,
        pub total_reading_time: i64,
    }
}

/// What somebody read since a time.
pub async fn reading(conn: &mut Conn, user: UserId, since: DateTime<Utc>) -> Result<ReadingSums> {
    read(
        "select count(*) as total_views, count(distinct post_id) as unique_posts_read,
                cast(coalesce(sum(time_spent), 0) as bigint) as total_reading_time
           from post_view where user_id = $1 and created_at > $2",
    )
    .bind(user)
    .bind(since)
    .one(conn)
    .await
}

/// Day, views and unique views of the whole site, for days that were added up.
pub async fn site_days(conn: &mut Conn, since: &str) -> Result<Vec<(String, i64, i64)>> {
    read(
        "select date, count, cast(metric_value as bigint) from analytics_summary
          where metric_type = 'views' and date >= $1 order by date limit 100",
    )
    .bind(since)
    .all(conn)
    .await
}

/// Names of a kind with views and distinct sessions of the whole site, for days that were added up
/// (R-ANALYTICS.9).
pub async fn site_parts(
    conn: &mut Conn,
    kind: &str,
    since: &str,
) -> Result<Vec<(String, i64, i64)>> {
    read(
        "select metric_key, cast(sum(count) as bigint), cast(sum(metric_value) as bigint)
           from analytics_summary where metric_type = $1 and date >= $2
          group by metric_key order by 2 desc, 1 limit 20",
    )
    .bind(kind)
    .bind(since)
    .all(conn)
    .await
}

record! {
    /// Somebody influential.
    #[derive(Debug, Clone)]
    pub struct Influential {
        pub rank: i64,
        pub score: f64,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub follower_count: i64,
    }
}

/// The most influential people.
pub async fn influential(conn: &mut Conn, limit: i64) -> Result<Vec<Influential>> {
    read(
        "select i.rank, i.score, u.username, u.first_name, u.last_name, u.follower_count
           from user_influence i join \"user\" u on u.id = i.user_id
          where u.is_active order by i.rank limit $1",
    )
    .bind(limit)
    .all(conn)
    .await
}

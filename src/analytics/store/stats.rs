//! What writers and readers are told of views.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    analytics::stats::Scope,
    db::{Conn, Read, read, record},
    ids::{PostId, UserId},
};

fn bind(statement: Read, scope: Scope, since: DateTime<Utc>) -> Read {
    statement.bind(scope.author).bind(scope.post.map_or(0, |post| post.0)).bind(since)
}

record! {
    /// R-ANALYTICS.7, not rounded.
    #[derive(Debug, Clone)]
    pub struct Sums {
        pub total_views: i64,
        pub unique_views: i64,
        pub registered_views: i64,
        pub avg_time_spent: f64,
        pub avg_scroll_depth: f64,
    }
}

/// Views since a time; averages over those that reported something.
pub async fn sums(conn: &mut Conn, scope: Scope, since: DateTime<Utc>) -> Result<Sums> {
    let statement = read(
        "select count(*) as total_views,
                count(case when v.is_unique_view then 1 end) as unique_views,
                count(v.user_id) as registered_views,
                cast(coalesce(avg(nullif(v.time_spent, 0)), 0) as double precision)
                    as avg_time_spent,
                cast(coalesce(avg(nullif(v.scroll_depth, 0.0)), 0) as double precision)
                    as avg_scroll_depth
           from post p join post_view v on v.post_id = p.id
          where p.user_id = $1 and (cast($2 as bigint) = 0 or p.id = $2)
            and p.deleted_at is null and v.created_at > $3",
    );
    bind(statement, scope, since).one(conn).await
}

/// Day, views, unique views.
pub async fn days(
    conn: &mut Conn,
    scope: Scope,
    since: DateTime<Utc>,
) -> Result<Vec<(String, i64, i64)>> {
    let statement = read(
        "select substr(cast(v.created_at as text), 1, 10), count(*),
                count(case when v.is_unique_view then 1 end)
           from post p join post_view v on v.post_id = p.id
          where p.user_id = $1 and (cast($2 as bigint) = 0 or p.id = $2)
            and p.deleted_at is null and v.created_at > $3
          group by substr(cast(v.created_at as text), 1, 10)
          order by 1 limit 100",
    );
    bind(statement, scope, since).all(conn).await
}

/// Kind of device, views, distinct sessions (R-ANALYTICS.9).
pub async fn devices(
    conn: &mut Conn,
    scope: Scope,
    since: DateTime<Utc>,
) -> Result<Vec<(String, i64, i64)>> {
    let statement = read(
        "select coalesce(v.device_type, 'unknown'), count(*), count(distinct v.session_id)
           from post p join post_view v on v.post_id = p.id
          where p.user_id = $1 and (cast($2 as bigint) = 0 or p.id = $2)
            and p.deleted_at is null and v.created_at > $3
          group by coalesce(v.device_type, 'unknown') order by 2 desc, 1 limit 10",
    );
    bind(statement, scope, since).all(conn).await
}

/// Country, views, distinct sessions (R-ANALYTICS.9); none as long as nothing fills in countries.
pub async fn countries(
    conn: &mut Conn,
    scope: Scope,
    since: DateTime<Utc>,
) -> Result<Vec<(String, i64, i64)>> {
    let statement = read(
        "select v.country_code, count(*), count(distinct v.session_id)
           from post p join post_view v on v.post_id = p.id
          where p.user_id = $1 and (cast($2 as bigint) = 0 or p.id = $2)
            and p.deleted_at is null and v.created_at > $3 and v.country_code is not null
          group by v.country_code order by 2 desc, 1 limit 20",
    );
    bind(statement, scope, since).all(conn).await
}

/// Address, campaign, views.
pub async fn sources(
    conn: &mut Conn,
    scope: Scope,
    since: DateTime<Utc>,
) -> Result<Vec<(Option<String>, Option<String>, i64)>> {
    let statement = read(
        "select v.referer, v.utm_source, count(*)
           from post p join post_view v on v.post_id = p.id
          where p.user_id = $1 and (cast($2 as bigint) = 0 or p.id = $2)
            and p.deleted_at is null and v.created_at > $3
          group by v.referer, v.utm_source order by 3 desc limit 1000",
    );
    bind(statement, scope, since).all(conn).await
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
pub async fn posts(conn: &mut Conn, scope: Scope, since: DateTime<Utc>) -> Result<Vec<PostSums>> {
    let statement = read(
        "select p.id, p.title, count(*) as views,
                count(case when v.is_unique_view then 1 end) as unique_views
           from post p join post_view v on v.post_id = p.id
          where p.user_id = $1 and (cast($2 as bigint) = 0 or p.id = $2)
            and p.deleted_at is null and v.created_at > $3
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

/// Kind of device and unique views of the whole site, for days that were added up.
pub async fn site_devices(conn: &mut Conn, since: &str) -> Result<Vec<(String, i64, i64)>> {
    read(
        "select metric_key, cast(sum(count) as bigint), cast(sum(metric_value) as bigint)
           from analytics_summary where metric_type = 'device' and date >= $1
          group by metric_key order by 2 desc, 1 limit 10",
    )
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

//! The SQL of the demonstration's notifications, made from the rows that they tell of.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Tx, write},
    demo::store::Span,
};

/// Likes of these people's posts.
pub async fn likes(
    tx: &mut Tx,
    some: Span,
    each: i64,
    (now, expires): (DateTime<Utc>, DateTime<Utc>),
) -> Result<u64> {
    write(
        "insert into notification (created_at, updated_at, user_id, title, message,
                notification_type, category, priority, expires_at, related_post_id,
                related_user_id, action_url, source, group_key, unique_key)
         select $1, $1, owner, u.username || ' liked “' || title || '”', '', 'like', 'like', 'low',
                $2, post, liker, '/blog/post/' || slug, 'post_liked', 'like:post:' || post,
                'like:post:' || post || ':' || liker
           from (select p.user_id as owner, p.id as post, p.title,
                        coalesce(p.slug, cast(p.id as text)) as slug, l.user_id as liker,
                        row_number() over (partition by p.user_id order by l.id desc) as place
                   from post p join post_like l on l.post_id = p.id
                  where p.user_id between $3 and $4 and l.user_id <> p.user_id) liked
           join \"user\" u on u.id = liker where place <= $5",
    )
    .bind(now)
    .bind(expires)
    .bind(some.first)
    .bind(some.last)
    .bind(each)
    .run(tx)
    .await
}

/// Comments on these people's posts.
pub async fn comments(
    tx: &mut Tx,
    some: Span,
    each: i64,
    (now, expires): (DateTime<Utc>, DateTime<Utc>),
) -> Result<u64> {
    write(
        "insert into notification (created_at, updated_at, user_id, title, message,
                notification_type, category, expires_at, related_post_id, related_comment_id,
                related_user_id, action_url, source, group_key, unique_key)
         select $1, $1, owner, u.username || ' commented on “' || title || '”',
                substr(words, 1, 200), 'comment', 'comment', $2, post, comment_id, writer,
                '/comment/' || comment_id, 'comment_added', 'comment:' || comment_id,
                'comment:' || comment_id
           from (select p.user_id as owner, p.id as post, p.title, c.id as comment_id,
                        c.content as words, c.user_id as writer,
                        row_number() over (partition by p.user_id order by c.id desc) as place
                   from post p join comment c on c.post_id = p.id
                  where p.user_id between $3 and $4 and c.user_id <> p.user_id
                    and c.status = 'visible') said
           join \"user\" u on u.id = writer where place <= $5",
    )
    .bind(now)
    .bind(expires)
    .bind(some.first)
    .bind(some.last)
    .bind(each)
    .run(tx)
    .await
}

/// Who follows these people.
pub async fn follows(
    tx: &mut Tx,
    some: Span,
    each: i64,
    (now, expires): (DateTime<Utc>, DateTime<Utc>),
) -> Result<u64> {
    write(
        "insert into notification (created_at, updated_at, user_id, title, message,
                notification_type, category, priority, is_read, read_at, expires_at,
                related_user_id, action_url, source, group_key, unique_key)
         select $1, $1, followed_id, u.username || ' follows you', '', 'follow', 'follow', 'low',
                followed_id % 2 = 0, case when followed_id % 2 = 0 then followed_at end, $2, follower_id,
                '/user/' || u.username, 'user_followed', 'follow', 'follow:' || follower_id
           from (select followed_id, follower_id, created_at as followed_at, row_number() over
                        (partition by followed_id order by id desc) as place
                   from follow where followed_id between $3 and $4) f
           join \"user\" u on u.id = follower_id where place <= $5",
    )
    .bind(now)
    .bind(expires)
    .bind(some.first)
    .bind(some.last)
    .bind(each)
    .run(tx)
    .await
}

/// Leaves the newest of each group its head.
pub async fn heads(tx: &mut Tx, some: Span, now: DateTime<Utc>) -> Result<()> {
    write(
        "update notification set is_head = false, updated_at = $3
          where user_id between $1 and $2
            and exists (select 1 from notification m where m.user_id = notification.user_id
                 and m.group_key = notification.group_key and m.is_read = notification.is_read
                 and m.id > notification.id)",
    )
    .bind(some.first)
    .bind(some.last)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

//! What of a member's home is read from each source by itself, as PostgreSQL can: by a
//! lateral join.

use crate::db::{Read, read};

/// The posts of what somebody ($4) follows that come before a place, newest first.
pub fn sources_down() -> Read {
    read(
        "with hidden (id) as (select blocked_id from user_block where user_id = $4
                              union all select user_id from user_block where blocked_id = $4
                              union all select muted_id from user_mute where user_id = $4)
         select p.* from (select id from
                (select q.id, q.published_at from follow f
                     join lateral (select r.id, r.published_at from public_post r
                             where r.user_id = f.followed_id
                               and r.user_id not in (select id from hidden)
                               and (r.published_at, r.id) < ($1, $2)
                             order by r.published_at desc, r.id desc limit $3) q on true
                    where f.follower_id = $4
                 union
                 select q.id, q.published_at from category_follow f
                     join lateral (select r.id, r.published_at from public_post r
                             where r.category_id = f.category_id and r.user_id <> $4
                               and r.user_id not in (select id from hidden)
                               and (r.published_at, r.id) < ($1, $2)
                             order by r.published_at desc, r.id desc limit $3) q on true
                    where f.user_id = $4
                 union
                 select q.id, q.published_at from tag_follow f
                     join lateral (select r.id, t.published_at from post_tag t
                             join public_post r on r.id = t.post_id
                             where t.tag_id = f.tag_id and r.user_id <> $4
                               and r.user_id not in (select id from hidden)
                               and (t.published_at, t.post_id) < ($1, $2)
                             order by t.published_at desc, t.post_id desc limit $3) q on true
                    where f.user_id = $4) near
              order by published_at desc, id desc limit $3) found
           join public_post p on p.id = found.id
          order by p.published_at desc, p.id desc",
    )
}

/// Those that come after it, oldest first.
pub fn sources_up() -> Read {
    read(
        "with hidden (id) as (select blocked_id from user_block where user_id = $4
                              union all select user_id from user_block where blocked_id = $4
                              union all select muted_id from user_mute where user_id = $4)
         select p.* from (select id from
                (select q.id, q.published_at from follow f
                     join lateral (select r.id, r.published_at from public_post r
                             where r.user_id = f.followed_id
                               and r.user_id not in (select id from hidden)
                               and (r.published_at, r.id) > ($1, $2)
                             order by r.published_at, r.id limit $3) q on true
                    where f.follower_id = $4
                 union
                 select q.id, q.published_at from category_follow f
                     join lateral (select r.id, r.published_at from public_post r
                             where r.category_id = f.category_id and r.user_id <> $4
                               and r.user_id not in (select id from hidden)
                               and (r.published_at, r.id) > ($1, $2)
                             order by r.published_at, r.id limit $3) q on true
                    where f.user_id = $4
                 union
                 select q.id, q.published_at from tag_follow f
                     join lateral (select r.id, t.published_at from post_tag t
                             join public_post r on r.id = t.post_id
                             where t.tag_id = f.tag_id and r.user_id <> $4
                               and r.user_id not in (select id from hidden)
                               and (t.published_at, t.post_id) > ($1, $2)
                             order by t.published_at, t.post_id limit $3) q on true
                    where f.user_id = $4) near
              order by published_at, id limit $3) found
           join public_post p on p.id = found.id
          order by p.published_at, p.id",
    )
}

/// The last likes of those whom somebody ($1) follows.
pub fn activity() -> Read {
    read(
        "select u.username, u.first_name, u.last_name, p.slug, p.title
           from (select r.id, r.user_id, r.post_id from follow f
                   join lateral (select x.id, x.user_id, x.post_id from post_like x
                                  where x.user_id = f.followed_id
                                  order by x.id desc limit 10) r on true
                  where f.follower_id = $1
                  order by r.id desc limit 50) l
           join \"user\" u on u.id = l.user_id and u.is_active
           join public_post p on p.id = l.post_id
          where p.user_id <> $1
            and not exists (select 1 from user_block b where b.user_id = $1
                               and b.blocked_id = p.user_id)
            and not exists (select 1 from user_block b where b.user_id = p.user_id
                               and b.blocked_id = $1)
            and not exists (select 1 from user_mute m where m.user_id = $1
                               and m.muted_id in (p.user_id, l.user_id))
          order by l.id desc limit $2",
    )
}

-- Indexes for what is looked after by jobs, and for what views and notifications are counted by
-- (R-ANALYTICS.10, R-NOTIF.9). Most are partial: a row pays only for what it says.
create index idx_comment_nonce_created on comment (created_at) where nonce is not null;

create index idx_notification_cleanup on notification (created_at)
    where is_read and expires_at is null;
create index idx_notification_feed on notification (user_id, id) where delivery_method = 'web';
create index idx_notification_type_analytics on notification (notification_type, is_read, created_at);
create index idx_notification_clicked on notification (clicked_at) where clicked_at is not null;
create index idx_notification_source on notification (source, created_at) where source is not null;

create index idx_postview_time_analytics on post_view (created_at, time_spent) where time_spent > 0;
create index idx_postview_engagement on post_view (post_id, time_spent, scroll_depth)
    where time_spent > 0;
create index idx_postview_geo_analytics on post_view (created_at, country_code, city)
    where country_code is not null;
create index idx_postview_bounce on post_view (session_id) where is_bounce;
create index idx_postview_conversion on post_view (conversion_type, created_at)
    where conversion_type is not null;
create index idx_postview_marketing on post_view (utm_source, utm_medium, utm_campaign)
    where utm_source is not null;

-- What a post earned in a day (UTC), kept in the transaction that writes its views: what writers are
-- told is read from here, however many views there are. Nobody can be told apart in it.
create table post_view_day (
    post_id bigint not null references post (id) on delete cascade,
    date varchar(10) not null,
    created_at {{time}} not null,
    updated_at {{time}} not null,
    views bigint not null default 0,
    unique_views bigint not null default 0,
    member_views bigint not null default 0,
    bounces bigint not null default 0,
    conversions bigint not null default 0,
    seconds bigint not null default 0,
    timed bigint not null default 0,
    depth double precision not null default 0.0,
    scrolled bigint not null default 0,
    load_time bigint not null default 0,
    loaded bigint not null default 0,
    constraint post_view_day_pair primary key (post_id, date)
);

-- The same by device, country and source: of a kind at most forty names a day, then "Other".
create table post_view_part (
    post_id bigint not null references post (id) on delete cascade,
    date varchar(10) not null,
    kind varchar(10) not null,
    name varchar(100) not null,
    created_at {{time}} not null,
    updated_at {{time}} not null,
    views bigint not null default 0,
    unique_views bigint not null default 0,
    constraint post_view_part_key primary key (post_id, date, kind, name),
    constraint valid_part_kind check (kind in ('device', 'country', 'source'))
);
insert into post_view_day (post_id, date, created_at, updated_at, views, unique_views,
       member_views, seconds, timed, depth, scrolled)
select post_id, substr(cast(created_at as text), 1, 10), min(created_at), min(created_at), count(*),
       count(case when is_unique_view then 1 end), count(user_id), cast(sum(time_spent) as bigint),
       count(nullif(time_spent, 0)), sum(scroll_depth), count(nullif(scroll_depth, 0.0))
  from post_view group by post_id, substr(cast(created_at as text), 1, 10);
insert into post_view_part (post_id, date, kind, name, created_at, updated_at, views, unique_views)
select post_id, substr(cast(created_at as text), 1, 10), 'device', coalesce(device_type, 'unknown'),
       min(created_at), min(created_at), count(*), count(case when is_unique_view then 1 end)
  from post_view
 group by post_id, substr(cast(created_at as text), 1, 10), coalesce(device_type, 'unknown');
insert into post_view_part (post_id, date, kind, name, created_at, updated_at, views, unique_views)
select post_id, substr(cast(created_at as text), 1, 10), 'country', country_code,
       min(created_at), min(created_at), count(*), count(case when is_unique_view then 1 end)
  from post_view where country_code is not null
 group by post_id, substr(cast(created_at as text), 1, 10), country_code;

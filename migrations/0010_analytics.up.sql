-- Views are counted once for each reader, post and day, whatever comes at once.
create unique index idx_postview_once on post_view (session_id, post_id) where is_unique_view;
-- What was earned in an hour, read from the index alone.
create index idx_postview_created_post on post_view (created_at, post_id) where is_unique_view;
create index idx_postview_address_created on post_view (created_at) where ip_address is not null;
create index idx_like_created_post on post_like (created_at, post_id, user_id);
create index idx_comment_visible_created on comment (created_at, post_id, user_id)
    where status = 'visible';

-- The salt of a day's reader hashes; when it is gone, nobody can tell who a reader was.
create table view_salt (
    date varchar(10) not null,
    created_at {{time}} not null,
    salt varchar(64) not null,
    constraint view_salt_date primary key (date)
);

-- When each regular computation ran last.
create table analytics_run (
    name varchar(20) not null,
    created_at {{time}} not null,
    updated_at {{time}} not null,
    constraint analytics_run_name primary key (name)
);

-- What trends, by list: hot, day, week, month.
create table trending_post (
    list varchar(10) not null,
    rank bigint not null,
    post_id bigint not null references post (id) on delete cascade,
    score double precision not null,
    views bigint not null,
    likes bigint not null,
    comments bigint not null,
    constraint trending_post_place primary key (list, rank)
);
create index ix_trending_post_post_id on trending_post (post_id);

create table trending_writer (
    list varchar(10) not null,
    rank bigint not null,
    user_id bigint not null references "user" (id) on delete cascade,
    score double precision not null,
    posts bigint not null,
    constraint trending_writer_place primary key (list, rank)
);
create index ix_trending_writer_user_id on trending_writer (user_id);

create table trending_tag (
    list varchar(10) not null,
    rank bigint not null,
    tag_id bigint not null references tag (id) on delete cascade,
    score double precision not null,
    posts bigint not null,
    constraint trending_tag_place primary key (list, rank)
);
create index ix_trending_tag_tag_id on trending_tag (tag_id);

-- PageRank over the follows.
create table user_influence (
    user_id bigint not null references "user" (id) on delete cascade,
    created_at {{time}} not null,
    rank bigint not null,
    score double precision not null,
    constraint user_influence_user primary key (user_id)
);
create index idx_user_influence_rank on user_influence (rank);

-- What members do with posts, comments and each other.
alter table comment add column root_id bigint references comment (id) on delete cascade;
alter table comment add column depth bigint not null default 0
    constraint comment_depth_not_negative check (depth >= 0);
alter table comment add column reply_count bigint not null default 0
    constraint comment_reply_count_not_negative check (reply_count >= 0);
alter table comment add column report_count bigint not null default 0
    constraint comment_report_count_not_negative check (report_count >= 0);
-- Visible replies below a comment at the top, however deep.
alter table comment add column branch_count bigint not null default 0
    constraint comment_branch_count_not_negative check (branch_count >= 0);
-- What the order "best" goes by: comments::comment::score, renewed with what it is made of.
alter table comment add column score bigint not null default 0;
-- The mark of the form that made it, until nobody sends that form again.
alter table comment add column nonce varchar(64);
-- What it was before it was moderated or deleted: what undoing gives back.
alter table comment add column status_before varchar(20);
alter table comment add column deleted_at {{time}};
alter table comment add column moderated_by bigint references "user" (id) on delete set null;
alter table comment add column moderated_at {{time}};
alter table comment add column moderation_reason varchar(500);
create index ix_comment_root_id on comment (root_id, id);
create index ix_comment_moderated_by on comment (moderated_by) where moderated_by is not null;
create index idx_comment_post_top on comment (post_id, depth, created_at, id);
create index idx_comment_post_best on comment (post_id, depth, score, id);
create unique index idx_comment_nonce on comment (user_id, nonce) where nonce is not null;
create index idx_comment_desk on comment (id) where status = 'pending' or report_count > 0;
create index idx_comment_decided on comment (moderated_at, id) where moderated_at is not null;
create index idx_comment_deleted on comment (deleted_at) where deleted_at is not null;
create index idx_comment_user_visible on comment (user_id, created_at, id)
    where status = 'visible';

create table comment_like (
    id {{id}},
    created_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    comment_id bigint not null references comment (id) on delete cascade,
    constraint unique_user_comment_like unique (user_id, comment_id)
);
create index idx_comment_like_comment on comment_like (comment_id, id);

create table report (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint references "user" (id) on delete set null,
    post_id bigint references post (id) on delete cascade,
    comment_id bigint references comment (id) on delete cascade,
    reason varchar(20) not null,
    note varchar(500) not null default '',
    closed_by bigint references "user" (id) on delete set null,
    closed_at {{time}},
    constraint unique_comment_report unique (user_id, comment_id),
    constraint report_has_one_target check ((post_id is null) <> (comment_id is null)),
    constraint valid_report_reason
        check (reason in ('spam', 'abuse', 'off_topic', 'illegal', 'other'))
);
create index idx_report_open on report (created_at, id) where closed_at is null;
create index ix_report_comment_id on report (comment_id);
create index ix_report_post_id on report (post_id);
create index ix_report_closed_by on report (closed_by) where closed_by is not null;

create table bookmark (
    id {{id}},
    created_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    post_id bigint not null references post (id) on delete cascade,
    constraint unique_user_bookmark unique (user_id, post_id)
);
create index idx_bookmark_user on bookmark (user_id, id);
create index ix_bookmark_post_id on bookmark (post_id);

create table category_follow (
    id {{id}},
    created_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    category_id bigint not null references category (id) on delete cascade,
    constraint unique_category_follow unique (user_id, category_id)
);
create index ix_category_follow_category_id on category_follow (category_id);

create table tag_follow (
    id {{id}},
    created_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    tag_id bigint not null references tag (id) on delete cascade,
    constraint unique_tag_follow unique (user_id, tag_id)
);
create index ix_tag_follow_tag_id on tag_follow (tag_id);

-- Blocking works both ways; muting only hides the other from whoever mutes.
create table user_block (
    id {{id}},
    created_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    blocked_id bigint not null references "user" (id) on delete cascade,
    constraint unique_user_block unique (user_id, blocked_id),
    constraint no_self_block check (user_id <> blocked_id)
);
create index ix_user_block_blocked_id on user_block (blocked_id, user_id);

create table user_mute (
    id {{id}},
    created_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    muted_id bigint not null references "user" (id) on delete cascade,
    constraint unique_user_mute unique (user_id, muted_id),
    constraint no_self_mute check (user_id <> muted_id)
);
create index ix_user_mute_muted_id on user_mute (muted_id);

-- Which post or person an event is about: what open pages ask for after a cut.
alter table event add column post_id bigint;
alter table event add column target_user_id bigint;
create index idx_event_post on event (post_id, id) where post_id is not null;
create index idx_event_target_user on event (target_user_id, id) where target_user_id is not null;

-- Unread notifications, changed in the transaction that changes them.
alter table "user" add column unread_count bigint not null default 0
    constraint user_unread_count_not_negative check (unread_count >= 0);
-- What is chosen for a member is chosen from the newest posts without reading their rows.
create index idx_post_choice
    on post (published_at, id, user_id, category_id, like_count, comment_count)
    where status = 'published' and deleted_at is null;
create index idx_follow_followed on follow (followed_id, id);
create index idx_follow_follower on follow (follower_id, id);
create index idx_post_like_user on post_like (user_id, id);
create index idx_post_like_post on post_like (post_id, id);
create index idx_user_followers on "user" (follower_count, id) where is_active and email_confirmed;

-- What readers do: comments, follows, likes, views; and what they are told of it.
create table comment (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    post_id bigint not null references post (id) on delete cascade,
    user_id bigint not null references "user" (id) on delete cascade,
    parent_id bigint references comment (id) on delete cascade,
    status varchar(20) not null default 'visible',
    edited_at {{time}},
    like_count bigint not null default 0,
    html text not null default '',
    content text not null,
    constraint comment_not_own_parent check (parent_id is null or parent_id <> id),
    constraint valid_comment_status
        check (status in ('visible', 'pending', 'hidden', 'spam', 'deleted')),
    constraint comment_like_count_not_negative check (like_count >= 0)
);
create index idx_comment_post_created on comment (post_id, created_at);
create index idx_comment_user_created on comment (user_id, created_at);
create index ix_comment_parent_id on comment (parent_id);
create index idx_comment_queue on comment (created_at) where status = 'pending';

create table follow (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    follower_id bigint not null references "user" (id) on delete cascade,
    followed_id bigint not null references "user" (id) on delete cascade,
    constraint unique_follow_relationship unique (follower_id, followed_id),
    constraint no_self_follow check (follower_id <> followed_id)
);
create index ix_follow_follower_id on follow (follower_id);
create index ix_follow_followed_id on follow (followed_id);
create index idx_follow_follower_created on follow (follower_id, created_at);
create index idx_follow_followed_created on follow (followed_id, created_at);

create table post_like (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    post_id bigint not null references post (id) on delete cascade,
    constraint unique_user_post_like unique (user_id, post_id)
);
create index ix_post_like_user_id on post_like (user_id);
create index ix_post_like_post_id on post_like (post_id);
create index idx_like_user_created on post_like (user_id, created_at);
create index idx_like_post_created on post_like (post_id, created_at);

create table post_view (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    post_id bigint not null references post (id) on delete cascade,
    user_id bigint references "user" (id) on delete set null,
    ip_address varchar(45),
    user_agent text,
    referer varchar(512),
    time_spent bigint not null default 0,
    scroll_depth double precision not null default 0.0,
    session_id varchar(128),
    is_unique_view boolean not null default true,
    country_code varchar(2),
    city varchar(100),
    device_type varchar(20),
    browser varchar(50),
    operating_system varchar(50),
    constraint valid_scroll_depth check (scroll_depth >= 0.0 and scroll_depth <= 1.0),
    constraint valid_time_spent check (time_spent >= 0)
);
create index ix_post_view_user_id on post_view (user_id);
create index ix_post_view_ip_address on post_view (ip_address);
create index ix_post_view_session_id on post_view (session_id);
create index idx_postview_post_created on post_view (post_id, created_at);
create index idx_postview_user_created on post_view (user_id, created_at);
create index idx_postview_session_post on post_view (session_id, post_id);
create index idx_postview_unique_created on post_view (is_unique_view, created_at);
create index idx_postview_country_created on post_view (country_code, created_at);
create index idx_postview_device_created on post_view (device_type, created_at);
create index idx_postview_unique_views on post_view (post_id, created_at) where is_unique_view;
create index idx_postview_registered_users on post_view (user_id, created_at)
    where user_id is not null;

create table notification (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    title varchar(200) not null,
    message text not null,
    notification_type varchar(50) not null,
    category varchar(50) not null,
    priority varchar(20) not null default 'normal',
    is_read boolean not null default false,
    read_at {{time}},
    expires_at {{time}},
    related_post_id bigint references post (id) on delete cascade,
    related_comment_id bigint references comment (id) on delete cascade,
    related_user_id bigint references "user" (id) on delete cascade,
    delivery_method varchar(20) not null default 'web',
    delivered_at {{time}},
    constraint valid_priority check (priority in ('low', 'normal', 'high', 'urgent')),
    constraint valid_delivery_method check (delivery_method in ('web', 'email', 'push', 'sms'))
);
create index ix_notification_type on notification (notification_type);
create index ix_notification_related_post_id on notification (related_post_id);
create index ix_notification_related_comment_id on notification (related_comment_id);
create index ix_notification_related_user_id on notification (related_user_id);
create index idx_notification_user_read on notification (user_id, is_read);
create index idx_notification_user_created on notification (user_id, created_at);
create index idx_notification_type_created on notification (notification_type, created_at);
create index idx_notification_priority_created on notification (priority, created_at);
create index idx_notification_category_created on notification (category, created_at);
create index idx_notification_expires on notification (expires_at) where expires_at is not null;
create index idx_notification_unread on notification (user_id, created_at) where not is_read;
create index idx_notification_high_priority on notification (user_id, created_at)
    where priority in ('high', 'urgent');

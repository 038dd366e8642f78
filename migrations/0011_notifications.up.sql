-- What people are told of, how they want to be told, and what mail says of leaving it.
alter table notification add column group_key varchar(100) not null default '';
alter table notification add column unique_key varchar(100);
-- The newest of those that a list shows as one, so that a list need not walk through the others.
alter table notification add column is_head boolean not null default true;
-- The letter that it waits for.
alter table notification add column digest varchar(10)
    constraint valid_notification_digest check (digest is null or digest in ('daily', 'weekly'));
create unique index idx_notification_unique_key on notification (user_id, unique_key);
create index idx_notification_heads on notification (user_id, is_read, id)
    where is_head and delivery_method = 'web';
create index idx_notification_group on notification (user_id, group_key, is_read, id);
create index idx_notification_digest on notification (digest, user_id, id)
    where digest is not null and delivered_at is null;
create index idx_follow_followed_follower on follow (followed_id, follower_id);

-- Only what somebody chose; what the others get stands in the code.
create table notification_setting (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    kind varchar(20) not null,
    web boolean not null,
    email varchar(10) not null,
    constraint unique_notification_setting unique (user_id, kind),
    constraint valid_notification_email check (email in ('off', 'now', 'daily', 'weekly'))
);

-- Which letter somebody has had: one for each day or week, whoever sends it.
create table notification_digest (
    id {{id}},
    created_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    digest varchar(10) not null,
    period varchar(20) not null,
    constraint unique_notification_digest unique (user_id, digest, period)
);
create index ix_notification_digest_created_at on notification_digest (created_at);

-- Where a mail is left with one click (RFC 8058).
alter table outgoing_mail add column list_unsubscribe varchar(512);

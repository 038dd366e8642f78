-- Who someone is and what they may do: roles, permissions, users, sessions, one-time tokens.
create table role (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    name varchar(64) not null,
    description text not null default '',
    is_default boolean not null default false,
    parent_id bigint references role (id) on delete set null,
    constraint role_name_unique unique (name),
    constraint role_name_not_empty check (length(name) > 0),
    constraint role_not_own_parent check (parent_id is null or parent_id <> id)
);
create index ix_role_is_default on role (is_default);
create unique index idx_role_default_unique on role (is_default) where is_default;
create index ix_role_parent_id on role (parent_id);

create table permission (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    name varchar(64) not null,
    description text not null default '',
    constraint permission_name_unique unique (name),
    constraint permission_name_not_empty check (length(name) > 0)
);

create table role_permissions (
    role_id bigint not null references role (id) on delete cascade,
    permission_id bigint not null references permission (id) on delete cascade,
    constraint role_permissions_pair primary key (role_id, permission_id)
);
create index idx_role_permissions_role on role_permissions (role_id);
create index idx_role_permissions_permission on role_permissions (permission_id);

create table "user" (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    username varchar(80) not null,
    username_key varchar(80) not null,
    email varchar(120) not null,
    email_key varchar(120) not null,
    password_hash varchar(255) not null,
    password_changed_at {{time}} not null,
    first_name varchar(64),
    last_name varchar(64),
    bio text,
    location varchar(128),
    website varchar(256),
    avatar_filename varchar(255),
    is_active boolean not null default true,
    email_confirmed boolean not null default false,
    last_seen {{time}} not null,
    role_id bigint references role (id) on delete set null,
    post_count bigint not null default 0,
    follower_count bigint not null default 0,
    following_count bigint not null default 0,
    theme varchar(10) not null default 'system',
    delete_after {{time}},
    constraint user_username_unique unique (username_key),
    constraint user_email_unique unique (email_key),
    constraint user_username_not_empty check (length(username) > 0),
    constraint user_bio_length check (bio is null or length(bio) <= 2000),
    constraint user_counts_not_negative
        check (post_count >= 0 and follower_count >= 0 and following_count >= 0),
    constraint valid_theme check (theme in ('system', 'light', 'dark'))
);
create unique index ix_user_username on "user" (username);
create unique index ix_user_email on "user" (email);
create index ix_user_is_active on "user" (is_active);
create index ix_user_last_seen on "user" (last_seen);
create index ix_user_role_id on "user" (role_id);
create index idx_user_active_last_seen on "user" (is_active, last_seen);
create index idx_user_role_active on "user" (role_id, is_active);
create index idx_user_active_users on "user" (username) where is_active;
create index idx_user_confirmed_users on "user" (created_at, id) where is_active and email_confirmed;
create index idx_user_writers on "user" (post_count, id)
    where is_active and email_confirmed and post_count > 0;
create index idx_user_delete_after on "user" (delete_after) where delete_after is not null;

create table session (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    token_hash varchar(64) not null,
    remember boolean not null default false,
    last_seen_at {{time}} not null,
    expires_at {{time}} not null,
    proved_at {{time}} not null,
    user_agent varchar(255) not null default '',
    address varchar(45) not null default '',
    constraint session_token_unique unique (token_hash)
);
create index idx_session_user_seen on session (user_id, last_seen_at);
create index ix_session_expires_at on session (expires_at);

create table user_token (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint references "user" (id) on delete cascade,
    purpose varchar(20) not null,
    token_hash varchar(64) not null,
    email varchar(120),
    expires_at {{time}} not null,
    used_at {{time}},
    constraint user_token_unique unique (token_hash),
    constraint valid_token_purpose
        check (purpose in ('setup', 'confirm_email', 'change_email', 'reset_password', 'export'))
);
create index idx_user_token_user_purpose on user_token (user_id, purpose);
create index ix_user_token_expires_at on user_token (expires_at);

create table login_throttle (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    account_key varchar(64) not null,
    failures bigint not null default 0,
    window_started_at {{time}} not null,
    blocked_until {{time}},
    constraint login_throttle_account_unique unique (account_key),
    constraint login_throttle_failures_not_negative check (failures >= 0)
);
create index ix_login_throttle_updated_at on login_throttle (updated_at);

create table known_device (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    token_hash varchar(64) not null,
    constraint known_device_pair unique (user_id, token_hash)
);
create index ix_known_device_updated_at on known_device (updated_at);

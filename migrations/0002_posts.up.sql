-- What people write: categories, tags, posts, their drafts, revisions and former addresses.
create table category (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    name varchar(50) not null,
    slug varchar(255) not null,
    description text not null default '',
    post_count bigint not null default 0,
    constraint category_name_unique unique (name),
    constraint category_slug_unique unique (slug),
    constraint category_name_not_empty check (length(name) > 0),
    constraint category_post_count_not_negative check (post_count >= 0)
);

create table tag (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    name varchar(50) not null,
    slug varchar(255) not null,
    post_count bigint not null default 0,
    constraint tag_slug_unique unique (slug),
    constraint tag_name_not_empty check (length(name) > 0),
    constraint tag_post_count_not_negative check (post_count >= 0)
);
create index idx_tag_post_count on tag (post_count, id);

-- The long texts stand last: a list reads a row's beginning and never their pages.
create table post (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    category_id bigint references category (id) on delete set null,
    status varchar(20) not null default 'draft',
    published_at {{time}},
    scheduled_at {{time}},
    edited_at {{time}},
    deleted_at {{time}},
    is_featured boolean not null default false,
    like_count bigint not null default 0,
    view_count bigint not null default 0,
    comment_count bigint not null default 0,
    version bigint not null default 1,
    word_count bigint not null default 0,
    render_version bigint not null default 0,
    slug varchar(255),
    title varchar(200) not null,
    meta_description text,
    excerpt text not null default '',
    canonical_url varchar(512),
    image_filename varchar(255),
    image_alt varchar(500),
    image_width bigint,
    image_height bigint,
    headings text not null default '[]',
    html text not null default '',
    content text not null,
    constraint post_slug_not_digits check (slug is null or length(slug) > 0),
    constraint valid_post_status check (status in ('draft', 'scheduled', 'published', 'hidden')),
    constraint post_published_has_time
        check (status not in ('published', 'hidden') or published_at is not null),
    constraint post_scheduled_has_time check (status <> 'scheduled' or scheduled_at is not null),
    constraint post_counts_not_negative
        check (like_count >= 0 and view_count >= 0 and comment_count >= 0),
    constraint post_title_length check (length(title) <= 200)
);
create unique index ix_post_slug on post (slug);
create index ix_post_like_count on post (like_count);
create index idx_post_user_created on post (user_id, created_at);
create index idx_post_category_created on post (category_id, created_at);
create index idx_post_likes_created on post (like_count, created_at);
create index idx_post_published on post (published_at, id)
    where status = 'published' and deleted_at is null;
create index idx_post_user_published on post (user_id, published_at, id)
    where status = 'published' and deleted_at is null;
create index idx_post_category_published on post (category_id, published_at, id)
    where status = 'published' and deleted_at is null;
create index idx_post_popular on post (like_count, id)
    where status = 'published' and deleted_at is null;
create index idx_post_featured on post (published_at, id)
    where is_featured and status = 'published' and deleted_at is null;
create index idx_post_due on post (scheduled_at) where status = 'scheduled' and deleted_at is null;
create index idx_post_deleted on post (deleted_at) where deleted_at is not null;
create index idx_post_stale_render on post (render_version, id);

create table post_tag (
    post_id bigint not null references post (id) on delete cascade,
    tag_id bigint not null references tag (id) on delete cascade,
    published_at {{time}},
    constraint post_tag_pair primary key (post_id, tag_id)
);
create index idx_post_tag_tag_published on post_tag (tag_id, published_at, post_id);

-- Former addresses of a post; they answer with a redirect.
create table post_slug (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    post_id bigint not null references post (id) on delete cascade,
    slug varchar(255) not null,
    constraint post_slug_unique unique (slug)
);
create index ix_post_slug_post_id on post_slug (post_id);

-- What a writer has typed since and not made public yet, for a post that readers see.
create table post_draft (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    post_id bigint not null references post (id) on delete cascade,
    user_id bigint not null references "user" (id) on delete cascade,
    fields text not null,
    constraint post_draft_post_unique unique (post_id)
);
create index ix_post_draft_user_id on post_draft (user_id);

create table post_revision (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    post_id bigint not null references post (id) on delete cascade,
    user_id bigint references "user" (id) on delete set null,
    version bigint not null,
    kind varchar(20) not null,
    title varchar(200) not null,
    meta_description text,
    content text not null,
    constraint post_revision_version_unique unique (post_id, version),
    constraint valid_revision_kind
        check (kind in ('create', 'edit', 'autosave', 'publish', 'restore'))
);
create index ix_post_revision_user_id on post_revision (user_id);

-- One-time marks of submitted forms: the second click finds what the first one made.
create table form_nonce (
    nonce varchar(64) not null,
    user_id bigint not null references "user" (id) on delete cascade,
    post_id bigint references post (id) on delete cascade,
    created_at {{time}} not null,
    constraint form_nonce_pair primary key (user_id, nonce)
);
create index ix_form_nonce_created_at on form_nonce (created_at);
create index ix_form_nonce_post_id on form_nonce (post_id);

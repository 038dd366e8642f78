-- Whom a comment names: at most ten of those who are there and may be told.
create table comment_mention (
    id {{id}},
    created_at {{time}} not null,
    comment_id bigint not null references comment (id) on delete cascade,
    user_id bigint not null references "user" (id) on delete cascade,
    constraint unique_comment_mention unique (comment_id, user_id)
);
create index ix_comment_mention_user_id on comment_mention (user_id, comment_id);

-- Similar words are found by trigrams. The extension comes with PostgreSQL, and who may make tables may
-- make it; where it is missing or forbidden, somebody has to know what to do.
do $$
begin
    create extension if not exists pg_trgm;
exception
    when insufficient_privilege or undefined_file or feature_not_supported then
        raise exception 'search needs the extension pg_trgm (%). Install the package with PostgreSQL''s contrib modules, and let an administrator of the database run: create extension pg_trgm', sqlerrm;
end
$$;

-- What search looks in. Visibility is never decided here: every question joins the posts and people.
-- The document holds words that were folded and cut by `src/search/words.rs`.
create table search_post (
    post_id bigint not null,
    created_at {{time}} not null,
    updated_at {{time}} not null,
    index_version bigint not null,
    names text not null default '',
    document tsvector not null,
    body text not null default '',
    constraint search_post_key primary key (post_id),
    constraint search_post_of_post foreign key (post_id) references post (id) on delete cascade
);
create index idx_search_post_document on search_post using gin (document);

-- People and tags by their names. Nothing else of a person is in here.
create table search_name (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    index_version bigint not null,
    user_id bigint references "user" (id) on delete cascade,
    tag_id bigint references tag (id) on delete cascade,
    document tsvector not null,
    constraint search_name_user_unique unique (user_id),
    constraint search_name_tag_unique unique (tag_id),
    constraint search_name_has_one_owner check ((user_id is null) <> (tag_id is null))
);
create index idx_search_name_document on search_name using gin (document);

-- The words of public titles, of names and tags, for who mistypes one.
create table search_word (
    id {{id}},
    created_at {{time}} not null,
    word varchar(64) not null,
    length bigint not null,
    constraint search_word_unique unique (word)
);
create index idx_search_word_trigrams on search_word using gin (word gin_trgm_ops);

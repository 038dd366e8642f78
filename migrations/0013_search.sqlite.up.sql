-- What search looks in. Visibility is never decided here: every question joins the posts and people.
create table search_post (
    post_id integer not null constraint search_post_key primary key,
    created_at {{time}} not null,
    updated_at {{time}} not null,
    index_version bigint not null,
    names text not null default '',
    body text not null default '',
    constraint search_post_of_post foreign key (post_id) references post (id) on delete cascade
);
-- The words of each post, folded and cut by `src/search/words.rs`; the table holds no text itself.
create virtual table search_post_fts using fts5 (
    title, names, summary, body, keys,
    content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2 3 4'
);
create trigger search_post_gone after delete on search_post begin
    delete from search_post_fts where rowid = old.post_id;
end;

-- People and tags by their names. Nothing else of a person is in here.
create table search_name (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    index_version bigint not null,
    user_id bigint references "user" (id) on delete cascade,
    tag_id bigint references tag (id) on delete cascade,
    constraint search_name_user_unique unique (user_id),
    constraint search_name_tag_unique unique (tag_id),
    constraint search_name_has_one_owner check ((user_id is null) <> (tag_id is null))
);
create virtual table search_name_fts using fts5 (
    name, keys,
    content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2 3'
);
create trigger search_name_gone after delete on search_name begin
    delete from search_name_fts where rowid = old.id;
end;

-- The words of public titles, of names and tags, for who mistypes one; with their parts of three letters.
create table search_word (
    id {{id}},
    created_at {{time}} not null,
    word varchar(64) not null,
    length bigint not null,
    constraint search_word_unique unique (word)
);
create table search_trigram (
    gram varchar(3) not null,
    length bigint not null,
    word_id bigint not null,
    constraint search_trigram_key primary key (gram, length, word_id)
) without rowid;

-- The titles of public posts by themselves. Who types is offered titles at every letter; in the index of
-- everything, the beginning of a word is in the text of far more posts than in their titles.
create virtual table search_title_fts using fts5 (
    title,
    content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2 3 4'
);
drop trigger search_post_gone;
create trigger search_post_gone after delete on search_post begin
    delete from search_post_fts where rowid = old.post_id;
    delete from search_title_fts where rowid = old.post_id;
end;

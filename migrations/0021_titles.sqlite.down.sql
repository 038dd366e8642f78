drop trigger search_post_gone;
create trigger search_post_gone after delete on search_post begin
    delete from search_post_fts where rowid = old.post_id;
end;
drop table search_title_fts;

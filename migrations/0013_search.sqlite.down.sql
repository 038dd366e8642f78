drop table search_trigram;
drop table search_word;
drop trigger search_name_gone;
drop table search_name_fts;
drop table search_name;
drop trigger search_post_gone;
drop table search_post_fts;
drop table search_post;

drop table search_word;
drop table search_name;
drop table search_post;

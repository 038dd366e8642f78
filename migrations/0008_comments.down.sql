drop table comment_mention;

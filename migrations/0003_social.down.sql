drop table notification;
drop table post_view;
drop table post_like;
drop table follow;
drop table comment;

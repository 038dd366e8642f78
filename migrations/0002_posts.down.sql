drop table form_nonce;
drop table post_revision;
drop table post_draft;
drop table post_slug;
drop table post_tag;
drop table post;
drop table tag;
drop table category;

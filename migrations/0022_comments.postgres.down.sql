alter table notification drop constraint notification_message_length;
alter table comment drop constraint comment_content_length;
alter table comment drop column named_count;

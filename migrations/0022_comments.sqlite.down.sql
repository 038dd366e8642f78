drop trigger notification_text_length;
drop trigger report_note_length;
drop trigger comment_reason_length;
drop trigger comment_content_length;
drop trigger comment_content_length_added;
alter table comment drop column named_count;

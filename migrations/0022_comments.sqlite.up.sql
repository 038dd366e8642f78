-- How many people a comment has ever named: the first ten are told, however often it is changed.
alter table comment add column named_count bigint not null default 0
    constraint comment_named_count_not_negative check (named_count >= 0);
update comment set named_count = (select count(*) from comment_mention m where m.comment_id = comment.id)
 where id in (select comment_id from comment_mention);

-- Reports of what is deleted are closed; as of its deletion, so that having it back opens them again.
update report set closed_at = (select coalesce(c.deleted_at, c.updated_at) from comment c
                                where c.id = report.comment_id)
 where closed_at is null and comment_id in (select id from comment where status = 'deleted');
update comment set report_count = 0 where status = 'deleted' and report_count > 0;
-- An emptied place has nothing to be had back.
update comment set status_before = null where status = 'deleted' and deleted_at is null;

-- A second line behind the limits of the program, which PostgreSQL has as constraints: SQLite does not
-- keep to the length of a varchar, and adds no constraint to a table that is there.
create trigger comment_content_length_added before insert on comment
 when length(new.content) > 1000000 begin select raise(abort, 'comment_content_length'); end;
create trigger comment_content_length before update of content on comment
 when length(new.content) > 1000000 begin select raise(abort, 'comment_content_length'); end;
create trigger comment_reason_length before update of moderation_reason on comment
 when length(new.moderation_reason) > 500 begin select raise(abort, 'comment_reason_length'); end;
create trigger report_note_length before insert on report
 when length(new.note) > 500 begin select raise(abort, 'report_note_length'); end;
create trigger notification_text_length before insert on notification
 when length(new.title) > 200 or length(new.message) > 2000
 begin select raise(abort, 'notification_text_length'); end;

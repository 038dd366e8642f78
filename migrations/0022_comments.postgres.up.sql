-- How many people a comment has ever named: the first ten are told, however often it is changed.
alter table comment add column named_count bigint not null default 0
    constraint comment_named_count_not_negative check (named_count >= 0);
-- A second line behind the limits of the program. The rows that are there are not gone through: the
-- lock is short.
alter table comment add constraint comment_content_length check (length(content) <= 1000000) not valid;
alter table notification add constraint notification_message_length
    check (length(message) <= 2000) not valid;

update comment set named_count = (select count(*) from comment_mention m where m.comment_id = comment.id)
 where id in (select comment_id from comment_mention);

-- Reports of what is deleted are closed; as of its deletion, so that having it back opens them again.
update report set closed_at = (select coalesce(c.deleted_at, c.updated_at) from comment c
                                where c.id = report.comment_id)
 where closed_at is null and comment_id in (select id from comment where status = 'deleted');
update comment set report_count = 0 where status = 'deleted' and report_count > 0;
-- An emptied place has nothing to be had back.
update comment set status_before = null where status = 'deleted' and deleted_at is null;

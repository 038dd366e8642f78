drop table mail_suppression;
drop table mail_event;
alter table outgoing_mail drop column delivered_at;
alter table outgoing_mail drop column interruptions;
alter table outgoing_mail drop column relay;

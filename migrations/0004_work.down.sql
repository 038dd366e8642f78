drop table contact_message;
drop table media;
drop table outgoing_mail;
drop table job;
drop table event;

alter table "user" drop column show_online;

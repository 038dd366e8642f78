-- Whether other members may see that somebody is online.
alter table "user" add column show_online boolean not null default true;

drop table known_device;
drop table login_throttle;
drop table user_token;
drop table session;
drop table "user";
drop table role_permissions;
drop table permission;
drop table role;

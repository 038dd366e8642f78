-- A face is cut from a picture, around a point in hundredths of its width and height.
alter table media add column cut_from varchar(255);
alter table media add column focus_x bigint;
alter table media add column focus_y bigint;
-- Whether the picture was sent to be a face, and goes when it is none any more.
alter table media add column came_as_face boolean not null default false;

alter table media drop column came_as_face;
alter table media drop column focus_y;
alter table media drop column focus_x;
alter table media drop column cut_from;

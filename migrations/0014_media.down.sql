drop index ix_media_variants;
alter table media drop column variants;
drop table media_variant;

-- The sizes in which pictures are shown, made by a job from the file that is kept.
create table media_variant (
    id {{id}},
    created_at {{time}} not null,
    filename varchar(255) not null,
    name varchar(255) not null,
    mime varchar(50) not null,
    width bigint not null,
    height bigint not null,
    size_bytes bigint not null,
    hash varchar(64) not null,
    constraint media_variant_name_unique unique (name),
    constraint media_variant_size_positive check (size_bytes > 0 and width > 0 and height > 0)
);
create index ix_media_variant_filename on media_variant (filename);
-- By which recipe the variants of a picture were made; 0 when they are still to be made.
alter table media add column variants bigint not null default 0;
create index ix_media_variants on media (variants, id);

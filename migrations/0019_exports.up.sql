-- The file with somebody's data: asked for, made by a job, kept for a day in parts.
create table data_export (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    name varchar(40) not null default '',
    parts bigint not null default 0,
    size_bytes bigint not null default 0,
    ready_at {{time}},
    expires_at {{time}} not null,
    constraint data_export_user_unique unique (user_id)
);
create index idx_data_export_expires on data_export (expires_at);

-- The outbox as those see it who run the site.
create index ix_outgoing_mail_status on outgoing_mail (status, id);
create index ix_outgoing_mail_interrupted on outgoing_mail (id) where interruptions > 0;

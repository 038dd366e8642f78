-- What the program itself keeps: events, jobs, outgoing mail, files, messages to the site.
create table event (
    id {{id}},
    created_at {{time}} not null,
    kind varchar(50) not null,
    user_id bigint references "user" (id) on delete set null,
    data text not null
);
create index idx_event_kind_created on event (kind, created_at);
create index idx_event_user_created on event (user_id, created_at);
create index ix_event_created_at on event (created_at);

create table job (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    kind varchar(50) not null,
    payload text not null,
    run_at {{time}} not null,
    tries bigint not null default 0,
    leased_until {{time}},
    failed_at {{time}},
    last_error text,
    unique_key varchar(100),
    constraint job_unique_key unique (unique_key)
);
create index idx_job_due on job (run_at, id) where failed_at is null;
create index idx_job_failed on job (failed_at) where failed_at is not null;

create table outgoing_mail (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint references "user" (id) on delete set null,
    kind varchar(50) not null,
    recipient varchar(254) not null,
    reply_to varchar(254),
    subject varchar(255) not null,
    text_body text not null,
    html_body text not null,
    message_id varchar(255) not null,
    status varchar(20) not null default 'queued',
    tries bigint not null default 0,
    next_try_at {{time}} not null,
    leased_until {{time}},
    sent_at {{time}},
    last_error text,
    constraint outgoing_mail_message_id_unique unique (message_id),
    constraint valid_mail_status check (status in
        ('queued', 'sending', 'sent', 'delivered', 'bounced', 'complained', 'failed', 'cancelled'))
);
create index idx_outgoing_mail_due on outgoing_mail (next_try_at, id)
    where status in ('queued', 'sending');
create index idx_outgoing_mail_status_created on outgoing_mail (status, created_at);
create index idx_outgoing_mail_recipient_created on outgoing_mail (recipient, created_at);
create index ix_outgoing_mail_user_id on outgoing_mail (user_id);

create table media (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint not null references "user" (id) on delete cascade,
    filename varchar(255) not null,
    original_name varchar(255) not null default '',
    mime varchar(50) not null,
    width bigint not null,
    height bigint not null,
    size_bytes bigint not null,
    alt varchar(500) not null default '',
    constraint media_user_file_unique unique (user_id, filename),
    constraint media_size_positive check (size_bytes > 0 and width > 0 and height > 0)
);
create index ix_media_filename on media (filename);
create index idx_media_user_created on media (user_id, created_at);

create table contact_message (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    user_id bigint references "user" (id) on delete set null,
    name varchar(100) not null,
    email varchar(254) not null,
    message text not null,
    address varchar(45) not null default '',
    digest varchar(64) not null,
    constraint contact_message_digest_unique unique (digest)
);
create index ix_contact_message_created_at on contact_message (created_at);
create index ix_contact_message_user_id on contact_message (user_id);

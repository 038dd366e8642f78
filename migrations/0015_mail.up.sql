-- What became of mails after a server took them, and addresses that get no optional mail any more.
alter table outgoing_mail add column relay varchar(255);
alter table outgoing_mail add column interruptions bigint not null default 0
    constraint mail_interruptions_not_negative check (interruptions >= 0);
alter table outgoing_mail add column delivered_at {{time}};

create table mail_event (
    id {{id}},
    created_at {{time}} not null,
    mail_id bigint not null references outgoing_mail (id) on delete cascade,
    kind varchar(20) not null,
    detail varchar(500) not null default '',
    provider_key varchar(255) not null,
    constraint mail_event_provider_key_unique unique (provider_key),
    constraint valid_mail_event_kind
        check (kind in ('delivered', 'deferred', 'bounced', 'complained'))
);
create index ix_mail_event_mail_id on mail_event (mail_id, id);

create table mail_suppression (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    email_key varchar(254) not null,
    reason varchar(20) not null,
    detail varchar(500) not null default '',
    constraint mail_suppression_email_unique unique (email_key),
    constraint valid_suppression_reason check (reason in ('bounced', 'complained'))
);
create index idx_mail_suppression_created on mail_suppression (created_at, id);

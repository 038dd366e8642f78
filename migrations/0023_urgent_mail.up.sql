-- Mail that somebody waits for is looked for by itself, past whatever digests are due.
create index ix_outgoing_mail_urgent on outgoing_mail (next_try_at, id)
    where status in ('queued', 'sending') and list_unsubscribe is null;

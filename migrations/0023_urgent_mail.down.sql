drop index ix_outgoing_mail_urgent;

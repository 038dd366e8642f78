drop index ix_outgoing_mail_interrupted;
drop index ix_outgoing_mail_status;
drop table data_export;

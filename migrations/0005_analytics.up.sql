-- Further view columns, campaign tags and the daily summary.
alter table post_view add column is_bounce boolean;
alter table post_view add column conversion_type varchar(50);
alter table post_view add column page_load_time bigint
    constraint valid_page_load_time check (page_load_time is null or page_load_time >= 0);
alter table post_view add column exit_page varchar(512);
alter table post_view add column utm_source varchar(100);
alter table post_view add column utm_medium varchar(100);
alter table post_view add column utm_campaign varchar(100);
alter table post_view add column utm_term varchar(100);
alter table post_view add column utm_content varchar(100);
create index idx_postview_utm_source on post_view (utm_source, created_at)
    where utm_source is not null;
create index idx_postview_utm_campaign on post_view (utm_campaign, created_at)
    where utm_campaign is not null;

alter table notification add column action_url varchar(512);
alter table notification add column clicked_at {{time}};
alter table notification add column click_count bigint not null default 0
    constraint valid_click_count check (click_count >= 0);
alter table notification add column source varchar(50);
alter table notification add column batch_id varchar(128);
create index idx_notification_batch on notification (batch_id) where batch_id is not null;

create table analytics_summary (
    id {{id}},
    created_at {{time}} not null,
    updated_at {{time}} not null,
    date varchar(10) not null,
    metric_type varchar(50) not null,
    metric_key varchar(100) not null,
    metric_value double precision not null,
    count bigint not null default 1,
    constraint unique_daily_metric unique (date, metric_type, metric_key)
);
create index idx_analytics_summary_type_date on analytics_summary (metric_type, date);

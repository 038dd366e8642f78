-- Whatever is indexed by older rules, or under a former name, is found without reading the index.
create index ix_search_post_index_version on search_post (index_version, post_id);
create index ix_search_name_index_version on search_name (index_version, id);

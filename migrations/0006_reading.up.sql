-- What anybody may read, with author and category: the one place that says what is public (V15).
create view public_post as
select p.id, p.user_id, p.category_id, p.published_at, p.edited_at, p.is_featured, p.like_count,
       p.view_count, p.comment_count, p.word_count, coalesce(p.slug, cast(p.id as text)) as slug,
       p.title, p.meta_description, p.excerpt, p.image_filename, p.image_alt, p.image_width,
       p.image_height, u.username as author_username, u.first_name as author_first_name,
       u.last_name as author_last_name, u.avatar_filename as author_avatar,
       c.name as category_name, c.slug as category_slug
  from post p
  join "user" u on u.id = p.user_id
  left join category c on c.id = p.category_id
 where p.status = 'published' and p.deleted_at is null and u.is_active;

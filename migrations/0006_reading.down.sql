drop view public_post;

//! Comments: what people say under a post, in threads, and what moderators decide about it.

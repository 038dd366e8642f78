//! Social: who follows, likes, keeps, blocks and mutes what and whom; what a member's home shows.

//! Analytics: which posts are read, by how many and how; what is trending; who has influence.

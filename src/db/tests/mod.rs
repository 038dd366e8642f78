//! The database as a whole: its schema, its transactions, its patience.

mod schema;
mod transactions;

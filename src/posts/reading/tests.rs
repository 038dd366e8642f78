//! Reading, seen from outside.

mod leaks;
mod lists;
mod plans;
mod post;
mod strange;

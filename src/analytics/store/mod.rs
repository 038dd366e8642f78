//! The SQL of analytics.

pub mod influence;
pub mod keeping;
pub mod stats;
pub mod sums;
pub mod trending;
pub mod views;

//! Notifications: what somebody is told of what others did.

//! Live: what happens on open pages at once, by server-sent events.

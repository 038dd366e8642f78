//! What error pages say.

use axum::http::StatusCode;

/// Title, what happened, what to do next.
pub fn words(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    match status.as_u16() {
        400 => ("That could not be read", "The request was not what this page expects.", ""),
        401 => ("Log in first", "This page is for members.", ""),
        403 => ("Not allowed", "You can see that this is here, but not do this.", ""),
        404 => (
            "Nothing here",
            "There is no page at this address, or it is not public.",
            "It may have been renamed. Search for it, or start from the front page.",
        ),
        405 => ("Not this way", "This address does not take that kind of request.", ""),
        408 => ("Too slow", "The request took too long to arrive.", "Try again."),
        409 => ("Somebody was faster", "There is a newer version. Look at it first.", ""),
        410 => ("Gone", "What was here has been removed by its author.", ""),
        413 => (
            "Too large",
            "What you sent is larger than this site takes.",
            "Make it smaller, or send fewer files at once.",
        ),
        414 => ("Too long an address", "The address is longer than this site answers.", ""),
        415 => ("Not this kind", "This kind of content is not taken here.", ""),
        421 => (
            "Another site",
            "This server does not answer under that name.",
            "The operator can allow it with STREAMLY_SERVER__ALLOWED_HOSTS.",
        ),
        422 => ("Please look again", "Something in the form needs another look.", ""),
        429 => ("Too often", "That was too often for one visitor.", "Wait a little."),
        503 => ("Busy", "The site is busy or being looked after. Try again in a moment.", ""),
        507 => {
            ("Out of space", "The disk of this site is full. Reading works; saving does not.", "")
        }
        _ => ("Our fault", "Something went wrong on our side. It has been written down.", ""),
    }
}

/// `45 seconds`, `3 minutes`, `2 hours`.
pub fn in_words(time: std::time::Duration) -> String {
    let (number, unit) = match time.as_secs() {
        seconds @ 0..=90 => (seconds.max(1), "second"),
        seconds @ 91..=5_400 => (seconds.div_ceil(60), "minute"),
        seconds => (seconds.div_ceil(3_600), "hour"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// `16 MiB`.
pub fn size_in_words(bytes: usize) -> String {
    use crate::config::{Bytes, shown};
    shown(&Bytes(bytes))
}

mod avif;
mod bombs;
mod fixtures;
mod generated;
mod letters;
mod shown;

use crate::{Limits, Picture, Refused, sanitise};

fn clean(bytes: &[u8]) -> Result<Picture, Refused> {
    sanitise(bytes, &Limits::default())
}

/// What must not be left in a picture.
fn assert_bare(picture: &Picture, name: &str) {
    for trace in [
        "Exif",
        "http://ns.adobe.com",
        "Photoshop",
        "ICC_PROFILE",
        "iCCP",
        "eXIf",
        "tEXt",
        "zTXt",
        "iTXt",
        "NIKON",
        "FUJIFILM",
        "gd-jpeg",
        "XMP",
        "EXIF",
        "ICCP",
        "<script",
        "<html",
    ] {
        let found = picture.bytes.windows(trace.len()).any(|part| part == trace.as_bytes());
        assert!(!found, "{trace} in {name}");
    }
}

//! The sizes in which own pictures are shown: names made of the picture's own name, so that nothing
//! has to be looked up.

/// The widths which are made of a larger picture.
pub const WIDTHS: [u32; 5] = [320, 640, 960, 1280, 1920];

/// How wide a picture in a text is shown.
pub const SIZES: &str = "(min-width: 44rem) 40rem, 92vw";

/// The `srcset` as WebP, for a picture so wide; `None` for what is shown as it is.
pub fn webp(address: &str, width: u32) -> Option<String> {
    let stem = stem(address, &["jpg", "png", "webp"])?;
    let mut set = String::new();
    for width in WIDTHS.into_iter().filter(|one| *one < width).chain([width]) {
        candidate(&mut set, &format!("{stem}-{width}.webp"), width);
    }
    Some(set)
}

/// The `srcset` as JPEG, of a JPEG; its own width is the file itself.
pub fn jpeg(address: &str, width: u32) -> Option<String> {
    let stem = stem(address, &["jpg"])?;
    let mut set = String::new();
    for width in WIDTHS.into_iter().filter(|one| *one < width) {
        candidate(&mut set, &format!("{stem}-{width}.jpg"), width);
    }
    candidate(&mut set, address, width);
    Some(set)
}

/// A small variant of a picture that is not animated.
pub fn small(address: &str, width: u32) -> Option<String> {
    Some(format!("{}-{width}.webp", stem(address, &["jpg", "png", "webp"])?))
}

fn candidate(set: &mut String, address: &str, width: u32) {
    if !set.is_empty() {
        set.push_str(", ");
    }
    for part in [address, " ", &width.to_string(), "w"] {
        set.push_str(part);
    }
}

/// The address without its ending, when it is a picture named by its hash.
fn stem<'a>(address: &'a str, endings: &[&str]) -> Option<&'a str> {
    let (stem, ending) = address.rsplit_once('.')?;
    let hash = stem.strip_prefix("/media/")?;
    (is_hash(hash) && endings.contains(&ending)).then_some(stem)
}

fn is_hash(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a `srcset` is one that is made here: addresses of own media, each with a width.
pub(crate) fn is_set(value: &str) -> bool {
    value.split(", ").all(|candidate| {
        let Some((address, width)) = candidate.split_once(' ') else { return false };
        let Some((hash, ending)) =
            address.strip_prefix("/media/").and_then(|name| name.split_once('.'))
        else {
            return false;
        };
        let (hash, size) = hash.split_once('-').unwrap_or((hash, "1"));
        let digits = |text: &str| {
            (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        is_hash(hash)
            && digits(size)
            && matches!(ending, "jpg" | "webp")
            && width.strip_suffix('w').is_some_and(digits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_made_of_names_and_nothing_else_is_one() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let address = format!("/media/{hash}.jpg");
        let webp = webp(&address, 700).unwrap();
        assert_eq!(
            webp,
            format!(
                "/media/{hash}-320.webp 320w, /media/{hash}-640.webp 640w, \
                 /media/{hash}-700.webp 700w"
            )
        );
        let jpeg = jpeg(&address, 700).unwrap();
        assert!(jpeg.ends_with(&format!(", {address} 700w")), "{jpeg}");
        assert!(is_set(&webp) && is_set(&jpeg));
        for other in ["/media/a.jpg", "/media/x.png", "https://x/a.jpg", ""] {
            assert_eq!(super::webp(other, 700), None, "{other}");
        }
        assert_eq!(super::webp(&format!("/media/{hash}.gif"), 700), None);
        for bad in [
            String::new(),
            "https://evil/a.jpg 1w".to_owned(),
            format!("//evil/{hash}.jpg 1w"),
            format!("/media/{hash}.jpg"),
            format!("/media/{hash}.jpg 2x"),
            format!("/media/{hash}.svg 1w"),
            format!("/media/../{hash}.jpg 1w"),
            format!("/media/{hash}.jpg 1w, javascript:x 2w"),
            format!("/media/{hash}.jpg 1w,https://evil/x 2w"),
        ] {
            assert!(!is_set(&bad), "{bad}");
        }
    }
}

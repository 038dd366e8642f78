//! Pictures: as rows, as they come in, and what each purpose allows.

use chrono::{DateTime, Utc};
use pictures::{Limits, Refused};

use crate::{
    Error,
    app::App,
    db::record,
    ids::{MediaId, UserId},
    mail::actions::one_line,
};

/// The longest description, in characters.
pub const ALT: usize = 500;

record! {
    /// A picture of one person.
    #[derive(Debug, Clone)]
    pub struct Media {
        pub id: MediaId,
        pub created_at: DateTime<Utc>,
        pub user_id: UserId,
        pub filename: String,
        pub original_name: String,
        pub mime: String,
        pub width: i64,
        pub height: i64,
        pub size_bytes: i64,
        pub alt: String,
    }
}

/// What somebody sends. The name is their word, and decides nothing.
#[derive(Debug, Clone)]
pub struct NewPicture {
    pub name: String,
    pub bytes: bytes::Bytes,
    pub alt: String,
}

/// What a picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Stands in a text.
    Picture,
    /// Is the face of a person.
    Avatar,
    /// Stands above a post.
    Cover,
}

impl Purpose {
    /// The field that its form sends it in.
    pub fn field(self) -> &'static str {
        match self {
            Self::Picture => "file",
            Self::Avatar => "avatar",
            Self::Cover => "image",
        }
    }

    /// What a picture for this may cost, and the size it is shrunk to.
    pub fn limits(self, app: &App) -> Limits {
        let media = &app.config.media;
        let side = 1_920;
        let max_bytes = match self {
            Self::Picture | Self::Cover => media.max.0,
            Self::Avatar => media.max_avatar.0,
        };
        Limits {
            max_bytes,
            max_pixels: u64::from(media.megapixels) * 1_000_000,
            max_alloc: media.decode_memory.0 as u64,
            fit_within: Some((side, side)),
            ..Limits::default()
        }
    }

    /// Why a file was not taken, for the one who sent it.
    pub fn refusal(self, refused: &Refused) -> Error {
        match refused {
            Refused::TooLarge { limit } => Error::TooLarge(*limit),
            Refused::NotAPicture => {
                Error::Unsupported("files that are no JPEG, PNG, GIF, WebP or AVIF picture".into())
            }
            Refused::Unsupported(kind) => Error::Unsupported(
                format!("{kind} files. Choose a JPEG, PNG, GIF, WebP or AVIF picture").into(),
            ),
            other => Error::invalid(self.field(), other.to_string()),
        }
    }
}

impl Media {
    /// Where it is served.
    pub fn url(&self) -> String {
        format!("/media/{}", self.filename)
    }

    /// How a post shows it: with its description, else with the name it came with.
    pub fn markdown(&self) -> String {
        let words = if self.alt.is_empty() { stem(&self.original_name) } else { &self.alt };
        let mut alt = String::with_capacity(words.len());
        for c in words.chars() {
            if r"\`*_[]<>&!".contains(c) {
                alt.push('\\');
            }
            alt.push(c);
        }
        format!("![{alt}](/media/{})", self.filename)
    }

    /// What is said instead of the picture where it is listed.
    pub fn words(&self) -> String {
        if self.alt.is_empty() {
            format!("Picture {}", self.original_name)
        } else {
            self.alt.clone()
        }
    }

    /// `240 kB`, `1.2 MB`.
    pub fn size(&self) -> String {
        size(self.size_bytes)
    }
}

/// A number of bytes in words: `240 kB`, `1.2 MB`, `500 MB`.
pub fn size(bytes: i64) -> String {
    const KILO: i64 = 1 << 10;
    const MEGA: i64 = 1 << 20;
    match bytes {
        0..MEGA => format!("{} kB", (bytes + KILO - 1) / KILO),
        _ if bytes % MEGA < MEGA / 10 => format!("{} MB", bytes / MEGA),
        _ => format!("{}.{} MB", bytes / MEGA, bytes % MEGA * 10 / MEGA),
    }
}

impl NewPicture {
    /// The name it came with: the last part of a path, on one line, short enough to keep.
    pub fn original_name(&self) -> String {
        let name = self.name.rsplit(['/', '\\']).next().unwrap_or_default();
        one_line(name).chars().take(100).collect()
    }
}

/// A description as it is kept: one line, not too long.
pub fn parse_alt(text: &str) -> Result<String, Error> {
    let alt = one_line(text);
    let length = alt.chars().count();
    if length > ALT {
        let message = format!("Please use at most {ALT} characters; these are {length}.");
        return Err(Error::invalid("alt", message));
    }
    Ok(alt)
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_call_a_picture_cannot_break_out_of_its_markdown() {
        let table = [
            ("", "holiday.jpg", "![holiday](/media/x)"),
            ("A cat", "holiday.jpg", "![A cat](/media/x)"),
            ("](javascript:alert(1))", "", r"![\](javascript:alert(1))](/media/x)"),
            ("<img src=x>", "", r"![\<img src=x\>](/media/x)"),
            (r"\", "", r"![\\](/media/x)"),
            ("", "", "![](/media/x)"),
        ];
        for (alt, name, expected) in table {
            let media = Media {
                id: MediaId(1),
                created_at: DateTime::default(),
                user_id: UserId(1),
                filename: "x".to_owned(),
                original_name: name.to_owned(),
                mime: String::new(),
                width: 1,
                height: 1,
                size_bytes: 1,
                alt: alt.to_owned(),
            };
            assert_eq!(media.markdown(), expected);
        }
    }

    #[test]
    fn names_are_names_and_no_paths() {
        let table = [
            ("cat.jpg", "cat.jpg"),
            ("../../etc/passwd", "passwd"),
            (r"C:\Users\a\b.png", "b.png"),
            ("a\r\nb\0.png", "a b .png"),
        ];
        for (name, expected) in table {
            let picture = NewPicture {
                name: name.to_owned(),
                bytes: bytes::Bytes::new(),
                alt: String::new(),
            };
            assert_eq!(picture.original_name(), expected);
        }
    }

    #[test]
    fn sizes_are_said_in_words() {
        for (bytes, words) in
            [(1, "1 kB"), (245_700, "240 kB"), (1_300_000, "1.2 MB"), (500 << 20, "500 MB")]
        {
            assert_eq!(size(bytes), words);
        }
    }
}

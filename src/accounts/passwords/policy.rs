//! What a new password must be: long, and not what everybody guesses first. No rules about kinds
//! of characters: they make passwords alike (X02, Q.7).

use super::MAX;

/// A password that takes fewer guesses is among the first that anybody tries.
const FEWEST_GUESSES: u64 = 10_000;

/// Shorter words than this may stand in a password: a site called `X` forbids no letter.
const SHORT: usize = 4;

/// Words that a stranger would try because they know whose password it is.
#[derive(Debug, Clone, Default)]
pub struct About {
    pub username: String,
    pub email: String,
    pub site: String,
}

/// Judges a password; the reason is for the person who chose it.
pub fn check(password: &str, least: usize, about: &About) -> Result<(), String> {
    let length = password.chars().count();
    if length < least {
        return Err(format!(
            "Use at least {least} characters. A few words in a row are easy to remember."
        ));
    }
    if length > MAX {
        return Err(format!("Use at most {MAX} characters."));
    }
    if let Some(what) = about.mostly(password) {
        return Err(format!("Choose something that is not made of {what}."));
    }
    let words = about.words();
    let words: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
    if zxcvbn::zxcvbn(password, &words).guesses() < FEWEST_GUESSES {
        return Err("This is one of the first passwords anybody tries. Choose another, for \
                    example a few words that do not belong together."
            .to_owned());
    }
    Ok(())
}

impl About {
    fn words(&self) -> Vec<(String, &'static str)> {
        let local = self.email.split('@').next().unwrap_or_default();
        [
            (&*self.username, "your user name"),
            (local, "your e-mail address"),
            (&*self.email, "your e-mail address"),
            (&*self.site, "the name of this site"),
        ]
        .into_iter()
        .map(|(word, what)| (word.to_lowercase(), what))
        .filter(|(word, _)| word.chars().count() >= SHORT)
        .collect()
    }

    /// Which of the words makes up the whole password or most of it.
    fn mostly(&self, password: &str) -> Option<&'static str> {
        let password = password.to_lowercase();
        let length = password.chars().count();
        self.words()
            .into_iter()
            .find(|(word, _)| {
                let times = password.matches(word.as_str()).count();
                times * word.chars().count() * 2 > length
            })
            .map(|(_, what)| what)
    }
}

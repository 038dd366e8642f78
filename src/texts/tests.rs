//! That every mail can be said in another language, and what becomes of a file that is wrong.

use std::{fs, path::PathBuf};

use axum::http::StatusCode;
use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
    serializer::serialize,
};

use super::{Catalogue, ENGLISH, Text};
use crate::{
    config::{Config, Environment, Seconds},
    rooms,
    testing::{Folder, TestApp},
};

/// The whole catalogue in a language without Latin letters: every letter of a text is `Ж`.
fn strange() -> String {
    let mut resource = parser::parse(ENGLISH.to_owned()).unwrap();
    for entry in &mut resource.body {
        if let Entry::Message(message) = entry {
            let parts = message.attributes.iter_mut().map(|part| &mut part.value);
            message.value.iter_mut().chain(parts).for_each(estrange);
        }
    }
    serialize(&resource)
}

fn estrange(pattern: &mut Pattern<String>) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } => {
                *value = value.replace(|c: char| c.is_ascii_alphabetic(), "Ж");
            }
            PatternElement::Placeable { expression } => in_expression(expression),
        }
    }
}

fn in_expression(expression: &mut Expression<String>) {
    match expression {
        Expression::Select { variants, .. } => {
            for variant in variants {
                estrange(&mut variant.value);
            }
        }
        Expression::Inline(InlineExpression::Placeable { expression }) => in_expression(expression),
        Expression::Inline(_) => {}
    }
}

fn file(folder: &Folder, text: &str) -> String {
    let path: PathBuf = folder.path().join("texts.ftl");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What the samples are about: names, addresses, and what people wrote themselves.
const GIVEN: &str = "ana Ana Moreno Ben Okafor example org Streamly Seven rivers one week \
    Firefox Linux MB";

#[tokio::test]
async fn no_mail_says_anything_that_cannot_be_translated() {
    let folder = Folder::new();
    let texts = file(&folder, &strange());
    let site = TestApp::with(|config| {
        config.site.language = "uk".to_owned();
        config.site.texts = texts;
    })
    .await;
    let app = &site.app;
    for mail in rooms::mail_samples(app) {
        // Whoever administers the site, or writes to it, wrote these.
        let written = matches!(mail.kind, "notify_system" | "contact" | "notify_moderation");
        let content = &mail.content;
        let (action, _) = content.action.clone().unwrap_or_default();
        let (leave, _) = content.leave.clone().unwrap_or_default();
        let given: Vec<&str> = GIVEN.split(' ').chain(content.quote.split(' ')).collect();
        let mut said = vec![&content.greeting, &content.reason, &action, &leave];
        said.extend(&content.notes);
        said.extend(content.lines.iter().map(|(words, _)| words));
        if !written {
            said.extend([&mail.subject, &content.headline]);
            said.extend(&content.paragraphs);
        }
        for text in said {
            let words = text.split_whitespace().filter(|word| !word.starts_with("http"));
            let mut bare = words.flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
            let english = bare.find(|word| {
                word.chars().any(|c| c.is_ascii_alphabetic()) && !given.contains(word)
            });
            assert_eq!(english, None, "{}: {text}", mail.kind);
        }
        let html = content.html(app, &mail.subject).unwrap();
        assert!(html.contains("<html lang=\"uk\">"), "{html}");
        assert!(!html.contains("button does not work"), "{}", mail.kind);
    }
}

#[tokio::test]
async fn a_site_writes_in_its_own_language() {
    let folder = Folder::new();
    let german = "time = { $unit ->\n    [day] { $number } Tage\n    [hour] { $number } Stunden\n   *[minute] { $number } Minuten\n }\n\
        confirm-email = Bestätige deine Adresse\n    .button = Adresse bestätigen\n    .life = Der Link gilt { time }.\n\
        told-follow = { who } folgt dir bei { $site }\n\
        who = { $others ->\n    [0] { $name }\n    [one] { $name } und { $others } Person\n   *[other] { $name } und { $others } andere\n }\n";
    let texts = file(&folder, german);
    let app = TestApp::with(|config| {
        config.site.language = "de".to_owned();
        config.site.texts = texts;
    })
    .await;
    let visitor = app.visitor();
    visitor.get("/auth/register").await;
    let fields = [
        ("username", "ana"),
        ("email", "ana@example.org"),
        ("password", "seven rivers one week"),
        ("confirm_password", "seven rivers one week"),
    ];
    visitor.post("/auth/register", &fields).await.expect(StatusCode::SEE_OTHER);
    let mail = app.mail_to("ana@example.org").await;
    assert_eq!(mail.subject, "[Streamly] Bestätige deine Adresse");
    assert!(mail.text_body.contains("Adresse bestätigen:\nhttp"), "{}", mail.text_body);
    assert!(mail.text_body.contains("Der Link gilt 24 Stunden."), "{}", mail.text_body);
    // What the file does not have is said in English.
    assert!(mail.text_body.contains("without this step nobody can use the account"));
    assert!(mail.text_body.starts_with("Bestätige deine Adresse\n\nHello ana,"));

    // Lines of notifications are the site's words; pages stay in one language.
    let ben = app.member("ben").await;
    let cleo = app.member("cleo").await;
    cleo.get("/user/ben").await.expect(StatusCode::OK);
    cleo.post("/blog/user/ben/follow", &[]).await.expect(StatusCode::SEE_OTHER);
    ben.get("/notifications").await.contains("cleo folgt dir bei Streamly");
    ben.get("/auth/delete").await.contains("14 days").lacks("14 Tage");
}

#[tokio::test]
async fn a_language_from_right_to_left_is_laid_out_so() {
    for (language, expected) in [
        ("ar", "<html lang=\"ar\" dir=\"rtl\">"),
        ("fa-IR", "<html lang=\"fa-IR\" dir=\"rtl\">"),
        ("de", "<html lang=\"de\">"),
    ] {
        let folder = Folder::new();
        let texts = file(&folder, "mail-frame =\n    .hello = مرحبا { $name }،\n");
        let site = TestApp::with(|config| {
            language.clone_into(&mut config.site.language);
            config.site.texts = texts;
        })
        .await;
        let mail = rooms::mail_samples(&site.app).remove(0);
        assert_eq!(mail.content.greeting, "مرحبا Ana Moreno،");
        let html = mail.content.html(&site.app, &mail.subject).unwrap();
        assert!(html.contains(expected), "{html}");
    }
}

#[tokio::test]
async fn a_gap_holds_whatever_is_put_in_it() {
    let app = TestApp::start().await;
    for name in ["{ $site }", "}{", "\u{202e}x", "a\nb = c", "<b>"] {
        let text = Text::new(&app.app, "mail-frame").with("name", name).part("hello");
        assert_eq!(text, format!("Hello {name},"));
    }
}

#[test]
fn times_are_whole() {
    let catalogue = Catalogue::english().unwrap();
    let table = [
        (60, "1 minute"),
        (1_800, "30 minutes"),
        (3_600, "1 hour"),
        (3_601, "2 hours"),
        (24 * 3_600, "24 hours"),
        (14 * 24 * 3_600, "14 days"),
    ];
    for (seconds, expected) in table {
        let text = Text::of(&catalogue, "time").lasting(Seconds(seconds));
        assert_eq!(text.whole(), expected);
    }
}

#[test]
fn a_file_that_is_wrong_is_refused_at_the_start() {
    let folder = Folder::new();
    let load = |texts: &str, language: &str| {
        let mut config = Config::defaults(Environment::Testing);
        config.site.texts = file(&folder, texts);
        language.clone_into(&mut config.site.language);
        Catalogue::load(&config).map_err(|error| error.to_string())
    };
    assert!(load(ENGLISH, "en").is_ok());
    let table = [
        ("welcome = Hallo\n\nmonth = { $month ->", "de", "texts.ftl: line 3: "),
        ("wellcome = Hallo", "de", "texts.ftl: wellcome: there is no such text"),
        ("welcome = Hallo { $name }", "de", "texts.ftl: welcome: there is no $name to put in"),
        ("welcome = Hallo", "Deutsch!", "texts.ftl: Deutsch!: "),
    ];
    for (texts, language, expected) in table {
        let error = load(texts, language).unwrap_err();
        assert!(error.starts_with("site.texts: ") && error.contains(expected), "{error}");
    }
    let mut config = Config::defaults(Environment::Testing);
    config.site.texts = folder.path().join("nothing").to_str().unwrap().to_owned();
    assert!(Catalogue::load(&config).unwrap_err().to_string().contains("nothing: "));
}

//! What people come for, in a real browser: the first start, writing and being read, joining, and
//! an editor that never loses a word.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::PathBuf;

use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::server::{PASSWORD, Server, Site};
use streamly_e2e::smtp::MailServer;

const ARTICLE: &str = "It rained on the first morning, which *everyone* had promised it would not.\n\n\
## What we carried\n\n| Item | Weight |\n|:--|--:|\n| Tent and pegs | 3.2 kg |\n| Pan | 2.9 kg |\n\n\
## The code\n\n```python\ndef safe(levels, limit=1.35):\n    return levels[-1] <= limit\n```\n\n\
## The end\n\nIt was fine.[^1]\n\n[^1]: Mostly.\n";

const PUBLISH: &str = "main button[name=status][value=published]";
const DRAFT: &str = "main button[name=status][value=draft]";

/// A browser and a started site with these members on it.
fn stage(people: &[&str]) -> Option<(Browser, Server, Site)> {
    let browser = Browser::start(Look::DESKTOP).unwrap()?;
    let site = Site::sqlite().unwrap();
    for name in people {
        site.user(name, "User").unwrap();
    }
    let server = site.start().unwrap();
    Some((browser, server, site))
}

fn path(browser: &Browser, server: &Server) -> String {
    browser.url().unwrap().replace(&server.url(""), "")
}

/// Fills in the form of a new post; a script replaces the text as pasting does.
fn write(browser: &Browser, server: &Server, title: &str, text: &str) {
    browser.goto(&server.url("/blog/create")).unwrap();
    browser.fill("main [name=title]", title).unwrap();
    browser.paste("main [name=content]", text).unwrap();
}

fn publish(browser: &Browser, server: &Server) -> String {
    browser.click(PUBLISH).unwrap();
    browser.until("published", |browser| Ok(browser.url()?.contains("/blog/post/"))).unwrap();
    path(browser, server)
}

#[test]
fn from_the_first_start_to_a_reader_without_scripts() {
    for site in Site::each().unwrap() {
        let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
        let server = site.start().unwrap();
        let link = server.setup_link().unwrap();
        browser.goto(&server.url(&link)).unwrap();
        let account = [
            ("username", "keeper"),
            ("email", "keeper@example.com"),
            ("password", PASSWORD),
            ("confirm_password", PASSWORD),
        ];
        browser.fill_in(&account).unwrap();
        browser.send("confirm_password").unwrap();
        browser
            .until("the link was used", |browser| Ok(!browser.url()?.contains("/setup/")))
            .unwrap();
        if browser.url().unwrap().contains("/auth/login") {
            browser.log_in_here("keeper", PASSWORD).unwrap();
        }
        let again = server.client().get(&link).unwrap().status;
        assert!(again >= 300, "the link works once, and then answers {again}");

        write(&browser, &server, "A week on the river", ARTICLE);
        let post = publish(&browser, &server);
        assert_eq!(post, "/blog/post/a-week-on-the-river");
        browser.assert_clean().unwrap();

        let Some(reader) = Browser::start(Look::PHONE.without_scripts()).unwrap() else { return };
        reader.goto(&server.url("/")).unwrap();
        reader.click(&format!("main a[href$='{post}']")).unwrap();
        reader.until("the post", |reader| Ok(reader.url()?.ends_with(&post))).unwrap();
        assert_eq!(reader.text("h1").unwrap(), "A week on the river");
        let text = reader.text(".prose").unwrap();
        for part in
            ["It rained on the first morning", "Tent and pegs", "levels[-1] <= limit", "Mostly."]
        {
            assert!(text.contains(part), "{part:?} is missing in {text}");
        }
        for element in ["em", "h2", "table td", "pre code", "sup a"] {
            assert!(reader.count(&format!(".prose {element}")).unwrap() > 0, "no {element}");
        }
        reader.assert_clean().unwrap();
    }
}

#[test]
fn somebody_joins_confirms_forgets_the_password_and_comes_back() {
    let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
    let mail = MailServer::start().unwrap();
    let mut site = Site::sqlite().unwrap();
    site.mail_to(&mail);
    site.user("keeper", "Administrator").unwrap();
    let server = site.start().unwrap();

    browser.goto(&server.url("/auth/register")).unwrap();
    let account = [
        ("username", "newcomer"),
        ("email", "newcomer@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    browser.fill_in(&account).unwrap();
    browser.send("confirm_password").unwrap();
    let letter = mail.wait_for("newcomer@example.org", "/auth/confirm/").unwrap();
    let link = letter.link(&server.url("/auth/confirm/")).unwrap();
    browser.goto(&link).unwrap();
    browser.send("csrf_token").unwrap();
    browser.until("confirmed", |browser| Ok(browser.url()? != link)).unwrap();
    browser.log_in(&server, "newcomer").unwrap();

    // Elsewhere, the same person asks for a new password.
    let Some(elsewhere) = Browser::start(Look::PHONE).unwrap() else { return };
    elsewhere.goto(&server.url("/auth/reset-password-request")).unwrap();
    elsewhere.fill_in(&[("email", "newcomer@example.org")]).unwrap();
    elsewhere.send("email").unwrap();
    let letter = mail.wait_for("newcomer@example.org", "/auth/reset-password/").unwrap();
    elsewhere.goto(&letter.link(&server.url("/auth/reset-password/")).unwrap()).unwrap();
    let new = "another-Harbour-71-slope";
    elsewhere.fill_in(&[("password", new), ("confirm_password", new)]).unwrap();
    elsewhere.send("confirm_password").unwrap();
    elsewhere.until("reset", |browser| Ok(!browser.url()?.contains("/reset-password/"))).unwrap();

    browser.goto(&server.url("/auth/profile")).unwrap();
    assert!(browser.url().unwrap().contains("/auth/login"), "the reset ended the session here");
    browser.log_in_here("newcomer", PASSWORD).unwrap();
    assert!(browser.url().unwrap().contains("/auth/login"), "the old password is no good");
    browser.log_in_here("newcomer", new).unwrap();
    browser.until("logged in", |browser| Ok(!browser.url()?.contains("/auth/login"))).unwrap();
    browser.assert_clean().unwrap();
}

#[test]
fn the_editor_saves_by_itself() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    browser.goto(&server.url("/blog/create")).unwrap();
    browser.fill("main [name=title]", "Saved by itself").unwrap();
    browser.type_into("main [name=content]", "A sentence nobody saved.").unwrap();
    browser
        .until("saved", |browser| Ok(browser.text("main [role=status]")?.contains("Saved")))
        .unwrap();
    let saved = browser.url().unwrap();
    browser.goto(&saved).unwrap();
    let text = browser.property("main [name=content]", "value").unwrap();
    assert_eq!(text, "A sentence nobody saved.", "after a reload of {saved}");
    browser.assert_clean().unwrap();
}

#[test]
fn two_tabs_never_overwrite_each_other_silently() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    write(&browser, &server, "In two tabs", "What both began with.");
    browser.click(DRAFT).unwrap();
    browser.until("a draft", |browser| Ok(!browser.url()?.ends_with("/blog/create"))).unwrap();
    let first = browser.tab().unwrap();
    let edit = edit_address(&browser);
    browser.goto(&edit).unwrap();
    browser.open_tab().unwrap();
    browser.goto(&edit).unwrap();
    browser.paste("main [name=content]", "The second tab's text.").unwrap();
    browser.click(DRAFT).unwrap();
    browser.until("saved", |browser| Ok(browser.source()?.contains("second tab"))).unwrap();

    browser.switch_to(&first).unwrap();
    browser.paste("main [name=content]", "The first tab's text.").unwrap();
    browser.click(DRAFT).unwrap();
    browser
        .until("both texts are shown", |browser| {
            let source = browser.source()?;
            Ok(source.contains("second tab") && source.contains("first tab"))
        })
        .unwrap();
}

/// The address of the editor of the post or draft that is open.
fn edit_address(browser: &Browser) -> String {
    let url = browser.url().unwrap();
    if url.ends_with("/edit") {
        return url;
    }
    browser.property("main a[href$='/edit']", "href").unwrap().as_str().unwrap().to_owned()
}

#[test]
fn a_picture_dropped_into_a_post_is_seen_by_readers() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    write(&browser, &server, "With a cover", "Some text.");
    let picture = browser.folder.path().join("square.png");
    browser.screenshot(&picture).unwrap();
    browser.type_into("main input[type=file][name=image]", &picture.display().to_string()).unwrap();
    publish(&browser, &server);
    let shown = "const image = document.querySelector('main article img');
        return Boolean(image && image.complete && image.naturalWidth > 0)";
    browser.until("the picture", |browser| Ok(browser.script(shown, &[])? == true)).unwrap();
    browser.assert_clean().unwrap();
}

#[test]
fn the_three_articles_are_published_and_read_back() {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let articles = here.ancestors().nth(3).unwrap().join("shared/fixtures/markdown/articles");
    if !articles.is_dir() {
        eprintln!("LEFT OUT: the three articles, for shared/fixtures is not here");
        return;
    }
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(articles).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "md"));
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let (head, body) = text.trim_start_matches("---\n").split_once("\n---\n").unwrap();
        let title = head.lines().find_map(|line| line.strip_prefix("title: ")).unwrap();
        let title = title.trim_matches('"');
        write(&browser, &server, title, body);
        let post = publish(&browser, &server);
        let Some(reader) = Browser::start(Look::PHONE.without_scripts()).unwrap() else { return };
        reader.goto(&server.url(&post)).unwrap();
        assert_eq!(reader.text("h1").unwrap(), title);
        let read = reader.text(".prose").unwrap();
        let last = body.lines().rev().find(|line| {
            line.len() > 40 && line.is_ascii() && !line.contains(['[', '*', '`', '|', '<', '_'])
        });
        if let Some(last) = last {
            assert!(
                read.contains(last.trim_start_matches(['#', '-', '>', ' '])),
                "{last:?} is missing"
            );
        }
        assert!(reader.count(".prose h2").unwrap() > 0);
        reader.assert_clean().unwrap();
    }
}

//! What people come for, in a real browser: the first start, writing and being read, joining, and
//! an editor that never loses a word.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod articles;
mod by_hand;
mod crowd;
mod editor;
mod keeping;
mod members;
mod pictures;
mod shown;
mod talk;
mod told;

use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::member::path_of;
use streamly_e2e::server::{PASSWORD, Server, Site};
use streamly_e2e::smtp::MailServer;

const ARTICLE: &str = "It rained on the first morning, which *everyone* had promised it would not.\n\n\
## What we carried\n\n| Item | Weight |\n|:--|--:|\n| Tent and pegs | 3.2 kg |\n| Pan | 2.9 kg |\n\n\
## The code\n\n```python\ndef safe(levels, limit=1.35):\n    return levels[-1] <= limit\n```\n\n\
<script>document.title = 'ran'</script><img src=x onerror=\"document.title='ran'\">\n\n\
## The end\n\nIt was fine.[^1]\n\n[^1]: Mostly.\n";

const PUBLISH: &str = "main button[name=status][value=published]";
const DRAFT: &str = "main .bar > .row > button[name=status][value=draft]";
const TEXT: &str = "main [name=content]";

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

/// Fills in the form of a new post; a script replaces the text as pasting does.
fn write(browser: &Browser, server: &Server, title: &str, text: &str) {
    browser.goto(&server.url("/blog/create")).unwrap();
    browser.fill("main [name=title]", title).unwrap();
    browser.paste(TEXT, text).unwrap();
}

/// Opens the panel with what belongs to publishing.
fn open_panel(browser: &Browser) {
    browser.click("main details.publish > summary").unwrap();
}

/// Publishes what the editor holds and returns the path of the post.
fn publish(browser: &Browser) -> String {
    if browser.count("main details.publish[open]").unwrap() == 0 {
        open_panel(browser);
    }
    browser.click(PUBLISH).unwrap();
    arrive_at_post(browser)
}

fn arrive_at_post(browser: &Browser) -> String {
    browser.wait("article.post .prose").unwrap();
    path_of(&browser.url().unwrap())
}

/// Waits until the line above the text says so.
fn state_says(browser: &Browser, words: &str) {
    let said = |browser: &Browser| Ok(browser.text("main [data-save-state]")?.contains(words));
    browser.until(words, said).unwrap();
}

#[test]
fn from_the_first_start_to_a_reader_without_scripts() {
    for site in Site::each().unwrap() {
        let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
        let server = site.start().unwrap();
        set_up(&browser, &server);

        // A picture is dropped into the text, and the article written around it.
        write(&browser, &server, "A week on the river", "");
        let picture = browser.folder.path().join("the-boat.png");
        browser.screenshot(&picture).unwrap();
        browser.drop_file("main .sheet", &picture, "image/png").unwrap();
        let markdown = uploaded(&browser);
        browser.paste(TEXT, &format!("{ARTICLE}\n{markdown}\n")).unwrap();
        let post = publish(&browser);
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
        for element in ["em", "h2", "table td", "pre code", "sup a", "img[src^='/media/']"] {
            assert!(reader.count(&format!(".prose {element}")).unwrap() > 0, "no {element}");
        }
        for reader in [&reader, &browser] {
            assert_eq!(reader.count(".prose :is(script, [onerror])").unwrap(), 0);
            assert!(reader.title().unwrap().starts_with("A week on the river"));
        }
        assert_picture(&reader, ".prose img[src^='/media/']");
        reader.assert_clean().unwrap();
    }
}

/// Makes the administrator with the link of the terminal, which is good for that once.
fn set_up(browser: &Browser, server: &Server) {
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
    browser.until("the link was used", |browser| Ok(!browser.url()?.contains("/setup/"))).unwrap();
    if browser.url().unwrap().contains("/auth/login") {
        browser.log_in_here("keeper", PASSWORD).unwrap();
        browser.until("logged in", |browser| Ok(!browser.url()?.contains("/auth/login"))).unwrap();
    }
    server.client().get(&link).unwrap().expect(410).unwrap();
    // The account is the administrator's: what was deleted or hidden of others is theirs to see.
    browser.wait("#account-menu").unwrap();
}

/// Waits until a dropped picture has its address, and returns its Markdown.
fn uploaded(browser: &Browser) -> String {
    let text = |browser: &Browser| browser.property(TEXT, "value");
    let arrived = |browser: &Browser| Ok(text(browser)?.to_string().contains("](/media/"));
    browser.until("the picture is uploaded", arrived).unwrap();
    text(browser).unwrap().as_str().unwrap().trim().to_owned()
}

/// The picture is loaded and shown.
fn assert_picture(browser: &Browser, css: &str) {
    let script = "const image = document.querySelector(arguments[0]); image?.scrollIntoView();
        return Boolean(image && image.complete && image.naturalWidth > 0)";
    let shown = |browser: &Browser| Ok(browser.script(script, &[css.into()])? == true);
    browser.until("the picture is seen", shown).unwrap();
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
    elsewhere.assert_clean().unwrap();

    browser.goto(&server.url("/auth/profile")).unwrap();
    assert!(browser.url().unwrap().contains("/auth/login"), "the reset ended the session here");
    browser.log_in_here("newcomer", PASSWORD).unwrap();
    browser.wait("main .mistakes").unwrap();
    assert!(browser.url().unwrap().contains("/auth/login"), "the old password is no good");
    browser.assert_clean_but_for(&[422]).unwrap();
    browser.log_in_here("newcomer", new).unwrap();
    browser.until("logged in", |browser| Ok(!browser.url()?.contains("/auth/login"))).unwrap();
    assert!(browser.url().unwrap().contains("/auth/profile"), "back where they wanted to go");
    browser.assert_clean().unwrap();
}

//! The tools of these tests find what they are there to find.

use std::io::Write;
use std::net::TcpStream;

use streamly_e2e::browser::axe::every_rule;
use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::http::encode;
use streamly_e2e::smtp::{MailServer, Mood};

fn page(html: &str) -> String {
    format!("data:text/html,{}", encode(html))
}

#[test]
fn the_browser_notices_dialogs_errors_and_breaches_of_policy() {
    let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
    browser.goto(&page("<p>quiet</p>")).unwrap();
    assert_eq!(browser.misdeeds().unwrap(), [""; 0]);

    browser.goto(&page("<script>alert('one')</script>")).unwrap();
    assert!(browser.misdeeds().unwrap().concat().contains("WATCHED dialog alert one"));
    browser.goto(&page("<iframe srcdoc='<script>confirm(2)</script>'></iframe>")).unwrap();
    browser.until("the frame ran", |browser| Ok(!browser.misdeeds()?.is_empty())).unwrap();
    browser.goto(&page("<script>throw new Error('three')</script>")).unwrap();
    assert!(browser.misdeeds().unwrap().concat().contains("three"));

    let policy = r#"<meta http-equiv="content-security-policy" content="script-src 'none'">"#;
    browser.goto(&page(&format!("{policy}<script>document.title='ran'</script>"))).unwrap();
    assert!(browser.misdeeds().unwrap().concat().contains("WATCHED policy script-src"));
    assert_eq!(browser.title().unwrap(), "");
}

#[test]
fn the_browser_can_do_without_scripts_in_the_dark() {
    let html = "<p id=p>plain</p>
        <script>document.getElementById('p').textContent = 'scripted'</script>";
    let look = Look::PHONE.dark().without_scripts();
    let Some(browser) = Browser::start(look).unwrap() else { return };
    browser.goto(&page(html)).unwrap();
    assert_eq!(browser.text("p").unwrap(), "plain");
    let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
    assert_eq!(browser.script(dark, &[]).unwrap(), true, "our own questions still run");
    let tab = browser.tab().unwrap();
    browser.open_tab().unwrap();
    browser.goto(&page(html)).unwrap();
    assert_eq!(browser.text("p").unwrap(), "plain", "a new tab has the same look");
    browser.switch_to(&tab).unwrap();
    browser.resize(Look::DESKTOP).unwrap();
    browser.goto(&page(html)).unwrap();
    assert_eq!(browser.text("p").unwrap(), "scripted");
    assert_eq!(browser.script("return window.innerWidth", &[]).unwrap(), 1280);

    let shot = browser.folder.path().join("shot.png");
    browser.screenshot(&shot).unwrap();
    assert!(std::fs::read(shot).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn axe_finds_what_hides_a_page_from_people() {
    let Some(browser) = Browser::start(Look::DESKTOP.dark()).unwrap() else { return };
    if !browser.bring_axe().unwrap() {
        return;
    }
    let html =
        "<!doctype html><html lang=en><title>x</title><style>p {color: #999; background: #aaa}
        @media (prefers-color-scheme: light) {p {color: #000; background: #fff}}</style>
        <main><h1>x</h1><p>faint</p><input></main>";
    browser.goto(&page(html)).unwrap();
    let found = browser.audit(&every_rule()).unwrap().join("\n");
    assert!(found.contains("color-contrast") && found.contains("label"), "{found}");
    browser.resize(Look::DESKTOP).unwrap();
    let found = browser.audit(&every_rule()).unwrap().join("\n");
    assert!(!found.contains("color-contrast") && found.contains("label"), "{found}");
    browser.resize(Look::PHONE).unwrap();
    assert_eq!(browser.overflow().unwrap(), "");
    browser.script("document.querySelector('p').style.width = '600px'", &[]).unwrap();
    assert!(browser.overflow().unwrap().contains("<p style"), "{}", browser.overflow().unwrap());
}

#[test]
fn the_mail_server_keeps_what_it_is_sent_and_can_refuse() {
    let server = MailServer::start().unwrap();
    let send = || {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        let text = "EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nSubject: hi\r\n\r\n\
                    see http://x/confirm/a=3Db=\r\nc now\r\n.\r\nQUIT\r\n";
        stream.write_all(text.as_bytes()).unwrap();
        std::io::read_to_string(stream).unwrap()
    };
    assert!(send().contains("250 kept"));
    let mail = server.wait_for("b@x", "confirm").unwrap();
    assert_eq!(mail.link("http://x/confirm/").unwrap(), "http://x/confirm/a=bc");
    server.set(Mood::Refuse);
    assert!(send().contains("550"));
}

//! What a reader does with a post and with people: keep it, pass it on, keep away from somebody.

use serde_json::json;
use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::member::Member;

use crate::stage;

const KEEP: &str = "form[data-act=bookmark] button";
const SHARE: &str = "details.share[data-url]";

#[test]
fn a_post_is_kept_for_later_and_passed_on() {
    let Some((browser, server, _site)) = stage(&["ana", "ben"]) else { return };
    let post = Member::sign_in(&server, "ana").unwrap().publish("The river", "High.").unwrap();
    browser.log_in(&server, "ben").unwrap();

    // Kept without leaving the page, found on the list, and taken off it.
    browser.goto(&server.url(&post)).unwrap();
    browser.click(KEEP).unwrap();
    browser.wait(&format!("{KEEP}[aria-pressed=true]")).unwrap();
    browser.goto(&server.url("/bookmarks")).unwrap();
    browser.click(&format!("main .card a[href$='{post}']")).unwrap();
    browser.wait(&format!("{KEEP}[aria-pressed=true]")).unwrap();

    // The menu has plain links that load nothing, and the address to take along.
    browser.click(&format!("{SHARE} > summary")).unwrap();
    browser.wait(&format!("{SHARE}[open]")).unwrap();
    for target in ["mailto:", "https://mastodonshare.com/", "https://www.linkedin.com/"] {
        let link = format!("{SHARE} a[href^='{target}']");
        assert_eq!(browser.count(&link).unwrap(), 1, "{target}");
    }
    let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    browser.devtools("Browser.grantPermissions", &permissions).unwrap();
    browser.wait(&format!("{SHARE} li button")).unwrap();
    browser.click(&format!("{SHARE} li button")).unwrap();
    let copied = |browser: &Browser| Ok(browser.text(&format!("{SHARE} li button"))? == "Copied");
    browser.until("the address is copied", copied).unwrap();
    let read = "const done = arguments[arguments.length - 1];
        navigator.clipboard.readText().then(done, (error) => done(String(error)))";
    assert_eq!(browser.async_script(read, &[]).unwrap(), json!(server.url(&post)));

    browser.click(KEEP).unwrap();
    browser.wait(&format!("{KEEP}[aria-pressed=false]")).unwrap();
    browser.goto(&server.url("/bookmarks")).unwrap();
    assert!(browser.text("main").unwrap().contains("Nothing kept yet"));
    browser.assert_clean().unwrap();
}

#[test]
fn a_post_is_passed_on_from_a_list() {
    let Some((browser, server, _site)) = stage(&["ana"]) else { return };
    let post = Member::sign_in(&server, "ana").unwrap().publish("The river", "High.").unwrap();
    browser.goto(&server.url("/blog/")).unwrap();
    let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    browser.devtools("Browser.grantPermissions", &permissions).unwrap();
    let button = ".card .pass[aria-label='Share The river']";
    browser.wait(button).unwrap();
    browser.click(button).unwrap();
    let copied = |browser: &Browser| Ok(browser.text(button)? == "Link copied");
    browser.until("the address is copied", copied).unwrap();
    let read = "const done = arguments[arguments.length - 1];
        navigator.clipboard.readText().then(done, (error) => done(String(error)))";
    assert_eq!(browser.async_script(read, &[]).unwrap(), json!(server.url(&post)));
    browser.assert_clean().unwrap();
}

/// The menu of somebody's profile opens, and one of its buttons is pressed.
fn choose(browser: &Browser, what: &str) {
    browser.click("header.profile details.share > summary").unwrap();
    browser.click(&format!("header.profile form[action$='/{what}'] button")).unwrap();
}

#[test]
fn two_people_keep_away_from_each_other_and_make_up() {
    let Some((ben, server, _site)) = stage(&["ana", "ben"]) else { return };
    let Some(ana) = Browser::start(Look::PHONE.without_scripts()).unwrap() else { return };
    let of_ana = Member::sign_in(&server, "ana").unwrap().publish("The river", "High.").unwrap();
    let of_ben = Member::sign_in(&server, "ben").unwrap().publish("The lake", "Still.").unwrap();
    ana.log_in(&server, "ana").unwrap();
    ben.log_in(&server, "ben").unwrap();
    let lists = |browser: &Browser, post: &str| {
        browser.goto(&server.url("/?tab=latest")).unwrap();
        browser.count(&format!("main a[href$='{post}']")).unwrap() > 0
    };
    let arrives = |browser: &Browser, css: &str| browser.wait(css).map(drop).unwrap();

    // Muted: out of sight for whoever mutes, and for nobody else.
    assert!(lists(&ana, &of_ben));
    ana.goto(&server.url("/user/ben")).unwrap();
    choose(&ana, "mute");
    arrives(&ana, ".flash");
    assert!(!lists(&ana, &of_ben));
    assert!(lists(&ben, &of_ana));

    // Blocked: neither finds the other, and only whoever blocked knows.
    ana.goto(&server.url("/user/ben")).unwrap();
    choose(&ana, "block");
    arrives(&ana, "header.profile .notice");
    assert!(!ana.text("main").unwrap().contains("The lake"));
    assert!(!lists(&ben, &of_ana));
    for path in [of_ana.as_str(), "/user/ana"] {
        ben.goto(&server.url(path)).unwrap();
        assert!(ben.text("main").unwrap().contains("Nothing here"), "{path}");
    }
    ben.assert_clean_but_for(&[404]).unwrap();

    // Both are taken back where they are listed.
    for what in ["block", "mute"] {
        ana.goto(&server.url("/auth/settings/blocked")).unwrap();
        ana.click(&format!("main form[action='/blog/user/ben/{what}'] button")).unwrap();
        let gone = |ana: &Browser| Ok(ana.count(&format!("main form[action$='/{what}']"))? == 0);
        ana.until("it is taken back", gone).unwrap();
    }
    assert!(lists(&ana, &of_ben));
    assert!(lists(&ben, &of_ana));
    // With scripts the menu is a menu too, not the sheet for passing on.
    ben.goto(&server.url("/user/ana")).unwrap();
    ben.click("header.profile details.share > summary").unwrap();
    arrives(&ben, "header.profile details.share[open]");
    assert_eq!(ben.count("header.profile details.share li").unwrap(), 2);
    ana.assert_clean().unwrap();
    ben.assert_clean().unwrap();
}

//! How things are said: right to left, by name, one mistake at a time; and what Enter does not do.

use streamly_e2e::browser::hands::ENTER;
use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::member::Member;
use streamly_e2e::server::{Server, Site};

use super::stage;
use super::talk::{says, send};

#[test]
fn words_from_right_to_left_are_set_so_wherever_they_stand() {
    let Some((browser, server, _site)) = stage(&["ana"]) else { return };
    let mut ana = Member::sign_in(&server, "ana").unwrap();
    let title = "رحلة على النهر في الربيع: (يوميات)";
    let text = "كان الماء أعلى من العام الماضي، وكانت الطريق طويلة.";
    let mut post = String::new();
    for number in 1..=6 {
        post = ana.publish(&format!("{title} {number}"), text).unwrap();
    }
    ana.client.submit(&post, "/blog/post/1/like", &[]).unwrap().expect(303).unwrap();
    let bio = [("first_name", "Ana"), ("bio", text)];
    ana.client.submit("/auth/profile", "/auth/profile", &bio).unwrap().expect(303).unwrap();
    for (path, places) in [
        ("/", &[".lead h2", ".lead p", ".card h3", ".card p", ".featured li > a", ".rank a"][..]),
        (&post, &["h1", ".author-card p", ".card h3"]),
        ("/user/ana", &[".profile .bio", ".card h3", ".card p"]),
        ("/users", &[".people .about"]),
        ("/blog/search?q=النهر", &[".card h3", ".card p"]),
    ] {
        browser.goto(&server.url(path)).unwrap();
        for place in places {
            browser.wait(place).unwrap();
            let script = "return getComputedStyle(document.querySelector(arguments[0])).direction";
            let direction = browser.script(script, &[(*place).into()]).unwrap();
            assert_eq!(direction, "rtl", "{place} at {path}");
        }
        assert_eq!(browser.overflow().unwrap(), "", "{path}");
    }
}

#[test]
fn buttons_and_links_say_whom_they_are_about() {
    let Some((browser, server, _site)) = stage(&["ana", "ben", "cleo"]) else { return };
    let mut post = String::new();
    for name in ["ana", "ben"] {
        post = Member::sign_in(&server, name).unwrap().publish("The river", "High.").unwrap();
    }
    for name in ["ana", "ben"] {
        send(&mut Member::sign_in(&server, name).unwrap(), &post, "Mine", "");
    }
    browser.log_in(&server, "cleo").unwrap();
    send(&mut Member::sign_in(&server, "cleo").unwrap(), &post, "Mine, too", "");
    browser.goto(&server.url("/")).unwrap();
    let names = |css: &str| {
        let script = "return [...document.querySelectorAll(arguments[0])]
            .map((one) => one.textContent.trim())";
        let found = browser.script(script, &[css.into()]).unwrap();
        let all = found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned());
        all.collect::<std::collections::BTreeSet<_>>()
    };
    let follow = "form[data-act=follow] button";
    browser.wait(follow).unwrap();
    assert_eq!(names(follow), ["Follow ana", "Follow ben"].map(str::to_owned).into());
    let ben = "form[action='/blog/user/ben/follow'] button";
    browser.click(ben).unwrap();
    browser.wait(&format!("{ben}[aria-pressed=true]")).unwrap();
    assert_eq!(browser.property(ben, "textContent").unwrap(), "Following ben");

    browser.goto(&server.url(&post)).unwrap();
    let said = names(".comment .doing a:not([hidden])");
    for name in ["Reply to ana", "Report the comment by ana", "Report the comment by ben"] {
        assert!(said.contains(name), "{name} is not in {said:?}");
    }
    for name in ["Edit the comment by cleo", "Delete the comment by cleo"] {
        assert!(said.contains(name), "{name} is not in {said:?}");
    }
    browser.assert_clean().unwrap();
}

#[test]
fn a_report_says_once_what_is_missing_and_reaches_the_moderators() {
    for site in Site::each().unwrap() {
        let Some(browser) = Browser::start(Look::PHONE).unwrap() else { return };
        for (name, role) in [("ana", "User"), ("ben", "User"), ("mod", "Moderator")] {
            site.user(name, role).unwrap();
        }
        let server = site.start().unwrap();
        let mut ana = Member::sign_in(&server, "ana").unwrap();
        let post = ana.publish("The river", "High.").unwrap();
        let id = send(&mut ana, &post, "Buy boats", "");
        browser.log_in(&server, "ben").unwrap();
        browser.goto(&server.url(&post)).unwrap();
        browser.click(&format!("#comment-{id} a[href$='/report']")).unwrap();
        browser.wait("main fieldset").unwrap();
        let group = "main fieldset[aria-invalid=true][aria-describedby=reason-error]";
        let pressed = |browser: &Browser| {
            browser.click("main form .button.strong")?;
            Ok(browser.count(group)? == 1)
        };
        browser.until("something is missing", pressed).unwrap();
        assert_eq!(browser.count("main .error").unwrap(), 1);
        assert_eq!(browser.text("main legend + #reason-error").unwrap(), "Please choose one.");
        let focused = "return document.activeElement.name";
        assert_eq!(browser.script(focused, &[]).unwrap(), "reason");
        browser.click("#reason-off_topic").unwrap();
        assert_eq!(browser.count(&format!("main .error, {group}")).unwrap(), 0);
        browser.click("#reason-spam").unwrap();
        browser.fill("main [name=note]", "An advert").unwrap();
        browser.click("main form .button.strong").unwrap();
        browser.wait(".flash-success").unwrap();
        browser.assert_clean().unwrap();

        let mut moderator = Member::sign_in(&server, "mod").unwrap().client;
        let desk = moderator.get("/moderation/comments").unwrap().expect(200).unwrap().text();
        for words in ["Buy boats", "An advert", "@ben", "advertising or spam"] {
            assert!(desk.contains(words), "{words} is not in {desk}");
        }
    }
}

#[test]
fn enter_on_the_moderators_desk_decides_nothing() {
    let Some((browser, server, site)) = stage(&["ana"]) else { return };
    reported(&server, &site);
    browser.log_in(&server, "mod").unwrap();
    enter(&browser, &server);
    let Some(plain) = Browser::start(Look::DESKTOP.without_scripts()).unwrap() else { return };
    plain.log_in(&server, "mod").unwrap();
    enter(&plain, &server);
}

/// A comment that somebody has reported, and the moderator.
fn reported(server: &Server, site: &Site) {
    site.user("mod", "Moderator").unwrap();
    site.user("ben", "User").unwrap();
    let mut ana = Member::sign_in(server, "ana").unwrap();
    let post = ana.publish("The river", "High.").unwrap();
    let id = send(&mut ana, &post, "Buy boats", "");
    let mut ben = Member::sign_in(server, "ben").unwrap().client;
    let path = format!("/comments/{id}/report");
    ben.submit(&path, &path, &[("reason", "spam")]).unwrap().expect(303).unwrap();
}

/// Presses Enter wherever something is typed or picked.
fn enter(browser: &Browser, server: &Server) {
    browser.goto(&server.url("/moderation/comments")).unwrap();
    browser.fill("[name=reason]", "An").unwrap();
    browser.type_into("[name=reason]", ENTER).unwrap();
    browser.type_into("[name=reason]", "advert").unwrap();
    assert_eq!(browser.property("[name=reason]", "value").unwrap(), "An\nadvert");
    // A box that is picked sends the form, by its first button.
    browser.click(".case input[type=checkbox]").unwrap();
    browser.type_into(".case input[type=checkbox]", ENTER).unwrap();
    let picked = |browser: &Browser| Ok(browser.count(".case input[checked]")? == 1);
    browser.until("the page is shown again", picked).unwrap();
    let kept = browser.property("[name=reason]", "value").unwrap();
    assert_eq!(kept.as_str().unwrap().replace('\r', ""), "An\nadvert");
    assert_eq!(browser.count(".case").unwrap(), 1);
    says(browser, ".case", "1 reported");

    browser.click(".case a[href^='/comment/']").unwrap();
    browser.click(".comment a[href^='/moderation/comments/']").unwrap();
    browser.fill("[name=reason]", "An").unwrap();
    browser.type_into("[name=reason]", ENTER).unwrap();
    browser.type_into("[name=reason]", "advert").unwrap();
    assert_eq!(browser.property("[name=reason]", "value").unwrap(), "An\nadvert");
    assert_eq!(browser.count(".happened li").unwrap(), 2, "written and reported");
    browser.assert_clean().unwrap();
}

//! Where much is: suggestions while typing, a long thread, the moderators' desk, what one is told.

use streamly_e2e::browser::hands::{DOWN, ENTER, ESCAPE};
use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::member::{Member, path_of};
use streamly_e2e::server::Site;

use super::stage;

const FIELD: &str = "header input[type=search][name=q]";

/// Comments on a post and returns the comment's number.
fn comment(member: &mut Member, post: &str, token: &str, (at, parent): (usize, &str)) -> String {
    let (nonce, text) = (format!("nonce-{at}"), format!("Remark number {at}."));
    let fields =
        [("csrf_token", token), ("nonce", &nonce), ("parent_id", parent), ("content", &text)];
    let answer = member.client.post(post, &fields).unwrap().expect(303).unwrap();
    let place = answer.location().unwrap();
    path_of(place).rsplit('/').next().unwrap().to_owned()
}

#[test]
fn a_search_is_done_with_the_keyboard_alone() {
    let Some((browser, server, _site)) = stage(&["ana"]) else { return };
    let mut ana = Member::sign_in(&server, "ana").unwrap();
    let soup = ana.publish("Soup for a slow evening", "Boil the water.").unwrap();
    ana.publish("Soup again", "Boil more water.").unwrap();
    browser.goto(&server.url("/")).unwrap();

    // "/" leads into the field; what is typed is answered, and the arrows choose.
    browser.press("/").unwrap();
    let holds = |browser: &Browser| {
        let at = "return document.activeElement.name ?? ''";
        Ok(browser.script(at, &[])?.as_str() == Some("q"))
    };
    browser.until("the field has the focus", holds).unwrap();
    browser.press("soup").unwrap();
    browser.wait(".offers:not([hidden]) [role=option]").unwrap();
    assert_eq!(browser.count(".offers [role=option]").unwrap(), 2);
    assert_eq!(browser.property(FIELD, "ariaExpanded").unwrap(), "true");
    let chosen = |browser: &Browser| browser.count(".offers [aria-selected=true]").unwrap();
    assert_eq!(chosen(&browser), 0, "Enter would search");
    browser.press(DOWN).unwrap();
    assert_eq!(chosen(&browser), 1);
    let named = "const field = document.activeElement;
        return document.getElementById(field.getAttribute('aria-activedescendant')).textContent;";
    assert!(browser.script(named, &[]).unwrap().as_str().unwrap().contains("Soup"));
    browser.press(ESCAPE).unwrap();
    assert_eq!(browser.count(".offers:not([hidden])").unwrap(), 0, "Escape closes them");
    browser.press(" for").unwrap();
    browser.wait(".offers:not([hidden]) [role=option]").unwrap();
    let one = |browser: &Browser| Ok(browser.count(".offers [role=option]")? == 1);
    browser.until("one fits", one).unwrap();
    browser.press(DOWN).unwrap();
    browser.press(ENTER).unwrap();
    browser.wait("article.post .prose").unwrap();
    assert_eq!(path_of(&browser.url().unwrap()), soup);

    // Enter with nothing chosen goes to the page, which marks what was asked for.
    browser.press("/").unwrap();
    browser.until("the field has the focus again", holds).unwrap();
    browser.press(&format!("boil{ENTER}")).unwrap();
    browser.wait("article.card mark").unwrap();
    assert_eq!(path_of(&browser.url().unwrap()), "/blog/search");
    assert_eq!(browser.count("article.card").unwrap(), 2);
    // A mistyped title is found all the same.
    browser.goto(&server.url("/blog/search?q=evenng")).unwrap();
    assert!(browser.text("p.meant").unwrap().contains("evening"));
    assert_eq!(browser.count("article.card").unwrap(), 1);
    browser.assert_clean().unwrap();
}

#[test]
fn a_thread_of_fifteen_hundred_is_read_page_by_page() {
    let Some((browser, server, _site)) = stage(&["ana", "ben"]) else { return };
    let mut ana = Member::sign_in(&server, "ana").unwrap();
    let post = ana.publish("What everybody has to say", "Go on.").unwrap();
    let mut ben = Member::sign_in(&server, "ben").unwrap();
    let token = ben.client.csrf_token(&post).unwrap();
    // One in three begins a talk, one answers it, one answers the first of all.
    let (mut first, mut last) = (String::new(), String::new());
    let mut top = String::new();
    for at in 0..1_500 {
        let parent = match at % 3 {
            0 => String::new(),
            1 => top.clone(),
            _ => first.clone(),
        };
        last = comment(&mut ben, &post, &token, (at, &parent));
        if at == 0 {
            first.clone_from(&last);
        }
        if at % 3 == 0 {
            top.clone_from(&last);
        }
    }
    browser.goto(&server.url(&post)).unwrap();
    assert!(browser.text("#talk-title").unwrap().contains("1,500"));
    let shown = browser.count(".talk .comment").unwrap();
    assert!((20..400).contains(&shown), "{shown} comments on a page");
    // The many answers to the first are folded, and more of them have a page of their own.
    assert_eq!(browser.count(".talk details.fold[open]").unwrap(), 0);
    browser.click(".talk details.fold > summary").unwrap();
    assert_eq!(browser.count(".talk details.fold[open]").unwrap(), 1);
    browser.goto(&server.url(&format!("{post}/thread/{first}"))).unwrap();
    browser.wait(".talk.alone a[rel=next]").unwrap();

    // Every talk is there once, going from page to page.
    let mut seen = 0;
    let mut next = post.clone();
    for _ in 0..60 {
        let page = ana.client.get(&next).unwrap().expect(200).unwrap().text();
        seen += page.matches("data-parent=\"\"").count();
        let Some((_, rest)) = page.split_once("rel=\"next\" href=\"") else { break };
        next = rest.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(seen, 500, "talks on all pages");

    // A link to the last comment leads to it, wherever it stands, and it is in sight.
    browser.goto(&server.url(&format!("/comment/{last}"))).unwrap();
    browser.wait(&format!("#comment-{last}")).unwrap();
    let visible = format!(
        "const box = document.getElementById('comment-{last}').getBoundingClientRect();
         return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;"
    );
    let in_sight = |browser: &Browser| Ok(browser.script(&visible, &[])? == true);
    browser.until("the comment is in sight", in_sight).unwrap();
    browser.assert_clean().unwrap();
}

#[test]
fn moderators_decide_with_one_key_each() {
    let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
    let mut site = Site::sqlite().unwrap();
    site.set("STREAMLY_COMMENTS__APPROVE_FIRST", "true");
    for (name, role) in [("ana", "User"), ("ben", "User"), ("mod", "Moderator")] {
        site.user(name, role).unwrap();
    }
    let server = site.start().unwrap();
    let post = Member::sign_in(&server, "ana").unwrap().publish("Talk", "Here.").unwrap();
    let mut ben = Member::sign_in(&server, "ben").unwrap();
    let token = ben.client.csrf_token(&post).unwrap();
    for at in 0..3 {
        comment(&mut ben, &post, &token, (at, ""));
    }
    browser.log_in(&server, "mod").unwrap();
    browser.goto(&server.url("/moderation/comments")).unwrap();
    browser.wait(".case").unwrap();
    assert_eq!(browser.count(".case").unwrap(), 3);
    let loaded = "return performance.getEntriesByType('resource')
        .some((one) => one.name.endsWith('comments.js'));";
    let ready = |browser: &Browser| Ok(browser.script(loaded, &[])? == true);
    browser.until("the keys are there", ready).unwrap();
    // A key decides about the comment on which one stands, and about none before one stands there.
    browser.press("s").unwrap();
    assert_eq!(browser.count(".case").unwrap(), 3);
    for (key, left) in [("a", 2), ("h", 1), ("s", 0)] {
        let stands = |browser: &Browser| {
            browser.press("j")?;
            let at = "return document.activeElement.type === 'checkbox'";
            Ok(browser.script(at, &[])? == true)
        };
        browser.until("the focus is on a comment", stands).unwrap();
        browser.press(key).unwrap();
        let decided = |browser: &Browser| Ok(browser.count(".case")? == left);
        browser.until("it is decided", decided).unwrap();
    }
    browser.goto(&server.url("/moderation/comments?show=decided")).unwrap();
    assert_eq!(browser.count(".case").unwrap(), 3);
    let said = ben.client.get(&post).unwrap().expect(200).unwrap().text();
    assert!(said.contains("Comment"), "{said}");
    browser.assert_clean().unwrap();
}

#[test]
fn everybody_chooses_what_they_are_told() {
    let Some((browser, server, _site)) = stage(&["ana", "ben"]) else { return };
    let mut ana = Member::sign_in(&server, "ana").unwrap();
    let post = ana.publish("Quiet", "No bells.").unwrap();
    browser.log_in(&server, "ana").unwrap();
    browser.goto(&server.url("/notifications/settings")).unwrap();
    browser.click("input[name=web_like]").unwrap();
    browser.click("select[name=mail_comment] option[value=weekly]").unwrap();
    browser.click("main form .button.strong").unwrap();
    browser.wait(".flash-success").unwrap();
    browser.goto(&server.url("/notifications/settings")).unwrap();
    assert_eq!(browser.property("input[name=web_like]", "checked").unwrap(), false);
    assert_eq!(browser.property("select[name=mail_comment]", "value").unwrap(), "weekly");

    // A like is not told any more; a comment still is.
    let mut ben = Member::sign_in(&server, "ben").unwrap();
    let token = ben.client.csrf_token(&post).unwrap();
    comment(&mut ben, &post, &token, (0, ""));
    browser.goto(&server.url("/notifications")).unwrap();
    assert!(browser.text("main").unwrap().contains("ben"));
    assert_eq!(browser.overflow().unwrap(), "");
    browser.assert_clean().unwrap();
}

#[test]
fn a_branch_by_itself_is_told_what_belongs_to_it() {
    let Some((browser, server, _site)) = stage(&["ana", "ben"]) else { return };
    let post = Member::sign_in(&server, "ana").unwrap().publish("The river", "High.").unwrap();
    let mut ben = Member::sign_in(&server, "ben").unwrap();
    let token = ben.client.csrf_token(&post).unwrap();
    let first = comment(&mut ben, &post, &token, (0, ""));
    browser.goto(&server.url(&format!("{post}/thread/{first}"))).unwrap();
    browser.wait(&format!("#comment-{first}")).unwrap();

    // What is said elsewhere under the post is no news here; an answer is, and it is put in place.
    comment(&mut ben, &post, &token, (1, ""));
    let answer = comment(&mut ben, &post, &token, (2, &first));
    browser.wait("[data-live-offer]").unwrap();
    assert_eq!(browser.text("[data-live-offer]").unwrap(), "Show 1 new comment");
    browser.click("[data-live-offer]").unwrap();
    browser.wait(&format!("#comment-{answer}")).unwrap();
    assert_eq!(browser.count(".talk .comment").unwrap(), 2);
    browser.assert_clean().unwrap();
}

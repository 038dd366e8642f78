//! What one is told of what others say, and saying it where no script runs.

use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::member::Member;
use streamly_e2e::server::Site;

use super::talk::{SAY, says, send};

#[test]
fn a_mention_and_an_answer_ring_and_are_marked_as_read() {
    for site in Site::each().unwrap() {
        for name in ["ana", "ben"] {
            site.user(name, "User").unwrap();
        }
        let server = site.start().unwrap();
        let mut ben = Member::sign_in(&server, "ben").unwrap();
        let post = ben.publish("The river", "High.").unwrap();
        let mut ana = Member::sign_in(&server, "ana").unwrap();
        let own = send(&mut ana, &post, "How high?", "");
        let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
        browser.log_in(&server, "ana").unwrap();
        browser.goto(&server.url("/")).unwrap();

        // The bell rings on any page, for an answer and for a name.
        send(&mut ben, &post, "Two metres.", &own);
        says(&browser, ".bell .count", "1");
        send(&mut ben, &post, "Ask @ana, she was there.", "");
        says(&browser, ".bell .count", "2");
        let label = |browser: &Browser| browser.property(".bell", "ariaLabel").unwrap();
        assert_eq!(label(&browser), "2 unread notifications");
        browser.click(".bell").unwrap();
        browser.wait(".news li.fresh").unwrap();
        assert_eq!(browser.count(".news li.fresh").unwrap(), 2);

        // One is marked, and back; then all.
        let fresh =
            |number: usize| move |browser: &Browser| Ok(browser.count(".news li.fresh")? == number);
        browser.click(".news li.fresh form[action$='/read'] button").unwrap();
        browser.until("one is read", fresh(1)).unwrap();
        says(&browser, ".bell .count", "1");
        browser.click(".news li form[action$='/unread'] button").unwrap();
        browser.until("it is not", fresh(2)).unwrap();
        browser.click("form[action='/notifications/read-all'] button").unwrap();
        browser.until("all are read", fresh(0)).unwrap();
        assert_eq!(browser.count(".news li").unwrap(), 2);
        assert_eq!(browser.count(".bell .count[hidden]").unwrap(), 1);

        // Each leads to what was said.
        browser.click(".news li:last-child button[dir=auto]").unwrap();
        browser.wait(".talk .comment:target").unwrap();
        says(&browser, ".talk .comment:target", "Two metres.");
        browser.assert_clean().unwrap();
    }
}

#[test]
fn without_scripts_a_comment_is_written_liked_answered_changed_and_deleted() {
    for site in Site::each().unwrap() {
        for name in ["ana", "ben"] {
            site.user(name, "User").unwrap();
        }
        let server = site.start().unwrap();
        let mut ana = Member::sign_in(&server, "ana").unwrap();
        let post = ana.publish("The river", "High.").unwrap();
        let other = send(&mut ana, &post, "Who else was there?", "");
        let other = format!("#comment-{other}");
        let Some(browser) = Browser::start(Look::PHONE.without_scripts()).unwrap() else { return };
        browser.log_in(&server, "ben").unwrap();
        browser.goto(&server.url(&post)).unwrap();

        browser.fill(&format!("{SAY} [name=content]"), "I was, in *May*.").unwrap();
        browser.click(&format!("{SAY} .button.strong")).unwrap();
        browser.wait(".flash-success").unwrap();
        let own = ".talk .comment:has(.prose em)";
        browser.wait(own).unwrap();
        says(&browser, "#talk-title", "2 comments");

        // The comment and the post are liked, and not any more.
        browser.goto(&server.url(&post)).unwrap();
        for (button, count, one) in [
            (format!("{other} form[data-like] button"), format!("{other} [data-likes]"), "1 like"),
            ("form[data-act=like] button".into(), "[data-count=likes]".into(), "1"),
        ] {
            browser.click(&button).unwrap();
            browser.wait(&format!("{button}[aria-pressed=true]")).unwrap();
            says(&browser, &count, one);
            browser.click(&button).unwrap();
            browser.wait(&format!("{button}[aria-pressed=false]")).unwrap();
            browser.goto(&server.url(&post)).unwrap();
        }

        // An answer is written on a page of its own, which shows what is answered.
        browser.click(&format!("{other} a[data-reply]")).unwrap();
        says(&browser, "main .answered", "Who else was there?");
        browser.fill("main [name=content]", "Only me.").unwrap();
        browser.click("main form .button.strong").unwrap();
        says(&browser, &format!("li:has(> {other}) > ol .comment"), "Only me.");
        let answer = format!("li:has(> {other}) > ol .comment");
        browser.click(&format!("{answer} a[data-edit]")).unwrap();
        browser.fill("main [name=content]", "Only me and Cleo.").unwrap();
        browser.click("main form .button.strong").unwrap();
        says(&browser, &answer, "Only me and Cleo.");
        browser.click(&format!("{own} a[href$='/delete']")).unwrap();
        browser.click("main form .button.danger").unwrap();
        browser.wait("main form[action$='/restore']").unwrap();
        browser.goto(&server.url(&post)).unwrap();
        assert_eq!(browser.count(own).unwrap(), 0);
        says(&browser, "#talk-title", "2 comments");
        browser.assert_clean().unwrap();
    }
}

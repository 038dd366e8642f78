//! Two people in two browsers: what one does reaches the other without a reload.

use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::member::Member;
use streamly_e2e::server::{Server, Site};

const LIKE: &str = "form[data-act=like] button";

/// Two browsers on one site, or each on an instance of its own.
fn meet(here: &Server, there: &Server) {
    let mut ana = Member::sign_in(here, "ana").unwrap();
    let post = ana.publish("The river again", "It was higher than last year.").unwrap();
    let Some(writer) = Browser::start(Look::DESKTOP).unwrap() else { return };
    let Some(reader) = Browser::start(Look::PHONE).unwrap() else { return };
    writer.log_in(here, "ana").unwrap();
    reader.log_in(there, "ben").unwrap();
    writer.goto(&here.url(&post)).unwrap();
    reader.goto(&there.url(&post)).unwrap();
    reader.wait(LIKE).unwrap();

    // A like and a follow: the writer's page counts them, and the bell rings.
    reader.click(LIKE).unwrap();
    reader.wait(&format!("{LIKE}[aria-pressed=true]")).unwrap();
    let liked = |browser: &Browser| Ok(browser.text("[data-count=likes]")?.trim() == "1");
    writer.until("the like arrives", liked).unwrap();
    reader.click("form[data-act=follow] button").unwrap();
    reader.wait("form[data-act=follow] button[aria-pressed=true]").unwrap();
    let rings = |browser: &Browser| Ok(browser.text(".bell .count")?.trim() == "2");
    writer.until("the bell rings", rings).unwrap();

    // A comment arrives where the other reads, and an answer comes back.
    reader.fill("form[data-say] [name=content]", "We were there, @ana, in *May*.").unwrap();
    reader.click("form[data-say] .button.strong").unwrap();
    reader.wait(".talk [data-comment]").unwrap();
    writer.wait("[data-live-offer]").unwrap();
    assert_eq!(reader.count("[data-live-offer]").unwrap(), 0, "one's own comment is no news");
    writer.click("[data-live-offer]").unwrap();
    let text = writer.wait(".talk [data-comment] .prose em").unwrap();
    assert!(!text.is_empty());
    let counted = |browser: &Browser| Ok(browser.text("[data-count=comments]")?.trim() == "1");
    writer.until("the comment is counted", counted).unwrap();

    // Whoever was here just now has a dot, and a like of a comment is counted where it is read.
    writer.wait(".talk [data-comment] .online").unwrap();
    writer.click(".talk form[data-like] button").unwrap();
    writer.wait(".talk form[data-like] button[aria-pressed=true]").unwrap();
    let liked = |browser: &Browser| Ok(browser.text(".talk [data-likes]")?.trim() == "1 like");
    reader.until("the like of the comment arrives", liked).unwrap();
    writer.click(".talk form[data-like] button").unwrap();
    let hidden = |browser: &Browser| Ok(browser.count(".talk [data-likes][hidden]")? == 1);
    reader.until("the like of the comment goes", hidden).unwrap();

    // An open profile counts its followers, and says who is here.
    writer.goto(&here.url("/user/ana")).unwrap();
    let followers = |number: &'static str, word: &'static str| {
        move |browser: &Browser| {
            let shown = browser.text("[data-count=followers]")?;
            Ok(shown.trim() == number && browser.text("[data-followers]")?.trim() == word)
        }
    };
    writer.until("the follower is there", followers("1", "follower")).unwrap();
    reader.click("form[data-act=follow] button").unwrap();
    writer.until("the follower is gone", followers("0", "followers")).unwrap();
    reader.click("form[data-act=follow] button").unwrap();
    writer.until("the follower is back", followers("1", "follower")).unwrap();
    writer.goto(&here.url("/user/ben")).unwrap();
    assert!(writer.text(".profile").unwrap().contains("Online now"));

    // What the writer is told stands on the page of notifications.
    writer.goto(&here.url("/notifications")).unwrap();
    let page = writer.text("main").unwrap();
    for words in ["ben", "liked", "follows"] {
        assert!(page.contains(words), "{words:?} is missing in {page}");
    }
    // And the reader's home has what the writer publishes.
    ana.publish("And once more", "Lower this time.").unwrap();
    reader.goto(&there.url("/?tab=following")).unwrap();
    assert!(reader.text("main").unwrap().contains("And once more"));
    writer.assert_clean().unwrap();
    reader.assert_clean().unwrap();
}

#[test]
fn two_members_talk_under_a_post() {
    for site in Site::each().unwrap() {
        for name in ["ana", "ben"] {
            site.user(name, "User").unwrap();
        }
        let server = site.start().unwrap();
        meet(&server, &server);
    }
}

#[test]
fn two_members_talk_through_two_instances() {
    let Some(mut site) = Site::postgres().unwrap() else { return };
    match std::env::var("TEST_REDIS_URL") {
        Ok(redis) => site.set("REDIS_URL", &redis),
        Err(_) => streamly_e2e::leave_out("Redis between instances, for TEST_REDIS_URL names none"),
    }
    for name in ["ana", "ben"] {
        site.user(name, "User").unwrap();
    }
    let (one, other) = (site.start().unwrap(), site.start().unwrap());
    meet(&one, &other);
}

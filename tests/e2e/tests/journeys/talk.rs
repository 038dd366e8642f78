//! A talk under a post, between two people in two browsers: what is answered, changed and deleted
//! reaches the other at once, and nothing that is being written is lost.

use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::member::{Member, path_of};
use streamly_e2e::server::{Server, Site};

pub const SAY: &str = ".talk > form[data-say]";

/// Waits until the page's script for comments is at work.
pub fn talks(browser: &Browser) {
    let script = "const done = arguments[arguments.length - 1];
        document.querySelector('.talk').scrollIntoView();
        const look = () => {
            const all = performance.getEntriesByType('resource');
            const one = all.find((one) => one.name.endsWith('/js/comments.js'));
            if (one) import(one.name).then(() => done(true));
            else setTimeout(look, 20);
        };
        look();";
    assert_eq!(browser.async_script(script, &[]).unwrap(), true);
}

/// Waits until an element says so.
pub fn says(browser: &Browser, css: &str, words: &str) {
    let said = |browser: &Browser| {
        let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
        let text = browser.script(script, &[css.into()])?;
        Ok(text.as_str().unwrap_or_default().trim().contains(words))
    };
    browser.until(&format!("{css} says {words}"), said).unwrap();
}

/// Waits until so many elements are there.
fn has(browser: &Browser, css: &str, number: usize) {
    browser
        .until(&format!("{number} × {css}"), |browser| Ok(browser.count(css)? == number))
        .unwrap();
}

/// Says something below the post with the form there, and gives the comment's number.
fn say(browser: &Browser, words: &str) -> String {
    browser.fill(&format!("{SAY} [name=content]"), words).unwrap();
    browser.click(&format!("{SAY} .button.strong")).unwrap();
    let script = "const all = [...document.querySelectorAll('.talk .comment')];
        return all.find((one) => one.innerText.includes(arguments[0]))?.dataset.comment ?? ''";
    let number = |browser: &Browser| browser.script(script, &[words.into()]);
    browser.until("the comment is there", |browser| Ok(number(browser)? != "")).unwrap();
    number(browser).unwrap().as_str().unwrap().to_owned()
}

/// Sends a comment by HTTP and gives its number.
pub fn send(member: &mut Member, post: &str, words: &str, parent: &str) -> String {
    let fields = [("content", words), ("parent_id", parent)];
    let answer = member.client.submit(post, post, &fields).unwrap().expect(303).unwrap();
    path_of(answer.location().unwrap()).rsplit('/').next().unwrap().to_owned()
}

/// The numbers of the comments at the top, in the order of the page.
fn tops(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('.thread > li > .comment')]
        .map((one) => one.dataset.comment)";
    let found = browser.script(script, &[]).unwrap();
    found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Two browsers of two members on one post, both told what happens there.
fn two(server: &Server, post: &str) -> Option<(Browser, Browser)> {
    let ana = Browser::start(Look::DESKTOP).unwrap()?;
    let ben = Browser::start(Look::PHONE).unwrap()?;
    for (browser, name) in [(&ana, "ana"), (&ben, "ben")] {
        browser.log_in(server, name).unwrap();
        browser.goto(&server.url(post)).unwrap();
    }
    for browser in [&ana, &ben] {
        says(browser, "[data-live-readers]", "2 reading now");
    }
    Some((ana, ben))
}

/// Deletes a comment by its link, and comes to the page that offers to bring it back.
fn delete(browser: &Browser, comment: &str) {
    browser.click(&format!("{comment} a[href$='/delete']")).unwrap();
    browser.click("main form .button.danger").unwrap();
    browser.wait("main form[action$='/restore']").unwrap();
}

#[test]
fn a_talk_is_answered_changed_deleted_and_brought_back_before_the_eyes_of_another() {
    for site in Site::each().unwrap() {
        for name in ["ana", "ben"] {
            site.user(name, "User").unwrap();
        }
        let server = site.start().unwrap();
        // So long that the comments are far below what is read.
        let text = "It was higher than last year.\n\n".repeat(120);
        let post = Member::sign_in(&server, "ana").unwrap().publish("The river", &text).unwrap();
        let Some((ana, ben)) = two(&server, &post) else { return };
        let first = answer_each_other(&ana, &ben);
        change_and_delete(&ana, &ben, &first);
        ana.assert_clean().unwrap();
        // The comment of which nothing stands was asked for.
        ben.assert_clean_but_for(&[410]).unwrap();
    }
}

/// Ben says something and Ana answers; gives the number of what was said.
fn answer_each_other(ana: &Browser, ben: &Browser) -> String {
    talks(ben);
    ben.type_into(&format!("{SAY} [name=content]"), "How").unwrap();
    says(ana, "[data-live-typing]", "ben is writing …");
    let first = say(ben, "How high was it?");
    says(ben, "#talk-title", "1 comment");
    has(ana, "[data-live-typing][hidden]", 1);

    // It is offered where she reads, far above, and stands in its place only when she wants it.
    says(ana, "[data-live-offer]", "Show 1 new comment");
    has(ana, ".talk .comment", 0);
    ana.click("[data-live-offer]").unwrap();
    let first_css = format!("#comment-{first}");
    says(ana, &first_css, "How high was it?");
    says(ana, "#talk-title", "1 comment");
    talks(ana);
    ana.click(&format!("{first_css} a[data-reply]")).unwrap();
    ana.fill("li > .say [name=content]", "Two metres.").unwrap();
    says(ben, "[data-live-typing]", "ana is writing …");
    ana.click("li > .say .button.strong").unwrap();
    says(ana, &format!("li:has(> {first_css}) > ol .comment"), "Two metres.");
    has(ana, "li > .say", 0);
    ben.click("[data-live-offer]").unwrap();
    says(ben, &format!("li:has(> {first_css}) > ol .comment"), "Two metres.");
    says(ana, "#talk-title", "2 comments");
    says(ben, "#talk-title", "2 comments");
    first
}

/// What is changed, deleted and brought back reaches the other; what hangs on it and what is being
/// written to it stays.
fn change_and_delete(ana: &Browser, ben: &Browser, first: &str) {
    let first_css = format!("#comment-{first}");
    ben.click(&format!("{first_css} a[data-edit]")).unwrap();
    ben.fill(&format!("{first_css} .say [name=content]"), "How *deep* was it?").unwrap();
    ben.click(&format!("{first_css} .say .button.strong")).unwrap();
    for browser in [ana, ben] {
        says(browser, &format!("{first_css} .prose em"), "deep");
        says(browser, &first_css, "edited");
        says(browser, &format!("li:has(> {first_css}) > ol .comment"), "Two metres.");
    }

    // Ana is writing an answer when it is deleted.
    ana.click(&format!("{first_css} a[data-reply]")).unwrap();
    ana.fill("li > .say [name=content]", "Half a thought").unwrap();
    delete(ben, &first_css);
    says(ana, &format!("{first_css}.gone"), "This comment was deleted.");
    says(ana, &format!("li:has(> {first_css}) > ol .comment"), "Two metres.");
    says(ana, "#talk-title", "1 comment");
    let typed = |browser: &Browser| browser.property("li > .say [name=content]", "value").unwrap();
    assert_eq!(typed(ana), "Half a thought");
    ben.click("main form[action$='/restore'] button").unwrap();
    says(ana, &first_css, "How deep was it?");
    assert_eq!(typed(ana), "Half a thought");
    ana.click("li > .say button[type=button]").unwrap();

    // Of what nobody answered nothing stays.
    ben.wait(&format!("li:has(> {first_css}) > ol .comment")).unwrap();
    says(ben, "[data-live-readers]", "2 reading now");
    delete(ana, &format!("li:has(> {first_css}) > ol .comment"));
    has(ben, ".talk .comment", 1);
    has(ben, &format!("li:has(> {first_css}) > ol"), 0);
    says(ben, "#talk-title", "1 comment");
}

#[test]
fn what_is_being_written_outlives_what_it_answers_and_a_failure_takes_nothing_away() {
    let site = Site::sqlite().unwrap();
    for name in ["ana", "ben"] {
        site.user(name, "User").unwrap();
    }
    let server = site.start().unwrap();
    let post = Member::sign_in(&server, "ana").unwrap().publish("The river", "High.").unwrap();
    let mut ben = Member::sign_in(&server, "ben").unwrap();
    let lost = send(&mut ben, &post, "Nobody answers this", "");
    let kept = send(&mut ben, &post, "Nor this", "");
    let Some(ana) = Browser::start(Look::DESKTOP).unwrap() else { return };
    ana.log_in(&server, "ana").unwrap();
    ana.goto(&server.url(&post)).unwrap();
    talks(&ana);
    ana.click(&format!("#comment-{lost} a[data-reply]")).unwrap();
    ana.fill("li > .say [name=content]", "I nearly did").unwrap();
    let remove = |ben: &mut Member, id: &str| {
        let path = format!("/comments/{id}/delete");
        ben.client.submit(&path, &path, &[]).unwrap().expect(200).unwrap();
    };
    remove(&mut ben, &lost);
    says(&ana, &format!("#comment-{lost}.gone"), "not there any more");
    assert_eq!(ana.property("li > .say [name=content]", "value").unwrap(), "I nearly did");
    ana.assert_clean_but_for(&[410]).unwrap();

    // What cannot be asked for stays.
    ana.devtools("Network.enable", &serde_json::json!({})).unwrap();
    let block = serde_json::json!({"urls": [format!("*/comments/{kept}")]});
    ana.devtools("Network.setBlockedURLs", &block).unwrap();
    remove(&mut ben, &kept);
    let script = "return performance.getEntriesByType('resource')
        .some((one) => one.name.endsWith(arguments[0]))";
    let asked = |browser: &Browser| {
        Ok(browser.script(script, &[format!("/comments/{kept}").into()])? == true)
    };
    ana.until("it was asked for in vain", asked).unwrap();
    says(&ana, &format!("#comment-{kept}"), "Nor this");
    // And so does, on its way to the server, what answers a comment that is no more.
    ana.click("li > .say .button.strong").unwrap();
    ana.wait("main .error, main .mistakes").unwrap();
    assert_eq!(ana.property("main [name=content]", "value").unwrap(), "I nearly did");
}

#[test]
fn a_branch_by_itself_keeps_the_place_of_what_was_deleted() {
    let site = Site::sqlite().unwrap();
    for name in ["ana", "ben"] {
        site.user(name, "User").unwrap();
    }
    let server = site.start().unwrap();
    let post = Member::sign_in(&server, "ana").unwrap().publish("The river", "High.").unwrap();
    let mut ben = Member::sign_in(&server, "ben").unwrap();
    let top = send(&mut ben, &post, "Top", "");
    let answer = send(&mut ben, &post, "Answer", &top);
    let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
    browser.goto(&server.url(&format!("{post}/thread/{top}"))).unwrap();
    browser.wait(&format!("#comment-{answer}")).unwrap();
    let path = format!("/comments/{top}/delete");
    ben.client.submit(&path, &path, &[]).unwrap().expect(200).unwrap();
    says(&browser, &format!("#comment-{top}.gone"), "This comment was deleted.");
    says(&browser, &format!("#comment-{answer}"), "Answer");
    assert_eq!(browser.text("#talk-title").unwrap(), "One thread");
    // With its last answer the place goes, too.
    let path = format!("/comments/{answer}/delete");
    ben.client.submit(&path, &path, &[]).unwrap().expect(200).unwrap();
    has(&browser, ".talk .comment", 0);
    browser.assert_clean_but_for(&[410]).unwrap();
}

#[test]
fn a_new_comment_stands_where_the_order_says() {
    for mut site in Site::each().unwrap() {
        site.set("STREAMLY_COMMENTS__PAGE", "2");
        for name in ["ana", "ben"] {
            site.user(name, "User").unwrap();
        }
        let server = site.start().unwrap();
        let post = Member::sign_in(&server, "ana").unwrap().publish("The river", "High.").unwrap();
        let mut ben = Member::sign_in(&server, "ben").unwrap();
        let old: Vec<String> =
            ["One", "Two", "Three"].iter().map(|words| send(&mut ben, &post, words, "")).collect();
        let Some(ana) = Browser::start(Look::DESKTOP).unwrap() else { return };
        ana.log_in(&server, "ana").unwrap();
        ana.goto(&server.url(&post)).unwrap();
        talks(&ana);
        assert_eq!(tops(&ana), old[..2]);

        // The oldest first, and more on the next page: it is there, and a line leads to it.
        ana.fill(&format!("{SAY} [name=content]"), "Mine, at the end").unwrap();
        ana.click(&format!("{SAY} .button.strong")).unwrap();
        says(&ana, "[data-elsewhere]", "Your comment is there. Go to it");
        assert_eq!(tops(&ana), old[..2]);
        says(&ana, "#talk-title", "4 comments");
        // What others say there is offered, and the offer leads there.
        let live = send(&mut ben, &post, "Four", "");
        says(&ana, "[data-live-offer]", "Show 1 new comment");
        ana.click("[data-live-offer]").unwrap();
        ana.wait(&format!("#comment-{live}:target")).unwrap();

        // The newest first, by the link: a new one comes first, one's own and others'.
        ana.click(".sorts a:nth-child(2)").unwrap();
        ana.until("sorted", |browser| Ok(browser.url()?.contains("sort=newest"))).unwrap();
        talks(&ana);
        assert_eq!(tops(&ana)[0], live);
        let own = say(&ana, "Mine, in front");
        assert_eq!(tops(&ana)[..2], [own.clone(), live.clone()]);
        let next = send(&mut ben, &post, "Five", "");
        ana.click("[data-live-offer]").unwrap();
        ana.wait(&format!("#comment-{next}")).unwrap();
        assert_eq!(tops(&ana)[..2], [next.clone(), own.clone()]);
        says(&ana, ".sorts [aria-current]", "Newest");

        // The best first: below what somebody likes, above what nobody does.
        let liking = format!("/comments/{}/like", old[0]);
        let mut other = Member::sign_in(&server, "ana").unwrap();
        other.client.submit(&post, &liking, &[]).unwrap().expect(303).unwrap();
        ana.click(".sorts a:nth-child(3)").unwrap();
        ana.until("sorted", |browser| Ok(browser.url()?.contains("sort=best"))).unwrap();
        talks(&ana);
        assert_eq!(tops(&ana), [old[0].clone(), next.clone()]);
        let own = say(&ana, "Mine, not liked yet");
        assert_eq!(tops(&ana), [old[0].clone(), own, next]);
        ana.assert_clean().unwrap();
    }
}

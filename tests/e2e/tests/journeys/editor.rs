//! The editor loses nothing: not in two tabs, not when a session ends, not when a form comes back.

use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::member::{Member, path_of};
use streamly_e2e::server::{PASSWORD, Server, Site};

use super::{DRAFT, TEXT, assert_picture, open_panel, publish, stage, state_says, write};

/// What the text field holds.
fn text(browser: &Browser) -> String {
    browser.property(TEXT, "value").unwrap().as_str().unwrap().to_owned()
}

/// Saves what the editor holds with the button, as a draft.
fn save(browser: &Browser) {
    browser.click(DRAFT).unwrap();
    browser.wait(".flash-success").unwrap();
}

#[test]
fn the_editor_saves_by_itself() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    browser.goto(&server.url("/blog/create")).unwrap();
    browser.fill("main [name=title]", "Saved by itself").unwrap();
    browser.type_into(TEXT, "A sentence nobody saved.").unwrap();
    state_says(&browser, "Saved");
    let saved = browser.url().unwrap();
    browser.goto(&saved).unwrap();
    assert_eq!(text(&browser), "A sentence nobody saved.", "after a reload of {saved}");
    assert_eq!(browser.count("#clash").unwrap(), 0, "nothing is left to bring back");

    // Readers see what was published, until the changes are, too.
    let post = publish(&browser);
    browser.goto(&saved).unwrap();
    browser.type_into(TEXT, " And another.").unwrap();
    state_says(&browser, "Saved");
    let read = server.client().get(&post).unwrap().expect(200).unwrap().text();
    assert!(!read.contains("And another."));
    browser.goto(&saved).unwrap();
    assert!(text(&browser).ends_with("And another."));
    publish(&browser);
    assert!(browser.text(".prose").unwrap().ends_with("And another."));
    browser.assert_clean().unwrap();
}

#[test]
fn a_saved_draft_leaves_nothing_to_bring_back() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    write(&browser, &server, "Saved before it saved itself", "Quickly.");
    save(&browser);
    browser.goto(&server.url("/blog/create")).unwrap();
    browser.wait(".tools:not([hidden])").unwrap();
    assert_eq!(browser.count("#clash").unwrap(), 0, "{}", browser.text("main").unwrap());
    browser.assert_clean().unwrap();
}

#[test]
fn two_tabs_never_overwrite_each_other_silently() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    write(&browser, &server, "In two tabs", "What both began with.");
    save(&browser);
    let first = browser.tab().unwrap();
    let edit = browser.url().unwrap();
    browser.open_tab().unwrap();
    browser.goto(&edit).unwrap();
    browser.paste(TEXT, "The second tab's text.").unwrap();
    save(&browser);

    // By the button: the answer shows both, and sending it again is a choice.
    browser.switch_to(&first).unwrap();
    browser.paste(TEXT, "The first tab's text.").unwrap();
    browser.click(DRAFT).unwrap();
    browser.wait("#clash").unwrap();
    let theirs = browser.property("#clash-theirs", "value").unwrap();
    assert!(theirs.as_str().unwrap().contains("The second tab's text."));
    assert_eq!(text(&browser), "The first tab's text.");
    browser.assert_clean_but_for(&[409]).unwrap();
    save(&browser);
    assert_eq!(text(&browser), "The first tab's text.");

    // And what was not kept is still to be had.
    browser.goto(&format!("{}/revisions", edit.trim_end_matches("/edit"))).unwrap();
    browser.click("main a[href*='/revisions/']").unwrap();
    browser.until("the newest", |browser| Ok(browser.source()?.contains("first tab"))).unwrap();
    assert!(browser.source().unwrap().contains("second tab"), "compared with the one before");
    browser.assert_clean().unwrap();
}

#[test]
fn autosave_asks_before_it_overwrites_another_tab() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    write(&browser, &server, "Autosaved in two tabs", "What both began with.");
    save(&browser);
    let first = browser.tab().unwrap();
    let edit = browser.url().unwrap();
    browser.open_tab().unwrap();
    browser.goto(&edit).unwrap();
    browser.paste(TEXT, "The second tab's text.").unwrap();
    save(&browser);

    browser.switch_to(&first).unwrap();
    browser.paste(TEXT, "The first tab's text.").unwrap();
    browser.wait("#clash").unwrap();
    let theirs = browser.property("#clash-theirs", "value").unwrap();
    assert!(theirs.as_str().unwrap().contains("The second tab's text."));
    let stored = server_text(&browser, &server, &edit);
    assert!(stored.contains("second tab") && !stored.contains("first tab"), "not without asking");
    browser.click("#clash .button.strong").unwrap();
    state_says(&browser, "Saved");
    assert!(server_text(&browser, &server, &edit).contains("first tab"));
    browser.assert_clean_but_for(&[409]).unwrap();
}

/// What the server would show somebody who opened the editor now.
fn server_text(browser: &Browser, server: &Server, edit: &str) -> String {
    let script = "const done = arguments[arguments.length - 1];
        fetch(arguments[0]).then((answer) => answer.text()).then(done, (error) => done(String(error)))";
    let path = edit.replace(&server.url(""), "");
    let page = browser.async_script(script, &[path.into()]).unwrap();
    page.as_str().unwrap().to_owned()
}

#[test]
fn what_is_typed_survives_the_end_of_a_session() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    write(&browser, &server, "Longer than a session", "Before the end.");
    state_says(&browser, "Saved");
    let (edit, editor) = (browser.url().unwrap(), browser.tab().unwrap());

    // The session ends elsewhere; the editor says so, and goes on when there is a new one.
    let other = browser.open_tab().unwrap();
    browser.goto(&server.url("/auth/logout")).unwrap();
    browser.send("csrf_token").unwrap();
    browser.until("logged out", |browser| Ok(!browser.source()?.contains("account-menu"))).unwrap();
    browser.switch_to(&editor).unwrap();
    browser.type_into(TEXT, " After the end.").unwrap();
    state_says(&browser, "session ended");
    browser.switch_to(&other).unwrap();
    browser.log_in(&server, "writer").unwrap();
    browser.switch_to(&editor).unwrap();
    browser.press_with_control("s").unwrap();
    state_says(&browser, "Saved");
    assert!(server_text(&browser, &server, &edit).contains("After the end."));

    // It ends again, and this time the page is left: this browser has kept the text.
    browser.switch_to(&other).unwrap();
    browser.goto(&server.url("/auth/logout")).unwrap();
    browser.send("csrf_token").unwrap();
    browser.until("logged out", |browser| Ok(!browser.source()?.contains("account-menu"))).unwrap();
    browser.switch_to(&editor).unwrap();
    browser.type_into(TEXT, " And once more.").unwrap();
    state_says(&browser, "session ended");
    browser.goto(&edit).unwrap();
    browser.log_in_here("writer", PASSWORD).unwrap();
    browser.click("#clash .button.strong").unwrap();
    assert_eq!(text(&browser), "Before the end. After the end. And once more.");
    state_says(&browser, "Saved");
    browser.assert_clean_but_for(&[401, 403]).unwrap();
}

#[test]
fn a_form_sent_after_the_end_of_a_session_is_kept_too() {
    let Some(browser) = Browser::start(Look::DESKTOP.without_scripts()).unwrap() else { return };
    let site = Site::sqlite().unwrap();
    site.user("writer", "User").unwrap();
    let server = site.start().unwrap();
    browser.log_in(&server, "writer").unwrap();
    browser.goto(&server.url("/blog/create")).unwrap();
    browser.fill("main [name=title]", "Sent too late").unwrap();
    browser.fill(TEXT, "All that I typed.").unwrap();
    let mut elsewhere = Member::sign_in(&server, "writer").unwrap().client;
    let ended = elsewhere.submit("/auth/sessions", "/auth/sessions/end-others", &[]).unwrap();
    ended.expect(303).unwrap();
    browser.click(DRAFT).unwrap();
    browser.until("sent", |browser| Ok(!browser.source()?.contains("data-autosave-url"))).unwrap();
    let kept = browser.property("main textarea[name=content]", "value");
    assert_eq!(kept.unwrap(), "All that I typed.", "{}", browser.text("main").unwrap());
}

#[test]
fn a_cover_is_seen_by_readers_and_a_wrong_file_loses_nothing() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    write(&browser, &server, "With a cover", "Some text.");
    open_panel(&browser);
    let wrong = browser.folder.path().join("wrong.png");
    std::fs::write(&wrong, "no picture at all").unwrap();
    // It is sent as soon as it is chosen, and refused at its field.
    browser.type_into("main input[name=image]", &wrong.display().to_string()).unwrap();
    browser.wait("#image-error").unwrap();
    assert!(browser.text("#image-error").unwrap().contains("wrong.png"));
    assert_eq!(text(&browser), "Some text.");
    browser.assert_clean_but_for(&[415, 422]).unwrap();

    let picture = browser.folder.path().join("square.png");
    browser.screenshot(&picture).unwrap();
    browser.drop_file("main .field:has([name=image])", &picture, "image/png").unwrap();
    assert_picture(&browser, "main img.cover-now");
    assert_eq!(browser.count("#image-error").unwrap(), 0);
    browser.fill("main [name=cover_alt]", "A form").unwrap();
    let post = publish(&browser);
    assert_picture(&browser, "main article figure.cover img");
    assert_eq!(browser.property("figure.cover img", "alt").unwrap(), "A form");
    assert_eq!(path_of(&browser.url().unwrap()), post);
    browser.assert_clean().unwrap();
}

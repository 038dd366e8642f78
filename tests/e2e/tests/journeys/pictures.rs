//! Pictures in a browser: several at once with their progress, chosen, dropped and pasted; what is
//! refused is said where it was given; a face with its cut; the library; and all of it without
//! scripts.

use std::path::PathBuf;

use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::picture::png;
use streamly_e2e::server::Site;

use super::{assert_picture, publish, stage, write};

const FILE: &str = "#library-form [name=file]";

/// A file for the browser to send.
fn file(browser: &Browser, name: &str, bytes: &[u8]) -> PathBuf {
    let path = browser.folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Chooses files as a person does in the dialogue.
fn choose(browser: &Browser, css: &str, files: &[PathBuf]) {
    let paths: Vec<_> = files.iter().map(|path| path.display().to_string()).collect();
    browser.type_into(css, &paths.join("\n")).unwrap();
}

fn holds(browser: &Browser, pictures: usize) {
    let shown = |browser: &Browser| Ok(browser.count("main .thumb")? == pictures);
    browser.until(&format!("{pictures} pictures"), shown).unwrap();
}

/// Pastes a file into the page.
fn paste_file(browser: &Browser, name: &str, bytes: &[u8]) {
    let script = "const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(arguments[1])], arguments[0], {type: 'image/png'}));
        document.body.dispatchEvent(new ClipboardEvent('paste',
            {clipboardData: data, bubbles: true, cancelable: true}));";
    let bytes: Vec<_> = bytes.iter().map(|byte| serde_json::json!(byte)).collect();
    browser.script(script, &[name.into(), bytes.into()]).unwrap();
}

#[test]
fn several_pictures_are_chosen_dropped_and_pasted_and_kept_in_order() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    browser.goto(&server.url("/media")).unwrap();
    // How far each has come is shown while it is sent.
    browser
        .script(
            "window.bars = 0; new MutationObserver(() => {
                 window.bars = Math.max(window.bars, document.querySelectorAll('.uploads progress').length);
             }).observe(document.querySelector('.uploads'), {childList: true, subtree: true});",
            &[],
        )
        .unwrap();
    let many: Vec<_> = (1..4_u8)
        .map(|nth| file(&browser, &format!("chosen-{nth}.png"), &png(60, 40, nth * 60)))
        .chain([file(&browser, "words.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")])
        .collect();
    choose(&browser, FILE, &many);
    browser.click("#library-form button").unwrap();
    browser.until("the refusal", |browser| Ok(browser.count(".uploads .bad")? == 1)).unwrap();
    let said = browser.text(".uploads").unwrap();
    assert!(said.contains("words.svg") && said.contains("SVG"), "{said}");
    assert!(said.contains("chosen-3.png is here"), "{said}");
    assert_eq!(browser.script("return window.bars", &[]).unwrap(), 4, "a bar for each");

    browser.goto(&server.url("/media")).unwrap();
    holds(&browser, 3);
    let dropped = file(&browser, "dropped.png", &png(50, 50, 1));
    browser.drop_file("#library-form", &dropped, "image/png").unwrap();
    holds(&browser, 4);
    paste_file(&browser, "pasted.png", &png(51, 51, 2));
    holds(&browser, 5);
    // What is too large is told with the limit: that of a picture, and that of a whole request.
    for (megabytes, limit) in [(11, "10 M"), (20, "16 M")] {
        browser.goto(&server.url("/media")).unwrap();
        let mut large = png(40, 40, 9);
        large.resize(megabytes << 20, 0);
        let large = file(&browser, "large.png", &large);
        choose(&browser, FILE, &[large]);
        browser.click("#library-form button").unwrap();
        browser.until("the refusal", |browser| Ok(browser.count(".uploads .bad")? == 1)).unwrap();
        let said = browser.text(".uploads .bad").unwrap();
        assert!(said.contains(limit), "{said}");
    }
    browser.assert_clean_but_for(&[413, 415]).unwrap();
}

#[test]
fn the_library_describes_tells_where_and_deletes() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    browser.goto(&server.url("/media")).unwrap();
    choose(&browser, FILE, &[file(&browser, "cat.png", &png(400, 300, 80))]);
    browser.click("#library-form button").unwrap();
    holds(&browser, 1);
    browser.click("main .topics a").unwrap();
    browser.fill("[name=alt]", "A cat on a wall").unwrap();
    browser.click("main form.form button").unwrap();
    browser.wait(".flash-success").unwrap();
    let page = browser.url().unwrap();
    let markdown = browser.property("#markdown", "value").unwrap();
    let markdown = markdown.as_str().unwrap().to_owned();
    assert!(markdown.starts_with("![A cat on a wall](/media/"), "{markdown}");
    assert!(browser.text("main").unwrap().contains("Nowhere."));

    write(&browser, &server, "With a cat", &markdown);
    let post = publish(&browser);
    assert_picture(&browser, ".prose img[alt='A cat on a wall']");
    browser.goto(&page).unwrap();
    assert!(browser.text("main").unwrap().contains("With a cat"), "where it is used");
    browser.click("main .button.danger").unwrap();
    browser.click("dialog[open] button[value=yes]").unwrap();
    browser.until("the library", |browser| Ok(browser.url()?.ends_with("/media"))).unwrap();
    holds(&browser, 0);
    browser.assert_clean().unwrap();
    server.client().get(&post).unwrap().expect(200).unwrap();
}

#[test]
fn a_face_is_cut_where_its_owner_wants_and_cut_again() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.log_in(&server, "writer").unwrap();
    browser.goto(&server.url("/auth/profile/avatar")).unwrap();
    assert_eq!(browser.count("main .face:not(img)").unwrap(), 1, "letters before");
    let words = file(&browser, "words.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    browser.drop_file("main form.form", &words, "image/svg+xml").unwrap();
    browser.click("main form.form .button.strong").unwrap();
    browser.wait("#avatar-error").unwrap();
    let said = browser.text("#avatar-error").unwrap();
    assert!(said.contains("words.svg") && said.contains("SVG"), "{said}");
    browser.assert_clean_but_for(&[415]).unwrap();
    let me = file(&browser, "me.png", &png(600, 300, 120));
    browser.drop_file("main form.form", &me, "image/png").unwrap();
    browser.wait(".cut canvas").unwrap();
    let drawn = "const canvas = document.querySelector('.cut canvas');
        return canvas.getContext('2d').getImageData(40, 40, 1, 1).data[0]";
    let shown = |browser: &Browser| Ok(browser.script(drawn, &[])? == 120);
    browser.until("the cut is shown before it is sent", shown).unwrap();
    browser.script("document.querySelector('[name=focus_x]').value = 90", &[]).unwrap();
    browser.click("main form.form .button.strong").unwrap();
    browser.wait(".flash-success").unwrap();
    browser.goto(&server.url("/auth/profile/avatar")).unwrap();
    assert_picture(&browser, "main img.face");
    let first = browser.property("main img.face", "src").unwrap();
    let x = browser.property("#again [name=focus_x]", "value").unwrap();
    assert_eq!(x, "90", "where it was cut is known");
    // The same picture, cut elsewhere: all of one grey, so its bytes are the same.
    browser.script("document.querySelector('#again [name=focus_x]').value = 10", &[]).unwrap();
    browser.click("#again button").unwrap();
    browser.wait(".flash-success").unwrap();
    browser.goto(&server.url("/auth/profile/avatar")).unwrap();
    assert_eq!(browser.property("#again [name=focus_x]", "value").unwrap(), "10");
    assert_picture(&browser, "main img.face");
    assert_eq!(browser.property("main img.face", "src").unwrap(), first);
    browser.assert_clean().unwrap();
}

#[test]
fn everything_about_pictures_works_without_scripts() {
    let Some(browser) = Browser::start(Look::PHONE.without_scripts()).unwrap() else { return };
    let site = Site::sqlite().unwrap();
    site.user("writer", "User").unwrap();
    let server = site.start().unwrap();
    browser.log_in(&server, "writer").unwrap();
    browser.goto(&server.url("/media")).unwrap();
    let files: Vec<_> = (1..4_u8)
        .map(|nth| file(&browser, &format!("{nth}.png"), &png(60, 40, nth * 60)))
        .collect();
    choose(&browser, FILE, &files);
    browser.click("#library-form button").unwrap();
    browser.wait(".flash-success").unwrap();
    holds(&browser, 3);
    // What is refused is said at the field, with what can be done.
    choose(&browser, FILE, &[file(&browser, "words.svg", b"<svg/>")]);
    browser.click("#library-form button").unwrap();
    browser.wait("#file-error").unwrap();
    let said = browser.text("#file-error").unwrap();
    assert!(said.contains("SVG") && said.contains("JPEG, PNG, GIF, WebP or AVIF"), "{said}");
    browser.goto(&server.url("/auth/profile/avatar")).unwrap();
    choose(&browser, "[name=avatar]", &[file(&browser, "me.png", &png(600, 300, 120))]);
    browser.click("main form.form .button.strong").unwrap();
    browser.wait(".flash-success").unwrap();
    browser.goto(&server.url("/media")).unwrap();
    browser.click("main .topics a").unwrap();
    browser.fill("[name=alt]", "Described").unwrap();
    browser.click("main form.form button").unwrap();
    browser.wait(".flash-success").unwrap();
    // Without scripts a message stays over the foot of the page until the next one.
    let here = browser.url().unwrap();
    browser.goto(&here).unwrap();
    browser.click("main .button.danger").unwrap();
    browser.until("the library", |browser| Ok(browser.url()?.ends_with("/media"))).unwrap();
    browser.assert_clean_but_for(&[415]).unwrap();
}

//! Without a mouse, and on a phone.

use streamly_e2e::browser::hands::{ENTER, ESCAPE};
use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::server::{PASSWORD, Site};

use super::{PUBLISH, TEXT, arrive_at_post, publish, stage, state_says, write};

#[test]
fn everything_can_be_done_with_the_keyboard_alone() {
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    browser.goto(&server.url("/")).unwrap();
    browser.tab_to(".skip").unwrap();
    browser.press(ENTER).unwrap();
    browser.until("at the content", |browser| Ok(browser.url()?.ends_with("#main"))).unwrap();

    browser.goto(&server.url("/")).unwrap();
    browser.tab_to("nav a[href^='/auth/login']").unwrap();
    browser.press(ENTER).unwrap();
    browser.wait("main [name=password]").unwrap();
    browser.tab_to("main [name=username]").unwrap();
    browser.press("writer").unwrap();
    browser.tab_to("main [name=password]").unwrap();
    browser.press(&format!("{PASSWORD}{ENTER}")).unwrap();
    browser.wait("#account-menu").unwrap();

    browser.tab_to("nav a[href='/blog/create']").unwrap();
    browser.press(ENTER).unwrap();
    browser.wait(".tools:not([hidden])").unwrap();
    browser.tab_to("main [name=title]").unwrap();
    browser.press("Without a mouse").unwrap();
    // Enter leads from the title into the text; shortcuts do what the toolbar does.
    browser.press(ENTER).unwrap();
    browser.press("Some ").unwrap();
    browser.press_with_control("b").unwrap();
    browser.press("strong").unwrap();
    assert_eq!(browser.property(TEXT, "value").unwrap(), "Some **strong**");
    browser.press_with_control("s").unwrap();
    state_says(&browser, "Saved");
    browser.press_with_control(ENTER).unwrap();
    browser.wait("details.publish[open]").unwrap();
    browser.press(ESCAPE).unwrap();
    assert_eq!(browser.count("details.publish[open]").unwrap(), 0, "Escape closes it");
    browser.press(ENTER).unwrap();
    browser.wait("details.publish[open]").unwrap();
    browser.tab_to(PUBLISH).unwrap();
    browser.press(ENTER).unwrap();
    arrive_at_post(&browser);
    assert_eq!(browser.text(".prose strong").unwrap(), "strong");

    // Out again, by the menu.
    browser.goto(&server.url("/")).unwrap();
    browser.tab_to("nav button[popovertarget=account-menu]").unwrap();
    browser.press(ENTER).unwrap();
    browser.tab_to("#account-menu form[action='/auth/logout'] button").unwrap();
    browser.press(ENTER).unwrap();
    browser.wait("nav a[href='/auth/register']").unwrap();
    browser.assert_clean().unwrap();
}

#[test]
fn a_phone_is_enough_to_write_and_to_read() {
    let Some(browser) = Browser::start(Look::PHONE).unwrap() else { return };
    let site = Site::sqlite().unwrap();
    site.user("writer", "User").unwrap();
    let server = site.start().unwrap();
    let fits = |browser: &Browser| {
        assert_eq!(browser.overflow().unwrap(), "", "{} is too wide", browser.url().unwrap());
    };
    browser.log_in(&server, "writer").unwrap();
    fits(&browser);
    let long =
        format!("# {0}\n\n`{0}`\n\n| {0} | {0} |\n|--|--|\n| {0} | {0} |\n", "x".repeat(120));
    write(&browser, &server, "Written with two thumbs", &long);
    fits(&browser);
    browser.click(".switch [data-view=look]").unwrap();
    browser.wait(".preview h2").unwrap();
    browser.until("the preview", |browser| Ok(browser.count(".preview table")? > 0)).unwrap();
    fits(&browser);
    browser.click(".switch [data-view=write]").unwrap();
    publish(&browser);
    fits(&browser);
    browser.click("nav button[popovertarget=account-menu]").unwrap();
    fits(&browser);
    browser.click("#account-menu a[href='/blog/mine']").unwrap();
    browser.until("my posts", |browser| Ok(browser.url()?.ends_with("/blog/mine"))).unwrap();
    assert!(browser.text("main").unwrap().contains("Written with two thumbs"));
    fits(&browser);
    browser.assert_clean().unwrap();
}

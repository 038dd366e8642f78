//! Every kind of page in a browser, in both schemes and two widths: what axe finds, what the page
//! did wrong, and what does not fit.

use serde_json::json;
use streamly_e2e::browser::axe::every_rule;
use streamly_e2e::browser::{Browser, Look, says};

use super::kinds::{Kind, Visit};
use super::stage::Stage;

/// Builds a form like one of ours and sends it, as a person would.
const SEND: &str = "const form = document.createElement('form');
    form.method = 'post';
    form.action = arguments[0];
    const token = document.querySelector('[name=csrf_token]').value;
    const fields = arguments[1];
    if (!fields.some(([name]) => name === 'csrf_token')) fields.push(['csrf_token', token]);
    for (const [name, value] of fields) {
        const field = document.createElement('textarea');
        field.name = name;
        field.value = value;
        form.append(field);
    }
    form.hidden = true;
    document.body.append(form);
    document.documentElement.dataset.left = 'yes';
    form.submit();";

#[test]
fn everybody_can_use_every_page() {
    let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
    if !browser.bring_axe().unwrap() {
        return;
    }
    let stage = Stage::new();
    let mut faults = Vec::new();
    for kind in stage.kinds() {
        open(&browser, &kind);
        faults.extend(
            examine(&browser, &kind).into_iter().map(|one| format!("{}, {one}", kind.name)),
        );
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Opens the page as the person who sees it.
fn open(browser: &Browser, kind: &Kind) {
    browser.resize(Look::DESKTOP).unwrap();
    let url = |path: &str| format!("{}{path}", kind.client.origin());
    // Cookies belong to a host, whatever its port; nobody else's may be left.
    browser.devtools("Network.clearBrowserCookies", &json!({})).unwrap();
    browser.goto(&url("/health/live")).unwrap();
    for (name, value) in &kind.client.cookies {
        browser.set_cookie(name, value).unwrap();
    }
    let from = match &kind.visit {
        Visit::Get(path) => path,
        Visit::Post { from, .. } => *from,
    };
    if kind.twice {
        browser.goto(&url(from)).unwrap();
    }
    browser.misdeeds().unwrap();
    browser.goto(&url(from)).unwrap();
    if let Visit::Post { to, fields, .. } = &kind.visit {
        let fields: Vec<_> = fields.iter().map(|(name, text)| json!([name, text])).collect();
        browser.script(SEND, &[json!(to), json!(fields)]).unwrap();
        let arrived =
            "return document.readyState === 'complete' && !document.documentElement.dataset.left";
        browser.until("the answer", |browser| Ok(browser.script(arrived, &[])? == true)).unwrap();
    }
}

/// What is wrong with the page that is open.
fn examine(browser: &Browser, kind: &Kind) -> Vec<String> {
    let (all, colours) = (every_rule(), json!({"type": "rule", "values": ["color-contrast"]}));
    let mut faults = Vec::new();
    // Between the schemes only colours differ; between the widths everything may.
    let looks = [
        (Look::DESKTOP, &all, "wide and light"),
        (Look::DESKTOP.dark(), &colours, "wide and dark"),
        (Look::PHONE.dark(), &colours, "narrow and dark"),
        (Look::PHONE, &all, "narrow and light"),
    ];
    for (look, rules, words) in looks {
        browser.resize(look).unwrap();
        let mut found = browser.audit(rules).unwrap();
        let wide = browser.overflow().unwrap();
        if !wide.is_empty() {
            found.push(format!("wider than its window by {wide}"));
        }
        faults.extend(found.into_iter().map(|fault| format!("{words}: {fault}")));
    }
    let title = browser.title().unwrap();
    if title.is_empty() || browser.count("main").unwrap() != 1 {
        faults.push(format!("not a page of ours: {title:?} {:.300}", browser.source().unwrap()));
    }
    let mut misdeeds = browser.misdeeds().unwrap();
    misdeeds.retain(|misdeed| kind.status < 400 || !says(misdeed, kind.status));
    faults.extend(misdeeds);
    faults
}

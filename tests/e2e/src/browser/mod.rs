//! A headless Chromium, driven through chromedriver: each browser has a profile of its own, and
//! remembers every dialog, every breach of the content security policy and every error of a script.

pub mod axe;
mod driver;
mod form;
pub mod hands;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{TempFolder, decode_base64};
use driver::Driver;

/// How long to wait for something to appear on a page.
const PATIENCE: Duration = Duration::from_secs(15);
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Runs in every document before its own scripts: what no page of ours may do is written down.
const WATCH: &str = r"(() => {
    const note = (what) => console.error('WATCHED ' + what);
    for (const name of ['alert', 'confirm', 'prompt', 'print']) {
        window[name] = (...words) => { note('dialog ' + name + ' ' + words.join(' ')); return true; };
    }
    document.addEventListener('securitypolicyviolation', (event) => {
        note('policy ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample);
    });
    window.addEventListener('error', (event) => { if (event.message) note('error ' + event.message); });
    window.addEventListener('unhandledrejection', (event) => note('rejection ' + event.reason));
})()";

#[derive(Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
    pub scripts: bool,
}

impl Look {
    pub const DESKTOP: Self = Self { width: 1280, height: 900, dark: false, scripts: true };
    pub const PHONE: Self = Self { width: 390, height: 844, dark: false, scripts: true };

    #[must_use]
    pub fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    #[must_use]
    pub fn without_scripts(self) -> Self {
        Self { scripts: false, ..self }
    }
}

pub struct Browser {
    driver: &'static Driver,
    session: String,
    look: Look,
    pub folder: TempFolder,
}

impl Browser {
    /// Starts a browser; none, and said so, where there is none to start.
    pub fn start(look: Look) -> Result<Option<Self>> {
        let Some(driver) = driver::driver()? else {
            crate::leave_out("every test in a browser, for CHROMEDRIVER and CHROME name none");
            return Ok(None);
        };
        let folder = TempFolder::new("browser")?;
        let mut args = vec![format!("--user-data-dir={}", folder.path().join("profile").display())];
        let plain = ["headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"];
        let quiet = ["disable-background-networking", "disable-component-update", "disable-sync"];
        let small = ["disable-dev-shm-usage", "disable-extensions", "lang=en"];
        args.extend([&plain[..], &quiet, &small].concat().iter().map(|arg| format!("--{arg}")));
        args.push(format!("--window-size={},{}", look.width, look.height));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": driver.chrome, "args": args},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 60_000, "pageLoad": 25_000, "implicit": 0},
        }}});
        let session = driver.call("POST", "/session", &wanted).context("starting the browser")?;
        let session = session["sessionId"].as_str().context("no session")?.to_owned();
        let browser = Self { driver, session, look, folder };
        browser.wear(look)?;
        Ok(Some(browser))
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        self.driver.call(method, &format!("/session/{}{path}", self.session), body)
    }

    /// A command of the browser's own protocol, for what `WebDriver` has no word for.
    pub fn devtools(&self, command: &str, params: &Value) -> Result<Value> {
        self.call("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": params}))
    }

    /// Gives this tab a size, a colour scheme, scripts or none, and the watch over its pages.
    pub fn wear(&self, look: Look) -> Result<()> {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": WATCH}))?;
        self.resize(look)
    }

    /// Changes a tab that is watched already.
    pub fn resize(&self, look: Look) -> Result<()> {
        let Look { width, height, dark, scripts } = look;
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size)?;
        let scheme =
            json!({"name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" }});
        // Nobody here enjoys the animations, and colours in between are nobody's.
        let still = json!({"name": "prefers-reduced-motion", "value": "reduce"});
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": [scheme, still]}))?;
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({"value": !scripts}))?;
        Ok(())
    }

    pub fn goto(&self, url: &str) -> Result<()> {
        self.call("POST", "/url", &json!({"url": url})).map(drop)
    }

    pub fn url(&self) -> Result<String> {
        Ok(self.call("GET", "/url", &Value::Null)?.as_str().unwrap_or_default().to_owned())
    }

    pub fn title(&self) -> Result<String> {
        Ok(self.call("GET", "/title", &Value::Null)?.as_str().unwrap_or_default().to_owned())
    }

    pub fn source(&self) -> Result<String> {
        Ok(self.call("GET", "/source", &Value::Null)?.as_str().unwrap_or_default().to_owned())
    }

    fn elements(&self, css: &str) -> Result<Vec<String>> {
        let found =
            self.call("POST", "/elements", &json!({"using": "css selector", "value": css}))?;
        let ids = found.as_array().into_iter().flatten().filter_map(|one| one[ELEMENT].as_str());
        Ok(ids.map(str::to_owned).collect())
    }

    pub fn count(&self, css: &str) -> Result<usize> {
        Ok(self.elements(css)?.len())
    }

    /// Waits until the page has such an element.
    pub fn wait(&self, css: &str) -> Result<String> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(first) = self.elements(css)?.into_iter().next() {
                return Ok(first);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("nothing is {css:?} at {}:\n{:.3000}", self.url()?, self.source()?)
    }

    /// Waits until a condition holds; `what` says which, should it never.
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> Result<bool>) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if holds(self)? {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("not in {PATIENCE:?}: {what}; at {}:\n{:.3000}", self.url()?, self.text("body")?)
    }

    /// Clicks an element, as a hand would: it must be visible.
    pub fn click(&self, css: &str) -> Result<()> {
        let element = self.wait(css)?;
        self.call("POST", &format!("/element/{element}/click"), &json!({})).map(drop)
    }

    /// Empties a field and types into it.
    pub fn fill(&self, css: &str, text: &str) -> Result<()> {
        let element = self.wait(css)?;
        self.call("POST", &format!("/element/{element}/clear"), &json!({}))?;
        self.type_into(css, text)
    }

    /// Types at the end of what a field holds; for a file field, the file's path.
    pub fn type_into(&self, css: &str, text: &str) -> Result<()> {
        let element = self.wait(css)?;
        self.call("POST", &format!("/element/{element}/value"), &json!({"text": text})).map(drop)
    }

    /// Replaces what a field holds in one go, as pasting does: for long texts.
    pub fn paste(&self, css: &str, text: &str) -> Result<()> {
        self.wait(css)?;
        let script = "const field = document.querySelector(arguments[0]); field.focus();
            field.value = arguments[1];
            field.dispatchEvent(new Event('input', {bubbles: true}));
            field.dispatchEvent(new Event('change', {bubbles: true}));";
        self.script(script, &[json!(css), json!(text)]).map(drop)
    }

    /// The visible text of the first such element.
    pub fn text(&self, css: &str) -> Result<String> {
        let element = self.wait(css)?;
        let text = self.call("GET", &format!("/element/{element}/text"), &Value::Null)?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// A property of the first such element, such as `value`.
    pub fn property(&self, css: &str, name: &str) -> Result<Value> {
        let element = self.wait(css)?;
        self.call("GET", &format!("/element/{element}/property/{name}"), &Value::Null)
    }

    /// Runs a function body in the page and returns what it returns.
    pub fn script(&self, body: &str, args: &[Value]) -> Result<Value> {
        self.call("POST", "/execute/sync", &json!({"script": body, "args": args}))
    }

    /// The same for one that calls its last argument when it is done.
    pub fn async_script(&self, body: &str, args: &[Value]) -> Result<Value> {
        self.call("POST", "/execute/async", &json!({"script": body, "args": args}))
    }

    /// Opens another tab, goes to it, and returns its handle.
    pub fn open_tab(&self) -> Result<String> {
        let tab = self.call("POST", "/window/new", &json!({"type": "tab"}))?;
        let handle = tab["handle"].as_str().context("no handle")?.to_owned();
        self.switch_to(&handle)?;
        self.wear(self.look)?;
        Ok(handle)
    }

    pub fn tab(&self) -> Result<String> {
        Ok(self.call("GET", "/window", &Value::Null)?.as_str().unwrap_or_default().to_owned())
    }

    pub fn switch_to(&self, tab: &str) -> Result<()> {
        self.call("POST", "/window", &json!({"handle": tab})).map(drop)
    }

    /// Sets a cookie of the site that is open.
    pub fn set_cookie(&self, name: &str, value: &str) -> Result<()> {
        let cookie = json!({"name": name, "value": value, "path": "/", "secure": true});
        self.call("POST", "/cookie", &json!({"cookie": cookie})).map(drop)
    }

    pub fn screenshot(&self, file: &Path) -> Result<()> {
        let shot =
            self.devtools("Page.captureScreenshot", &json!({"captureBeyondViewport": true}))?;
        std::fs::write(file, decode_base64(shot["data"].as_str().unwrap_or_default()))?;
        Ok(())
    }

    /// What the console holds since the last call: `(level, message)`.
    pub fn console(&self) -> Result<Vec<(String, String)>> {
        let log = self.call("POST", "/se/log", &json!({"type": "browser"}))?;
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let entries = log.as_array().into_iter().flatten();
        Ok(entries.map(|entry| (text(entry, "level"), text(entry, "message"))).collect())
    }

    /// What pages did since the last call that no page may do: dialogs, policy breaches, errors.
    pub fn misdeeds(&self) -> Result<Vec<String>> {
        let severe = |(level, message): &(String, String)| {
            // The browser gives up the animation between two pages by itself when a tab is hidden.
            let hidden = message.contains("Transition was") && message.contains("Document hidden");
            level == "SEVERE" && !message.contains("favicon.ico") && !hidden
        };
        Ok(self.console()?.into_iter().filter(severe).map(|(_, message)| message).collect())
    }

    /// Fails if a page misbehaved since the last look.
    pub fn assert_clean(&self) -> Result<()> {
        self.assert_clean_but_for(&[])
    }

    /// The same where answers with these statuses were asked for.
    pub fn assert_clean_but_for(&self, statuses: &[u16]) -> Result<()> {
        let mut misdeeds = self.misdeeds()?;
        misdeeds.retain(|misdeed| !statuses.iter().any(|status| says(misdeed, *status)));
        ensure!(misdeeds.is_empty(), "at {}: {}", self.url()?, misdeeds.join("\n"));
        Ok(())
    }
}

/// Whether the console only says that an answer had this status.
pub fn says(misdeed: &str, status: u16) -> bool {
    misdeed.contains(&format!("the server responded with a status of {status}"))
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.call("DELETE", "", &Value::Null);
    }
}

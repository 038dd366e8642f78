//! Nothing that people write runs in a reader's browser, or leaves an element or attribute there
//! that is not meant for text.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use serde_json::Value;
use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::html::unescape;
use streamly_e2e::member::{Draft, Member, path_of};
use streamly_e2e::server::{Server, Site};

/// Vectors of our own, always here; the collections in `shared/fixtures/xss` come on top.
const OWN: [&str; 16] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![x](x\"onerror=\"alert(1))",
    "```\"><script>alert(1)</script>\nx\n```",
    "[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
    "# <img src=x onerror=alert(1)>",
    "<form action=/auth/logout method=post><button>x</button></form>",
    "<style>*{display:none}</style><base href=//example.org/><meta http-equiv=refresh content='0;url=/x'>",
];

/// The collections beside the checkout: title and payload.
fn collected() -> Vec<String> {
    let Some(folder) = streamly_e2e::fixtures("xss") else { return Vec::new() };
    let read = |name: &str| {
        String::from_utf8_lossy(&std::fs::read(folder.join(name)).unwrap()).into_owned()
    };
    let purify: Value = serde_json::from_str(&read("dompurify-expect.json")).unwrap();
    let purify = purify.as_array().unwrap().iter().filter_map(|one| one["payload"].as_str());
    let cheats = read("ha.ckers-xssAttacks.xml");
    let cheats = cheats.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next());
    let cheats = cheats.map(|code| unescape(&code.replace("&apos;", "'")));
    let markdown = read("Markdown-XSS-Payloads.txt");
    let lines = markdown.lines().map(str::to_owned).collect::<Vec<_>>();
    purify
        .map(str::to_owned)
        .chain(cheats)
        .chain(lines)
        .filter(|one| !one.trim().is_empty())
        .collect()
}

/// What stands in the text of the post and does not belong there.
const FOREIGN: &str = r"
const bad = [];
const allowed = new Set(arguments[0].split(' '));
for (const root of document.querySelectorAll('.prose')) {
  for (const element of root.querySelectorAll('*')) {
    const name = element.localName;
    if (!allowed.has(name)) bad.push('<' + name + '>');
    for (const { name: key, value } of element.attributes) {
      if (key.startsWith('on') || ['style', 'srcdoc', 'formaction', 'action', 'background'].includes(key))
        bad.push(name + ' ' + key);
      if (['href', 'src', 'cite', 'poster', 'xlink:href'].includes(key)) {
        const scheme = new URL(value, document.baseURI).protocol;
        if (!['http:', 'https:', 'mailto:'].includes(scheme)) bad.push(key + '=' + value);
      }
    }
  }
}
return document.querySelector('.prose') ? bad : ['no .prose'];
";

const ELEMENTS: &str = "a abbr aside b blockquote br button caption cite code col colgroup dd del details \
    div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark nav ol p path picture pre \
    q rp rt ruby s samp section small source span strong sub summary sup svg table tbody td tfoot th thead \
    time tr u ul use var wbr";

#[test]
fn nothing_written_in_a_post_runs() {
    let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
    let site = Site::sqlite().unwrap();
    site.user("mallory", "User").unwrap();
    let server = site.start().unwrap();
    let mut mallory = Member::sign_in(&server, "mallory").unwrap();
    let token = mallory.client.csrf_token("/blog/create").unwrap();
    let mut faults = Vec::new();
    for (number, text) in texts().into_iter().enumerate() {
        let title = format!("Vectors {number}");
        let answer = mallory.write_with(&Draft::published(&title, &text), &token).unwrap();
        if answer.status == 422 {
            continue; // Refused whole, such as a text of nothing but control characters.
        }
        let path = path_of(answer.location().unwrap());
        let found = visit(&browser, &server, &path).into_iter();
        faults.extend(found.map(|fault| format!("{text:.2000}: {fault}")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// How many vectors stand in one post.
const TOGETHER: usize = 8;

/// All vectors, several to a post; what may swallow what follows it stands alone.
fn texts() -> Vec<String> {
    let vectors = OWN.iter().map(|&own| own.to_owned()).chain(collected());
    let swallows = [
        "```",
        "~~~",
        "<!",
        "<?",
        "<style",
        "<script",
        "<pre",
        "<textarea",
        "<title",
        "<xmp",
        "<noscript",
        "<template",
        "<plaintext",
        "<iframe",
        "<noembed",
        "<noframes",
        "<listing",
    ];
    let (alone, together): (Vec<_>, Vec<_>) = vectors.partition(|vector| {
        let vector = vector.to_lowercase();
        swallows
            .iter()
            .any(|start| vector.contains(start) && !vector.contains(&start.replace('<', "</")))
    });
    let joined = together.chunks(TOGETHER).map(|chunk| chunk.join("\n\nBetween two.\n\n"));
    alone.into_iter().chain(joined).collect()
}

#[test]
fn nothing_written_runs_in_the_preview() {
    let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
    let site = Site::sqlite().unwrap();
    site.user("mallory", "User").unwrap();
    let server = site.start().unwrap();
    browser.log_in(&server, "mallory").unwrap();
    browser.goto(&server.url("/blog/create")).unwrap();
    let mut faults = Vec::new();
    for (number, text) in texts().into_iter().step_by(3).enumerate() {
        let marked = format!("Preview {number} begins.\n\n{text}");
        browser.paste("main [name=content]", &marked).unwrap();
        let script =
            "return document.querySelector('.preview .prose').textContent.includes(arguments[0])";
        let mark = format!("Preview {number} begins.");
        browser
            .until(&mark, |browser| Ok(browser.script(script, &[mark.clone().into()])? == true))
            .unwrap();
        let mut found = ran(&browser);
        let foreign = browser.script(FOREIGN, &[ELEMENTS.into()]).unwrap();
        found.extend(foreign.as_array().unwrap().iter().map(Value::to_string));
        faults.extend(found.into_iter().map(|fault| format!("{text:.2000}: {fault}")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Opens a page and tells what ran there, or should not stand there.
fn visit(browser: &Browser, server: &Server, path: &str) -> Vec<String> {
    browser.goto(&server.url(path)).unwrap();
    let mut faults = ran(browser);
    let foreign = browser.script(FOREIGN, &[ELEMENTS.into()]).unwrap();
    faults.extend(foreign.as_array().unwrap().iter().map(Value::to_string));
    faults
}

/// Scripts that ran, or were stopped by the policy only.
fn ran(browser: &Browser) -> Vec<String> {
    let misdeeds = browser.misdeeds().unwrap();
    let counts = ["WATCHED dialog", "WATCHED error", "WATCHED policy script", "Refused to execute"];
    misdeeds
        .into_iter()
        .filter(|misdeed| counts.iter().any(|count| misdeed.contains(count)))
        .collect()
}

#[test]
fn nothing_written_beside_the_text_runs() {
    let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
    let site = Site::sqlite().unwrap();
    site.user("mallory", "User").unwrap();
    let server = site.start().unwrap();
    let mut mallory = Member::sign_in(&server, "mallory").unwrap();
    let mut faults = Vec::new();
    let mut look = |path: &str, what: &str| {
        browser.goto(&server.url(path)).unwrap();
        faults.extend(ran(&browser).into_iter().map(|fault| format!("{what} at {path}: {fault}")));
    };
    for vector in [
        "\"><script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "</title><svg onload=alert(1)>",
        "</script><script>alert(1)</script>",
        "{{7*7}}${7*7}<%= 7*7 %>",
    ] {
        let draft =
            Draft { tags: vector, meta_description: vector, ..Draft::published(vector, "Text") };
        let answer = mallory.write(&draft).unwrap();
        if let Ok(path) = answer.location().map(path_of) {
            look(&path, vector);
        }
        for page in ["/", "/blog/", "/user/mallory"] {
            look(page, vector);
        }
        let query = streamly_e2e::http::encode(vector);
        look(&format!("/blog/search?q={query}"), vector);
        look(&format!("/auth/login?next={query}"), vector);
        look(&format!("/{query}"), vector);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

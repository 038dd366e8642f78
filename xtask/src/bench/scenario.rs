//! What is measured: each scenario is a script for the load generator, and for pages a second one
//! that asks the ceiling for the same bytes.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use streamly_e2e::http::Client;
use streamly_e2e::member::{Member, path_of};
use streamly_e2e::server::{PASSWORD, Server};

use super::Plan;
use super::wrk::DONE;

pub struct Scenario {
    pub name: &'static str,
    pub script: PathBuf,
    pub ceiling: Option<PathBuf>,
    pub connections: u32,
    /// Bytes of the answer, for pages.
    pub bytes: usize,
}

/// How many posts the readers of `spread` are spread over.
const SPREAD: usize = 1000;

pub fn all(server: &Server, plan: &Plan, folder: &Path) -> Result<Vec<Scenario>> {
    std::fs::create_dir_all(folder.join("pages"))?;
    let maker = Maker { server, plan, folder };
    let posts = posts(&mut server.client())?;
    ensure!(!posts.is_empty(), "the sitemap names no post");
    let spread: Vec<&str> = posts.iter().take(SPREAD).map(String::as_str).collect();
    let post = spread[0];
    let visitor = server.client();
    let member = Member::sign_in(server, "bench")?.client;

    let mut scenarios = vec![
        maker.page("home", &visitor, &["/"])?,
        maker.page("post", &visitor, &[post])?,
        maker.page("spread", &visitor, &spread)?,
        maker.page("list", &visitor, &["/blog/"])?,
        maker.page("home-member", &member, &["/"])?,
        maker.page("post-member", &member, &[post])?,
        maker.login()?,
        maker.publish(member)?,
    ];
    scenarios
        .retain(|scenario| plan.only.is_empty() || plan.only.iter().any(|n| n == scenario.name));
    ensure!(!scenarios.is_empty(), "no scenario has such a name");
    Ok(scenarios)
}

/// The paths of the posts, by the sitemap and the sitemaps it points to.
fn posts(client: &mut Client) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut maps = vec!["/sitemap.xml".to_owned()];
    while let Some(map) = maps.pop() {
        let text = client.get(&map)?.expect(200)?.text();
        for place in text.split("<loc>").skip(1) {
            let path = path_of(place.split("</loc>").next().unwrap_or_default());
            if path.starts_with("/blog/post/") {
                found.push(path);
            } else if path.contains("sitemap") && path != map && found.len() < SPREAD {
                maps.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

struct Maker<'a> {
    server: &'a Server,
    plan: &'a Plan,
    folder: &'a Path,
}

impl Maker<'_> {
    /// Asks for one page or for several in turn, as this client.
    fn page(&self, name: &'static str, client: &Client, paths: &[&str]) -> Result<Scenario> {
        let page = client.clone().get(paths[0])?.expect(200)?;
        std::fs::write(self.folder.join("pages").join(format!("{name}.html")), &page.body)?;
        let cookies = client.cookie_header();
        let cookie = if cookies.is_empty() { String::new() } else { header("Cookie", &cookies) };
        let script = self.script(name, &rotation(paths, &cookie))?;
        let ceiling =
            Some(self.script(&format!("{name}-bare"), &rotation(&[&format!("/{name}")], ""))?);
        let connections = self.plan.connections;
        Ok(Scenario { name, script, ceiling, connections, bytes: page.body.len() })
    }

    /// Sends a right password. Few at a time: the site checks two at once, whoever else waits.
    fn login(&self) -> Result<Scenario> {
        let mut client = self.server.client();
        let token = client.csrf_token("/auth/login")?;
        let body = format!("username=bench&password={PASSWORD}&csrf_token={token}");
        let text = format!(
            "{}function request()\n  return wrk.format('POST', '/auth/login', headers, {})\nend\n",
            form_headers(&client),
            quote(&body),
        );
        let script = self.script("login", &text)?;
        Ok(Scenario { name: "login", script, ceiling: None, connections: 4, bytes: 0 })
    }

    /// Publishes posts with titles of their own.
    fn publish(&self, mut member: Client) -> Result<Scenario> {
        let token = member.csrf_token("/blog/create")?;
        let text = format!(
            "{}local rest = {}\nlocal count = 0\nfunction request()\n  count = count + 1\n  \
             local title = 'title=Bench+' .. id .. '+' .. count\n  \
             return wrk.format('POST', '/blog/create', headers, title .. rest)\nend\n",
            form_headers(&member),
            quote(&format!(
                "&content={ARTICLE}&category_id=&tags=bench&status=published&csrf_token={token}"
            )),
        );
        let text = format!("{THREADS}{text}");
        let script = self.script("publish", &text)?;
        Ok(Scenario { name: "publish", script, ceiling: None, connections: 16, bytes: 0 })
    }

    fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(format!("{name}.lua"));
        std::fs::write(&path, format!("{text}{DONE}")).context("writing a script")?;
        Ok(path)
    }
}

/// Gives each thread of the load generator a name of its own, new for each run.
const THREADS: &str = "local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set('id', string.format('%d-%d', os.time(), threads))
end
";

/// About four kilobytes of Markdown, as a form sends it.
const ARTICLE: &str = concat!(
    "%23+A+heading%0A%0ASome+*words*+with+a+%5Blink%5D%28https%3A%2F%2Fexample.com%2F%29.%0A%0A",
    "-+one%0A-+two%0A-+three%0A%0A%60%60%60rust%0Afn+main%28%29+%7B%7D%0A%60%60%60%0A%0A",
    "%7C+a+%7C+b+%7C%0A%7C---%7C---%7C%0A%7C+1+%7C+2+%7C%0A%0A",
    "A+last+paragraph+that+goes+on+for+a+while%2C+as+last+paragraphs+do.",
);

/// A script that asks for each path in turn; its threads begin at different ones.
fn rotation(paths: &[&str], headers: &str) -> String {
    let mut text = format!("local headers = {{}}\n{headers}local paths = {{\n");
    for path in paths {
        let _ = writeln!(text, "  {},", quote(path));
    }
    text.push_str(
        "}\nlocal requests = {}\nlocal at = 0\nfunction init()\n  math.randomseed(os.time())\n  \
         at = math.random(#paths)\n  for i, path in ipairs(paths) do\n    \
         requests[i] = wrk.format('GET', path, headers)\n  end\nend\n\
         function request()\n  at = at % #requests + 1\n  return requests[at]\nend\n",
    );
    text
}

/// A whole script that asks for one page as this client.
pub fn one_page(client: &Client, path: &str) -> String {
    let cookies = client.cookie_header();
    let cookie = if cookies.is_empty() { String::new() } else { header("Cookie", &cookies) };
    format!("{}{DONE}", rotation(&[path], &cookie))
}

/// What a browser sends with a form.
fn form_headers(client: &Client) -> String {
    let form = "application/x-www-form-urlencoded";
    let all = [
        ("Content-Type", form),
        ("Cookie", &client.cookie_header()),
        ("Origin", &client.origin()),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let lines: String = all.iter().map(|(name, value)| header(name, value)).collect();
    format!("local headers = {{}}\n{lines}")
}

fn header(name: &str, value: &str) -> String {
    format!("headers[{}] = {}\n", quote(name), quote(value))
}

/// A Lua string.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

//! Every kind of page there is, with something on it, and how somebody comes to see it.

use streamly_e2e::http::{Client, Response, form};
use streamly_e2e::member::{Draft, Member, path_of};
use streamly_e2e::server::{PASSWORD, Server, Site};

use super::ARTICLE;

/// How a page is asked for.
#[derive(Clone)]
pub enum Visit {
    Get(String),
    /// A form on the page `from`, sent to `to`.
    Post {
        from: &'static str,
        to: String,
        fields: Vec<(&'static str, String)>,
    },
}

/// One kind of page.
#[derive(Clone)]
pub struct Kind {
    pub name: String,
    pub status: u16,
    pub visit: Visit,
    pub client: Client,
    /// Asked for once before: the second answer is looked at.
    pub twice: bool,
}

impl Kind {
    /// Asks for the page as a program.
    pub fn fetch(&self) -> Response {
        let mut client = self.client.clone();
        let mut ask = || match &self.visit {
            Visit::Get(path) => client.get(path).unwrap(),
            Visit::Post { from, to, fields } => {
                let token = client.csrf_token(from).unwrap();
                let mut all = vec![("csrf_token", token.as_str())];
                all.retain(|(name, _)| fields.iter().all(|(field, _)| field != name));
                all.extend(fields.iter().map(|(name, text)| (*name, text.as_str())));
                let body = form(&all);
                let kind = [("Content-Type", "application/x-www-form-urlencoded")];
                client.send("POST", to, &kind, body.as_bytes()).unwrap()
            }
        };
        if self.twice {
            ask();
        }
        ask().expect(self.status).map_err(|error| format!("{}: {error}", self.name)).unwrap()
    }
}

/// Servers with everybody who looks at them.
pub struct Stage {
    pub full: Server,
    pub empty: Server,
    pub people: Vec<(&'static str, Client)>,
    hidden_post: u32,
    deleted_post: String,
    shown_post: u32,
    shown_path: String,
    picture: String,
    links: Vec<(&'static str, String)>,
    _sites: [Site; 2],
}

const GREETING: &str = "Hello there, this is a message of some length.";

impl Stage {
    pub fn new() -> Self {
        let site = Site::sqlite().unwrap();
        for (name, role) in
            [("admin", "Administrator"), ("writer", "User"), ("reader", "User"), ("gone", "User")]
        {
            site.user(name, role).unwrap();
        }
        let full = site.start().unwrap();
        let mut empty_site = Site::sqlite().unwrap();
        // Everything is allowed there but a second search in a minute.
        empty_site.set("STREAMLY_LIMITS__ENABLED", "true");
        empty_site.set("STREAMLY_LIMITS__SEARCH", "1");
        let empty = empty_site.start().unwrap();

        let mut writer = Member::sign_in(&full, "writer").unwrap();
        let mut paths = Vec::new();
        for number in 1..=12 {
            let title = format!("Post number {number} with a title of some length");
            let status = if number < 12 { "published" } else { "draft" };
            let draft = Draft { tags: "rivers, maps", status, ..Draft::published(&title, ARTICLE) };
            let answer = writer.write(&draft).unwrap().expect(303).unwrap();
            paths.push(path_of(answer.location().unwrap()));
        }
        publish_articles(&mut writer);
        // The first post has a history, and the second is no more.
        let changed = format!("{ARTICLE}\n\nAnd one more paragraph, about the maps.");
        let again =
            [("title", "Post number 1, changed"), ("content", &changed), ("tags", "rivers")];
        let again = [&again[..], &[("status", "published"), ("category_id", "1")]].concat();
        writer
            .client
            .submit("/blog/post/1/edit", "/blog/post/1/edit", &again)
            .unwrap()
            .expect(303)
            .unwrap();
        let delete = "/blog/post/2/delete";
        writer.client.submit(delete, delete, &[]).unwrap().expect(303).unwrap();
        let picture = upload_picture(&mut writer.client);
        let profile = [
            ("first_name", "Wanda"),
            ("bio", "Writes about rivers.\n\nAnd maps."),
            ("location", "By the river"),
            ("website", "https://example.org/"),
        ];
        writer
            .client
            .submit("/auth/profile", "/auth/profile", &profile)
            .unwrap()
            .expect(303)
            .unwrap();
        let mut gone = Member::sign_in(&full, "gone").unwrap().client;
        gone.submit("/auth/deactivate", "/auth/deactivate", &[]).unwrap().expect(303).unwrap();

        let links = mailed_links(&full, &mut writer.client);
        let people = ["writer", "reader", "admin"]
            .map(|name| (name, Member::sign_in(&full, name).unwrap().client));
        let people = [("visitor", full.client())].into_iter().chain(people).collect();
        let (shown_path, deleted_post) = (paths[0].clone(), paths[1].clone());
        Self {
            full,
            empty,
            people,
            hidden_post: 12,
            deleted_post,
            shown_post: 1,
            shown_path,
            picture,
            links,
            _sites: [site, empty_site],
        }
    }

    fn client(&self, who: &str) -> Client {
        self.people.iter().find(|(name, _)| *name == who).unwrap().1.clone()
    }

    fn link(&self, start: &str) -> String {
        self.links.iter().find(|(known, _)| *known == start).unwrap().1.clone()
    }

    /// All of them.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds = Vec::new();
        self.reading(&mut kinds);
        self.joining(&mut kinds);
        self.settings(&mut kinds);
        self.writing(&mut kinds);
        self.errors(&mut kinds);
        kinds
    }

    fn get(&self, kinds: &mut Vec<Kind>, who: &str, status: u16, paths: &[&str]) {
        for path in paths {
            kinds.push(Kind {
                name: format!("{who} at {path:.100}"),
                status,
                visit: Visit::Get((*path).to_owned()),
                client: self.client(who),
                twice: false,
            });
        }
    }

    fn post(
        &self,
        kinds: &mut Vec<Kind>,
        who: &str,
        status: u16,
        form: (&'static str, &str, &[(&'static str, &str)]),
    ) {
        let (from, to, fields) = form;
        let fields = fields.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        kinds.push(Kind {
            name: format!("{who} sends to {to}, {status}"),
            status,
            visit: Visit::Post { from, to: to.to_owned(), fields },
            client: self.client(who),
            twice: false,
        });
    }

    fn reading(&self, kinds: &mut Vec<Kind>) {
        let paths = [
            "/",
            "/blog/",
            &self.shown_path,
            "/blog/categories",
            "/blog/category/technology",
            "/blog/tag/rivers",
            "/users",
            "/user/writer",
            "/user/reader",
            "/about",
            "/contact",
            "/blog/search",
            "/blog/search?q=rivers",
            "/blog/search?q=zzzzzzzz",
            "/feeds",
            "/appearance",
            "/dev/mail",
            "/dev/mail/1",
        ];
        self.get(kinds, "visitor", 200, &paths);
        self.get(kinds, "writer", 200, &["/", &self.shown_path, "/user/writer"]);
        self.get(kinds, "admin", 200, &["/", &self.shown_path]);
        let contact: [(&str, &str); 3] =
            [("name", "x"), ("email", "no address"), ("message", GREETING)];
        self.post(kinds, "visitor", 422, ("/contact", "/contact", &contact));
        for path in ["/", "/blog/", "/blog/categories", "/users", "/feeds"] {
            kinds.push(Kind {
                name: format!("a new site at {path}"),
                status: 200,
                visit: Visit::Get(path.to_owned()),
                client: self.empty.client(),
                twice: false,
            });
        }
    }

    fn joining(&self, kinds: &mut Vec<Kind>) {
        let doors = [
            "/auth/login?next=/blog/create",
            "/auth/register",
            "/auth/check-mail",
            "/auth/resend-confirmation",
            "/auth/reset-password-request",
        ];
        self.get(kinds, "visitor", 200, &doors);
        self.get(
            kinds,
            "visitor",
            200,
            &[&self.link("/auth/confirm/"), &self.link("/auth/reset-password/")],
        );
        self.get(kinds, "visitor", 410, &["/auth/confirm/no-good", "/auth/reset-password/no-good"]);
        let wrong: [(&str, &str); 2] = [("username", "nobody"), ("password", "nothing")];
        self.post(kinds, "visitor", 422, ("/auth/login", "/auth/login", &wrong));
        let closed: [(&str, &str); 2] = [("username", "gone"), ("password", PASSWORD)];
        self.post(kinds, "visitor", 200, ("/auth/login", "/auth/login", &closed));
        let taken: [(&str, &str); 4] = [
            ("username", "writer"),
            ("email", "x"),
            ("password", "short"),
            ("confirm_password", "other"),
        ];
        self.post(kinds, "visitor", 422, ("/auth/register", "/auth/register", &taken));
        kinds.push(Kind {
            name: "a set-up link".to_owned(),
            status: 200,
            visit: Visit::Get(self.empty.setup_link().unwrap()),
            client: self.empty.client(),
            twice: false,
        });
    }

    fn settings(&self, kinds: &mut Vec<Kind>) {
        let paths = [
            "/auth/settings",
            "/auth/profile",
            "/auth/profile/avatar",
            "/auth/sessions",
            "/auth/change-password",
            "/auth/change-email",
            "/auth/deactivate",
            "/auth/delete",
            "/auth/export",
            "/auth/prove",
            "/auth/logout",
            "/appearance",
            "/contact",
        ];
        self.get(kinds, "writer", 200, &paths);
        self.get(kinds, "writer", 200, &[&self.link("/auth/change-email/")]);
        let here = "/auth/change-password";
        let wrong: [(&str, &str); 3] =
            [("current_password", "x"), ("new_password", "y"), ("confirm_password", "z")];
        self.post(kinds, "writer", 422, (here, here, &wrong));
        self.post(
            kinds,
            "writer",
            422,
            ("/auth/change-email", "/auth/change-email", &[("email", "x")]),
        );
        self.post(kinds, "writer", 422, ("/auth/delete", "/auth/delete", &[("username", "other")]));
        self.post(
            kinds,
            "writer",
            422,
            ("/auth/profile", "/auth/profile", &[("website", "no address")]),
        );
        self.post(kinds, "writer", 422, ("/auth/prove", "/auth/prove", &[("password", "wrong")]));
    }

    fn writing(&self, kinds: &mut Vec<Kind>) {
        let (shown, hidden) = (self.shown_post, self.hidden_post);
        let of = |rest: &str| format!("/blog/post/{shown}/{rest}");
        let draft = format!("/blog/post/{hidden}/edit");
        let picture = format!("{}/edit", self.picture);
        let paths = [
            "/blog/create",
            &of("edit"),
            &of("revisions"),
            &of("delete"),
            &draft,
            "/blog/mine",
            "/blog/mine?show=draft",
            "/blog/mine?show=deleted",
            "/media",
            &picture,
        ];
        self.get(kinds, "writer", 200, &paths);
        let revisions = self.client("writer").get(&of("revisions")).unwrap().text();
        let revision = streamly_e2e::html::links(&revisions)
            .into_iter()
            .find(|link| link.contains("/revisions/"))
            .unwrap();
        self.get(kinds, "writer", 200, &[&revision]);
        self.get(kinds, "reader", 200, &["/blog/mine", "/media", "/user/reader"]);
        let empty: [(&str, &str); 4] = [
            ("title", ""),
            ("content", "Kept."),
            ("scheduled_at", "2020-02-02T20:20"),
            ("status", "published"),
        ];
        self.post(kinds, "writer", 422, ("/blog/create", "/blog/create", &empty));
        let old: [(&str, &str); 4] =
            [("title", "Mine"), ("content", "Mine."), ("status", "published"), ("version", "1")];
        self.post(kinds, "writer", 409, ("/blog/create", &of("edit"), &old));
        self.post(kinds, "writer", 422, ("/media", "/media", &[]));
        self.post(kinds, "writer", 422, ("/auth/profile/avatar", "/auth/profile/avatar", &[]));
    }

    fn errors(&self, kinds: &mut Vec<Kind>) {
        self.get(kinds, "visitor", 404, &["/nothing/here"]);
        self.get(kinds, "writer", 404, &["/nothing/here"]);
        self.get(kinds, "visitor", 405, &["/auth/come-back"]);
        self.get(kinds, "visitor", 410, &[&self.deleted_post, "/setup/no-good"]);
        self.get(kinds, "reader", 403, &[&format!("/blog/post/{}/edit", self.shown_post)]);
        self.get(kinds, "visitor", 414, &[&format!("/{}", "long".repeat(3000))]);
        let stale: [(&str, &str); 2] = [("csrf_token", "stale"), ("message", GREETING)];
        self.post(kinds, "visitor", 403, ("/contact", "/contact", &stale));
        self.post(kinds, "visitor", 415, ("/contact", "/contact", &[("unknown", "field")]));
        let large = "x".repeat(5 << 20);
        self.post(kinds, "writer", 413, ("/blog/create", "/blog/create", &[("content", &large)]));
        kinds.push(Kind {
            name: "somebody who searches too often".to_owned(),
            status: 429,
            visit: Visit::Get("/blog/search?q=often".to_owned()),
            client: self.empty.client(),
            twice: true,
        });
    }
}

/// The three articles beside the checkout, where they are.
fn publish_articles(writer: &mut Member) {
    let Some(folder) = streamly_e2e::fixtures("markdown/articles") else { return };
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "md")) {
        let text = std::fs::read_to_string(file).unwrap();
        let (head, body) = text.trim_start_matches("---\n").split_once("\n---\n").unwrap();
        let title = head.lines().find_map(|line| line.strip_prefix("title:")).unwrap();
        writer.publish(title.trim().trim_matches('"'), body).unwrap();
    }
}

/// Puts the smallest PNG into the library and returns its address there.
fn upload_picture(client: &mut Client) -> String {
    let token = client.csrf_token("/media").unwrap();
    let png = streamly_e2e::decode_base64(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    );
    let mut body = Vec::new();
    for (name, text) in [("csrf_token", token.as_str()), ("alt", "A red point")] {
        body.extend(
            format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
                .bytes(),
        );
    }
    body.extend(
        b"--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.png\"\r\n",
    );
    body.extend(b"Content-Type: image/png\r\n\r\n");
    body.extend(png);
    body.extend(b"\r\n--limit--\r\n");
    let kind = [("Content-Type", "multipart/form-data; boundary=limit")];
    let answer = client.send("POST", "/media", &kind, &body).unwrap().expect(303).unwrap();
    path_of(answer.location().unwrap()).trim_end_matches("/edit").to_owned()
}

/// Has the site write every kind of mail with a link, and reads them where developers do.
fn mailed_links(server: &Server, writer: &mut Client) -> Vec<(&'static str, String)> {
    let mut visitor = server.client();
    let account = [
        ("username", "newcomer"),
        ("email", "newcomer@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    visitor.submit("/auth/register", "/auth/register", &account).unwrap().expect(303).unwrap();
    let reset = "/auth/reset-password-request";
    visitor.submit(reset, reset, &[("email", "reader@example.com")]).unwrap().expect(303).unwrap();
    let change = "/auth/change-email";
    writer.submit(change, change, &[("email", "w@example.org")]).unwrap().expect(303).unwrap();
    let starts = ["/auth/confirm/", "/auth/reset-password/", "/auth/change-email/"];
    for _ in 0..200 {
        let found: Vec<_> = starts
            .iter()
            .filter_map(|start| Some((*start, mailed(&mut visitor, start)?)))
            .collect();
        if found.len() == starts.len() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("not all mails were written: {}", visitor.get("/dev/mail").unwrap().text());
}

/// The link that starts so in the newest mails.
fn mailed(client: &mut Client, start: &str) -> Option<String> {
    (1..8).find_map(|number| {
        let mail = client.get(&format!("/dev/mail/{number}")).unwrap().text();
        let (_, rest) = mail.split_once(start)?;
        let token = |next: &char| next.is_ascii_alphanumeric() || "-_".contains(*next);
        Some(format!("{start}{}", rest.chars().take_while(token).collect::<String>()))
    })
}

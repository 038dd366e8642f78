//! Every kind of page there is, and how somebody comes to see it.

use streamly_e2e::http::{Client, Response, form};
use streamly_e2e::server::PASSWORD;

use super::stage::Stage;

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

const GREETING: &str = "Hello there, this is a message of some length.";

impl Stage {
    /// All of them.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds = Vec::new();
        self.reading(&mut kinds);
        self.joining(&mut kinds);
        self.settings(&mut kinds);
        self.writing(&mut kinds);
        self.members(&mut kinds);
        self.errors(&mut kinds);
        kinds
    }

    pub fn get(&self, kinds: &mut Vec<Kind>, who: &str, status: u16, paths: &[&str]) {
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
        let large = "x".repeat(17 << 20);
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

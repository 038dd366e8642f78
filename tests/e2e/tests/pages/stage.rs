//! The sites whose pages are looked at: with something on every page, and with nothing.

use streamly_e2e::http::Client;
use streamly_e2e::member::{Draft, Member, path_of};
use streamly_e2e::server::{PASSWORD, Server, Site};

use super::ARTICLE;

/// Servers with everybody who looks at them.
pub struct Stage {
    pub full: Server,
    pub empty: Server,
    pub people: Vec<(&'static str, Client)>,
    pub hidden_post: u32,
    pub deleted_post: String,
    pub shown_post: u32,
    pub shown_path: String,
    pub picture: String,
    links: Vec<(&'static str, String)>,
    _sites: [Site; 2],
}

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

    pub fn client(&self, who: &str) -> Client {
        self.people.iter().find(|(name, _)| *name == who).unwrap().1.clone()
    }

    /// The link of this kind that was mailed.
    pub fn link(&self, start: &str) -> String {
        self.links.iter().find(|(known, _)| *known == start).unwrap().1.clone()
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

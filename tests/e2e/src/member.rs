//! Somebody with an account, who does over HTTP what a person does with forms.

use anyhow::{Result, ensure};

use crate::http::{Client, Response};
use crate::server::{PASSWORD, Server};

/// A post as the form at `/blog/create` takes it.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    pub title: &'a str,
    pub content: &'a str,
    pub tags: &'a str,
    pub meta_description: &'a str,
    /// The button that was pressed: `published` or `draft`.
    pub status: &'a str,
}

impl<'a> Draft<'a> {
    pub fn published(title: &'a str, content: &'a str) -> Self {
        Self { title, content, tags: "", meta_description: "", status: "published" }
    }
}

pub struct Member {
    pub client: Client,
}

impl Member {
    /// Logs in by the form.
    pub fn sign_in(server: &Server, name: &str) -> Result<Self> {
        let mut client = server.client();
        login(&mut client, name, PASSWORD)?.expect(303)?;
        Ok(Self { client })
    }

    /// Fills and sends the form of a new post; the answer is a redirect if it was taken.
    pub fn write(&mut self, draft: &Draft) -> Result<Response> {
        let token = self.client.csrf_token("/blog/create")?;
        self.write_with(draft, &token)
    }

    /// The same with a token that is known already.
    pub fn write_with(&mut self, draft: &Draft, token: &str) -> Result<Response> {
        self.client.post(
            "/blog/create",
            &[
                ("title", draft.title),
                ("content", draft.content),
                ("category_id", ""),
                ("tags", draft.tags),
                ("meta_description", draft.meta_description),
                ("status", draft.status),
                ("csrf_token", token),
            ],
        )
    }

    /// Publishes a post and returns its path.
    pub fn publish(&mut self, title: &str, content: &str) -> Result<String> {
        let answer = self.write(&Draft::published(title, content))?.expect(303)?;
        let path = path_of(answer.location()?);
        ensure!(path.starts_with("/blog/post/"), "publishing led to {path}");
        Ok(path)
    }
}

/// Sends the login form with these credentials.
pub fn login(client: &mut Client, name: &str, password: &str) -> Result<Response> {
    client.submit("/auth/login", "/auth/login", &[("username", name), ("password", password)])
}

/// An address without its host, query and fragment.
pub fn path_of(address: &str) -> String {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => address,
    };
    path.split(['?', '#']).next().unwrap_or_default().to_owned()
}

//! A browser without scripts, in process: keeps cookies, takes tokens from forms.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header, request::Builder},
};
use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use tower::ServiceExt as _;

/// Somebody with a browser.
pub struct Client {
    router: Router,
    cookies: Mutex<BTreeMap<String, String>>,
    token: Mutex<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Client {
    pub fn new(router: Router) -> Self {
        Self { router, cookies: Mutex::default(), token: Mutex::default() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Vec::new()).await
    }

    /// Sends a form with the token of the page that was last shown; when none was, of the page at
    /// the same address.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token_for(path).await;
        self.post_with_token(path, fields, &token).await
    }

    /// Sends a form with a certain token.
    pub async fn post_with_token(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        token: &str,
    ) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .append_pair("csrf_token", token)
            .finish();
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, form.into_bytes()).await
    }

    /// Sends a form with files: field, file name, content.
    pub async fn post_files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let token = self.token_for(path).await;
        let mut body = Vec::new();
        for (name, text) in fields.iter().chain([&("csrf_token", token.as_str())]) {
            body.extend(
                format!(
                    "--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
                )
                .bytes(),
            );
        }
        for (name, file, bytes) in files {
            body.extend(
                format!(
                    "--part\r\nContent-Disposition: form-data; name=\"{name}\"; \
                     filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                )
                .bytes(),
            );
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--part--\r\n");
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=part");
        self.send(request, body).await
    }

    /// Sends JSON the way our scripts do.
    pub async fn post_json(&self, path: &str, body: &serde_json::Value) -> Answer {
        let token = self.token_for(path).await;
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-csrftoken", token);
        self.send(request, body.to_string().into_bytes()).await
    }

    /// The form token of the last page that had one.
    pub fn last_token(&self) -> String {
        self.token.lock().clone()
    }

    /// The token of the last page, or of the page at this address, or of the front page.
    async fn token_for(&self, path: &str) -> String {
        for page in [path, "/", "/auth/login"] {
            let token = self.token.lock().clone();
            if !token.is_empty() {
                return token;
            }
            self.get(page).await;
        }
        self.token.lock().clone()
    }

    /// Sends any request with this browser's cookies.
    /// Sends bytes as they are, with these headers and no token: as a program does.
    pub async fn post_bytes(&self, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request, body.into_bytes()).await
    }

    pub async fn send(&self, mut request: Builder, body: Vec<u8>) -> Answer {
        if request.headers_ref().is_none_or(|headers| !headers.contains_key(header::HOST)) {
            request = request.header(header::HOST, "streamly.test");
        }
        let cookies: Vec<String> =
            self.cookies.lock().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        self.keep_cookies(&headers);
        let answer =
            Answer { status, headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes };
        if let Some(token) = answer.csrf_token() {
            *self.token.lock() = token;
        }
        answer
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        for value in headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            let mut cookies = self.cookies.lock();
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
            if name.contains("session") {
                self.token.lock().clear();
            }
        }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().insert(name.to_owned(), value.to_owned());
        self.token.lock().clear();
    }
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Where the answer sends the browser.
    #[track_caller]
    pub fn redirect(&self) -> &str {
        let location = self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
        location.unwrap_or_else(|| panic!("no redirect: {} {}", self.status, self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or("?"))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The token of the first form on the page.
    pub fn csrf_token(&self) -> Option<String> {
        self.hidden("csrf_token")
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let at = self.body.find(&format!("name=\"{name}\" value=\""))?;
        let rest = &self.body[at + name.len() + 15..];
        Some(rest[..rest.find('"')?].to_owned())
    }

    #[track_caller]
    pub fn contains(self, text: &str) -> Self {
        assert!(self.body.contains(text), "`{text}` is not in: {}", self.body);
        self
    }

    #[track_caller]
    pub fn lacks(self, text: &str) -> Self {
        assert!(!self.body.contains(text), "`{text}` is in: {}", self.body);
        self
    }
}

//! Pictures, styles and scripts from another address than the pages: where a CDN stands before
//! `/media` and `/assets`, pages name it.
//!
//! Pages, stored texts included, name files by their path; the address is put before it here, in one
//! place, when a page leaves. What a style or script names stands beside it. Whatever else names a
//! picture (feeds, JSON) is served by the site.

use axum::{
    body::Body,
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};
use bytes::Bytes;

use super::PageBytes;
use crate::app::App;

/// The layer around the pages.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let public = &app.config.storage.public_url;
    if public.is_empty() {
        return response;
    }
    let Some(PageBytes(bytes)) = response.extensions().get::<PageBytes>().cloned() else {
        return response;
    };
    let Ok(html) = std::str::from_utf8(&bytes) else { return response };
    let html = named(html, public).replace("=\"/assets/", &format!("=\"{public}/assets/"));
    let html = Bytes::from(html);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.extensions_mut().insert(PageBytes(html.clone()));
    *response.body_mut() = Body::from(html);
    response
}

/// Attributes are in double quotes, and text has none: both renderers write it as an entity.
fn named(html: &str, public: &str) -> String {
    let mut out = String::with_capacity(html.len() + 1_024);
    let mut rest = html;
    while let Some(at) = rest.find("src") {
        let (before, attribute) = rest.split_at(at);
        out.push_str(before);
        let start = ["src=\"/media/", "srcset=\"/media/"]
            .into_iter()
            .find(|start| attribute.starts_with(start))
            .filter(|_| before.ends_with([' ', '\n']));
        let Some(start) = start else {
            out.push_str("src");
            rest = &attribute[3..];
            continue;
        };
        let quote = start.find('"').unwrap_or(0) + 1;
        let end = attribute[quote..].find('"').map_or(attribute.len(), |end| quote + end);
        out.push_str(&attribute[..quote]);
        for (nth, address) in attribute[quote..end].split(", ").enumerate() {
            if nth > 0 {
                out.push_str(", ");
            }
            if address.starts_with("/media/") {
                out.push_str(public);
            }
            out.push_str(address);
        }
        rest = &attribute[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn pictures_are_named_and_nothing_else() {
        let cdn = "https://cdn.test";
        let table = [
            (
                r#"<img src="/media/a.jpg" alt="">"#,
                r#"<img src="https://cdn.test/media/a.jpg" alt="">"#,
            ),
            (
                r#"<source srcset="/media/a-1.webp 1w, /media/a-2.webp 2w">"#,
                r#"<source srcset="https://cdn.test/media/a-1.webp 1w, https://cdn.test/media/a-2.webp 2w">"#,
            ),
            (r#"<a href="/media/3/edit">"#, r#"<a href="/media/3/edit">"#),
            (r#"<img src="/assets/x.png">"#, r#"<img src="/assets/x.png">"#),
            ("<p>src=&#34;/media/a.jpg, /media/b</p>", "<p>src=&#34;/media/a.jpg, /media/b</p>"),
            (r#"<p data-src="/media/a">"#, r#"<p data-src="/media/a">"#),
        ];
        for (html, expected) in table {
            assert_eq!(named(html, cdn), expected);
        }
    }
}

//! The ceiling of a benchmark: a bare axum server that answers pages from memory.
//!
//! `ceiling PORT FOLDER` serves each `NAME.html` of the folder at `/NAME`.

use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let port = args.next().context("which port?")?.parse()?;
    let folder = args.next().context("which folder?")?;
    let mut router = Router::new();
    for entry in std::fs::read_dir(Path::new(&folder))? {
        let path = entry?.path();
        let name = path.file_stem().context("a page has a name")?.to_string_lossy();
        let page = Bytes::from(std::fs::read(&path)?);
        let answer = ([(CONTENT_TYPE, "text/html; charset=utf-8")], page);
        router = router.route(&format!("/{name}"), get(move || std::future::ready(answer)));
    }
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    axum::serve(listener, router).await.context("serving")
}

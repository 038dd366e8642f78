//! One's face: the picture beside one's name.

use askama::Template;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};

use serde::Deserialize;

use super::{Nothing, at_field, only_file};
use crate::{
    app::App,
    error::FieldErrors,
    ids::MediaId,
    media::{
        Purpose, faces,
        picture::size,
        store::{self, Source},
    },
    web::{Flash, Form, JsonError, Layout, Limit, Page, PageResult, Path, SignedIn, page, view},
};

/// Where a face is shown and the way back to it.
const PROFILE: &str = "/auth/profile";

pub fn router() -> Router<App> {
    Router::new()
        .route("/auth/profile/avatar", get(edit).post(update))
        .route("/auth/profile/avatar/cut", post(cut_again))
        .route("/auth/profile/avatar/remove", post(remove))
        .route("/media/{name}/face", post(choose))
}

#[derive(Template)]
#[template(path = "media/avatar.html")]
struct AvatarPage {
    layout: Layout,
    largest: String,
    /// What the face was cut from, with its address.
    source: Option<(Source, String)>,
    errors: FieldErrors,
}

/// Which part of the picture matters, in hundredths; the middle when nothing is said.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Focus {
    focus_x: String,
    focus_y: String,
}

impl Focus {
    fn point(&self) -> (u8, u8) {
        let hundredths = |text: &str| text.trim().parse().map_or(50, |number: u8| number.min(100));
        (hundredths(&self.focus_x), hundredths(&self.focus_y))
    }
}

async fn form(app: &App, visitor: &SignedIn, errors: FieldErrors) -> PageResult<Page> {
    let viewer = &visitor.viewer;
    let source = match viewer.avatar_filename.as_deref() {
        Some(face) => store::source_of(&mut app.db.conn().await?, viewer.id, face).await?,
        None => None,
    };
    let source = source.map(|source| {
        let url = view::media_url(&source.filename);
        (source, url)
    });
    let largest = size(i64::try_from(app.config.media.max_avatar.0).unwrap_or(i64::MAX));
    page(&AvatarPage { layout: visitor.layout(), largest, source, errors })
}

async fn edit(State(app): State<App>, visitor: SignedIn) -> PageResult {
    form(&app, &visitor, FieldErrors::default()).await
}

async fn update(
    State(app): State<App>,
    visitor: SignedIn,
    headers: HeaderMap,
    Form { input, files }: Form<Focus>,
) -> PageResult<Response> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_script = accept.is_some_and(|accept| accept.starts_with("application/json"));
    visitor.spend(Limit::Upload)?;
    let set = match only_file(files, Purpose::Avatar, String::new()) {
        Ok(picture) => faces::set(&app, &visitor.viewer, picture, input.point()).await,
        Err(error) => Err(error),
    };
    match set {
        Ok(()) => {
            let flash = Flash::success("This is your picture from now on.");
            let response = visitor.redirect_with(PROFILE, &flash);
            Ok(if is_script { go_there(response) } else { response })
        }
        Err(error) if is_script => Ok(JsonError(error).into_response()),
        Err(error) => {
            let (status, errors) = at_field(error, Purpose::Avatar)?;
            Ok(form(&app, &visitor, errors).await?.with_status(status).into_response())
        }
    }
}

/// Tells a script where to go on; what the page there will say goes along.
fn go_there(mut redirect: Response) -> Response {
    *redirect.status_mut() = StatusCode::CREATED;
    redirect.headers_mut().remove(header::LOCATION);
    let json = HeaderValue::from_static("application/json");
    redirect.headers_mut().insert(header::CONTENT_TYPE, json);
    *redirect.body_mut() = Body::from(serde_json::json!({ "url": PROFILE }).to_string());
    redirect
}

/// The same picture, cut around another point.
async fn cut_again(
    State(app): State<App>,
    visitor: SignedIn,
    Form { input, .. }: Form<Focus>,
) -> PageResult<Response> {
    visitor.spend(Limit::Upload)?;
    faces::cut_again(&app, &visitor.viewer, input.point()).await?;
    let flash = Flash::success("Your picture is cut anew.");
    Ok(visitor.redirect_with("/auth/profile/avatar", &flash))
}

/// A picture of one's own becomes one's face.
async fn choose(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<MediaId>,
    Form { input, .. }: Form<Focus>,
) -> PageResult<Response> {
    visitor.spend(Limit::Upload)?;
    faces::choose(&app, &visitor.viewer, id, input.point()).await?;
    let flash = Flash::success("This is your picture from now on.");
    Ok(visitor.redirect_with("/auth/profile/avatar", &flash))
}

async fn remove(
    State(app): State<App>,
    visitor: SignedIn,
    Form { .. }: Form<Nothing>,
) -> PageResult<Response> {
    faces::remove(&app, &visitor.viewer).await?;
    let flash = Flash::success("Your picture is removed; your initials stand in its place.");
    Ok(visitor.redirect_with(PROFILE, &flash))
}

//! The writing page: new post, changed post, and what to do when somebody else was faster.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use super::super::{
    Fields, Post, PostInput, Saved, Status,
    actions::{self, Cover},
    autosave::{self, WorkingCopy},
    store::{self, tags::CategoryChoice},
};
use crate::{
    Error, Result,
    accounts::Permission,
    app::App,
    error::FieldErrors,
    ids::PostId,
    media,
    web::{Flash, Form, Layout, Limit, PageResult, Path, SignedIn, Upload, page, see_other, view},
};

#[derive(Template)]
#[template(path = "posts/editor.html")]
struct EditorPage {
    layout: Layout,
    form: Fields,
    errors: FieldErrors,
    categories: Vec<CategoryChoice>,
    nonce: String,
    state: EditorState,
    clash: Option<Clash>,
}

/// What the page knows of the post beside its fields.
struct EditorState {
    id: i64,
    version: i64,
    status: Status,
    is_new: bool,
    is_private_copy: bool,
    cover_url: Option<String>,
    /// A picture that is stored and not yet the cover: the form was not saved with it.
    cover_file: String,
    action: String,
    autosave_url: String,
    storage_key: String,
    path: String,
}

/// Two texts of one post.
struct Clash {
    theirs: String,
    saved_by: String,
    saved_at: String,
}

impl EditorPage {
    fn is_category(&self, choice: &CategoryChoice) -> bool {
        self.form.category_id == choice.id.to_string()
    }

    fn error(&self, field: &str) -> Option<String> {
        self.errors.on(field).map(str::to_owned)
    }

    /// Whether a mistake stands in the panel that is closed at first.
    fn panel_is_open(&self) -> bool {
        self.errors.iter().any(|(field, _)| !matches!(field, "title" | "content"))
    }

    fn general_error(&self) -> Option<String> {
        self.error("status").or_else(|| self.error("form"))
    }
}

impl EditorState {
    fn new(visitor: &SignedIn) -> Self {
        Self {
            id: 0,
            version: 0,
            status: Status::Draft,
            is_new: true,
            is_private_copy: false,
            cover_url: None,
            cover_file: String::new(),
            action: "/blog/create".to_owned(),
            autosave_url: "/blog/autosave".to_owned(),
            storage_key: format!("streamly:{}:post:new", visitor.viewer.id),
            path: String::new(),
        }
    }

    fn of(visitor: &SignedIn, post: &Post, copy: &WorkingCopy) -> Self {
        Self {
            id: post.id.0,
            version: copy.version,
            status: post.status,
            is_new: false,
            is_private_copy: copy.is_private,
            cover_url: post.image_filename.as_deref().map(view::media_url),
            cover_file: String::new(),
            action: format!("/blog/post/{}/edit", post.id),
            autosave_url: format!("/blog/post/{}/autosave", post.id),
            storage_key: format!("streamly:{}:post:{}", visitor.viewer.id, post.id),
            path: post.path(),
        }
    }

    /// Keeps a cover that came with a form which was not saved.
    fn with_cover(mut self, cover: &Cover) -> Self {
        if let Cover::Set(name, ..) = cover {
            self.cover_url = Some(view::media_url(name));
            self.cover_file.clone_from(name);
        }
        self
    }
}

pub async fn new(State(app): State<App>, visitor: SignedIn) -> PageResult {
    if !visitor.viewer.can(Permission::CreatePosts) {
        return Err(Error::Forbidden.into());
    }
    let state = EditorState::new(&visitor);
    show(&app, &visitor, state, Fields::default(), (FieldErrors::default(), None)).await
}

async fn show(
    app: &App,
    visitor: &SignedIn,
    state: EditorState,
    form: Fields,
    (errors, clash): (FieldErrors, Option<Clash>),
) -> PageResult {
    let categories = {
        let mut conn = app.db.conn().await?;
        store::tags::categories(&mut conn).await?
    };
    let nonce = app.random.token()?;
    let layout = visitor.layout();
    page(&EditorPage { layout, form, errors, categories, nonce, state, clash })
}

pub async fn create(
    State(app): State<App>,
    visitor: SignedIn,
    form: Form<PostInput>,
) -> PageResult<Response> {
    visitor.spend(Limit::Post)?;
    let mut kept = Cover::Keep;
    let outcome = async {
        kept = cover(&app, &visitor, &form).await?;
        actions::create(&app, &visitor.viewer, &form.input, &kept).await
    };
    match outcome.await {
        Ok(saved) => Ok(after_save(&visitor, &saved)),
        Err(Error::Invalid(errors)) => {
            let state = EditorState::new(&visitor).with_cover(&kept);
            let page = show(&app, &visitor, state, form.input.fields(), (errors, None)).await?;
            Ok(page.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}

/// Where the writer goes after saving, and what they are told.
fn after_save(visitor: &SignedIn, saved: &Saved) -> Response {
    let edit = format!("/blog/post/{}/edit", saved.id);
    match saved.status {
        Status::Published if saved.newly_public => visitor
            .redirect_with(&saved.path, &Flash::success("Published. This is how readers see it.")),
        Status::Published => {
            visitor.redirect_with(&saved.path, &Flash::success("Your changes are public."))
        }
        Status::Scheduled => {
            let text = format!("“{}” is scheduled.", saved.title);
            visitor.redirect_with("/blog/mine?show=scheduled", &Flash::success(text))
        }
        Status::Draft => visitor.redirect_with(&edit, &Flash::success("Draft saved.")),
        Status::Hidden => {
            let text = "Hidden. Only you and the editors see it now.";
            visitor.redirect_with(&edit, &Flash::success(text))
        }
    }
}

/// What the form says of the cover: a new picture, none any more, one of the writer's that was sent
/// before, or as it was.
async fn cover(app: &App, visitor: &SignedIn, form: &Form<PostInput>) -> Result<Cover> {
    let file: Option<&Upload> =
        form.files.iter().find(|file| file.field == "image" && !file.bytes.is_empty());
    if let Some(file) = file {
        visitor.spend(Limit::Upload)?;
        let picture = media::NewPicture {
            name: file.name.clone(),
            bytes: file.bytes.clone(),
            alt: form.input.cover_alt.clone(),
        };
        let purpose = media::Purpose::Cover;
        let stored = media::actions::store_picture(app, &visitor.viewer, purpose, picture)
            .await
            .map_err(|error| at_field(error, "image"))?;
        return Ok(Cover::Set(stored.filename, stored.width, stored.height));
    }
    if !form.input.remove_cover.is_empty() {
        return Ok(Cover::Remove);
    }
    let name = form.input.cover_file.trim();
    if name.is_empty() {
        return Ok(Cover::Keep);
    }
    let mut conn = app.db.conn().await?;
    let stored = media::store::by_file(&mut conn, visitor.viewer.id, name).await?;
    let stored = stored
        .ok_or_else(|| Error::invalid("image", "That picture is gone. Choose another one."))?;
    Ok(Cover::Set(stored.filename, stored.width, stored.height))
}

/// A refused picture is a mistake in its field, not a page of its own: the text must not be lost.
fn at_field(error: Error, field: &'static str) -> Error {
    match error {
        Error::TooLarge(limit) => {
            let limit = crate::config::shown(&crate::config::Bytes(limit));
            Error::invalid(field, format!("The picture is larger than {limit}."))
        }
        Error::Unsupported(what) => Error::invalid(field, format!("Not taken here: {what}.")),
        Error::Invalid(errors) => {
            let text = errors.iter().next().map_or_else(String::new, |(_, text)| text.to_owned());
            Error::invalid(field, text)
        }
        other => other,
    }
}

pub async fn edit(State(app): State<App>, visitor: SignedIn, Path(id): Path<PostId>) -> PageResult {
    let (post, copy) = load(&app, &visitor, id).await?;
    let state = EditorState::of(&visitor, &post, &copy);
    show(&app, &visitor, state, copy.fields, (FieldErrors::default(), None)).await
}

async fn load(app: &App, visitor: &SignedIn, id: PostId) -> Result<(Post, WorkingCopy)> {
    let mut conn = app.db.conn().await?;
    let post = store::by_id(&mut conn, id).await?.ok_or(Error::NotFound)?;
    actions::allow_edit(&post, &visitor.viewer)?;
    let copy = autosave::working_copy(&mut conn, &post).await?;
    Ok((post, copy))
}

pub async fn update(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<PostId>,
    form: Form<PostInput>,
) -> PageResult<Response> {
    visitor.spend(Limit::Save)?;
    load(&app, &visitor, id).await?; // before a cover is stored for somebody who may not
    let mut kept = Cover::Keep;
    let outcome = async {
        kept = cover(&app, &visitor, &form).await?;
        actions::update(&app, &visitor.viewer, id, &form.input, &kept).await
    };
    match outcome.await {
        Ok(saved) => Ok(after_save(&visitor, &saved)),
        Err(Error::Invalid(errors)) => {
            let (post, mut copy) = load(&app, &visitor, id).await?;
            copy.version = form.input.version.parse().unwrap_or(copy.version);
            let state = EditorState::of(&visitor, &post, &copy).with_cover(&kept);
            let page = show(&app, &visitor, state, form.input.fields(), (errors, None)).await?;
            Ok(page.unprocessable())
        }
        Err(Error::Conflict) => conflict(&app, &visitor, (id, &kept), &form.input).await,
        Err(error) => Err(error.into()),
    }
}

/// Both texts: the sender's in the form, the newer one beside it. Saving again is a choice.
async fn conflict(
    app: &App,
    visitor: &SignedIn,
    (id, cover): (PostId, &Cover),
    input: &PostInput,
) -> PageResult<Response> {
    let (post, copy) = load(app, visitor, id).await?;
    let clash = Clash {
        theirs: format!("{}\n\n{}", copy.fields.title, copy.fields.content),
        saved_by: copy.saved_by.clone().unwrap_or_else(|| "Somebody".to_owned()),
        saved_at: view::minute(copy.saved_at),
    };
    let state = EditorState::of(visitor, &post, &copy).with_cover(cover);
    let shown = (FieldErrors::default(), Some(clash));
    let page = show(app, visitor, state, input.fields(), shown).await?;
    Ok(page.with_status(StatusCode::CONFLICT).into_response())
}

/// Throws away what was typed and not made public.
pub async fn discard(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<PostId>,
    _form: Form<Nothing>,
) -> PageResult<Response> {
    autosave::discard(&app, &visitor.viewer, id).await?;
    Ok(see_other(&format!("/blog/post/{id}/edit")))
}

/// A form that is only a button.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nothing {}

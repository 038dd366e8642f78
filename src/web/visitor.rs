//! Who asks: anybody, somebody logged in, somebody who just typed the password. A handler names
//! one of these, and cannot be reached by others; what they may do is decided in the action.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::Response,
};

use super::{Flash, Layout, Limit, PageError, client, request::RequestInfo, see_other};
use crate::{
    Error, Result,
    accounts::{self, Permission, Viewer},
    app::App,
};

/// Whoever asks, logged in or not.
#[derive(Clone)]
pub struct Visitor {
    app: App,
    pub info: Arc<RequestInfo>,
    viewer: Option<Arc<Viewer>>,
}

/// Somebody who is logged in; others are sent to do so.
#[derive(Clone)]
pub struct SignedIn {
    visitor: Visitor,
    pub viewer: Arc<Viewer>,
}

/// Somebody logged in who typed the password in the last minutes (X15).
pub struct Proved(pub SignedIn);

impl Visitor {
    /// Finds out who sent a request.
    pub async fn find(app: &App, info: &Arc<RequestInfo>) -> Result<Self> {
        let viewer = match &info.cookies.session {
            Some(token) => accounts::sessions::viewer(app, token).await?,
            None => None,
        };
        if let Some(viewer) = &viewer {
            info.set_personal();
            if info.user.set(viewer.id).is_ok() && info.session.set(viewer.session).is_err() {
                tracing::debug!("the session was known already");
            }
        }
        Ok(Self { app: app.clone(), info: Arc::clone(info), viewer })
    }

    pub fn viewer(&self) -> Option<&Viewer> {
        self.viewer.as_deref()
    }

    /// Whether the visitor may do something: by their role, or as a guest.
    pub async fn can(&self, permission: Permission) -> Result<bool> {
        match &self.viewer {
            Some(viewer) => Ok(viewer.can(permission)),
            None => Ok(accounts::roles::guest(&self.app).await?.has(permission)),
        }
    }

    /// Lets through whoever may read: everybody, unless guests may not (Q.68).
    pub async fn may_read(&self) -> Result<()> {
        if self.can(Permission::ReadPosts).await? {
            return Ok(());
        }
        self.info.set_personal();
        Err(if self.viewer.is_some() { Error::Forbidden } else { Error::Unauthenticated })
    }

    pub fn layout(&self) -> Layout {
        Layout::new(&self.app, &self.info, self.viewer())
    }

    /// What limits are counted by: the account, or the address.
    pub fn principal(&self) -> String {
        match &self.viewer {
            Some(viewer) => format!("user:{}", viewer.id),
            None => client::principal(self.info.client),
        }
    }

    /// What limits of the login are counted by, whoever is logged in: the address.
    pub fn address(&self) -> String {
        client::principal(self.info.client)
    }

    /// The address with its end cut off, for keeping.
    pub fn truncated_address(&self) -> String {
        client::truncated(self.info.client)
    }

    /// Takes one from what this visitor may do of something.
    pub fn spend(&self, limit: Limit) -> Result<()> {
        limit.spend(&self.app, &self.principal())
    }

    /// Sends the visitor on, with a message for the next page.
    pub fn redirect_with(&self, path: &str, flash: &Flash) -> Response {
        let mut response = see_other(path);
        if let Ok(cookie) = HeaderValue::from_str(&flash.cookie(&self.info)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

impl Deref for SignedIn {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl Deref for Proved {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let context = super::RequestContext::from_request_parts(parts, app).await?;
        Ok(Self::find(app, &context.info).await?)
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        let viewer = visitor.viewer.clone().ok_or(Error::Unauthenticated)?;
        Ok(Self { visitor, viewer })
    }
}

impl FromRequestParts<App> for Proved {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let age = app.clock.now() - signed_in.viewer.proved_at;
        // A proof from the future was given before the clock was put back (X67).
        if age.abs() > app.config.accounts.proof.delta() {
            return Err(Error::ProofNeeded.into());
        }
        Ok(Self(signed_in))
    }
}

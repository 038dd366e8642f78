//! What every page shows around its content: made once, by whoever asks.

use std::sync::{Arc, atomic::Ordering};

use base64::Engine as _;
use serde::{Deserialize, Serialize};

use super::{
    assets, csrf,
    request::{RequestInfo, cookie},
    view,
};
use crate::{
    accounts::{Permission, Viewer},
    app::App,
};

/// The page around a page.
pub struct Layout {
    app: App,
    info: Arc<RequestInfo>,
    pub site_name: String,
    pub site_description: String,
    pub lang: String,
    pub theme: String,
    pub path: String,
    pub search: String,
    pub user: Option<LayoutUser>,
    pub flashes: Vec<Flash>,
}

/// Whoever is logged in, as the header shows them.
pub struct LayoutUser {
    pub username: String,
    pub display_name: String,
    pub initials: String,
    pub hue: u16,
    pub avatar_url: Option<String>,
    pub unread: i64,
    /// Whether the menu leads to the moderators' desk.
    pub moderates: bool,
    /// Whether it leads to the pages of those who administer the site.
    pub administers: bool,
}

/// A message for the next page: what was done, or why not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flash {
    pub kind: String,
    pub text: String,
}

impl Flash {
    pub fn success(text: impl Into<String>) -> Self {
        Self { kind: "success".to_owned(), text: text.into() }
    }

    pub fn info(text: impl Into<String>) -> Self {
        Self { kind: "info".to_owned(), text: text.into() }
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Self { kind: "warning".to_owned(), text: text.into() }
    }

    pub fn error(text: impl Into<String>) -> Self {
        Self { kind: "error".to_owned(), text: text.into() }
    }

    /// The cookie that carries the message to the next page.
    pub fn cookie(&self, info: &RequestInfo) -> String {
        let text: String = self.text.chars().take(300).collect();
        let json = serde_json::to_vec(&Self { kind: self.kind.clone(), text }).unwrap_or_default();
        let value = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json);
        info.set_cookie(cookie::FLASH, &value, "Lax", Some(60))
    }

    fn from_cookie(value: &str) -> Option<Self> {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(value).ok()?;
        let flash: Self = serde_json::from_slice(&bytes).ok()?;
        ["success", "info", "warning", "error"].contains(&flash.kind.as_str()).then_some(flash)
    }
}

impl Layout {
    pub fn new(app: &App, info: &Arc<RequestInfo>, viewer: Option<&Viewer>) -> Self {
        let flashes: Vec<Flash> =
            info.cookies.flash.as_deref().and_then(Flash::from_cookie).into_iter().collect();
        if info.cookies.flash.is_some() {
            info.flash_shown.store(true, Ordering::Relaxed);
            info.set_personal();
        }
        let theme = match (viewer, info.cookies.theme.as_deref()) {
            (_, Some(theme @ ("light" | "dark" | "system"))) => theme,
            (Some(viewer), _) => viewer.theme.as_str(),
            _ => "system",
        };
        let site = &app.config.site;
        Self {
            app: app.clone(),
            info: Arc::clone(info),
            site_name: site.name.clone(),
            site_description: site.description.clone(),
            lang: site.language.clone(),
            theme: theme.to_owned(),
            path: info.path.clone(),
            search: String::new(),
            user: viewer.map(|viewer| LayoutUser {
                username: viewer.username.clone(),
                display_name: viewer.display_name(),
                initials: view::initials(&viewer.display_name()),
                hue: view::hue(&viewer.username),
                avatar_url: viewer.avatar_filename.as_deref().map(view::media_url),
                unread: viewer.unread_count,
                moderates: viewer.can(Permission::ModerateComments),
                administers: viewer.can(Permission::AdminAccess),
            }),
            flashes,
        }
    }

    /// The address of a file in `assets/`.
    pub fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    /// The token for a form. The page becomes this visitor's own.
    pub fn csrf(&self) -> String {
        self.info.set_personal();
        csrf::token(&self.app, &self.info)
    }

    /// An absolute address on the site.
    pub fn url(&self, path: &str) -> String {
        self.app.url(path)
    }

    /// Shows a message on this very page.
    #[must_use]
    pub fn with_flash(mut self, flash: Flash) -> Self {
        self.flashes.push(flash);
        self
    }
}

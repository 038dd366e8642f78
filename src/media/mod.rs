//! stub until merge
pub enum Purpose {
    Picture,
    Avatar,
    Cover,
}
pub struct Media {
    pub filename: String,
    pub width: i64,
    pub height: i64,
}
pub mod actions {
    use super::*;
    pub async fn store_picture(
        _app: &crate::app::App,
        _viewer: &crate::accounts::Viewer,
        _purpose: Purpose,
        _file: &crate::web::Upload,
        _alt: &str,
    ) -> crate::Result<Media> {
        Err(crate::Error::Forbidden)
    }
}

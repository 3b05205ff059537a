//! What the page loads: files of the site folder, precompressed, the hashed ones cached for ever.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use leptos::config::LeptosOptions;
use protocol::ErrorCode;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::error::ApiError;
use crate::error_page;
use crate::state::AppState;

/// Where cargo-leptos puts what it hashes the names of.
const PACKAGE_DIR: &str = "pkg";
const OUTPUT_NAME: &str = "madang";
const HASH_FILE: &str = "hash.txt";

/// The site folder, and the names of the files in it that a page loads.
pub(crate) struct Assets {
    folder: PathBuf,
    files: ServeDir,
    /// Whether a file's name changes with its content.
    are_hashed: bool,
    names: app::page::Assets,
}

impl Assets {
    /// Opens the folder and reads, once, by which names its files go.
    ///
    /// # Errors
    /// When the file with the names' hashes is there and cannot be read.
    pub(crate) fn open(folder: PathBuf) -> anyhow::Result<Self> {
        let files = ServeDir::new(&folder)
            .precompressed_br()
            .precompressed_gzip()
            .append_index_html_on_directories(false);
        // cargo-leptos writes the hashes beside the executable; a packaged site may carry them along.
        let executable = std::env::current_exe().ok();
        let beside = executable
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(Path::new("."));
        let hashes = [folder.as_path(), beside]
            .into_iter()
            .find(|folder| folder.join(HASH_FILE).is_file());
        let options = LeptosOptions::builder()
            .output_name(OUTPUT_NAME)
            .site_root(Arc::<str>::from(folder.to_string_lossy()))
            .site_pkg_dir(PACKAGE_DIR)
            .hash_files(hashes.is_some())
            .hash_file(Arc::<str>::from(HASH_FILE))
            .reload_port(reload_port())
            .build();
        let are_hashed = hashes.is_some();
        let names = app::page::Assets::read(options, hashes.unwrap_or(&folder))
            .with_context(|| format!("the file {HASH_FILE} beside the page's files cannot be read"))?;
        Ok(Self {
            folder,
            files,
            are_hashed,
            names,
        })
    }

    /// The names of the files a page loads.
    pub(crate) const fn names(&self) -> &app::page::Assets {
        &self.names
    }

    /// Says so when the page will have to do without its script.
    pub(crate) fn warn_if_missing(&self) {
        if !self.folder.join(PACKAGE_DIR).is_dir() {
            tracing::warn!(
                folder = %self.folder.display(),
                "there is no built page here, so it has no script and no style; build it with `cargo xtask run`, \
                 or give --site-dir"
            );
        }
    }
}

/// Serves a file.
pub(crate) async fn serve(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::from(ErrorCode::MethodNotAllowed).into_response();
    }
    let is_hashed = state.assets.are_hashed && request.uri().path().starts_with("/pkg/");
    let accept = request.headers().clone();
    let Ok(response) = state.assets.files.clone().oneshot(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return error_page::refuse(&state, &accept, ErrorCode::NotFound);
    }
    let mut response = response.map(Body::new);
    let is_file = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    let cache = if !is_file {
        "no-store"
    } else if is_hashed {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    // Which of the precompressed files it is depends on this (RFC 9110, section 12.5.5).
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// Where `cargo leptos watch` tells pages to reload themselves.
pub(crate) fn reload_port() -> u32 {
    std::env::var("LEPTOS_RELOAD_PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(3001)
}

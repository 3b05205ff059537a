//! What the page loads: files of the site folder, precompressed, the hashed ones cached for ever.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use leptos::config::LeptosOptions;
use percent_encoding::percent_decode_str;
use protocol::ErrorCode;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::error::ApiError;
use crate::error_page;
use crate::ranges;
use crate::state::AppState;

/// Where the files are whose names are hashed.
const PACKAGE_DIR: &str = "pkg";
const OUTPUT_NAME: &str = "madang";
/// The release build writes it into the site folder. Without it the names carry no hashes, as under `cargo leptos watch`.
const HASH_FILE: &str = "hash.txt";

/// Bytes of a path that is looked for.
const PATH_BYTES_MAX: usize = 1_024;
/// Bytes of each name in it.
const NAME_BYTES_MAX: usize = 240;

/// The site folder, and the names of the files in it that a page loads.
pub(crate) struct Assets {
    files: ServeDir,
    /// Whether a file's name changes with its content.
    are_hashed: bool,
    names: app::page::Assets,
}

impl Assets {
    /// Opens the folder and reads, once, by which names its files go.
    ///
    /// # Errors
    /// When a file that every page loads is not there, or the hashes cannot be read.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let files = ServeDir::new(folder)
            .precompressed_br()
            .precompressed_gzip()
            .append_index_html_on_directories(false);
        let hash_file = folder.join(HASH_FILE);
        let are_hashed = hash_file.is_file();
        let hashes = if are_hashed {
            fs::read_to_string(&hash_file)
                .with_context(|| format!("{} cannot be read", hash_file.display()))?
        } else {
            String::new()
        };
        let options = LeptosOptions::builder()
            .output_name(OUTPUT_NAME)
            .site_root(Arc::<str>::from(folder.to_string_lossy()))
            .site_pkg_dir(PACKAGE_DIR)
            .reload_port(reload_port())
            .build();
        let mut names = app::page::Assets::new(options, &hashes);
        for address in names.addresses() {
            let file = folder.join(address.trim_start_matches('/'));
            anyhow::ensure!(
                file.is_file(),
                "{} is missing, without which the page does not work: `cargo xtask run` builds the page and starts \
                 madang with it, and --site-dir names the folder of a page that is built",
                file.display()
            );
        }
        if are_hashed {
            let css = names.addresses().next().unwrap_or_default();
            let file = folder.join(css.trim_start_matches('/'));
            let styles =
                fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            names = names.with_styles(styles);
        }
        Ok(Self {
            files,
            are_hashed,
            names,
        })
    }

    /// The names of the files a page loads.
    pub(crate) const fn names(&self) -> &app::page::Assets {
        &self.names
    }
}

/// Serves a file.
pub(crate) async fn serve(State(state): State<AppState>, mut request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::from(ErrorCode::MethodNotAllowed).into_response();
    }
    let is_of_package = request.uri().path().starts_with("/pkg/");
    let is_hashed = state.assets.are_hashed && is_of_package;
    let accept = request.headers().clone();
    if is_too_long(request.uri().path()) {
        return error_page::refuse(&state, &accept, ErrorCode::NotFound);
    }
    ranges::keep_what_can_be_served(&request.method().clone(), request.headers_mut());
    let Ok(response) = state.assets.files.clone().oneshot(request).await;
    match response.status() {
        StatusCode::NOT_FOUND => return error_page::refuse(&state, &accept, ErrorCode::NotFound),
        status if status.is_server_error() => {
            // What the system did not let be read: no file, too many of them open, a disk that fails.
            tracing::debug!(%status, "a file of the page could not be read");
            return error_page::refuse(&state, &accept, ErrorCode::Internal);
        }
        _ => {}
    }
    let mut response = response.map(Body::new);
    let is_file = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    let cache = if !is_file {
        "no-store"
    } else if is_hashed {
        "public, max-age=31536000, immutable"
    } else if is_of_package {
        // The same name for the next build.
        "no-cache"
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

/// Whether there can be no file of this name: file systems have names of 255 bytes at most, and the system paths of 4,096.
fn is_too_long(path: &str) -> bool {
    path.len() > PATH_BYTES_MAX
        || path
            .split('/')
            .any(|name| percent_decode_str(name).count() > NAME_BYTES_MAX)
}

/// Where `cargo leptos watch` tells pages to reload themselves.
pub(crate) fn reload_port() -> u32 {
    std::env::var("LEPTOS_RELOAD_PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(3001)
}

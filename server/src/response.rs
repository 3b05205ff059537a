//! Headers of responses.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};

/// What a page without a script may load, and where its forms may lead.
pub(crate) const SCRIPTLESS_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
                                           form-action 'self'; frame-ancestors 'none'";

/// Answers with a page that has no script and is not kept.
pub(crate) fn scriptless_page(html: String) -> Response {
    let mut response = Html(html).into_response();
    insert(
        &mut response,
        &[
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, SCRIPTLESS_POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "same-origin"),
        ],
    );
    response
}

/// Sets these headers.
pub(crate) fn insert(response: &mut Response, headers: &[(HeaderName, &'static str)]) {
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name.clone(), HeaderValue::from_static(value));
    }
}

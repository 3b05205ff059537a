//! Headers of responses.

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

/// Sets these headers.
pub(crate) fn insert(response: &mut Response, headers: &[(HeaderName, &'static str)]) {
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name.clone(), HeaderValue::from_static(value));
    }
}

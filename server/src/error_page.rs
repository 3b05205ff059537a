//! What a person sees at an address where there is nothing. Programs get the same refusal as JSON.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use protocol::ErrorCode;

use crate::error::ApiError;

/// Refuses in the form the client asked for: a page for a browser, JSON for everyone else.
pub(crate) fn refuse(headers: &HeaderMap, code: ErrorCode) -> Response {
    if !wants_page(headers) {
        return ApiError::from(code).into_response();
    }
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::NOT_FOUND);
    let mut response = (status, Html(page(code))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    response
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn page(code: ErrorCode) -> String {
    let (title, sentence) = match code {
        ErrorCode::BadRoom => (
            "방 이름이 아닙니다",
            "방 이름은 글자와 숫자, - 와 _ 로 된 1~32자이고, 로마자는 소문자로 씁니다. 주소를 확인해 주세요.",
        ),
        _ => (
            "없는 주소입니다",
            "이 주소에는 아무것도 없습니다. 주소를 확인해 주세요.",
        ),
    };
    format!(
        "<!DOCTYPE html><html lang=\"ko\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <h1>{title}</h1><p>{sentence}</p><p><a href=\"/\">로비로 가기</a></p></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_a_page_and_a_program_gets_json() {
        let mut headers = HeaderMap::new();
        assert_eq!(
            refuse(&headers, ErrorCode::BadRoom).headers()[header::CONTENT_TYPE],
            "application/json"
        );
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        let response = refuse(&headers, ErrorCode::BadRoom);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}

//! How someone wants the page to look: a cookie for the language and one for the theme.
//!
//! They are asked for by ordinary forms, so that they work without a script, and they say nothing about who somebody
//! is. Their names are this installation's own, for others on the host have a `lang` or a `theme`, too. That is what former
//! versions called ours: they are read as long as the identity's cookie is one of those versions, that is once.

use app::Lang;
use app::page::{Look, Theme};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use protocol::ErrorCode;
use serde::Deserialize;

use crate::api::body;
use crate::cookies;
use crate::error_page;
use crate::identity::{Identities, Recognised};
use crate::limits::FORM_BYTES_MAX;
use crate::state::AppState;

const LANGUAGE: &str = "lang";
const THEME: &str = "theme";

/// What the forms send: one of these.
#[derive(Debug, Default, Deserialize)]
struct Form {
    #[serde(default)]
    language: String,
    #[serde(default)]
    theme: String,
}

/// What a request asks for: by its cookies, and its language else by `Accept-Language` (RFC 9110, section 12.5.4).
pub(crate) fn look(identities: &Identities, headers: &HeaderMap) -> Look {
    let (lang, theme) = chosen(identities, headers);
    let accepted = look_of_anybody(headers);
    Look {
        lang: lang.unwrap_or(accepted.lang),
        theme: theme.unwrap_or(accepted.theme),
    }
}

/// As [`look`], where it is not known yet what the cookies are called.
pub(crate) fn look_of_anybody(headers: &HeaderMap) -> Look {
    Look {
        lang: accepted(headers).unwrap_or_default(),
        theme: Theme::default(),
    }
}

/// What was chosen, as far as the cookies say.
fn chosen(identities: &Identities, headers: &HeaderMap) -> (Option<Lang>, Option<Theme>) {
    let find = |name: &str| {
        let own_name = identities.cookie_named(name);
        let own = cookies::values(headers, &own_name).next();
        let former = || {
            let value = cookies::values(headers, name).next()?;
            identities.is_of_former_version(headers).then_some(value)
        };
        own.or_else(former).map(str::to_owned)
    };
    (
        find(LANGUAGE).and_then(|tag| Lang::parse(&tag)),
        find(THEME).and_then(|name| Theme::parse(&name)),
    )
}

/// Sets the cookies of somebody who was recognised: when theirs is set again, what they have chosen is, too.
pub(crate) fn set_cookies(
    identities: &Identities,
    headers: &HeaderMap,
    recognised: Recognised,
    response: &mut Response,
) {
    let Some(identity) = recognised.set_cookie else {
        return;
    };
    let answer = response.headers_mut();
    answer.append(header::SET_COOKIE, identity);
    let (lang, theme) = chosen(identities, headers);
    let chosen = [(LANGUAGE, lang.map(Lang::tag)), (THEME, theme.map(Theme::as_str))];
    for (name, value) in chosen {
        if let Some(cookie) = value.and_then(|value| cookies::set(&identities.cookie_named(name), value)) {
            answer.append(header::SET_COOKIE, cookie);
        }
    }
}

/// Chooses the language, and goes back to the page.
pub(crate) async fn set_language(
    State(state): State<AppState>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let form = read(request.into_body()).await;
    let chosen = form.and_then(|form| Lang::parse(&form.language).ok_or(ErrorCode::BadFrame));
    match chosen {
        Ok(lang) => remember(&state, &headers, LANGUAGE, lang.tag()),
        Err(code) => error_page::refuse(&state, &headers, code),
    }
}

/// Chooses the theme, and goes back to the page.
pub(crate) async fn set_theme(
    State(state): State<AppState>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let form = read(request.into_body()).await;
    let chosen = form.and_then(|form| Theme::parse(&form.theme).ok_or(ErrorCode::BadFrame));
    match chosen {
        Ok(theme) => remember(&state, &headers, THEME, theme.as_str()),
        Err(code) => error_page::refuse(&state, &headers, code),
    }
}

async fn read(body: Body) -> Result<Form, ErrorCode> {
    let bytes = body::read(body, FORM_BYTES_MAX).await?;
    serde_urlencoded::from_bytes(&bytes).map_err(|_| ErrorCode::BadFrame)
}

fn remember(state: &AppState, headers: &HeaderMap, name: &str, value: &str) -> Response {
    let mut response = go_back(headers);
    if let Some(cookie) = cookies::set(&state.identities.cookie_named(name), value) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Back to the page that the form stands on.
pub(crate) fn go_back(headers: &HeaderMap) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let path = HeaderValue::from_str(&path_from(headers));
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.insert(header::LOCATION, path.unwrap_or(HeaderValue::from_static("/")));
    response
}

/// The page that a form stands on. Of the `Referer` only the path counts, so that it leads nowhere else.
pub(crate) fn path_from(headers: &HeaderMap) -> String {
    let uri = headers
        .get(header::REFERER)
        .and_then(|referer| Uri::try_from(referer.as_bytes()).ok());
    let path = uri.as_ref().and_then(Uri::path_and_query);
    let path = path.map_or("/", |path| path.as_str());
    // Two slashes would begin the name of another server (RFC 3986, section 4.2); some read a backslash as one.
    let is_ours = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    if is_ours { path } else { "/" }.to_owned()
}

/// The language we have that is wanted most; of two wanted alike the one named first.
fn accepted(headers: &HeaderMap) -> Option<Lang> {
    let mut best: Option<(f32, Lang)> = None;
    let lists = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    for wanted in lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
    {
        let mut parts = wanted.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let language = tag.split('-').next().unwrap_or_default();
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        if let Some(lang) = Lang::parse(language)
            && weight > best.map_or(0.0, |(weight, _)| weight)
        {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identities() -> Identities {
        Identities::new([1; 32]).unwrap()
    }

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn the_language_is_the_one_wanted_most_and_korean_where_none_is() {
        for (wanted, lang) in [
            ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Lang::Ko),
            ("en-US,en;q=0.9,ko;q=0.8", Lang::En),
            ("EN", Lang::En),
            ("de,en;q=0.3", Lang::En),
            ("en;q=0.2, ko;q=0.9", Lang::Ko),
            ("en;q=0, *", Lang::Ko),
            ("de", Lang::Ko),
            ("*", Lang::Ko),
            ("", Lang::Ko),
            (";;q=,,en;q=x", Lang::Ko),
        ] {
            assert_eq!(
                look(&identities(), &with(header::ACCEPT_LANGUAGE, wanted)).lang,
                lang,
                "{wanted}"
            );
        }
        assert_eq!(look(&identities(), &HeaderMap::new()), Look::default());
    }

    #[test]
    fn what_was_chosen_counts_for_more_and_what_is_not_known_for_nothing() {
        let ours = |cookies: &str| {
            let name = identities().cookie_named("");
            let mut headers = with(header::ACCEPT_LANGUAGE, "ko");
            let cookies = cookies.replace('$', &name);
            headers.insert(header::COOKIE, HeaderValue::from_str(&cookies).unwrap());
            look(&identities(), &headers)
        };
        let chosen = Look {
            lang: Lang::En,
            theme: Theme::Dark,
        };
        assert_eq!(ours("a=b; $lang=en; $theme=dark"), chosen);
        assert_eq!(ours("lang=ko; theme=light; $lang=en; $theme=dark"), chosen);
        assert_eq!(ours("$lang=xx; $theme=pink"), Look::default());
        // What somebody else on the host has set under such a name.
        assert_eq!(ours("lang=en; theme=dark"), Look::default());
    }

    #[test]
    fn the_way_back_leads_to_a_page_of_ours_and_nowhere_else() {
        for (referer, path) in [
            (
                "http://127.0.0.1:8080/rooms/%EA%B0%9C?before=7",
                "/rooms/%EA%B0%9C?before=7",
            ),
            ("https://chat.example.org/", "/"),
            ("https://chat.example.org", "/"),
            ("https://evil.example//evil.example/x", "/"),
            ("https://evil.example/\\evil.example", "/"),
            ("//evil.example", "/"),
            ("nonsense", "/"),
            ("", "/"),
        ] {
            assert_eq!(path_from(&with(header::REFERER, referer)), path, "{referer}");
        }
        assert_eq!(path_from(&HeaderMap::new()), "/");
    }
}

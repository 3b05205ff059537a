//! The whole HTML document, rendered by the server.

mod closed;
mod dialog;
mod drawn;
mod drawn_by_us;
pub mod fragments;
mod look;
mod menu;
mod refused;
mod room_names;
mod rooms;
mod script;
mod settings;
mod sheet;
mod theme;
mod trouble;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use leptos::config::LeptosOptions;
use leptos::hydration::AutoReload;
use leptos::nonce::Nonce;
use leptos::prelude::*;
use maud::{Markup, PreEscaped, html};

use crate::chat_app::ChatApp;
use crate::start::Start;

use crate::page_words as words;

pub use closed::{Closed, closed};
use drawn::Drawn;
pub use look::Look;
pub use refused::{Unsent, refused, refused_form};
pub use rooms::rooms;
pub use sheet::sheet;
pub use theme::Theme;

/// A page to render.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it shows.
    pub start: Start,
    /// The text that `start` was read from, for the browser to read it from too: JSON without any `<`.
    pub start_text: String,
    /// Whether whoever asked brought no identity, so that one has just been made.
    pub is_new: bool,
    /// How it looks; `start` has the words of its language.
    pub look: Look,
    /// The nonce in the response's `Content-Security-Policy`; every script and link of the page carries it.
    pub nonce: String,
}

/// Where the page finds its style sheet, its script and its WASM.
#[derive(Clone, Debug)]
pub struct Assets {
    options: LeptosOptions,
    names: Names,
    /// What stands in the style sheet, for the page of who has never been here.
    styles: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
struct Names {
    css: String,
    js: String,
    wasm: String,
    /// The script and the WASM of the markup, which no page loads at first. `cargo leptos watch` does not build them.
    marks: Option<(String, String)>,
}

impl Assets {
    /// The names of the assets. `hashes` has a line `kind: hash` for each kind whose name carries one; under
    /// `cargo leptos watch` none does.
    #[must_use]
    pub fn new(options: LeptosOptions, hashes: &str) -> Self {
        Self {
            names: Names::new(&options, hashes),
            options,
            styles: None,
        }
    }

    /// With the text of the style sheet, which then stands in the page of who has never been here. A text that would end its
    /// element is left out.
    #[must_use]
    pub fn with_styles(self, styles: String) -> Self {
        let styles = (!styles.contains("</")).then(|| styles.into());
        Self { styles, ..self }
    }

    /// The addresses that a page loads, from the site's root.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let Names { css, js, wasm, marks } = &self.names;
        let marks = marks.iter().flat_map(|(js, wasm)| [js, wasm]);
        [css, js, wasm].into_iter().chain(marks).map(String::as_str)
    }

    /// The value of a page's header `Link` (RFC 8288) by which the browser asks for what is large and what is painted with, before
    /// it has read any of the page. The script is not among them: it takes a nonce, and is there long before the WASM.
    #[must_use]
    pub fn preloads(&self, is_new: bool) -> String {
        let Names { css, wasm, .. } = &self.names;
        let wasm =
            format!("<{wasm}>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin=anonymous");
        if self.styles_of(is_new).is_some() {
            return wasm;
        }
        format!("<{css}>; rel=preload; as=style, {wasm}")
    }

    /// What stands in the style sheet, where it stands in the page: whoever has been here has it already.
    fn styles_of(&self, is_new: bool) -> Option<Arc<str>> {
        self.styles.clone().filter(|_| is_new)
    }
}

impl Names {
    /// The addresses of the assets; `hashes` has a line `kind: hash` for each kind whose name carries one.
    fn new(options: &LeptosOptions, hashes: &str) -> Self {
        let hash_of = |kind: &str| {
            let mut named = hashes.lines().filter_map(|line| line.split_once(':'));
            named.find(|(named, _)| named.trim() == kind)
        };
        let name = |kind: &str| {
            let hash = hash_of(kind).map(|(_, hash)| format!("{}.", hash.trim()));
            let hash = hash.unwrap_or_default();
            format!("/{}/{}.{hash}{kind}", options.site_pkg_dir, options.output_name)
        };
        Self {
            css: name("css"),
            js: name("js"),
            wasm: name("wasm"),
            marks: hash_of("marks.js").map(|_| (name("marks.js"), name("marks.wasm"))),
        }
    }
}

/// Renders a page. The answer is `200` with `text/html; charset=utf-8`; status and further headers are the caller's.
///
/// `any_spawner::Executor::init_tokio()` must have been called once before.
pub async fn render(page: Page, assets: &Assets) -> Response<Body> {
    let assets = assets.clone();
    let nonce = Nonce::from_value(page.nonce);
    let (look, is_new) = (page.look, page.is_new);
    let start = Arc::new((page.start, page.start_text));
    let context = {
        let nonce = nonce.clone();
        move || provide_context(nonce.clone())
    };
    let app = move || document(look, is_new, &start, &nonce, &assets);
    let handler = leptos_axum::render_app_async_with_context(context, app);
    handler(Request::new(Body::empty())).await
}

fn document(
    look: Look,
    is_new: bool,
    start: &Arc<(Start, String)>,
    nonce: &Nonce,
    assets: &Assets,
) -> impl IntoView + use<> {
    let (start, start_text) = &**start;
    let (names, options) = (&assets.names, assets.options.clone());
    let styles = assets.styles_of(is_new);
    let words = words::of(look.lang);
    let heading = look.lang.words().heading();
    let title = if start.room.is_lobby() {
        heading.to_owned()
    } else {
        format!("{} · {heading}", start.room)
    };
    let css = styles.as_ref().map(|_| &*names.css);
    let module = script::module(&names.js, &names.wasm, css, names.marks.as_ref());
    let styles = match styles {
        Some(styles) => html! { style nonce=(nonce) { (PreEscaped(&*styles)) } },
        None => html! { link rel="stylesheet" href=(names.css) nonce=(nonce); },
    };
    let shown = start.clone();
    let chat = drawn_by_us::mark(&view! { <ChatApp start=shown /> }.to_html());
    view! {
        <!DOCTYPE html>
        <html lang=look.lang.tag() data-theme=look.theme.as_str()>
            <head>
                {drawn(head(look, &title))}
                <script nonce=nonce.clone()>{script::WARM.as_str()}</script>
                {drawn(styles)}
                // What stands before it is not drawn until the times in it are local.
                <link rel="expect" href="#settings" blocking="render" />
                <link rel="modulepreload" href=names.js.clone() nonce=nonce.clone() />
                <link
                    rel="preload"
                    href=names.wasm.clone()
                    r#as="fetch"
                    r#type="application/wasm"
                    crossorigin="anonymous"
                    nonce=nonce.clone()
                />
                {start.place.map(|place| view! {
                    // A script brings the message into view by itself.
                    <noscript>
                        <meta http-equiv="refresh" content=format!("0;url=#m{place}") />
                    </noscript>
                })}
                <AutoReload options />
            </head>
            <body>
                <noscript>
                    <p class="no-script">
                        {words.no_script()} " " <a href="">{words.reload()}</a>
                    </p>
                </noscript>
                {drawn(trouble::trouble(look))}
                <div
                    id="app"
                    data-new=is_new
                    data-words=start.words.to_string()
                    data-user=start.user_id.map(|user_id| user_id.to_string())
                    inner_html=chat
                ></div>
                <script type="application/json" id="start" nonce=nonce.clone()>
                    {start_text.clone()}
                </script>
                <script nonce=nonce.clone()>{script::FIRST.as_str()}</script>
                <textarea id="copied" class="unseen" tabindex="-1" aria-hidden="true" readonly></textarea>
                {drawn(html! {
                    (settings::settings(look, start.name.as_deref()))
                    (menu::menu(look.lang))
                    (dialog::dialog(look.lang))
                    (dialog::deleting(look.lang))
                    (dialog::no_files(look.lang))
                    (dialog::dropping(look.lang))
                })}
                <script nonce=nonce.clone()>{script::HANDS.as_str()}</script>
                <script type="module" nonce=nonce.clone()>
                    {module}
                </script>
            </body>
        </html>
    }
}

/// HTML in the document's view. The browser hydrates the chat alone, so that here it may be several elements.
fn drawn(html: Markup) -> Drawn {
    Drawn(html.into_string())
}

/// What stands in every page's `<head>`.
fn head(look: Look, title: &str) -> Markup {
    html! {
        (head_without_icon(look, title))
        link rel="icon" href="/favicon.svg" type="image/svg+xml";
    }
}

fn head_without_icon(look: Look, title: &str) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
        meta name="color-scheme" content=(look.theme.color_scheme());
        (theme_color(look.theme))
        title { (title) }
    }
}

/// The colour of what the browser draws about the page: the page's own (`--color-page` in `style/tokens.css`).
fn theme_color(theme: Theme) -> Markup {
    const LIGHT: &str = "#faf9f6";
    const DARK: &str = "#181715";
    html! {
        @match theme {
            Theme::Light => meta name="theme-color" content=(LIGHT);,
            Theme::Dark => meta name="theme-color" content=(DARK);,
            Theme::System => {
                meta name="theme-color" media="(prefers-color-scheme: light)" content=(LIGHT);
                meta name="theme-color" media="(prefers-color-scheme: dark)" content=(DARK);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_the_page_has_the_pages_colour() {
        let tokens = include_str!("../../style/tokens.css");
        assert!(tokens.contains("--color-page: light-dark(var(--ink-50), var(--ink-950));"));
        for (theme, colours) in [
            (Theme::Light, &["--ink-50"][..]),
            (Theme::Dark, &["--ink-950"]),
            (Theme::System, &["--ink-50", "--ink-950"]),
        ] {
            let html = theme_color(theme).into_string();
            assert_eq!(html.matches("theme-color").count(), colours.len(), "{html}");
            for name in colours {
                let colour = tokens
                    .split_once(&format!("{name}: "))
                    .and_then(|(_, rest)| rest.split_once(';'));
                assert!(
                    colour.is_some_and(|(colour, _)| html.contains(colour)),
                    "{name}: {html}"
                );
            }
        }
    }

    #[test]
    fn asset_names_carry_the_hashes_that_were_written_into_the_site_folder() {
        let options = LeptosOptions::builder().output_name("madang").build();
        let names = Names::new(&options, "js: aB-_\nwasm: cD\ncss: eF\n");
        assert_eq!(names.js, "/pkg/madang.aB-_.js");
        assert_eq!(names.wasm, "/pkg/madang.cD.wasm");
        assert_eq!(names.css, "/pkg/madang.eF.css");
        assert_eq!(names.marks, None);
        assert_eq!(Names::new(&options, "").js, "/pkg/madang.js");
        let with_marks = Names::new(&options, "js: a\nmarks.js: b\nmarks.wasm: c\n").marks;
        let expected = ("/pkg/madang.b.marks.js", "/pkg/madang.c.marks.wasm");
        assert_eq!(with_marks, Some((expected.0.to_owned(), expected.1.to_owned())));
    }
}

//! The chat's page: the component [`ChatApp`], what hangs below it, and the thin glue to the browser.
//!
//! One of three features is on: `ssr` (the server renders it), `hydrate` (the browser takes the server's HTML
//! over), `csr` (the browser builds it alone, under Trunk). What the chat *does* is `client`'s; here it is shown.

#![allow(
    unreachable_pub,
    reason = "`#[component]` makes the type of its properties `pub`"
)]

#[macro_use]
mod table;

mod alike;
mod chat_app;
mod components;
mod connection;
#[cfg(feature = "ssr")]
mod fold;
#[cfg(feature = "browser")]
#[path = "fold_browser.rs"]
mod fold;
mod josa;
mod row_id;
mod shared;
mod start;
mod state;
#[cfg(feature = "ssr")]
mod time;
mod words;
#[cfg(all(test, feature = "ssr"))]
mod words_json;

#[cfg(feature = "browser")]
mod browser;
#[cfg(feature = "ssr")]
#[path = "no_browser.rs"]
mod browser;
#[cfg(feature = "browser")]
mod mount;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod page_words;

pub use chat_app::ChatApp;
pub use client::Message;
#[cfg(feature = "browser")]
pub use mount::{Mounted, mount};
pub use start::{Refusal, Start};
#[cfg(any(feature = "ssr", feature = "csr"))]
pub use words::Lang;
pub use words::Words;

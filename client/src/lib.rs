//! What the chat's client does, without a browser: inputs in, effects out.
//!
//! Each machine here is a plain struct; a step hands it the time, an input and a list to push effects on. None of them
//! reads a clock, draws a random number or does I/O, so `cargo test -p client` covers them, and the page and the fault
//! tests run the very same code.
//!
//! [`tab::Tab`] is the whole client of one tab. Its parts, each of which uses only those above it:
//!
//! - [`model`]: messages, events, pages of history, the state of the connection
//! - [`wire`]: frames, endpoints and tab messages, as text
//! - `connection`: the connection over four transports, and the rooms subscribed to on it for all tabs
//! - [`outbox`]: what was asked for here and is not yet known to be on the server's disk, and its local echo
//! - [`room`]: the room that is shown: timeline, presence, how far it is read
//! - [`rooms`]: the rooms that are followed: unread counts, pending positions
//! - [`tab`]: which of a browser's tabs leads, and the machine made of all these
//!
//! Beside them: `step` and [`effect`], what every machine is given and gives; [`limits`]; `backoff`.
//!
//! # Running a tab
//!
//! 1. `Tab::new(Config { room, user_id, name, page, read_line, transports })`: from what the page shows, or from nothing.
//! 2. `step(now, Input::Start { shared, visible }, &mut effects)` once; `shared` is whether the browser has Web Locks
//!    and `BroadcastChannel`. A program without tabs says `false`.
//! 3. After every step carry out the effects in order ([`effect::Effect`] says how), and report what comes of them as
//!    inputs ([`tab::Input`]). Never step the machine from within carrying out an effect of the step before: queue it.
//! 4. On `Effect::TimelineChanged` read `shown()`, `pending()`, `changes()`, `older()`, `newer()`, `below()`,
//!    `missed()`, `topic()`, `read_line()`; on `Effect::RoomsChanged` read `rooms()`; on `Effect::PeopleChanged` read
//!    `here()`, `typing()`, `name()`; on `Effect::StatusChanged` read `status()` and `role()`; `held_by()` with any of
//!    them. On `Effect::ScrollTo` bring that row into view, after what was to be shown before. Say `Input::AtEnd`
//!    whenever the reader comes to the last row or leaves it.
//! 5. `Input::Stop` on `pagehide` and when the component is taken down; `Input::Start` again on `pageshow`.
//!
//! `Now::ms` is any clock of this tab that does not run backwards (`performance.now()`); `Now::random` is a new random
//! number for every step. Times that outlive a tab are Unix milliseconds and come with [`outbox::Seed`].
//!
//! Everything that may fail is answered: a request with `None`, a store with `Failed`, a load with `None`, a socket
//! that cannot even be made with `Closed(id, 1006)`. What stays unanswered is given up by the machine's own timer, save
//! for `Fetch`, which the runner answers with `None` after 15 s.
//!
//! # What is kept where
//!
//! The outbox's rows are text under their `clientId`, in one IndexedDB store (with `durability: "strict"`; requests to
//! it are carried out in the order they were made). Until a new row is there it stands in `localStorage`, too, which
//! takes it at once: the input is emptied in the same step. `Load` finds it there when its tab has ended meanwhile, and
//! the other tabs are told by the `storage` event (`Input::StoredElsewhere`). The transport is remembered in
//! `sessionStorage` and comes back as `Transports::first`. Drafts are not the machine's: the composer saves its text per
//! person and room a moment after the last key and on `pagehide`, and forgets it on `Effect::Accepted`.

mod backoff;
mod connection;
pub mod effect;
pub mod limits;
pub mod model;
pub mod outbox;
pub mod room;
pub mod rooms;
mod step;
pub mod tab;
pub mod wire;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use model::{Message, Now, Person};
pub use wire::Frame;

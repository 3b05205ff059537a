//! The browser: carries out the client's effects, draws what the client knows, and reports what happens.
//!
//! `life` starts and stops it all, `effects` carries out what the client asks for. Below them, one way:
//! `events` and `composer` → `render` → `driver`, and `io`, which knows no page.

pub(crate) mod clock;
mod composer;
pub(crate) mod dom;
mod driver;
mod effects;
mod events;
mod io;
mod life;
mod marks;
mod render;
mod system;

pub(crate) use dom::typed;
pub(crate) use life::{connect_soon, disconnect};
pub(crate) use marks::{are_there as has_marks, html as marked};
pub(crate) use render::scrolled;

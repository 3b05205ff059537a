//! Forms, and what is written into their fields.

use client::tab::Input;
use web_sys::Event;

use super::target::element;
use super::{dialog, finder};
use crate::browser::driver::step;
use crate::browser::system::text;
use crate::browser::{composer, dom, system};

/// What a form does with the text of its field.
type Submit = fn(String);

/// The table of what `data-act` says of a form with one field.
const FORMS: &[(&str, Submit)] = &[
    ("name", |name| step(Input::Rename(system::seed(), name))),
    ("topic", |topic| step(Input::Topic(system::seed(), topic))),
];

pub(super) fn submit(event: &Event) {
    let Some(form) = element(event) else { return };
    let name = form.get_attribute("data-act").unwrap_or_default();
    if name == "send" {
        event.prevent_default();
        composer::send();
        return;
    }
    let Some(field) = dom::within(&form, "input[name]") else {
        return;
    };
    if name == "find" {
        event.prevent_default();
        finder::find(field, true);
        return;
    }
    let Some((_, submit)) = FORMS.iter().find(|(known, _)| *known == name) else {
        return;
    };
    submit(text(&field, "value"));
    event.prevent_default();
    dom::dismiss();
    dialog::close();
    composer::write_on();
}

pub(super) fn input(event: &Event) {
    let Some(target) = element(event) else { return };
    if composer::is_input(&target) {
        composer::typed();
    } else if text(&target, "name") == "find" {
        finder::find(target, false);
    }
}

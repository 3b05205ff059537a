//! Forms, and what is written into their fields.

use client::outbox::Seed;
use client::tab::Input;
use web_sys::{Element, Event};

use super::target::element;
use super::{dialog, finder};
use crate::browser::driver::step;
use crate::browser::system::text;
use crate::browser::{composer, dom, system};

/// What a form does when it is sent.
type Submit = fn(&Element);

/// The table of what `data-act` says of a form.
const FORMS: &[(&str, Submit)] = &[
    ("send", |_| composer::send()),
    ("find", |form| {
        if let Some(field) = field(form) {
            finder::find(field, true);
        }
    }),
    ("name", |form| ask(form, Input::Rename)),
    ("topic", |form| ask(form, Input::Topic)),
];

pub(super) fn submit(event: &Event) {
    let Some(form) = element(event) else { return };
    let name = form.get_attribute("data-act").unwrap_or_default();
    if let Some((_, submit)) = FORMS.iter().find(|(known, _)| *known == name) {
        event.prevent_default();
        submit(&form);
    }
}

/// Asks for what the form's field says.
fn ask(form: &Element, input: fn(Seed, String) -> Input<'static>) {
    let Some(field) = field(form) else { return };
    step(input(system::seed(), text(&field, "value")));
    dom::dismiss();
    dialog::close();
    composer::write_on();
}

fn field(form: &Element) -> Option<Element> {
    dom::within(form, "input[name]")
}

pub(super) fn input(event: &Event) {
    let Some(target) = element(event) else { return };
    if composer::is_input(&target) {
        composer::typed();
    } else if text(&target, "name") == "find" {
        finder::find(target, false);
    }
}

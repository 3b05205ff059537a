//! The rows of the timeline, as a view. A row's element stays what it is for as long as its message is shown, and of it only
//! what has changed is put in anew: so whatever happens to a message, the focus, what is selected in its text and how far its
//! code is scrolled stay.
//!
//! Leptos' keyed lists keep the elements of what is the same, and draw anew what is not.

use std::mem;

use client::room::items::Item;
use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::renderer::{CastFrom, Rndr};
use leptos::tachys::view::add_attr::AddAnyAttr;
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};

use super::delivery_note::DeliveryNote;
use super::row::{self, Key};
use crate::state::Chat;

/// The rows: all that is in their list.
pub(crate) struct Rows {
    pub(crate) rows: Vec<(Item, Option<DeliveryNote>)>,
    pub(crate) chat: Chat,
}

/// The rows that are shown, in their order.
pub(crate) struct RowsState {
    /// The element they are in, once they are in one.
    list: Option<Element>,
    shown: Vec<Shown>,
}

/// A row that is shown.
struct Shown {
    key: Key,
    element: Element,
}

impl Rows {
    fn draw(&self, (item, note): &(Item, Option<DeliveryNote>)) -> Element {
        let html = row::draw(item, *note, self.chat);
        let around = Rndr::create_element("ol", None);
        Rndr::set_inner_html(&around, &html);
        let element = Rndr::first_child(&around).and_then(Element::cast_from);
        element.unwrap_or(around)
    }

    fn show(&self, row: &(Item, Option<DeliveryNote>)) -> Shown {
        Shown {
            key: row::key(&row.0, row.1, self.chat),
            element: self.draw(row),
        }
    }
}

impl Mountable for RowsState {
    fn unmount(&mut self) {
        for row in &self.shown {
            Rndr::remove(&row.element);
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        for row in &self.shown {
            Rndr::insert_node(parent, &row.element, marker);
        }
        self.list = Some(parent.clone());
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.shown
            .first()
            .is_some_and(|first| first.element.insert_before_this(child))
    }

    fn elements(&self) -> Vec<Element> {
        self.shown.iter().map(|row| row.element.clone()).collect()
    }
}

impl Render for Rows {
    type State = RowsState;

    fn build(self) -> Self::State {
        RowsState {
            list: None,
            shown: self.rows.iter().map(|row| self.show(row)).collect(),
        }
    }

    fn rebuild(self, state: &mut Self::State) {
        let Some(list) = &state.list else { return };
        let mut before = mem::take(&mut state.shown).into_iter();
        for row in &self.rows {
            let key = row::key(&row.0, row.1, self.chat);
            // What was shown keeps its order, but for what is gone.
            let at = before.as_slice().iter().position(|known| known.key.id == key.id);
            let shown = if let Some(at) = at {
                before
                    .by_ref()
                    .take(at)
                    .for_each(|gone| Rndr::remove(&gone.element));
                before.next()
            } else {
                None
            };
            let shown = match shown {
                Some(known) if known.key == key => known,
                Some(known) => {
                    update(&known.element, &self.draw(row));
                    Shown { key, ..known }
                }
                None => {
                    let new = self.show(row);
                    let next = before.as_slice().first();
                    Rndr::insert_node(list, &new.element, next.map(|next| &*next.element));
                    new
                }
            };
            state.shown.push(shown);
        }
        before.for_each(|gone| Rndr::remove(&gone.element));
    }
}

/// Makes an element what another one is: its attributes, and of its children those that differ.
fn update(element: &Element, new: &Element) {
    for name in element
        .get_attribute_names()
        .iter()
        .filter_map(|name| name.as_string())
    {
        if new.get_attribute(&name).is_none() {
            Rndr::remove_attribute(element, &name);
        }
    }
    for name in new
        .get_attribute_names()
        .iter()
        .filter_map(|name| name.as_string())
    {
        let value = new.get_attribute(&name);
        if value != element.get_attribute(&name) {
            Rndr::set_attribute(element, &name, &value.unwrap_or_default());
        }
    }
    let mut at = Rndr::first_child(element);
    while let Some(child) = Rndr::first_child(new) {
        let mut same = at.clone();
        while same
            .as_ref()
            .is_some_and(|same| !same.is_equal_node(Some(&child)))
        {
            same = same.as_ref().and_then(Rndr::next_sibling);
        }
        if let Some(same) = same {
            remove_until(at, Some(&same));
            at = Rndr::next_sibling(&same);
            Rndr::remove(&child);
        } else {
            Rndr::insert_node(element, &child, at.as_ref());
        }
    }
    remove_until(at, None);
}

/// Removes an element's child and those after it, up to `end`.
fn remove_until(mut at: Option<Node>, end: Option<&Node>) {
    while let Some(gone) = at.filter(|at| Some(at) != end) {
        at = Rndr::next_sibling(&gone);
        Rndr::remove(&gone);
    }
}

impl AddAnyAttr for Rows {
    type Output<NewAttr: Attribute> = Self;

    /// They have the attributes that their HTML has.
    fn add_any_attr<NewAttr: Attribute>(self, _attribute: NewAttr) -> Self::Output<NewAttr>
    where
        Self::Output<NewAttr>: RenderHtml,
    {
        self
    }
}

impl RenderHtml for Rows {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        page: &mut String,
        position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _attributes: Vec<AnyAttribute>,
    ) {
        for (item, note) in &self.rows {
            page.push_str(&row::draw(item, *note, self.chat));
        }
        *position = Position::NextChild;
    }

    /// Takes the rows over that stand in the list, in their order. Whatever else somebody has put there is passed over.
    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        position.set(Position::NextChild);
        let list = Element::cast_from(cursor.current());
        let mut at = list.as_ref().and_then(|list| Rndr::first_child(list));
        let mut next = || {
            while let Some(node) = at.take() {
                at = Rndr::next_sibling(&node);
                let element = Element::cast_from(node);
                if let Some(row) = element.filter(|element| element.has_attribute("data-seq")) {
                    return Some(row);
                }
            }
            None
        };
        let shown = self.rows.iter().map(|row| match next() {
            Some(element) => Shown {
                key: row::key(&row.0, row.1, self.chat),
                element,
            },
            None => {
                let new = self.show(row);
                if let Some(list) = &list {
                    Rndr::insert_node(list, &new.element, None);
                }
                new
            }
        });
        let shown = shown.collect();
        RowsState { list, shown }
    }

    fn into_owned(self) -> Self::Owned {
        self
    }
}

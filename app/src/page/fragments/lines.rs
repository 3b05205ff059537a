//! Lists of people: each is a way to their card, and is told from others of their name.

use maud::{Markup, html};
use protocol::{RoomName, UserId};

use crate::alike::{Alike, Called, Known, end, own_colour};
use crate::components::avatar;
use crate::words::Lang;

/// The room in which people are shown.
#[derive(Clone, Debug)]
pub struct Around {
    pub room: RoomName,
    /// Those in it who are called as others there are, of whom some are shown.
    pub namesakes: Vec<(UserId, Box<str>)>,
}

/// How people are shown who are shown together.
pub(super) struct Lines<'a> {
    lang: Lang,
    room: &'a RoomName,
    alike: Vec<Alike>,
    /// Who is marked as whoever reads this.
    me: Option<UserId>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(
        lang: Lang,
        around: &'a Around,
        people: impl Iterator<Item = (UserId, Option<&'a str>)>,
    ) -> Self {
        let mut known = Known::new(lang.words());
        for (user_id, name) in people {
            known.add(user_id, name);
        }
        for (user_id, name) in &around.namesakes {
            known.add(*user_id, Some(name));
        }
        Self {
            lang,
            room: &around.room,
            alike: known.alike(),
            me: None,
        }
    }

    /// The same, with a mark at whoever reads this.
    pub(super) fn marking(self, me: Option<UserId>) -> Self {
        Self { me, ..self }
    }

    /// An item of a list.
    pub(super) fn item(&self, user_id: UserId, name: Option<&str>) -> Markup {
        self.item_of("person", user_id, name)
    }

    /// An item of a list whose people are of this class.
    pub(super) fn item_of(&self, class: &str, user_id: UserId, name: Option<&str>) -> Markup {
        html! {
            li {
                a class=(class) href=(client::wire::endpoints::person(self.room.as_str(), user_id)) data-act="part" {
                    (self.avatar(user_id, name))
                    span class={ (class) "-name" } { (self.called(user_id, name).draw()) }
                    @if self.me == Some(user_id) {
                        span .person-me { (self.lang.words().me()) }
                    }
                }
            }
        }
    }

    /// Their avatar.
    pub(super) fn avatar(&self, user_id: UserId, name: Option<&str>) -> Markup {
        let colour = self
            .alike(user_id)
            .map_or(own_colour(user_id), |alike| alike.colour);
        avatar::draw(user_id, name, colour)
    }

    /// What they are called.
    pub(super) fn called(&self, user_id: UserId, name: Option<&str>) -> Called {
        let is_told = name.is_some() && self.alike(user_id).is_some_and(|alike| alike.shares_name);
        Called {
            name: self.lang.words().name(name, user_id),
            end: if is_told { end(user_id) } else { String::new() },
        }
    }

    fn alike(&self, user_id: UserId) -> Option<&Alike> {
        self.alike.iter().find(|alike| alike.user_id == user_id)
    }
}

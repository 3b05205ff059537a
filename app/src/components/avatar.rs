//! What stands for a person where there is no picture: a sign or two on one of twelve colours, which is their id's unless
//! somebody of the same sign had it first.

use maud::{Markup, html};
use protocol::UserId;

use crate::alike::signs;

/// The classes of the colours; `style/components/avatar.css` has them.
const CLASSES: [&str; crate::alike::COLOURS as usize] = [
    "avatar avatar-0",
    "avatar avatar-1",
    "avatar avatar-2",
    "avatar avatar-3",
    "avatar avatar-4",
    "avatar avatar-5",
    "avatar avatar-6",
    "avatar avatar-7",
    "avatar avatar-8",
    "avatar avatar-9",
    "avatar avatar-10",
    "avatar avatar-11",
];

/// The classes of an avatar in a colour.
fn class(colour: u8) -> &'static str {
    CLASSES.get(usize::from(colour)).copied().unwrap_or_default()
}

/// Draws somebody's avatar in their colour.
pub(crate) fn draw(user_id: UserId, name: Option<&str>, colour: u8) -> Markup {
    html! {
        span class=(class(colour)) aria-hidden="true" { (signs(user_id, name)) }
    }
}

/// Draws it as the way to their card, for those who point at it: beside it stands a name that leads there, too.
pub(crate) fn draw_link(user_id: UserId, name: Option<&str>, colour: u8, card: &str) -> Markup {
    html! {
        a class=(class(colour)) href=(card) data-act="part" tabindex="-1" aria-hidden="true" {
            (signs(user_id, name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alike::COLOURS;

    #[test]
    fn every_colour_has_a_class_of_its_own() {
        let mut classes: Vec<_> = (0..COLOURS).map(class).collect();
        assert!(classes.iter().all(|class| class.starts_with("avatar avatar-")));
        classes.sort_unstable();
        classes.dedup();
        assert_eq!(classes.len(), usize::from(COLOURS));
    }
}

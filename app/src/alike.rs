//! People who would be taken for one another: of one name, or with the same sign in the same colour.
//!
//! Whoever was here first keeps their colour, for ids begin with the time they were made at. What a name looks like counts, not
//! what it is in bytes; so somebody who takes another's name is told from them, too.

use maud::{Markup, html};
use protocol::UserId;

use crate::fold::fold;
use crate::words::Words;

/// The colours; `style/components/avatar.css` has them.
pub(crate) const COLOURS: u8 = 12;
/// From a colour that is taken to the next that is tried: one that is far from it.
const COLOURS_APART: u8 = 5;
/// A bit for each colour.
const ALL_TAKEN: u16 = (1 << COLOURS) - 1;

/// Somebody who would be taken for somebody else, and how that is avoided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alike {
    pub(crate) user_id: UserId,
    /// Their colour among those who are known.
    pub(crate) colour: u8,
    /// Whether the end of their id has to be told with their name.
    pub(crate) shares_name: bool,
}

/// What somebody is called, told from others who are called so.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    /// Their name.
    pub(crate) name: String,
    /// What tells them from others of that name; empty where nothing has to.
    pub(crate) end: String,
}

impl Called {
    /// As a part of a text.
    pub(crate) fn text(self) -> String {
        if self.end.is_empty() {
            return self.name;
        }
        [&*self.name, " ", &*self.end].concat()
    }

    /// As HTML. However little place there is, the end is seen.
    pub(crate) fn draw(&self) -> Markup {
        html! {
            @if self.end.is_empty() {
                (self.name)
            } @else {
                span .called { (self.name) } " " span .called-end { (self.end) }
            }
        }
    }
}

/// The colour that somebody has by themselves. An id's end is random (RFC 9562, section 5.7), its beginning is a time.
pub(crate) fn own_colour(user_id: UserId) -> u8 {
    user_id.as_bytes()[15] % COLOURS
}

/// The end of somebody's id, as it stands beside their name.
pub(crate) fn end(user_id: UserId) -> String {
    let id = user_id.to_string();
    ["#", id.get(id.len() - 4..).unwrap_or_default()].concat()
}

/// The signs on somebody's avatar. Of a Korean name those are the last two syllables, which are the given name, as a rule;
/// of other names the first letter. Without one, the end of what a guest is called.
pub(crate) fn signs(user_id: UserId, name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    let is_syllable = |c: char| ('가'..='힣').contains(&c);
    let is_sign = |c: &char| !c.is_ascii_punctuation() && *c > ' ';
    let letters: Vec<char> = name.chars().take_while(is_sign).collect();
    match letters.first() {
        Some(first) if is_syllable(*first) => {
            let syllables = letters.iter().take_while(|c| is_syllable(**c)).count();
            letters[syllables.saturating_sub(2)..syllables].iter().collect()
        }
        // The style sheet writes it in capitals.
        Some(first) => String::from(*first),
        None => {
            let mut signs = user_id.to_string();
            signs.drain(..signs.len() - 2);
            signs
        }
    }
}

/// People who are known, to be told from one another.
pub(crate) struct Known {
    words: &'static Words,
    /// In the order in which they came.
    people: Vec<Face>,
}

/// What somebody looks like.
struct Face {
    user_id: UserId,
    /// What their avatar says.
    signs: String,
    /// What they are called, folded.
    name: String,
    /// Their id's end as it stands after their name: somebody else may call themselves so.
    end: String,
    colour: u8,
}

impl Known {
    /// Nobody yet, for readers of these words.
    pub(crate) const fn new(words: &'static Words) -> Self {
        Self {
            words,
            people: Vec::new(),
        }
    }

    /// Adds somebody. Of somebody who is added several times the first name counts.
    pub(crate) fn add(&mut self, user_id: UserId, name: Option<&str>) {
        // Those who came first come first. A sort would bring its own code along.
        let mut at = self.people.len();
        for (place, known) in self.people.iter().enumerate().rev() {
            if known.user_id == user_id {
                return;
            }
            if known.user_id > user_id {
                at = place;
            }
        }
        let face = Face {
            user_id,
            signs: fold(&signs(user_id, name)),
            name: fold(&self.words.name(name, user_id)),
            end: [" ", &*end(user_id)].concat(),
            colour: own_colour(user_id),
        };
        self.people.insert(at, face);
    }

    /// Those who would be taken for others of them.
    pub(crate) fn alike(mut self) -> Vec<Alike> {
        let mut found = Vec::new();
        for at in 0..self.people.len() {
            let person = &self.people[at];
            let (user_id, mut colour) = (person.user_id, person.colour);
            let (mut taken, mut shares_name) = (0_u16, false);
            for (place, other) in self.people.iter().enumerate() {
                let rest = person.name.strip_prefix(&*other.name);
                if place != at && rest.is_some_and(|rest| rest.is_empty() || rest == other.end) {
                    shares_name = true;
                }
                if place < at && (other.signs == person.signs || other.name == person.name) {
                    taken |= 1 << other.colour;
                }
            }
            if taken < ALL_TAKEN {
                while taken & (1 << colour) != 0 {
                    colour = (colour + COLOURS_APART) % COLOURS;
                }
            }
            if shares_name || colour != person.colour {
                found.push(Alike {
                    user_id,
                    colour,
                    shares_name,
                });
            }
            self.people[at].colour = colour;
        }
        found
    }
}

#[cfg(test)]
mod tests;

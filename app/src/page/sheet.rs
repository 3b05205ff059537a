//! A fragment as a page of its own, for those without a script.

use maud::{DOCTYPE, PreEscaped, html};
use protocol::RoomName;

use super::room_names::{address, name_of};
use super::{Assets, Look, head};
use crate::page_words as words;

/// The fragment, below its title, and the ways to the room, to those who are in it now and to those who have said something there. The fragment is HTML
/// that this module's neighbours drew.
pub fn sheet(look: Look, fragment: String, room: &RoomName, assets: &Assets) -> String {
    let names = &assets.names;
    let words = words::of(look.lang);
    let title = format!("# {}", name_of(room, look.lang));
    let page = html! {
        (DOCTYPE)
        html lang=(look.lang.tag()) data-theme=(look.theme.as_str()) {
            head {
                (head(look, &title))
                link rel="stylesheet" href=(names.css);
            }
            body {
                main .directory .directory-part {
                    h1 { a href=(address(room)) { (title) } }
                    (PreEscaped(fragment))
                    p {
                        a href=(client::wire::endpoints::here(room.as_str())) { (look.lang.words().here_now()) }
                    }
                    p {
                        a href={ "/people/" (address_part(room)) } { (words.spoke_here()) }
                    }
                    p { a .button href=(address(room)) { (words.go_back()) } }
                }
            }
        }
    };
    page.into_string()
}

fn address_part(room: &RoomName) -> String {
    let address = client::wire::endpoints::page(room.as_str());
    address.trim_start_matches("/rooms/").to_owned()
}

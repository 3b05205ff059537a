//! English.

use super::{PageWords, WrittenPageWords};

pub(super) static WORDS: PageWords = WrittenPageWords {
    settings: "Settings",
    close: "Close",
    language: "Language",
    theme: "Appearance",
    theme_system: "System",
    theme_light: "Light",
    theme_dark: "Dark",

    no_script: "Scripts are off: reload to see new messages.",
    reload: "Reload",

    nothing_here: "Nothing here",
    nothing_here_why: "There is nothing at this address. Please check it.",
    not_a_room: "Not the name of a room",
    not_a_room_why: "A room’s name has 1 to 32 letters, digits, - or _, Latin letters in lower case. Please check the address.",
    not_understood: "Not understood",
    not_understood_why: "We could not make sense of what was sent. Go back and try again.",
    to_lobby: "Go to the lobby",

    day: "{weekday}, {month} {day}, {year}",
    months: "January February March April May June July August September October November December",
    weekdays: "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
}
.table();

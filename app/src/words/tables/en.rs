//! English.

use crate::words::{Words, WrittenWords};

pub(super) static WORDS: Words = WrittenWords {
    tag: "en",

    brand: "Madang",
    heading: "Chat",
    rooms: "Rooms",
    lobby: "Lobby",
    to_lobby: "To the lobby",
    settings: "Settings",

    timeline: "Messages",
    empty_title: "No messages yet.",
    empty_hint: "Be the first to say something.",
    room_begins: "This room begins here",
    older: "Show earlier messages",
    older_loading: "Loading earlier messages…",
    older_failed: "Could not load earlier messages. Try again",
    missed_some: "{} message you missed|{} messages you missed",
    guest_named: "Guest {}",

    placeholder: "Write a message",
    send: "Send",

    connecting: "Connecting…",
    cut: "Offline",
    live: "Live",
    stream: "SSE",
    long_poll: "Long polling",
    poll: "Polling",
    by_other_tab: "Sharing the connection of another tab",
    by_socket: "Connected by WebSocket",
    by_stream: "WebSocket is blocked: receiving server-sent events (SSE)",
    by_long_poll: "WebSocket is blocked: receiving by requests that wait (long polling)",
    by_poll: "WebSocket is blocked: asking every few seconds (polling)",

    trouble_cut: "The connection is lost. Reconnecting…",
    trouble_refused: "The server refused the connection. Please reload the page.",
    trouble_rate: "You are sending too fast. The rest goes out in a moment, by itself.",
    trouble_full: "The server’s disk is full. Your messages go out by themselves when there is room.",
    trouble_busy: "The server is busy. Your messages go out in a moment, by themselves.",
    next_try_in: " (in {} s)",
    not_stored: "This browser cannot store anything: what is not sent yet is lost when you close this tab.",

    sends_when_connected: "Sends when connected",
    sending: "Sending…",
    sent: "Sent",
    not_sent: "Not sent",
    maybe_sent: "May have been sent",
    why_maybe_sent: "You became another user after writing this. Sent again, it may show twice.",
    why_not_sent: "You became another user after writing this, so it was not sent.",
    retry: "Send again",
    discard: "Discard",

    too_long: "The message is too long. Shorten it to 4,000 characters or send it in parts.",
    empty: "There is nothing in it. Write a message, then send it.",
    control_characters: "It contains control characters that cannot be sent. Remove them and send again.",
    too_fast: "You are sending too fast. Wait a moment and send it again.",
    busy: "The server is busy. Send it again in a moment.",
    full: "The server’s disk is full and it takes nothing now. Send it again later.",
    no_identity: "We could not tell who you are. Reload the page and send it again.",
    no_room: "There is no room of this name. Check the address.",
    bad_name: "This cannot be a name. Choose 1 to 32 characters that can be seen, on one line.",
    bad_emoji: "Only a single emoji will do. Please choose again.",
    bad_topic: "This cannot be a topic. Write up to 200 characters on one line.",
    form_reused: "This form has already sent another message. Press once more to send this one anew.",
    not_from_here: "Nothing can be sent from this address. Please tell the server’s owner.",
    too_many_rooms: "You are in too many rooms. Close another one and try again.",
    not_done: "It was not sent. Please send it once more.",
}
.table();

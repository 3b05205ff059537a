//! The table of what only the server says.

use protocol::ErrorCode;

use crate::words::count;

table! {
    /// The words of one language.
    PageWords, WrittenPageWords {
        // The settings.
        settings close loading not_loaded not_loaded_why again language theme theme_system theme_light theme_dark
        // Without the script.
        no_script reload
        // Where it does not run, or not well.
        unstarted stopped cookies_needed away misplaced
        // An address with nothing behind it.
        nothing_here nothing_here_why not_a_room not_a_room_why not_understood not_understood_why to_lobby
        // What one is called.
        your_name your_name_why name_missing change_name
        // What can be done with a message.
        message_menu quick_reactions more_emoji reply copy_text copy_link who_read mark_unread
        who_reacted former_texts edit delete delete_this delete_this_why cancel
        drop_edit drop_edit_why edit_on drop_it
        // The rooms.
        find_rooms room_to_find find followed_rooms found_rooms nothing_followed nothing_found
        room_name_rule make_room other_rooms last_active find_hint
        // A file that was dropped.
        no_files
        // About a room.
        topic topic_hint save address leave_room leave_room_why
        // About a message.
        never_edited nobody_read nobody_reacted
        // Somebody, and those who said something.
        person_id person_since person_said person_said_nothing person_is_you namesakes namesakes_why call guest_not_called
        spoke_here nobody_spoke
        // Those who are here, and how many of some people are not named.
        nobody_here first_some and_more
        // The help.
        help help_anywhere help_input help_button_sends help_timeline help_markdown help_help help_line help_edit_last
        help_leave help_move help_menu help_emoji help_person help_touch help_hold help_hold_reaction help_who_reacted sample_strong sample_em sample_del sample_code
        sample_quote sample_item sample_link sample_name
        // Emoji.
        emoji emoji_to_find no_emoji
        // What could not be done.
        no_message no_message_why not_done go_back
        // A server that is not ready, or is cut off from the others.
        closed closed_why closed_stopped closed_stopped_why unavailable
        // How a day is written, and the names in it, one space between each and the next.
        day months weekdays
    }
}

impl PageWords {
    /// That of those who are here so many are named, who came first.
    pub(crate) fn came_first(&self, people: u64) -> String {
        count(self.first_some(), people)
    }

    /// How many there are that are not named.
    pub(crate) fn and_others(&self, others: u64) -> String {
        count(self.and_more(), others)
    }

    /// Why there is nothing to show.
    pub(super) const fn refused(&self, code: ErrorCode) -> (&'static str, &'static str) {
        match code {
            ErrorCode::BadRoom => (self.not_a_room(), self.not_a_room_why()),
            ErrorCode::NotFound => (self.nothing_here(), self.nothing_here_why()),
            ErrorCode::NoSuchMessage => (self.no_message(), self.no_message_why()),
            ErrorCode::Unavailable => (self.not_done(), self.unavailable()),
            _ => (self.not_understood(), self.not_understood_why()),
        }
    }
}

//! How far the room that is shown is read, and whether more of it may be marked as read automatically.

/// The unread line and the read position of the shown room.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    line: Option<u64>,
    is_line_known: bool,
    /// The last known read position.
    read: u64,
    is_suspended: bool,
    /// The position was moved back elsewhere, from this `seq`, or what is up to here was marked as unread there.
    taken_back_from: Option<u64>,
}

impl Reading {
    /// With the unread line that the page shows.
    pub(crate) fn new(line: Option<u64>) -> Self {
        Self {
            line,
            is_line_known: line.is_some(),
            ..Self::default()
        }
    }

    /// The unread line stands below this `seq`.
    pub(crate) fn line(&self) -> Option<u64> {
        self.line
    }

    /// Takes the room's read position and its count of unread messages. The first one says where the line stands; true
    /// when there is one.
    pub(crate) fn update_position(&mut self, read: u64, unread: u64) -> bool {
        let is_first = !std::mem::replace(&mut self.is_line_known, true);
        let has_line = is_first && unread > 0;
        if has_line {
            self.line = Some(read);
        }
        if read < self.read {
            self.taken_back_from.get_or_insert(self.read);
        }
        self.read = read;
        self.taken_back_from.take_if(|before| read >= *before);
        has_line
    }

    /// What is visible may be marked as read. Not after the room was marked as unread or left here, nor while the position
    /// is before one that was taken back elsewhere.
    pub(crate) fn is_automatic(&self) -> bool {
        !self.is_suspended && self.taken_back_from.is_none()
    }

    /// The room was marked as unread from the message after `before` on.
    pub(crate) fn mark_unread_after(&mut self, before: u64) {
        self.is_suspended = true;
        self.line = Some(before);
        self.is_line_known = true;
    }

    /// What comes after a message up to `seq` was marked as unread elsewhere: nothing is marked as read automatically until that
    /// is read elsewhere, something is written or the room is left. This tab need not have known that it was read.
    pub(crate) fn take_back_from(&mut self, seq: u64) {
        self.taken_back_from = self.taken_back_from.max(Some(seq));
    }

    /// Nothing is marked as read automatically until something is written or the room is left.
    pub(crate) fn suspend(&mut self) {
        self.is_suspended = true;
    }

    /// Something was written: the line goes, and reading is automatic again.
    pub(crate) fn go_on(&mut self) {
        self.is_suspended = false;
        self.taken_back_from = None;
        self.line = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_as_unread_elsewhere_is_not_read_here_though_it_was_not_known_to_be_read() {
        let mut reading = Reading::default();
        reading.update_position(1, 5);
        reading.take_back_from(6);
        reading.update_position(2, 4);
        assert!(!reading.is_automatic());
        reading.update_position(6, 0);
        assert!(reading.is_automatic(), "it is read elsewhere");
    }

    #[test]
    fn the_first_position_says_where_the_line_stands_and_later_ones_leave_it() {
        let mut reading = Reading::default();
        assert!(reading.update_position(4, 6));
        assert!(!reading.update_position(10, 0));
        assert_eq!(reading.line(), Some(4));
        let mut reading = Reading::default();
        assert!(!reading.update_position(10, 0));
        assert!(!reading.update_position(10, 3), "these came while it was shown");
        assert_eq!(reading.line(), None);
        let mut reading = Reading::new(Some(7));
        assert!(!reading.update_position(4, 6), "the page has it");
        assert_eq!(reading.line(), Some(7));
    }

    #[test]
    fn what_was_marked_as_unread_is_not_read_until_something_is_written() {
        let mut reading = Reading::default();
        reading.update_position(10, 0);
        assert!(reading.is_automatic());
        reading.mark_unread_after(6);
        reading.update_position(6, 4);
        assert_eq!(reading.line(), Some(6));
        assert!(!reading.is_automatic());
        reading.go_on();
        assert!(reading.is_automatic());
        assert_eq!(reading.line(), None);
    }

    #[test]
    fn a_position_taken_back_elsewhere_is_left_alone_until_it_is_where_it_was() {
        let mut reading = Reading::default();
        reading.update_position(10, 0);
        reading.update_position(6, 4);
        reading.update_position(8, 2);
        assert!(!reading.is_automatic());
        reading.update_position(10, 0);
        assert!(reading.is_automatic());
    }
}

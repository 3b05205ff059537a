//! Why a socket is closed, as a number (RFC 6455, section 7.4).

/// A close code with the meaning Madang gives it.
///
/// The registered codes keep their registered meaning. Of the private range, 4000–4499 say "come back" and
/// 4500–4999 say "do not come back": a client needs no list to obey a code it has never seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The client or the server leaves in good order.
    Normal = 1000,
    /// The server is going away: come back at once, after the time its `bye` names.
    GoingAway = 1001,
    /// The peer broke a rule that coming back will not mend.
    Policy = 1008,
    /// A frame was larger than [`crate::limits::FRAME_BYTES_MAX`].
    TooBig = 1009,
    /// The server failed at something that was not the client's doing.
    InternalError = 1011,
    /// Too much for now: come back later.
    Overloaded = 1013,
    /// The peer did not take what was written to it in time. Come back and go on from the cursor.
    TooSlow = 4000,
    /// Nothing was heard from the peer for [`crate::limits::SILENCE_MAX_MS`].
    Silent = 4001,
    /// An event stream has lasted as long as one may. Come back at once and go on from the cursor.
    Renew = 4002,
}

impl CloseCode {
    /// The number that goes on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The reason that goes on the wire beside the number; at most 123 bytes (RFC 6455, section 5.5).
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::GoingAway => "the server is going away",
            Self::Policy => "policy",
            Self::TooBig => "frame too big",
            Self::InternalError => "internal error",
            Self::Overloaded => "overloaded, come back later",
            Self::TooSlow => "reads too slowly",
            Self::Silent => "silent for too long",
            Self::Renew => "open a new stream",
        }
    }
}

/// Whether a client that was closed with `code` may connect again by itself.
///
/// 1006 is what a browser reports for a connection that ended without a close frame.
#[must_use]
pub const fn may_come_back(code: u16) -> bool {
    !matches!(code, 1002 | 1003 | 1007 | 1008 | 1009 | 1010 | 4500..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_fits_in_a_close_frame() {
        for code in [
            CloseCode::Normal,
            CloseCode::GoingAway,
            CloseCode::Policy,
            CloseCode::TooBig,
            CloseCode::InternalError,
            CloseCode::Overloaded,
            CloseCode::TooSlow,
            CloseCode::Silent,
            CloseCode::Renew,
        ] {
            assert!(code.reason().len() <= 123, "{code:?}");
        }
    }

    #[test]
    fn the_private_range_says_by_its_number_whether_to_come_back() {
        assert!(may_come_back(CloseCode::GoingAway.code()));
        assert!(may_come_back(1006));
        assert!(may_come_back(4000) && may_come_back(4499));
        assert!(!may_come_back(4500) && !may_come_back(4999));
        assert!(!may_come_back(CloseCode::Policy.code()));
    }
}

//! The id of a message's row: what draws the row and what looks it up agree on it here.

/// The element id of the row of this `seq`.
pub(crate) fn row_id(seq: u64) -> String {
    String::from("m") + &seq.to_string()
}

//! The bounds of a message's HTML.

/// Elements of a message's HTML that may stand in one another; what lies deeper is shown without its own.
pub const MARKUP_NESTING_MAX: usize = 16;
/// Quotes and items of lists that one line of a message may begin; the signs of further ones are shown as text.
pub const MARKUP_MARKERS_MAX: usize = 8;
/// Bytes of a message's HTML for each byte of its text, besides [`MARKUP_BYTES_EXTRA`]: addresses, rooms and names beyond
/// that are shown as text, and so is the whole of what is larger still.
pub const MARKUP_BYTES_PER_BYTE_MAX: usize = 2;
/// Bytes that a message's HTML may have besides: enough for some twenty links.
pub const MARKUP_BYTES_EXTRA: usize = 2_048;

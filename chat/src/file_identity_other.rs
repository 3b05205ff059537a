//! Where files have no identity that can be asked for, all are the same. Such systems do not let go of a file that is open.

use std::fs::Metadata;

pub(crate) fn of(_metadata: &Metadata) -> [u64; 2] {
    [0, 0]
}

//! Which file it is that stands under a name.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

/// The device and the inode: another file under the same name has others.
pub(crate) fn of(metadata: &Metadata) -> [u64; 2] {
    [metadata.dev(), metadata.ino()]
}

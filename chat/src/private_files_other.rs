//! Files and folders where the operating system has no Unix modes: the folder's own permissions have to do.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

pub(crate) fn folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

pub(crate) fn file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(path)
}

/// Lets nobody but its owner read a file that somebody else has made.
pub(crate) fn restrict(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A folder cannot be synced here; its file system does that in its own time.
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

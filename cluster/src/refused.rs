//! Which snapshot led this node to stop: sound as a file, and of another history than the log. The next start takes another.

use std::fs;
use std::io;
use std::path::Path;

use crate::error::Error;
use crate::limits::REFUSED_BYTES_MAX;

/// What it is kept under in the data folder.
const NAME: &str = "snapshot.refused";

/// Its id, if there is one.
pub(crate) fn read(folder: &Path) -> Result<Option<String>, Error> {
    let path = folder.join(NAME);
    match fs::read(&path) {
        Ok(bytes) if bytes.len() <= REFUSED_BYTES_MAX => Ok(String::from_utf8(bytes).ok()),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::SnapshotFile { path, source }),
    }
}

/// Notes it.
pub(crate) fn write(folder: &Path, id: &str) {
    if let Err(error) = fs::write(folder.join(NAME), id) {
        tracing::warn!(%error, "which snapshot leads nowhere could not be noted; it is taken again at the next start");
    }
}

/// Forgets it: this node is ready.
pub(crate) fn clear(folder: &Path) {
    match fs::remove_file(folder.join(NAME)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "which snapshot led nowhere could not be forgotten; it is passed over at the next start");
        }
        _ => {}
    }
}

//! That a folder was found to have other history than the cluster. Noted in the folder itself: its database looks sound, the log goes
//! on from it, and at its next start there may be nobody who would say so again.
//!
//! What else stops a node is found out anew at its next start, by the log alone, and may have been put right meanwhile.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::error::Error;
use crate::limits::DIFFERING_BYTES_MAX;
use crate::status::Stopped;

/// What it is kept under in the data folder: the position at which that was seen.
const NAME: &str = "history.differs";

/// Why nobody may be served from this folder as it is.
///
/// # Errors
/// When it cannot be read whether that is so.
pub(crate) fn read(folder: &Path) -> Result<Option<Stopped>, Error> {
    let path = folder.join(NAME);
    match fs::read(&path) {
        Ok(bytes) => {
            let text = bytes.get(..bytes.len().min(DIFFERING_BYTES_MAX));
            let text = text.and_then(|bytes| std::str::from_utf8(bytes).ok());
            // That it is there is what counts.
            let position = text.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
            Ok(Some(Stopped::Differs { position }))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::SnapshotFile { path, source }),
    }
}

/// Notes it, if that is why the node has stopped.
pub(crate) fn write(folder: &Path, stopped: &Stopped) {
    let Stopped::Differs { position } = stopped else {
        return;
    };
    let noted = || {
        let mut file = File::create(folder.join(NAME))?;
        writeln!(file, "{position}")?;
        file.sync_all()?;
        File::open(folder)?.sync_all()
    };
    if let Err(error) = noted() {
        tracing::error!(
            %error,
            "that this node has other history than the cluster could not be noted in its folder: do not start it again without \
             --rebuild"
        );
    }
}

/// Forgets it: the folder has another database.
pub(crate) fn clear(folder: &Path) -> Result<(), Error> {
    let path = folder.join(NAME);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::SnapshotFile { path, source }),
        _ => Ok(()),
    }
}

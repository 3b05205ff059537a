//! Which stream a data folder is a node of: a stream's name that was mistyped would lead it into another cluster.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::error::Error;
use crate::limits::STREAM_NAME_BYTES_MAX;

/// What its name is kept under in the data folder.
const NAME: &str = "nats-stream";

/// The stream's name, where the folder was a node's.
///
/// # Errors
/// When it cannot be read whether that is so.
pub(crate) fn read(folder: &Path) -> Result<Option<String>, Error> {
    let path = folder.join(NAME);
    match fs::read(&path) {
        Ok(bytes) => {
            let text = bytes.get(..bytes.len().min(STREAM_NAME_BYTES_MAX + 1));
            let text = text.and_then(|bytes| std::str::from_utf8(bytes).ok());
            let name = text.map(|text| text.trim().to_owned());
            Ok(name.filter(|name| !name.is_empty()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::SnapshotFile { path, source }),
    }
}

/// Notes it.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(folder: &Path, stream: &str) -> Result<(), Error> {
    if read(folder)?.as_deref() == Some(stream) {
        return Ok(());
    }
    let path = folder.join(NAME);
    let noted = || {
        let mut file = File::create(&path)?;
        writeln!(file, "{stream}")?;
        file.sync_all()?;
        File::open(folder)?.sync_all()
    };
    noted().map_err(|source| Error::SnapshotFile {
        path: path.clone(),
        source,
    })
}

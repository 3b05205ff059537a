//! Making a single server's folder the first state of a cluster.

use chat::DataFolder;

use crate::config::Config;
use crate::error::Error;
use crate::names::Names;

/// Makes the folder of a stopped server the first state of a cluster that has none: its epoch and signing key become the
/// cluster's, and its database the first snapshot, at position 0. The folder can then be started as a node, and is otherwise as
/// it was. `progress` is told now and then, in a few words, how far it is.
///
/// # Errors
/// When the cluster is in use already, or anything is in the way, in a sentence that says what to do.
pub async fn seed(
    config: Config,
    folder: DataFolder,
    progress: impl Fn(String) + Send + Sync + 'static,
) -> Result<(), Error> {
    let names = Names::of(&config.stream).ok_or_else(|| Error::StreamName(config.stream.clone()))?;
    progress(format!("looking at the cluster {}", names.stream()));
    drop(folder);
    Err(Error::NotBuilt)
}
